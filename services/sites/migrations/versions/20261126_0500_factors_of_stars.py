"""A policy's factors by the star that a site's yearly evaluation gave it (S9, S14)."""

from importlib import resources

from chassis.migrations import run_sql

revision = "20261126_0500"
down_revision = "20261126_0400"

FACTORS = """
-- {"5": "1.20"}: what a visit is worth is multiplied by; a star that is not named, and no star, count once.
ALTER TABLE policies ADD COLUMN star_factors jsonb NOT NULL DEFAULT '{}';
CREATE FUNCTION star_factor(p_policy policies, p_star smallint) RETURNS text
    LANGUAGE sql IMMUTABLE RETURN coalesce(p_policy.star_factors ->> p_star::text, '1');
ALTER TABLE policies ADD CONSTRAINT policies_star_factors CHECK (
    jsonb_typeof(star_factors) = 'object'
    AND NOT jsonb_path_exists(star_factors, '$.keyvalue() ? (!(@.key like_regex "^[1-5]$"))')
    AND NOT jsonb_path_exists(star_factors, '$.* ? (!(@.type() == "string" && @ like_regex "^[0-2][.][0-9]{1,2}$"))')
);
"""


def upgrade() -> None:
    run_sql(FACTORS)
    run_sql(resources.files("sites").joinpath("sql/order_facts.sql").read_text())
