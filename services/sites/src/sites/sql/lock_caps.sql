-- Lock every cap counter that these orders count on, or would count on, and those that a branch's order of these slots
-- would, in the one sequence. Whoever gives back or sets aside for several orders in one transaction calls this before
-- the first: the fund, which each of them takes, is locked after all caps. Locks the branch before them where it is
-- named and a cap is concerned.
CREATE OR REPLACE FUNCTION lock_caps(p_orders uuid[], p_branch uuid DEFAULT NULL, p_slots uuid[] DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_counter record;
    v_is_first boolean := true;
BEGIN
    FOR v_counter IN
        SELECT t.kind, t.subject_id, t.period FROM cap_takes t WHERE t.order_id = ANY (p_orders)
         UNION
        SELECT c.kind, c.subject_id, c.period
          FROM orders o, cap_counters_of(o.policy_id, o.site_id, o.branch_id, o.visit_on) c
         WHERE o.id = ANY (p_orders)
         UNION
        SELECT c.kind, c.subject_id, c.period
          FROM slots s
          -- An order that keeps its day keeps its policy.
          JOIN policies p ON daterange(p.active_from, p.active_until) @> s.visit_on
            OR p.id IN (SELECT o.policy_id FROM orders o WHERE o.id = ANY (p_orders)),
               cap_counters_of(p.id, s.site_id, p_branch, s.visit_on) c
         WHERE s.id = ANY (p_slots)
         ORDER BY kind, subject_id, period
    LOOP
        IF v_is_first AND p_branch IS NOT NULL THEN
            PERFORM 1 FROM organisations WHERE id = p_branch FOR NO KEY UPDATE;
        END IF;
        v_is_first := false;
        INSERT INTO cap_counters (kind, subject_id, period, used_fen)
        VALUES (v_counter.kind, v_counter.subject_id, v_counter.period, 0)
        ON CONFLICT DO NOTHING;
        PERFORM 1 FROM cap_counters
          WHERE (kind, subject_id, period) = (v_counter.kind, v_counter.subject_id, v_counter.period)
          FOR NO KEY UPDATE;
    END LOOP;
END
$$;
