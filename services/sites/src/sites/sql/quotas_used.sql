-- How far a branch's quotas, or a member's, are used in the periods that a visit's day lies in: live orders, of them
-- those of the visits' days of the same day, week (from Monday), month or year. A member's are their own bookings, not
-- what they entered as a steward for others.
CREATE OR REPLACE FUNCTION quotas_used(p_branch uuid, p_person uuid, p_visit_on date) RETURNS TABLE (
    counts text, period text, most integer, used bigint
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT q.counts, q.period, q.most,
           (SELECT coalesce(sum(CASE q.counts WHEN 'orders' THEN 1
                                ELSE extract(epoch FROM o.ends_at - o.starts_at) / 60 END), 0)::bigint
              FROM orders o
             WHERE CASE WHEN p_branch IS NOT NULL THEN o.branch_id = p_branch
                        ELSE o.placed_by_id = p_person AND o.branch_id IS NULL AND o.source = 'online' END
               AND o.state IN ('placed', 'confirmed', 'used')
               AND o.visit_on >= date_trunc(q.period, p_visit_on::timestamp)::date
               AND o.visit_on < (date_trunc(q.period, p_visit_on::timestamp) + ('1 ' || q.period)::interval)::date)
      FROM quotas q
     WHERE q.holder = CASE WHEN p_branch IS NULL THEN 'member' ELSE 'branch' END
       AND p_visit_on >= q.effective_from
       AND (q.effective_until IS NULL OR p_visit_on < q.effective_until)
     ORDER BY q.period, q.counts, q.most;
END
$$;
