"""What a site's keepers write of it: facilities, contact, arrival, entrance, where its point comes from (S1)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261125_1830"
down_revision = "20261125_1820"

RECORDS = """
ALTER TABLE sites
    ADD COLUMN facilities text[] NOT NULL DEFAULT '{}',
    ADD COLUMN facilities_text text,
    ADD COLUMN accessibility_text text,
    ADD COLUMN contact_name text,
    ADD COLUMN contact_phone bytea,
    ADD COLUMN contact_phone_masked text,
    ADD COLUMN arrival_text text,
    ADD COLUMN parking_text text,
    ADD COLUMN bring_text text,
    ADD COLUMN entrance geometry(Point, 4326),
    ADD COLUMN point_accuracy_m integer CONSTRAINT sites_point_accuracy_m CHECK (point_accuracy_m BETWEEN 1 AND 100000),
    ADD COLUMN point_checked_by text,
    ADD CONSTRAINT sites_contact_phone CHECK ((contact_phone IS NULL) = (contact_phone_masked IS NULL)),
    ADD CONSTRAINT sites_facilities CHECK (facilities <@ ARRAY[
        'car_parking', 'coach_parking', 'toilet', 'accessible_toilet', 'step_free', 'lift', 'wheelchair_loan',
        'drinking_water', 'canteen', 'meeting_room', 'projector', 'oath_hall', 'guide', 'audio_guide', 'wifi',
        'rest_area', 'nursing_room', 'first_aid']);

-- An edit keeps what it changed, from what to what: {"capacity": [60, 80]}.
ALTER TABLE site_history ADD COLUMN changes jsonb;

-- Who was shown a site's telephone number, and for which order.
CREATE TABLE contact_views (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT contact_views_pkey PRIMARY KEY,
    site_id uuid NOT NULL CONSTRAINT contact_views_site_id_fkey REFERENCES sites,
    order_id uuid NOT NULL CONSTRAINT contact_views_order_id_fkey REFERENCES orders,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL
);
CREATE INDEX contact_views_site_idx ON contact_views (site_id, id);
"""


def upgrade() -> None:
    run_sql(RECORDS)
    forbid_changes("contact_views")
