-- Members belong to branches that stand. Both sides look, each after it holds its lock: who enters a member holds the
-- branch's key (its foreign key asks for it), who ends a branch or makes it another kind has locked its row FOR UPDATE.
-- So of the two the later one sees what the earlier one committed.
CREATE OR REPLACE FUNCTION members_belong_to_branches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT branch_id FROM entered) e JOIN organisations o ON o.id = e.branch_id
         WHERE o.dissolved_on IS NOT NULL OR o.kind NOT IN ('branch', 'joint_branch')
    ) THEN
        RAISE EXCEPTION 'a member is entered where members do not belong' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION ended_organisations_are_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.dissolved_on IS NOT NULL OR NEW.kind NOT IN ('branch', 'joint_branch'))
       AND EXISTS (SELECT FROM members WHERE branch_id = NEW.id) THEN
        RAISE EXCEPTION 'an organisation that has members is ended' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.dissolved_on IS NOT NULL
       AND EXISTS (SELECT FROM organisations WHERE parent_id = NEW.id AND dissolved_on IS NULL) THEN
        RAISE EXCEPTION 'an organisation that others stand under is ended' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
