"""People: whoever a member, a post or an account belongs to, with what the register must know of them.

identity number, phone   sealed by `chassis.personal`; `*_index` finds equal ones, `*_masked` is what lists show
sealed_with, indexed_with   which key sealed, which key made the indexes: what a rotation has still to do

likely_duplicates   two people of one name and one birthday, found by a trigger when either is written
personal_views      who opened whose sealed data, when and for what purpose, added and never changed
"""

from chassis.definitions import INSTANT
from contracts.roster.members import EDUCATIONS, SEXES, VIEWED_FIELDS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from roster.tables.metadata import identifier, metadata, only

people = Table(
    "people",
    metadata,
    identifier(key=True),
    Column("name", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("sex", Text),
    Column("ethnicity", Text),
    Column("born_on", Date),
    Column("education", Text),
    Column("native_place", Text),
    Column("work_unit", Text),
    Column("identity_number", LargeBinary),
    Column("identity_index", LargeBinary),
    Column("identity_masked", Text),
    Column("phone", LargeBinary),
    Column("phone_index", LargeBinary),
    Column("phone_masked", Text),
    Column("sealed_with", Text),
    Column("indexed_with", Text),
    # Where the paper file is kept (a cabinet, an office), and when somebody last looked whether it is there.
    Column("file_place", Text),
    Column("file_checked_on", Date),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    # Of somebody who left long ago: their personal data was purged, the year of birth is kept for counting.
    Column("born_year", Integer),
    Column("purged_at", INSTANT),
    identifier("purged_in", ForeignKey("purges.id"), nullable=True),
    UniqueConstraint("identity_index"),
    CheckConstraint(
        "(purged_at IS NULL) = (purged_in IS NULL) AND (purged_at IS NULL OR (identity_number IS NULL AND phone IS NULL"
        " AND born_on IS NULL AND work_unit IS NULL AND native_place IS NULL AND ethnicity IS NULL))",
        name="purged",
    ),
    CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
    only("sex", SEXES, "sex"),
    only("education", EDUCATIONS, "education"),
    CheckConstraint("length(ethnicity) BETWEEN 1 AND 20", name="ethnicity"),
    CheckConstraint("length(native_place) BETWEEN 1 AND 100", name="native_place"),
    CheckConstraint("length(work_unit) BETWEEN 1 AND 200", name="work_unit"),
    CheckConstraint("length(file_place) BETWEEN 1 AND 200", name="file_place"),
    CheckConstraint(
        "(identity_number IS NULL) = (identity_index IS NULL)"
        " AND (identity_number IS NULL) = (identity_masked IS NULL)",
        name="identity_number",
    ),
    CheckConstraint(
        "(phone IS NULL) = (phone_index IS NULL) AND (phone IS NULL) = (phone_masked IS NULL)", name="phone"
    ),
    CheckConstraint(
        "(identity_number IS NULL AND phone IS NULL) = (sealed_with IS NULL)"
        " AND (sealed_with IS NULL) = (indexed_with IS NULL)",
        name="keys",
    ),
    Index("people_alike_idx", "name", "born_on"),
    # Found by the beginning of the name, whatever the database's collation.
    Index("people_name_start_idx", "name", postgresql_ops={"name": "text_pattern_ops"}),
    Index("people_name_trgm_idx", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    Index("people_phone_index_idx", "phone_index", postgresql_where=text("phone_index IS NOT NULL")),
    Index("people_sealed_with_idx", "sealed_with", "id", postgresql_where=text("sealed_with IS NOT NULL")),
)

likely_duplicates = Table(
    "likely_duplicates",
    metadata,
    identifier("person_id", ForeignKey("people.id")),
    identifier("other_id", ForeignKey("people.id")),
    # Empty until an officer has looked and found that they are two people.
    Column("told_apart_at", INSTANT),
    identifier("told_apart_by_id", nullable=True),
    Column("told_apart_by", Text),
    Column("reason", Text),
    PrimaryKeyConstraint("person_id", "other_id"),
    CheckConstraint("person_id < other_id", name="order"),
    CheckConstraint(
        "(told_apart_at IS NULL) = (told_apart_by_id IS NULL) AND (told_apart_at IS NULL) = (told_apart_by IS NULL)"
        " AND (told_apart_at IS NULL) = (reason IS NULL)",
        name="told_apart",
    ),
    Index(None, "other_id"),
)

personal_views = Table(
    "personal_views",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("person_id", ForeignKey("people.id")),
    Column("at", INSTANT, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reason", Text),
    Column("request_id", Text),
    # By which right, and where in the tree it lies.
    Column("by_role", Text),
    Column("by_path", Text),
    CheckConstraint(
        "fields <@ ARRAY[" + ", ".join(f"'{name}'" for name in VIEWED_FIELDS) + "]::text[] AND fields <> '{}'",
        name="fields",
    ),
    Index(None, "person_id", "id"),
    Index(None, "by_id", "id"),
)
