-- What is used of every cap of a policy for one visit, in the sequence in which an amount is cut to them:
-- [{"rule", "cap_fen", "used_fen"}, …]; null where the policy has no caps but that of a visit. Nothing is locked.
CREATE OR REPLACE FUNCTION caps_used(p_policy policies, p_site uuid, p_branch uuid, p_visit_on date, p_fund uuid)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN coalesce(
        p_policy.site_month_cap_fen, p_policy.site_year_cap_fen, p_policy.branch_year_cap_fen,
        p_policy.fund_share_percent
    ) IS NOT NULL THEN (
        SELECT jsonb_agg(jsonb_build_object('rule', c.rule, 'cap_fen', c.cap_fen, 'used_fen', c.used_fen) ORDER BY c.n)
          FROM (
            SELECT CASE k.kind WHEN 'site_month' THEN 1 WHEN 'site_year' THEN 2 ELSE 3 END AS n,
                   k.kind || '_cap' AS rule, k.cap_fen, coalesce(kept.used_fen, 0) AS used_fen
              FROM cap_counters_of(p_policy.id, p_site, p_branch, p_visit_on) k
              LEFT JOIN cap_counters kept USING (kind, subject_id, period)
             UNION ALL
            SELECT 4, 'fund_share', y.appropriated_fen * p_policy.fund_share_percent / 100,
                   y.appropriated_fen - y.available_fen
              FROM fund_years y
             WHERE y.fund_id = p_fund AND y.year = extract(year FROM p_visit_on)
               AND p_policy.fund_share_percent IS NOT NULL
          ) c
    ) END
$$;
