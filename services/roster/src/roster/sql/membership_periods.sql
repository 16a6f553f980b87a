-- What each member was on which day, kept by the table itself: whoever writes `members`, one row or fifty thousand,
-- cannot leave a gap, an overlap or a period that tells something else than the row.
--
--   insert   begins a period on `since`; for a full member whose probation ended here later, the probation before it
--   update   of branch, status or state ends the period on the new `since` and begins the next one
--   delete   is refused while the period is open: end it first, and say how
CREATE OR REPLACE FUNCTION begin_membership_periods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO membership_periods (person_id, branch_id, status, state, active_from, active_until)
    SELECT person_id, branch_id, 'probationary', state, since, full_on
      FROM entered WHERE status = 'full' AND since < full_on AND joined_on <= since
     UNION ALL
    SELECT person_id, branch_id, status, state,
           CASE WHEN status = 'full' AND since < full_on AND joined_on <= since THEN full_on ELSE since END, NULL
      FROM entered;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION change_membership_periods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A person's row is changed once by a statement, so the old and the new one are a pair.
    WITH changed AS (
        SELECT n.person_id, n.since FROM entered n JOIN gone o USING (person_id)
         WHERE (n.branch_id, n.status, n.state) IS DISTINCT FROM (o.branch_id, o.status, o.state)
    )
    UPDATE membership_periods p SET active_until = c.since
      FROM changed c WHERE p.person_id = c.person_id AND p.active_until IS NULL;
    INSERT INTO membership_periods (person_id, branch_id, status, state, active_from)
    SELECT n.person_id, n.branch_id, n.status, n.state, n.since FROM entered n JOIN gone o USING (person_id)
     WHERE (n.branch_id, n.status, n.state) IS DISTINCT FROM (o.branch_id, o.status, o.state);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION end_membership_periods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone g JOIN membership_periods p USING (person_id) WHERE p.active_until IS NULL) THEN
        RAISE EXCEPTION 'a member is taken out whose membership has not been ended' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
