"""Guides with their rota, and who leads which slot."""

from importlib import resources

from chassis.migrations import run_sql

revision = "20261125_2100"
down_revision = "20261125_2050"

GUIDES = """
CREATE TABLE guides (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT guides_site_id_fkey REFERENCES sites,
    name text NOT NULL,
    languages text[] NOT NULL,
    visits_a_day_max integer NOT NULL,
    party_max integer NOT NULL,
    buffer_minutes integer NOT NULL,
    active_from date,
    active_until date,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT guides_languages CHECK (
        cardinality(languages) > 0 AND languages <@ ARRAY['zh', 'dialect', 'sign', 'en', 'ja', 'ko', 'ru', 'fr']),
    CONSTRAINT guides_visits_a_day_max CHECK (visits_a_day_max BETWEEN 1 AND 20),
    CONSTRAINT guides_party_max CHECK (party_max BETWEEN 1 AND 500),
    CONSTRAINT guides_buffer_minutes CHECK (buffer_minutes BETWEEN 0 AND 240),
    CONSTRAINT guides_active_until CHECK (active_from <= active_until)
);
CREATE INDEX guides_site_idx ON guides (site_id, name, id);

CREATE TABLE guide_shifts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guide_id uuid NOT NULL CONSTRAINT guide_shifts_guide_id_fkey REFERENCES guides,
    weekday smallint NOT NULL CONSTRAINT guide_shifts_weekday CHECK (weekday BETWEEN 1 AND 7),
    from_minute smallint NOT NULL,
    until_minute smallint NOT NULL,
    CONSTRAINT guide_shifts_minutes CHECK (0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440)
);
CREATE INDEX guide_shifts_guide_idx ON guide_shifts (guide_id);

CREATE TABLE guide_dates (
    guide_id uuid CONSTRAINT guide_dates_guide_id_fkey REFERENCES guides,
    "on" date,
    hours jsonb NOT NULL CONSTRAINT guide_dates_hours CHECK (jsonb_typeof(hours) = 'array'),
    reason text NOT NULL DEFAULT '',
    CONSTRAINT guide_dates_pkey PRIMARY KEY (guide_id, "on")
);

CREATE TABLE guide_assignments (
    slot_id uuid PRIMARY KEY CONSTRAINT guide_assignments_slot_id_fkey REFERENCES slots ON DELETE CASCADE,
    guide_id uuid NOT NULL CONSTRAINT guide_assignments_guide_id_fkey REFERENCES guides,
    visit_on date NOT NULL,
    during tstzrange NOT NULL CONSTRAINT guide_assignments_during CHECK (NOT isempty(during)),
    by_hand boolean NOT NULL DEFAULT false,
    assigned_at timestamptz NOT NULL,
    assigned_by text NOT NULL,
    CONSTRAINT guide_assignments_one_place EXCLUDE USING gist (guide_id WITH =, during WITH &&)
);

CREATE TABLE guide_loads (
    guide_id uuid CONSTRAINT guide_loads_guide_id_fkey REFERENCES guides,
    visit_on date,
    visits integer NOT NULL CONSTRAINT guide_loads_visits CHECK (visits >= 0),
    CONSTRAINT guide_loads_pkey PRIMARY KEY (guide_id, visit_on)
);

ALTER TABLE slots ADD COLUMN needs_guide boolean NOT NULL DEFAULT false;
CREATE INDEX slots_guided_idx ON slots (site_id, starts_at) WHERE needs_guide;
"""

TRIGGERS = """
CREATE TRIGGER count_guide_visit BEFORE INSERT OR UPDATE OR DELETE ON guide_assignments
    FOR EACH ROW EXECUTE FUNCTION count_guide_visit();
CREATE TRIGGER look_at_guided_slot AFTER INSERT OR DELETE ON guide_assignments
    FOR EACH ROW EXECUTE FUNCTION look_at_guided_slot();
-- Taking seats writes neither of these columns, so it fires nothing.
CREATE TRIGGER open_guided_slot BEFORE INSERT OR UPDATE OF closed_reason, needs_guide ON slots
    FOR EACH ROW EXECUTE FUNCTION open_guided_slot();
CREATE TRIGGER free_moved_guide AFTER UPDATE OF starts_at, ends_at ON slots
    FOR EACH ROW WHEN (NEW.needs_guide AND (NEW.starts_at, NEW.ends_at) IS DISTINCT FROM (OLD.starts_at, OLD.ends_at))
    EXECUTE FUNCTION free_moved_guide();
"""


def upgrade() -> None:
    run_sql(GUIDES)
    for name in ("count_guide_visit", "open_guided_slot"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    run_sql(TRIGGERS)
