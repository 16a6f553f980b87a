-- Say which check-ins of an order count, from all that are known of it: the same set gives the same answer, whichever
-- arrived first (precise rule 10). The caller holds the order's row, and the slot's.
--
--   the earliest first use (equal times: the lower id) is valid, every other first use is a duplicate;
--   what a steward marked as more of the same party is valid beside it;
--   members who checked themselves in are valid beside one another, but where the first use is a count, that count has
--   them in it;
--   heads beyond the party take free seats, and give them back when a later answer needs fewer.
CREATE OR REPLACE FUNCTION settle_check_ins(p_order uuid, p_at timestamptz) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_order orders;
    v_first uuid;
    v_is_count boolean;
    v_came integer;  -- null while no check-in counts: `least` would pass over it and let the whole party in
    v_more integer;
    v_inside integer;
BEGIN
    SELECT * INTO v_order FROM orders WHERE id = p_order;
    SELECT id, member_ids IS NULL INTO v_first, v_is_count FROM check_ins
     WHERE order_id = p_order AND NOT is_more AND state IN ('valid', 'duplicate')
     ORDER BY happened_at, id LIMIT 1;
    -- Two statements: an index lets one first use be valid at any moment.
    UPDATE check_ins SET state = 'duplicate'
     WHERE order_id = p_order AND state = 'valid'
       AND CASE WHEN is_more THEN way = 'self' AND v_is_count ELSE id <> v_first END;
    UPDATE check_ins SET state = 'valid'
     WHERE order_id = p_order AND state = 'duplicate'
       AND CASE WHEN is_more THEN NOT (way = 'self' AND coalesce(v_is_count, false)) ELSE id = v_first END;
    IF v_order.state <> 'confirmed' THEN
        RETURN;  -- closed with a headcount already: what counts was decided by people
    END IF;
    SELECT sum(count) INTO v_came FROM check_ins WHERE order_id = p_order AND state = 'valid';
    PERFORM take_seats(v_order.slot_id, 0, 0, 'door', p_at);  -- holds that have expired are free again
    SELECT least(greatest(v_order.party_size, coalesce(v_came, 0)) - v_order.seats, seats - seats_taken) INTO v_more
      FROM slots WHERE id = v_order.slot_id FOR NO KEY UPDATE;
    IF v_more <> 0 THEN
        UPDATE slots SET seats_taken = seats_taken + v_more WHERE id = v_order.slot_id;
    END IF;
    v_inside := CASE WHEN v_came IS NOT NULL THEN least(v_came, v_order.seats + v_more) END;
    UPDATE orders SET seats = seats + v_more, checked_in = v_inside, version = version + 1
     WHERE id = p_order AND (v_more <> 0 OR checked_in IS DISTINCT FROM v_inside);
END
$$;
