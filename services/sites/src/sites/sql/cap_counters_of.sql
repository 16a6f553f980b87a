-- The counters on which a visit's subsidy counts under a policy, with the most that each may reach, in the sequence in
-- which they are locked. None where the policy has no such caps.
CREATE OR REPLACE FUNCTION cap_counters_of(p_policy uuid, p_site uuid, p_branch uuid, p_visit_on date)
RETURNS TABLE (kind text, subject_id uuid, period text, cap_fen bigint)
LANGUAGE sql STABLE
AS $$
    SELECT c.kind, c.subject_id, c.period, c.cap_fen
      FROM policies p
      CROSS JOIN LATERAL (VALUES
          ('branch_year', p_branch, to_char(p_visit_on, 'YYYY'), p.branch_year_cap_fen),
          ('site_month', p_site, to_char(p_visit_on, 'YYYY-MM'), p.site_month_cap_fen),
          ('site_year', p_site, to_char(p_visit_on, 'YYYY'), p.site_year_cap_fen)
      ) AS c (kind, subject_id, period, cap_fen)
     WHERE p.id = p_policy AND c.cap_fen IS NOT NULL AND c.subject_id IS NOT NULL
     ORDER BY c.kind, c.subject_id, c.period
$$;
