-- Give back what an order counts on caps, but for `p_keep_fen`: all of it when its money is released, the rest when
-- its claim is posted. Called before the fund is locked.
CREATE OR REPLACE FUNCTION give_back_caps(p_order uuid, p_keep_fen bigint DEFAULT 0) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_take cap_takes;
BEGIN
    FOR v_take IN SELECT * FROM cap_takes WHERE order_id = p_order ORDER BY kind, subject_id, period LOOP
        UPDATE cap_counters SET used_fen = used_fen - v_take.amount_fen + p_keep_fen
         WHERE (kind, subject_id, period) = (v_take.kind, v_take.subject_id, v_take.period);
        IF p_keep_fen = 0 THEN
            DELETE FROM cap_takes
             WHERE (order_id, kind, subject_id, period) = (p_order, v_take.kind, v_take.subject_id, v_take.period);
        ELSE
            UPDATE cap_takes SET amount_fen = p_keep_fen
             WHERE (order_id, kind, subject_id, period) = (p_order, v_take.kind, v_take.subject_id, v_take.period);
        END IF;
    END LOOP;
END
$$;
