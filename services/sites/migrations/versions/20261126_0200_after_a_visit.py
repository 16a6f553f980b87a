"""Ratings with the site's reply, a log of incidents, and from when a site counts as crowded (S8, S14)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261126_0200"
down_revision = "20261126_0100"

RATINGS = """
CREATE TABLE rating_criteria (
    code text NOT NULL,
    active_from date NOT NULL,
    active_until date,
    position smallint NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    citation text NOT NULL,
    CONSTRAINT rating_criteria_pkey PRIMARY KEY (code, active_from),
    CONSTRAINT rating_criteria_active_until CHECK (active_until > active_from)
);
INSERT INTO rating_criteria (code, active_from, position, name, name_en, citation) VALUES
    ('content', '2020-01-01', 1, '活动内容', 'Content', '默认评价项第 1 项（待区委组织部发文替换）'),
    ('guide', '2020-01-01', 2, '讲解与带领', 'Guide', '默认评价项第 2 项（待区委组织部发文替换）'),
    ('facilities', '2020-01-01', 3, '场地与设施', 'Facilities', '默认评价项第 3 项（待区委组织部发文替换）'),
    ('order', '2020-01-01', 4, '组织与秩序', 'Order', '默认评价项第 4 项（待区委组织部发文替换）');

CREATE TABLE rating_terms (
    active_from date CONSTRAINT rating_terms_pkey PRIMARY KEY,
    days integer NOT NULL CONSTRAINT rating_terms_days CHECK (days BETWEEN 1 AND 366),
    citation text NOT NULL
);
INSERT INTO rating_terms VALUES
    ('2020-01-01', 30, '默认规则：办结后 30 天内可以评价和修改，活动点回复后不再修改（待区委组织部发文替换）');

-- shown ⇄ flagged ──▶ hidden ──▶ shown; one rating for each order
CREATE TABLE ratings (
    id uuid CONSTRAINT ratings_pkey PRIMARY KEY,
    order_id uuid NOT NULL CONSTRAINT ratings_order_id_fkey REFERENCES orders CONSTRAINT ratings_order_id_key UNIQUE,
    site_id uuid NOT NULL CONSTRAINT ratings_site_id_fkey REFERENCES sites,
    branch_id uuid,
    visit_on date NOT NULL,
    stars jsonb NOT NULL,
    average numeric(3, 2) NOT NULL CONSTRAINT ratings_average CHECK (average BETWEEN 1 AND 5),
    feedback text,
    summary text,
    made_at timestamptz NOT NULL,
    changed_at timestamptz,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    reply text,
    replied_at timestamptz,
    replied_by text,
    state text NOT NULL DEFAULT 'shown' CONSTRAINT ratings_state CHECK (state IN ('shown', 'flagged', 'hidden')),
    state_reason text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT ratings_reply CHECK ((reply IS NULL) = (replied_at IS NULL) AND (reply IS NULL) = (replied_by IS NULL)),
    CONSTRAINT ratings_state_reason CHECK (state = 'shown' OR state_reason IS NOT NULL)
);
CREATE INDEX ratings_site_idx ON ratings (site_id, made_at, id);

CREATE TABLE rating_history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT rating_history_pkey PRIMARY KEY,
    rating_id uuid NOT NULL CONSTRAINT rating_history_rating_id_fkey REFERENCES ratings,
    move text NOT NULL,
    state text NOT NULL CONSTRAINT rating_history_state CHECK (state IN ('shown', 'flagged', 'hidden')),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    reason text,
    said jsonb
);
CREATE INDEX rating_history_rating_idx ON rating_history (rating_id, id);
"""

INCIDENTS = """
CREATE TABLE incidents (
    id uuid CONSTRAINT incidents_pkey PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT incidents_site_id_fkey REFERENCES sites,
    happened_at timestamptz NOT NULL,
    kind text NOT NULL
        CONSTRAINT incidents_kind CHECK (kind IN ('injury', 'damage', 'lost_item', 'complaint', 'other')),
    space text,
    order_id uuid CONSTRAINT incidents_order_id_fkey REFERENCES orders,
    what text NOT NULL CONSTRAINT incidents_what CHECK (what <> ''),
    done text,
    recorded_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT incidents_happened_at CHECK (happened_at <= recorded_at)
);
CREATE INDEX incidents_site_idx ON incidents (site_id, happened_at, id);

CREATE TABLE incident_follow_ups (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT incident_follow_ups_pkey PRIMARY KEY,
    incident_id uuid NOT NULL CONSTRAINT incident_follow_ups_incident_id_fkey REFERENCES incidents,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    note text NOT NULL CONSTRAINT incident_follow_ups_note CHECK (note <> ''),
    closed_on date
);
CREATE INDEX incident_follow_ups_incident_idx ON incident_follow_ups (incident_id, id);
-- A matter is closed once, however many try.
CREATE UNIQUE INDEX incident_follow_ups_closed_idx ON incident_follow_ups (incident_id) WHERE closed_on IS NOT NULL;
"""

CAPACITY = """
CREATE TABLE capacity_alarms (
    active_from date CONSTRAINT capacity_alarms_pkey PRIMARY KEY,
    warn_percent integer NOT NULL,
    alarm_percent integer NOT NULL,
    citation text NOT NULL,
    CONSTRAINT capacity_alarms_percent CHECK (0 < warn_percent AND warn_percent <= alarm_percent)
);
INSERT INTO capacity_alarms VALUES
    ('2020-01-01', 90, 100, '默认规则：在场人数达到容量 90% 提醒、100% 报警（待区委组织部发文替换）');
"""


def upgrade() -> None:
    for statements in (RATINGS, INCIDENTS, CAPACITY):
        run_sql(statements)
    forbid_changes("rating_history", "incidents", "incident_follow_ups")
