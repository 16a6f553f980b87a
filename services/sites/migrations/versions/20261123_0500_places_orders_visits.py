"""Places, slots, orders and visits: the first tables of the sites service."""

from importlib import resources

from chassis.migrations import chassis_tables, grant_rights, run_sql

revision = "20261123_0500"
down_revision = None

PLACES = """
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    path text NOT NULL,
    parent_id uuid,
    secretary_id uuid,
    is_external boolean NOT NULL DEFAULT false,
    dissolved boolean NOT NULL DEFAULT false,
    version bigint NOT NULL
);
CREATE INDEX organisations_path_idx ON organisations (path text_pattern_ops);

-- proposed ──▶ open ⇄ suspended ──▶ withdrawn
CREATE TABLE sites (
    id uuid PRIMARY KEY,
    code text NOT NULL CONSTRAINT sites_code_key UNIQUE,
    name text NOT NULL,
    pinyin text NOT NULL,
    initials text NOT NULL,
    search text GENERATED ALWAYS AS
        (name || ' ' || pinyin || ' ' || replace(pinyin, ' ', '') || ' ' || initials) STORED,
    category text NOT NULL
        CONSTRAINT sites_category CHECK (category IN ('rural', 'urban', 'new_economy_and_social', 'comprehensive')),
    kind text NOT NULL
        CONSTRAINT sites_kind CHECK (kind IN ('education_base', 'demonstration_site', 'party_school_teaching_point',
                                              'service_centre', 'check_up_centre', 'training_base')),
    district text NOT NULL,
    town text,
    address text,
    point geometry(Point, 4326) NOT NULL,
    point_datum text NOT NULL
        CONSTRAINT sites_point_datum CHECK (point_datum IN ('WGS-84', 'GCJ-02', 'BD-09', 'CGCS2000')),
    point_source text NOT NULL,
    point_checked_on date,
    capacity integer NOT NULL CONSTRAINT sites_capacity CHECK (capacity > 0),
    visit_minutes integer NOT NULL CONSTRAINT sites_visit_minutes CHECK (visit_minutes > 0),
    hours_text text,
    managing_organisation_id uuid NOT NULL,
    managing_organisation text NOT NULL,
    managing_path text NOT NULL,
    state text NOT NULL
        CONSTRAINT sites_state CHECK (state IN ('proposed', 'open', 'suspended', 'withdrawn')),
    synthetic boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1
);
CREATE INDEX sites_point_idx ON sites USING gist (point);
CREATE INDEX sites_geography_idx ON sites USING gist ((point::geography));
CREATE INDEX sites_search_idx ON sites USING gin (search gin_trgm_ops);
CREATE INDEX sites_pinyin_idx ON sites (pinyin, id);
CREATE INDEX sites_managing_organisation_idx ON sites (managing_organisation_id);

CREATE TABLE site_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT site_history_site_id_fkey REFERENCES sites,
    move text NOT NULL,
    state text NOT NULL
        CONSTRAINT site_history_state CHECK (state IN ('proposed', 'open', 'suspended', 'withdrawn')),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text
);
CREATE INDEX site_history_site_idx ON site_history (site_id, id);

CREATE TABLE programmes (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT programmes_site_id_fkey REFERENCES sites,
    name text NOT NULL,
    theme text NOT NULL,
    minutes integer NOT NULL CONSTRAINT programmes_minutes CHECK (minutes BETWEEN 5 AND 1440),
    every_minutes integer NOT NULL CONSTRAINT programmes_every_minutes CHECK (every_minutes BETWEEN 5 AND 1440),
    seats integer NOT NULL CONSTRAINT programmes_seats CHECK (seats BETWEEN 1 AND 10000),
    notice_minutes integer NOT NULL CONSTRAINT programmes_notice_minutes CHECK (notice_minutes >= 0),
    confirmation text NOT NULL CONSTRAINT programmes_confirmation CHECK (confirmation IN ('automatic', 'manual')),
    is_offered boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT programmes_site_id_name_key UNIQUE (site_id, name)
);

CREATE TABLE weekly_hours (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT weekly_hours_site_id_fkey REFERENCES sites,
    programme_id uuid CONSTRAINT weekly_hours_programme_id_fkey REFERENCES programmes,
    weekday smallint NOT NULL CONSTRAINT weekly_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
    opens_minute smallint NOT NULL,
    closes_minute smallint NOT NULL,
    CONSTRAINT weekly_hours_minutes
        CHECK (0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440),
    CONSTRAINT weekly_hours_site_id_programme_id_weekday_opens_minute_key
        UNIQUE NULLS NOT DISTINCT (site_id, programme_id, weekday, opens_minute)
);

CREATE TABLE slots (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    site_id uuid NOT NULL CONSTRAINT slots_site_id_fkey REFERENCES sites,
    programme_id uuid NOT NULL CONSTRAINT slots_programme_id_fkey REFERENCES programmes,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    visit_on date NOT NULL,
    bookable_until timestamptz NOT NULL,
    seats integer NOT NULL,
    seats_taken integer NOT NULL DEFAULT 0,
    confirmation text NOT NULL CONSTRAINT slots_confirmation CHECK (confirmation IN ('automatic', 'manual')),
    closed_reason text,
    CONSTRAINT slots_seats_taken CHECK (0 <= seats_taken AND seats_taken <= seats),
    CONSTRAINT slots_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT slots_programme_id_starts_at_key UNIQUE (programme_id, starts_at)
) WITH (fillfactor = 80);
CREATE INDEX slots_site_day_idx ON slots (site_id, visit_on, starts_at);
CREATE INDEX slots_start_idx ON slots (starts_at);
"""

ORDERS = """
-- placed ──confirm──▶ confirmed ──close──▶ used
--   │ ├──refuse──▶ refused  │ └──miss──▶ no_show
--   │ └──expire──▶ expired  │
--   └──────cancel───────────┴──▶ cancelled
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    slot_id uuid NOT NULL,
    site_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    branch_id uuid,
    placed_by_id uuid NOT NULL,
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL,
    party_size integer NOT NULL CONSTRAINT orders_party_size CHECK (party_size BETWEEN 1 AND 500),
    seats integer NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    visit_on date NOT NULL,
    confirmation text NOT NULL CONSTRAINT orders_confirmation CHECK (confirmation IN ('automatic', 'manual')),
    answer_by timestamptz,
    state text NOT NULL
        CONSTRAINT orders_state
        CHECK (state IN ('placed', 'confirmed', 'refused', 'expired', 'cancelled', 'used', 'no_show')),
    reason text,
    voucher text CONSTRAINT orders_voucher_key UNIQUE,
    contact_name text NOT NULL,
    contact_phone bytea NOT NULL,
    contact_phone_masked text NOT NULL,
    policy_id uuid,
    fund_id uuid,
    is_subsidised boolean NOT NULL,
    subsidy_estimate_fen bigint NOT NULL
        CONSTRAINT orders_subsidy_estimate_fen CHECK (subsidy_estimate_fen >= 0),
    subsidy_explanation jsonb NOT NULL,
    checked_in integer,
    headcount integer CONSTRAINT orders_headcount CHECK (headcount BETWEEN 0 AND checked_in),
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT orders_seats CHECK (seats >= party_size),
    CONSTRAINT orders_is_subsidised CHECK (is_subsidised = (subsidy_estimate_fen > 0)),
    CONSTRAINT orders_used_has_headcount CHECK ((state = 'used') = (headcount IS NOT NULL)),
    CONSTRAINT orders_confirmed_has_voucher CHECK (state <> 'confirmed' OR voucher IS NOT NULL)
);
CREATE INDEX orders_branch_idx ON orders (branch_id, visit_on);
CREATE INDEX orders_open_idx ON orders (branch_id) WHERE state IN ('placed', 'confirmed');
CREATE INDEX orders_slot_idx ON orders (slot_id);
CREATE INDEX orders_site_idx ON orders (site_id, visit_on);
CREATE INDEX orders_person_idx ON orders (placed_by_id);
CREATE INDEX orders_unanswered_idx ON orders (answer_by) WHERE state = 'placed';
CREATE INDEX orders_awaited_idx ON orders (ends_at) WHERE state = 'confirmed' AND checked_in IS NULL;

CREATE TABLE order_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL CONSTRAINT order_history_order_id_fkey REFERENCES orders,
    move text NOT NULL,
    state text NOT NULL
        CONSTRAINT order_history_state
        CHECK (state IN ('placed', 'confirmed', 'refused', 'expired', 'cancelled', 'used', 'no_show')),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    reason text
);
CREATE INDEX order_history_order_idx ON order_history (order_id, id);

CREATE TABLE check_ins (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL CONSTRAINT check_ins_order_id_key UNIQUE
        CONSTRAINT check_ins_order_id_fkey REFERENCES orders,
    site_id uuid NOT NULL,
    count integer NOT NULL CONSTRAINT check_ins_count CHECK (count BETWEEN 1 AND 500),
    member_ids uuid[],
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    device_id text
);

CREATE TABLE quota_rules (
    effective_from date PRIMARY KEY,
    open_orders_max integer NOT NULL,
    subsidised_a_month_max integer NOT NULL,
    citation text NOT NULL,
    CONSTRAINT quota_rules_maxima CHECK (open_orders_max >= 0 AND subsidised_a_month_max >= 0)
);
INSERT INTO quota_rules (effective_from, open_orders_max, subsidised_a_month_max, citation)
VALUES ('2020-01-01', 2, 1, '默认规则：每支部最多 2 个未完成点单，每月补贴 1 次（待区委组织部发文替换）');
"""


def upgrade() -> None:
    chassis_tables()
    run_sql(PLACES)
    run_sql(ORDERS)
    for name in ("sites_like", "order_facts", "place_order"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=("site_history", "order_history"))
