"""Criteria are drafted by one and adopted by another; a closed visit is opened again, and what it said is kept."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0691"
down_revision = "20261127_0680"

TABLES = r"""
DROP TRIGGER refuse_change ON criteria_versions;
ALTER TABLE criteria_versions
    ADD COLUMN state text DEFAULT 'adopted' NOT NULL,
    ADD COLUMN decided_by_id uuid,
    ADD COLUMN decided_by text,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN reason text,
    ALTER COLUMN number DROP NOT NULL;
-- What was written down before two people were asked for is in force; nobody is said to have adopted it.
ALTER TABLE criteria_versions
    ALTER COLUMN state DROP DEFAULT,
    ADD CONSTRAINT criteria_versions_state CHECK (state IN ('draft', 'adopted', 'withdrawn')),
    ADD CONSTRAINT criteria_versions_adopted CHECK ((state = 'adopted') = (number IS NOT NULL)),
    ADD CONSTRAINT criteria_versions_decided CHECK (state <> 'draft' OR decided_at IS NULL),
    ADD CONSTRAINT criteria_versions_two_people
        CHECK (state <> 'adopted' OR made_by_id IS NULL OR decided_by_id IS NULL OR made_by_id <> decided_by_id);

-- A version is decided once, and nothing else of it ever changes.
CREATE FUNCTION keep_criteria_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'draft' OR NEW.state = 'draft' OR NEW.decided_by_id IS NULL
        OR (OLD.id, OLD.criteria_id, OLD.citation, OLD.made_at, OLD.made_by_id, OLD.made_by)
            IS DISTINCT FROM (NEW.id, NEW.criteria_id, NEW.citation, NEW.made_at, NEW.made_by_id, NEW.made_by)
    THEN
        RAISE EXCEPTION 'a version of criteria is never changed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_criteria_version BEFORE UPDATE OR DELETE ON criteria_versions
    FOR EACH ROW EXECUTE FUNCTION keep_criteria_version();

-- What a visit gave when it was closed, whole, written down when it is opened again.
CREATE TABLE visit_reports (
    visit_id uuid NOT NULL,
    number smallint NOT NULL,
    is_sent boolean NOT NULL,
    score numeric(5, 2) NOT NULL,
    finished_on date NOT NULL,
    reason text NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by_id uuid NOT NULL,
    opened_by text NOT NULL,
    kept jsonb NOT NULL,
    CONSTRAINT visit_reports_pkey PRIMARY KEY (visit_id, number),
    CONSTRAINT visit_reports_visit_id_fkey FOREIGN KEY (visit_id) REFERENCES round_visits (id),
    CONSTRAINT visit_reports_number CHECK (number > 0)
);

ALTER TABLE visit_steps DROP CONSTRAINT visit_steps_move, ADD CONSTRAINT visit_steps_move
    CHECK (move IN ('place', 'leave', 'block', 'finish', 'reopen', 'close', 'send', 'acknowledge', 'dispute', 'settle',
                    'open_anew'));

CREATE OR REPLACE FUNCTION keep_visit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Opened again: everything that it gave is gone from the visit, and stands in visit_reports as it was.
    is_opened boolean := TG_OP = 'UPDATE' AND NEW.state = 'assigned' AND OLD.score IS NOT NULL AND NEW.score IS NULL
        AND NEW.report IS NULL AND NEW.word IS NULL AND NEW.decision IS NULL
        AND EXISTS (SELECT FROM rounds r WHERE r.id = OLD.round_id AND r.state = 'drawn')
        AND EXISTS (SELECT FROM visit_reports p
                     WHERE p.visit_id = OLD.id AND (p.kept ->> 'version')::bigint = OLD.version);
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.round_id, OLD.organisation_id) IS DISTINCT FROM (NEW.round_id, NEW.organisation_id)
        OR (OLD.state <> 'listed' AND (OLD.team_id, OLD.digest, OLD.position)
            IS DISTINCT FROM (NEW.team_id, NEW.digest, NEW.position))
        OR NOT is_opened AND (
            (OLD.score IS DISTINCT FROM NEW.score AND NOT (OLD.state || '>' || NEW.state = ANY (ARRAY[
                'finished>closed', 'disputed>settled'])))
            OR (OLD.report IS NOT NULL AND OLD.report IS DISTINCT FROM NEW.report)
            OR (OLD.word IS NOT NULL AND OLD.word IS DISTINCT FROM NEW.word)
            OR (OLD.decision IS NOT NULL AND OLD.decision IS DISTINCT FROM NEW.decision)
            OR (OLD.state IN ('acknowledged', 'settled') AND OLD.state <> NEW.state))
    THEN
        RAISE EXCEPTION 'what a visit gave is not changed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
"""


def upgrade() -> None:
    run_sql(TABLES)
    forbid_changes("visit_reports")
