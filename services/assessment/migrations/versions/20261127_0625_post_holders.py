"""The copy of who holds which post of an organisation."""

from chassis.migrations import run_sql

revision = "20261127_0625"
down_revision = "20261127_0620"

TABLES = r"""
-- Up to which version of an organisation its posts are known.
CREATE TABLE posts_told (
    organisation_id uuid PRIMARY KEY,
    version bigint NOT NULL
);

-- Who holds a post, or did: from a day until before another.
CREATE TABLE post_holders (
    organisation_id uuid NOT NULL CONSTRAINT post_holders_organisation_id_fkey REFERENCES posts_told,
    post_id bigint NOT NULL,
    post text NOT NULL,
    member_id uuid NOT NULL,
    name text NOT NULL,
    from_day date NOT NULL,
    until_day date,
    PRIMARY KEY (organisation_id, post_id)
);
CREATE INDEX post_holders_member_id_idx ON post_holders (member_id);
CREATE INDEX post_holders_secretary_idx ON post_holders (organisation_id, from_day) WHERE post = 'secretary';
"""


def upgrade() -> None:
    run_sql(TABLES)
