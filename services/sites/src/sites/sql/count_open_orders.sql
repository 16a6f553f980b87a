-- How many orders a branch holds open, besides one where one is given: what time has ended counts no more, whether or
-- not the timer has come by; a trip through several sites is one order to the branch; an offer from the waiting list
-- counts as open. Who decides by it holds the branch's row, so no counter can drift.
CREATE OR REPLACE FUNCTION count_open_orders(p_branch uuid, p_without uuid, p_route_order uuid, p_at timestamptz)
RETURNS integer
LANGUAGE sql
AS $$
    SELECT (
        SELECT count(DISTINCT coalesce(route_order_id, id))
          FROM orders
         WHERE branch_id = p_branch AND state IN ('placed', 'confirmed') AND id IS DISTINCT FROM p_without
           AND (p_route_order IS NULL OR route_order_id IS DISTINCT FROM p_route_order)
           AND (state = 'confirmed' OR answer_by > p_at)
           AND (state = 'placed' OR checked_in IS NOT NULL OR ends_at > p_at - interval '30 minutes')
    )::integer + (
        SELECT count(*)
          FROM waiting_entries
         WHERE branch_id = p_branch AND state = 'offered' AND offer_ends_at > p_at
    )::integer
$$;
