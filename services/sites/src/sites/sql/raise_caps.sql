-- Count more for an order on the caps that it counts on, because more is owed for it than was approved. Raises
-- caps-moved where a cap has not that much left. Called before the fund is locked.
CREATE OR REPLACE FUNCTION raise_caps(p_order uuid, p_more_fen bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_cap record;
BEGIN
    FOR v_cap IN
        SELECT c.* FROM orders o, cap_counters_of(o.policy_id, o.site_id, o.branch_id, o.visit_on) c
         WHERE o.id = p_order
    LOOP
        UPDATE cap_counters SET used_fen = used_fen + p_more_fen
         WHERE (kind, subject_id, period) = (v_cap.kind, v_cap.subject_id, v_cap.period)
           AND used_fen + p_more_fen <= v_cap.cap_fen;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'caps-moved';
        END IF;
        UPDATE cap_takes SET amount_fen = amount_fen + p_more_fen
         WHERE (order_id, kind, subject_id, period) = (p_order, v_cap.kind, v_cap.subject_id, v_cap.period);
    END LOOP;
END
$$;
