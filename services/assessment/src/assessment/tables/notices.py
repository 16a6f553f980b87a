"""What was told to a person or to those who lead an organisation, and who has read it."""

from chassis.definitions import INSTANT
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from assessment.tables.metadata import ID, metadata

# Rows are only added. `occasion` tells apart what is told more than once of one subject: nothing is told twice.
notices = Table(
    "notices",
    metadata,
    Column("id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("kind", Text, nullable=False),
    Column("organisation_id", ID),
    Column("person_id", ID),
    Column("subject_id", ID, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("told_at", INSTANT, nullable=False),
    CheckConstraint(r"kind ~ '^[a-z_]+$'", name="kind"),
    CheckConstraint("num_nonnulls(organisation_id, person_id) = 1", name="to_whom"),
    UniqueConstraint(
        "subject_id",
        "kind",
        "occasion",
        "organisation_id",
        "person_id",
        name="notices_once",
        postgresql_nulls_not_distinct=True,
    ),
    Index("notices_organisation_id_told_at_idx", "organisation_id", "told_at"),
    Index("notices_person_id_told_at_idx", "person_id", "told_at"),
)

notice_reads = Table(
    "notice_reads",
    metadata,
    Column("notice_id", ID, ForeignKey("notices.id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("read_at", INSTANT, nullable=False),
)
