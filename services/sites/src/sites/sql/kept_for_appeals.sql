-- What a fund's year keeps back for claims that an appeal may still bring back or raise: rejected ones give back what
-- was set aside for them, lowered ones the part that was taken off. It counts appeals that wait for a decision, and the
-- claims against whose decision an appeal may still be filed at `p_at`. `until` is when the last of these days ends,
-- none when only filed appeals keep something.
CREATE OR REPLACE FUNCTION kept_for_appeals(
    p_fund uuid, p_year integer, p_at timestamptz, OUT kept_fen bigint, OUT filed bigint, OUT until timestamptz
)
LANGUAGE sql STABLE
AS $$
WITH decided AS (
    SELECT c.id, c.order_id, c.fund_id, c.year, c.state, c.lowered_fen, a.state AS appeal,
           (((c.moved_at AT TIME ZONE 'Asia/Shanghai')::date + 1 + rules.appeal_days)::timestamp
                AT TIME ZONE 'Asia/Shanghai') AS appeal_until
      FROM claims c
     CROSS JOIN LATERAL (
           SELECT r.appeal_days FROM claim_rules r WHERE r.active_from <= c.visit_on
            ORDER BY r.active_from DESC, r.id DESC LIMIT 1) AS rules
      LEFT JOIN claim_appeals a ON a.claim_id = c.id
     WHERE c.year = p_year AND (c.state = 'rejected' OR (c.state = 'approved' AND c.lowered_fen > 0))
), open AS (
    SELECT * FROM decided WHERE appeal = 'filed' OR (appeal IS NULL AND appeal_until > p_at)
), parts AS (
    SELECT o.appeal, o.appeal_until, o.lowered_fen AS fen FROM open o WHERE o.state = 'approved' AND o.fund_id = p_fund
     UNION ALL
    SELECT o.appeal, o.appeal_until, e.amount_fen
      FROM open o JOIN encumbrances e ON e.order_id = o.order_id AND e.state = 'voided'
     WHERE o.state = 'rejected' AND e.fund_id = p_fund AND e.year = p_year
     UNION ALL
    SELECT o.appeal, o.appeal_until, p.amount_fen
      FROM open o JOIN contributions p ON p.order_id = o.order_id AND p.state = 'voided'
     WHERE o.state = 'rejected' AND p.fund_id = p_fund AND p.year = p_year
     UNION ALL
    -- What a lowered claim takes from the other funds of its order is at most what they had set aside and did not owe.
    SELECT o.appeal, o.appeal_until, least(o.lowered_fen, p.amount_fen - p.posted_fen)
      FROM open o JOIN contributions p ON p.order_id = o.order_id AND p.state = 'posted'
     WHERE o.state = 'approved' AND p.fund_id = p_fund AND p.year = p_year
)
SELECT coalesce(sum(fen), 0)::bigint, count(*) FILTER (WHERE appeal = 'filed'),
       max(appeal_until) FILTER (WHERE appeal IS NULL)
  FROM parts WHERE fen > 0
$$;
