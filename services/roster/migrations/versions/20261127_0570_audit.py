"""The audit, who looked at lists, and the purge of personal data of those who left."""

from importlib import resources

from chassis.migrations import audit_tables, forbid_changes, run_sql

revision = "20261127_0570"
down_revision = "20261127_0560"

VIEWS = """
-- A record looked at is a view as well, its numbers masked; and the viewer's role and place are told with the name.
ALTER TABLE personal_views
    DROP CONSTRAINT personal_views_fields,
    ADD CONSTRAINT personal_views_fields
        CHECK (fields <@ ARRAY['identity_number', 'phone', 'dues_base', 'record']::text[] AND fields <> '{}'),
    ADD COLUMN by_role text,
    ADD COLUMN by_path text;

CREATE TABLE list_views (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT list_views_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL CONSTRAINT list_views_kind CHECK (kind IN ('register', 'export')),
    organisation_id uuid NOT NULL CONSTRAINT list_views_organisation_id_fkey REFERENCES organisations,
    branches uuid[] NOT NULL,
    held_on date NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    by_role text,
    by_path text,
    request_id text
);
CREATE INDEX list_views_branches_idx ON list_views USING gin (branches);
"""

PURGES = """
CREATE TABLE purge_rules (
    active_from date NOT NULL CONSTRAINT purge_rules_pkey PRIMARY KEY,
    left_months integer NOT NULL CONSTRAINT purge_rules_left_months CHECK (left_months BETWEEN 12 AND 1200),
    deceased_months integer NOT NULL CONSTRAINT purge_rules_deceased_months CHECK (deceased_months BETWEEN 12 AND 1200),
    citation text NOT NULL CONSTRAINT purge_rules_citation CHECK (length(citation) BETWEEN 1 AND 200),
    set_at timestamptz NOT NULL,
    set_by uuid
);
INSERT INTO purge_rules (active_from, left_months, deceased_months, citation, set_at)
VALUES ('2020-01-01', 60, 60,
        '《个人信息保护法》第十九条、第四十七条：保存期限为必要的最短时间，期满删除；默认五年', now());

CREATE TABLE purges (
    id uuid CONSTRAINT purges_pkey PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    left_before date NOT NULL,
    deceased_before date NOT NULL,
    persons integer NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX purges_asked_at_idx ON purges (asked_at);

ALTER TABLE people
    ADD COLUMN born_year integer,
    ADD COLUMN purged_at timestamptz,
    ADD COLUMN purged_in uuid CONSTRAINT people_purged_in_fkey REFERENCES purges,
    ADD CONSTRAINT people_purged CHECK (
        (purged_at IS NULL) = (purged_in IS NULL) AND (purged_at IS NULL OR (
            identity_number IS NULL AND phone IS NULL AND born_on IS NULL AND work_unit IS NULL
            AND native_place IS NULL AND ethnicity IS NULL)));
CREATE INDEX membership_periods_ended_idx ON membership_periods (active_until) WHERE ended_by IS NOT NULL;
"""

KEPT = """
-- A move is never changed, but for the words of somebody whose personal data was purged.
CREATE FUNCTION keep_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.reason IS NULL AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason'
        AND EXISTS (SELECT FROM people WHERE id = OLD.person_id AND purged_at IS NOT NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are only added, never changed or removed', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;
DROP TRIGGER refuse_change ON member_moves;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON member_moves FOR EACH ROW EXECUTE FUNCTION keep_moves();

-- Nobody whose data was purged becomes a member again under the old row: they are entered anew.
CREATE FUNCTION refuse_the_purged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM entered e JOIN people p ON p.id = e.person_id WHERE p.purged_at IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'not-found';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refuse_the_purged AFTER INSERT ON members
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION refuse_the_purged();
"""


def upgrade() -> None:
    audit_tables()
    run_sql(VIEWS)
    run_sql(PURGES)
    run_sql(KEPT)
    for name in ("open_business", "due_for_purge", "purge_people"):
        run_sql(resources.files("roster").joinpath(f"sql/{name}.sql").read_text())
    forbid_changes("list_views")
