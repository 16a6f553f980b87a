-- Whether the quotas of a branch, or of a member, leave room for one order more in a slot, with their open offers from
-- waiting lists counted as if they were taken. Nothing is locked: the caller holds the branch's row, or the member's
-- lock, where the answer has to last.
CREATE OR REPLACE FUNCTION quota_leaves_room(p_branch uuid, p_person uuid, p_slot uuid, p_at timestamptz)
RETURNS boolean
LANGUAGE sql
AS $$
    SELECT (
        p_branch IS NULL
        OR count_open_orders(p_branch, NULL, NULL, p_at) < (
            SELECT open_orders_max FROM quota_rules WHERE effective_from <= s.visit_on
             ORDER BY effective_from DESC LIMIT 1
        )
    ) AND NOT EXISTS (
        SELECT FROM quotas_used(p_branch, p_person, s.visit_on) q
         WHERE q.used + (
            SELECT sum(CASE q.counts WHEN 'orders' THEN 1
                       ELSE extract(epoch FROM o.ends_at - o.starts_at) / 60 END)
              FROM (
                SELECT p_slot AS slot_id
                 UNION ALL
                SELECT w.slot_id FROM waiting_entries w
                 WHERE w.state = 'offered' AND w.offer_ends_at > p_at
                   AND CASE WHEN p_branch IS NULL THEN w.branch_id IS NULL AND w.person_id = p_person
                            ELSE w.branch_id = p_branch END
              ) wanted
              JOIN slots o ON o.id = wanted.slot_id
             WHERE o.visit_on >= date_trunc(q.period, s.visit_on::timestamp)::date
               AND o.visit_on < (date_trunc(q.period, s.visit_on::timestamp) + ('1 ' || q.period)::interval)::date
         ) > q.most
    )
      FROM slots s
     WHERE s.id = p_slot
$$;
