"""The copy of who holds posts: written only from roster's PostsChanged events."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Table, Text, text

from assessment.tables.metadata import ID, metadata

posts_told = Table(
    "posts_told",
    metadata,
    Column("organisation_id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

# Held from `from_day` until before `until_day`; one secretary follows another on one day.
post_holders = Table(
    "post_holders",
    metadata,
    Column("organisation_id", ID, ForeignKey("posts_told.organisation_id"), primary_key=True),
    Column("post_id", BigInteger, primary_key=True),
    Column("post", Text, nullable=False),
    Column("member_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("from_day", Date, nullable=False),
    Column("until_day", Date),
    Index("post_holders_member_id_idx", "member_id"),
    Index("post_holders_secretary_idx", "organisation_id", "from_day", postgresql_where=text("post = 'secretary'")),
)
