"""The calendar of a site: seasons, exceptions, public holidays, terms of booking, spaces, closures, previews."""

import csv
import io
import json
from importlib import resources

from alembic import op
from chassis.migrations import run_sql
from sqlalchemy import text

revision = "20261125_1930"
down_revision = "20261125_1845"

RULES = """
CREATE TABLE calendars (
    site_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    changed_at timestamptz,
    changed_by text,
    CONSTRAINT calendars_pkey PRIMARY KEY (site_id)
);

CREATE TABLE seasons (
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    programme_id uuid,
    name text NOT NULL,
    active_from date NOT NULL,
    active_until date NOT NULL,
    CONSTRAINT seasons_pkey PRIMARY KEY (id),
    CONSTRAINT seasons_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id),
    CONSTRAINT seasons_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT seasons_active_until CHECK (active_from < active_until),
    CONSTRAINT seasons_one_a_day EXCLUDE USING gist (
        site_id WITH =, (coalesce(programme_id, site_id)) WITH =, (daterange(active_from, active_until)) WITH &&
    )
);

ALTER TABLE weekly_hours
    ADD COLUMN season_id uuid CONSTRAINT weekly_hours_season_id_fkey REFERENCES seasons (id) DEFERRABLE,
    DROP CONSTRAINT weekly_hours_site_id_programme_id_weekday_opens_minute_key,
    ADD CONSTRAINT weekly_hours_opening_key
        UNIQUE NULLS NOT DISTINCT (site_id, programme_id, season_id, weekday, opens_minute);

CREATE TABLE special_days (
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    programme_id uuid,
    day date NOT NULL,
    hours jsonb NOT NULL,
    note text,
    CONSTRAINT special_days_pkey PRIMARY KEY (id),
    CONSTRAINT special_days_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id),
    CONSTRAINT special_days_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT special_days_site_id_programme_id_day_key UNIQUE NULLS NOT DISTINCT (site_id, programme_id, day),
    CONSTRAINT special_days_hours CHECK (jsonb_typeof(hours) = 'array')
);

CREATE TABLE public_years (
    year integer NOT NULL,
    citation text NOT NULL,
    announced_at timestamptz NOT NULL,
    announced_by text NOT NULL,
    job_id uuid,
    CONSTRAINT public_years_pkey PRIMARY KEY (year),
    CONSTRAINT public_years_year CHECK (year BETWEEN 2000 AND 2199)
);

CREATE TABLE public_days (
    day date NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    CONSTRAINT public_days_pkey PRIMARY KEY (day),
    CONSTRAINT public_days_kind CHECK (kind IN ('off', 'workday_makeup'))
);

CREATE TABLE holiday_rules (
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    programme_id uuid,
    on_holiday text NOT NULL,
    on_makeup_workday text NOT NULL,
    CONSTRAINT holiday_rules_pkey PRIMARY KEY (id),
    CONSTRAINT holiday_rules_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id),
    CONSTRAINT holiday_rules_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT holiday_rules_site_id_programme_id_key UNIQUE NULLS NOT DISTINCT (site_id, programme_id),
    CONSTRAINT holiday_rules_on_holiday CHECK (on_holiday IN (
        'open', 'closed', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')),
    CONSTRAINT holiday_rules_on_makeup_workday CHECK (on_makeup_workday IN (
        'open', 'closed', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'))
);
"""

SPACES = """
CREATE TABLE spaces (
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL,
    CONSTRAINT spaces_pkey PRIMARY KEY (id),
    CONSTRAINT spaces_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id),
    CONSTRAINT spaces_site_id_name_key UNIQUE (site_id, name),
    CONSTRAINT spaces_site_id_id_key UNIQUE (site_id, id),
    CONSTRAINT spaces_site_id_fkey1 FOREIGN KEY (site_id, parent_id) REFERENCES spaces (site_id, id),
    CONSTRAINT spaces_parent_id CHECK (parent_id <> id)
);

CREATE TABLE booking_terms (
    programme_id uuid NOT NULL,
    change_notice_minutes integer,
    cancel_notice_minutes integer,
    window_days integer,
    groups_max integer,
    before_minutes integer NOT NULL DEFAULT 0,
    after_minutes integer NOT NULL DEFAULT 0,
    space_id uuid,
    rank integer NOT NULL DEFAULT 100,
    CONSTRAINT booking_terms_pkey PRIMARY KEY (programme_id),
    CONSTRAINT booking_terms_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT booking_terms_space_id_fkey FOREIGN KEY (space_id) REFERENCES spaces (id),
    CONSTRAINT booking_terms_change_notice_minutes CHECK (change_notice_minutes >= 0),
    CONSTRAINT booking_terms_cancel_notice_minutes CHECK (cancel_notice_minutes >= 0),
    CONSTRAINT booking_terms_window_days CHECK (window_days BETWEEN 1 AND 366),
    CONSTRAINT booking_terms_groups_max CHECK (groups_max >= 1),
    CONSTRAINT booking_terms_buffers CHECK (before_minutes BETWEEN 0 AND 1440 AND after_minutes BETWEEN 0 AND 1440)
);

-- What stands was made from the weekly hours; what is entered from now on without saying so is by hand.
ALTER TABLE slots
    ADD COLUMN by_rule boolean NOT NULL DEFAULT true,
    ADD COLUMN closure_id uuid,
    ADD COLUMN kept_since timestamptz,
    ADD COLUMN dropped_at timestamptz;
ALTER TABLE slots ALTER COLUMN by_rule SET DEFAULT false;

CREATE TABLE occupancies (
    slot_id uuid NOT NULL,
    space_id uuid NOT NULL,
    during tstzrange NOT NULL,
    CONSTRAINT occupancies_pkey PRIMARY KEY (slot_id, space_id),
    CONSTRAINT occupancies_slot_id_fkey FOREIGN KEY (slot_id) REFERENCES slots (id),
    CONSTRAINT occupancies_during CHECK (NOT isempty(during)),
    CONSTRAINT occupancies_no_overlap EXCLUDE USING gist (space_id WITH =, during WITH &&)
);
"""

CHANGES = """
CREATE TABLE closures (
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    programme_id uuid,
    space_id uuid,
    slot_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    is_sudden boolean NOT NULL,
    reason text NOT NULL,
    note text,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL,
    made_by text NOT NULL,
    lifted_at timestamptz,
    lifted_by text,
    CONSTRAINT closures_pkey PRIMARY KEY (id),
    CONSTRAINT closures_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id),
    CONSTRAINT closures_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programmes (id),
    CONSTRAINT closures_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT closures_reason CHECK (reason IN (
        'weather', 'repair', 'safety', 'power', 'staff', 'official_event', 'public_health', 'other'))
);
CREATE INDEX closures_site_idx ON closures (site_id, ends_at);

CREATE TABLE calendar_previews (
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    version bigint NOT NULL,
    draft jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL,
    made_by text NOT NULL,
    applied_at timestamptz,
    CONSTRAINT calendar_previews_pkey PRIMARY KEY (id),
    CONSTRAINT calendar_previews_site_id_fkey FOREIGN KEY (site_id) REFERENCES sites (id)
);
CREATE INDEX calendar_previews_site_idx ON calendar_previews (site_id, made_at);

CREATE TABLE order_notices (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    slot_id uuid NOT NULL,
    closure_id uuid NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT order_notices_pkey PRIMARY KEY (id),
    CONSTRAINT order_notices_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT order_notices_closure_id_fkey FOREIGN KEY (closure_id) REFERENCES closures (id),
    CONSTRAINT order_notices_order_id_closure_id_key UNIQUE (order_id, closure_id)
);
CREATE INDEX order_notices_closure_idx ON order_notices (closure_id);
"""

CITATIONS = {
    2024: "国务院办公厅关于2024年部分节假日安排的通知",
    2025: "国务院办公厅关于2025年部分节假日安排的通知",
    2026: "国务院办公厅关于2026年部分节假日安排的通知",
}


def upgrade() -> None:
    for statements in (RULES, SPACES, CHANGES):
        run_sql(statements)
    run_sql("DROP FUNCTION order_facts;")
    run_sql(resources.files("sites").joinpath("sql/order_facts.sql").read_text())
    written = resources.files("sites").joinpath("data/cn_holidays_2024_2026.csv").read_text(encoding="utf-8")
    days = [
        {"day": row["date"], "kind": row["kind"], "name": row["name"]} for row in csv.DictReader(io.StringIO(written))
    ]
    op.get_bind().execute(
        text(
            "INSERT INTO public_days (day, kind, name)"
            " SELECT * FROM jsonb_to_recordset(CAST(:days AS jsonb)) AS d (day date, kind text, name text)"
        ),
        {"days": json.dumps(days, ensure_ascii=False)},
    )
    op.get_bind().execute(
        text(
            "INSERT INTO public_years (year, citation, announced_at, announced_by)"
            " VALUES (:year, :citation, now(), 'cn_holidays_2024_2026.csv')"
        ),
        [{"year": year, "citation": citation} for year, citation in CITATIONS.items()],
    )
