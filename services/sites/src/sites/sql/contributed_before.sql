-- What other funds had set aside for an order before it was given back; 0 where one fund bore it alone.
CREATE OR REPLACE FUNCTION contributed_before(p_order uuid) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(sum(amount_fen), 0)::bigint FROM contributions WHERE order_id = p_order AND state = 'voided'
$$;
