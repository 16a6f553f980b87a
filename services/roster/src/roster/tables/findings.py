"""The setting rules' numbers, what breaks them, and whose name stands all the same.

setting_rules      each version with its first day and its citation, added and never changed
findings           what an organisation breaks, from the day it opened until the day it closed
finding_checks     each check of everything, one a day, and whether anything had drifted
name_overrides     a name that breaks a rule and stands; it is in force while the organisation is called that
"""

from chassis.definitions import INSTANT
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
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from roster.tables.metadata import identifier, metadata, only

setting_rules = Table(
    "setting_rules",
    metadata,
    Column("rule", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("numbers", JSONB, nullable=False),
    Column("severity", Text, nullable=False),
    Column("citation", Text, nullable=False),
    # A version that does not apply sets the rule aside from its day on.
    Column("applies", Boolean, nullable=False, server_default=text("true")),
    Column("set_at", INSTANT),
    identifier("set_by", nullable=True),
    Column("set_by_name", Text),
    PrimaryKeyConstraint("rule", "active_from"),
    only("severity", ("breach", "remark"), "severity"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("rule", Text, nullable=False),
    Column("rule_from", Date, nullable=False),  # the version of the rule that it breaks
    Column("severity", Text, nullable=False),
    Column("said", JSONB, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    # Copied from the organisation, so that a list of a part of the tree is read from one index.
    Column("path", Text(collation="C"), nullable=False),
    Column("field", Text, nullable=False),
    only("severity", ("breach", "remark"), "severity"),
    # One that closes on the day it opened held on no day and is not kept.
    CheckConstraint("closed_on > opened_on", name="dates"),
    Index("findings_open_key", "organisation_id", "rule", unique=True, postgresql_where=text("closed_on IS NULL")),
    Index(
        "findings_listed_idx",
        "path",
        "rule",
        postgresql_include=["severity", "field", "organisation_id"],
        postgresql_where=text("closed_on IS NULL"),
    ),
    Index("findings_of_rule_idx", "rule", "path", postgresql_where=text("closed_on IS NULL")),
    Index("findings_closed_idx", "organisation_id", "closed_on", postgresql_where=text("closed_on IS NOT NULL")),
)

finding_checks = Table(
    "finding_checks",
    metadata,
    Column("checked_on", Date, primary_key=True),
    Column("started_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("organisations", Integer, nullable=False, server_default=text("0")),
    Column("opened", Integer, nullable=False, server_default=text("0")),
    Column("closed", Integer, nullable=False, server_default=text("0")),
    Column("drifted", Integer, nullable=False, server_default=text("0")),
)

name_overrides = Table(
    "name_overrides",
    metadata,
    identifier(key=True),
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("rule", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    Column("withdrawn_at", INSTANT),
    identifier("withdrawn_by_id", nullable=True),
    Column("withdrawn_by", Text),
    Column("withdrawn_because", Text),
    CheckConstraint(
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
        " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
        name="withdrawn",
    ),
    Index(
        "name_overrides_in_force_key",
        "organisation_id",
        "rule",
        "name",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)
