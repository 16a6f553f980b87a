-- Who left before one day, or died before another, and was nowhere since.
CREATE OR REPLACE FUNCTION due_for_purge(p_left_before date, p_deceased_before date)
RETURNS TABLE (person_id uuid, branch_id uuid, ended_by text, ended_on date) LANGUAGE sql STABLE AS $$
SELECT DISTINCT ON (t.person_id) t.person_id, t.branch_id, t.ended_by, t.active_until
  FROM membership_periods t JOIN people p ON p.id = t.person_id
 WHERE t.ended_by IS NOT NULL AND p.purged_at IS NULL
   AND t.active_until < CASE WHEN t.ended_by = 'deceased' THEN p_deceased_before ELSE p_left_before END
   AND NOT EXISTS (SELECT FROM membership_periods later WHERE later.person_id = t.person_id
                      AND (later.active_until IS NULL OR later.active_until > t.active_until))
 ORDER BY t.person_id, t.active_until DESC, t.id DESC
$$;
