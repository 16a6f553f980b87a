"""Tour routes: belts that officers lay out, trips that are ordered whole, how ways are reckoned."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261125_1845"
down_revision = "20261125_1830"

ROUTES = """
-- published ──retire──▶ retired
CREATE TABLE routes (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    summary text NOT NULL,
    path text NOT NULL,
    state text NOT NULL DEFAULT 'published' CONSTRAINT routes_state CHECK (state IN ('published', 'retired')),
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL,
    made_by text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT routes_path_name_key UNIQUE (path, name)
);
CREATE INDEX routes_name_idx ON routes (name, id);

CREATE TABLE route_stops (
    route_id uuid NOT NULL CONSTRAINT route_stops_route_id_fkey REFERENCES routes,
    position smallint NOT NULL CONSTRAINT route_stops_position CHECK (position BETWEEN 1 AND 8),
    site_id uuid NOT NULL CONSTRAINT route_stops_site_id_fkey REFERENCES sites,
    travel_minutes integer CONSTRAINT route_stops_travel_minutes CHECK (travel_minutes BETWEEN 0 AND 600),
    PRIMARY KEY (route_id, position)
);

CREATE TABLE route_orders (
    id uuid PRIMARY KEY,
    route_id uuid CONSTRAINT route_orders_route_id_fkey REFERENCES routes,
    branch_id uuid NOT NULL,
    party_size integer NOT NULL CONSTRAINT route_orders_party_size CHECK (party_size BETWEEN 1 AND 500),
    placed_at timestamptz NOT NULL,
    placed_by_id uuid NOT NULL,
    placed_by text NOT NULL
);
CREATE INDEX route_orders_branch_idx ON route_orders (branch_id, placed_at);

ALTER TABLE orders
    ADD COLUMN route_order_id uuid CONSTRAINT orders_route_order_id_fkey REFERENCES route_orders;
CREATE INDEX orders_route_order_idx ON orders (route_order_id) WHERE route_order_id IS NOT NULL;

CREATE TABLE travel_rules (
    effective_from date PRIMARY KEY,
    detour_factor numeric NOT NULL,
    speed_kmh numeric NOT NULL,
    pause_minutes integer NOT NULL,
    citation text NOT NULL,
    CONSTRAINT travel_rules_numbers CHECK (detour_factor >= 1 AND speed_kmh > 0 AND pause_minutes >= 0)
);
INSERT INTO travel_rules (effective_from, detour_factor, speed_kmh, pause_minutes, citation) VALUES
    ('2020-01-01', 1.3, 40, 10, '本平台默认值：直线距离×1.3、时速40公里，两点之间另留10分钟');

-- It takes one argument more.
DROP FUNCTION place_order;
"""


def upgrade() -> None:
    run_sql(ROUTES)
    run_sql(resources.files("sites").joinpath("sql/place_order.sql").read_text())
    grant_rights("sites")
