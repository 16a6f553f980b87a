"""Who follows branches up and what they note, bulletins with lines, steps and receipts, reminder talks."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from assessment.domain import talks as talk_rules
from assessment.domain.bulletins import KINDS, MOVES, STATES
from assessment.tables.metadata import ID, MONTH_TEXT, metadata

# Who follows the branches at and below an organisation up; the nearest above a branch counts.
followers = Table(
    "followers",
    metadata,
    Column("organisation_id", ID, primary_key=True),
    Column("person_id", ID),
    Column("person_name", Text),
    Column("set_at", INSTANT, nullable=False),
    Column("set_by_id", ID, nullable=False),
    Column("set_by", Text, nullable=False),
    CheckConstraint("(person_id IS NULL) = (person_name IS NULL)", name="person"),
    Index("followers_person_id_idx", "person_id", postgresql_where=text("person_id IS NOT NULL")),
)

# What was noted of a branch's light. Rows are only added.
follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", ID, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("month", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("text", Text),
    Column("cause", Text),
    Column("plan", Text),
    Column("plan_on", Date),
    CheckConstraint(MONTH_TEXT, name="month"),
    CheckConstraint("num_nonnulls(text, cause, plan) > 0", name="something"),
    CheckConstraint("(plan IS NULL) = (plan_on IS NULL)", name="plan"),
    Index("follow_ups_branch_id_month_at_idx", "branch_id", "month", "at"),
)

bulletins = Table(
    "bulletins",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("issuer_id", ID, nullable=False),
    Column("issuer_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("opening", Text),
    Column("closing", Text),
    Column("figures", JSONB, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("as_of", INSTANT, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("year", SmallInteger, nullable=False),
    Column("number", Integer),
    Column("corrects_id", ID, ForeignKey("bulletins.id")),
    Column("drafted_by_id", ID, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_at", INSTANT, nullable=False),
    Column("edited_by", Text),
    Column("edited_at", INSTANT),
    Column("signed_by_id", ID),
    Column("signed_by", Text),
    Column("signed_at", INSTANT),
    Column("sent_by", Text),
    Column("sent_at", INSTANT),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("issuer_id", "kind", "year", "number"),
    CheckConstraint(one_of("kind", KINDS), name="kind"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint(
        "(state IN ('signed', 'sent')) = (number IS NOT NULL)"
        " AND (number IS NULL) = (signed_by_id IS NULL) AND (number IS NULL) = (signed_at IS NULL)"
        " AND (number IS NULL) = (signed_by IS NULL)",
        name="signed",
    ),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    CheckConstraint("(state = 'withdrawn') = (reason IS NOT NULL)", name="withdrawn"),
    # Two people: nobody signs what they drafted.
    CheckConstraint("signed_by_id <> drafted_by_id", name="two_people"),
    Index("bulletins_issuer_id_drafted_at_idx", "issuer_id", "drafted_at"),
    # One lives for each organisation, kind and period, and one correction of each.
    Index(
        "bulletins_one_idx",
        "issuer_id",
        "kind",
        "period",
        unique=True,
        postgresql_where=text("corrects_id IS NULL AND state <> 'withdrawn'"),
    ),
    Index("bulletins_corrects_id_idx", "corrects_id", unique=True, postgresql_where=text("state <> 'withdrawn'")),
)

bulletin_lines = Table(
    "bulletin_lines",
    metadata,
    Column("bulletin_id", ID, ForeignKey("bulletins.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("branch_id", ID, nullable=False),
    Column("branch_name", Text, nullable=False),
    Column("above_name", Text),
    Column("light", Text, nullable=False),
    Column("months", ARRAY(Text), nullable=False),
    Column("readings", JSONB, nullable=False),
    Column("read_at", INSTANT, nullable=False),
    Column("is_frozen", Boolean, nullable=False),
    Column("follower_name", Text),
    Column("slip_number", Text),
    Column("slip_state", Text),
    Column("cause", Text),
    Column("plan", Text),
    Column("plan_on", Date),
    Column("remark", Text),
    UniqueConstraint("bulletin_id", "branch_id"),
    Index("bulletin_lines_bulletin_id_light_position_idx", "bulletin_id", "light", "position"),
)

# Every step of a bulletin. Rows are only added.
bulletin_steps = Table(
    "bulletin_steps",
    metadata,
    Column("bulletin_id", ID, ForeignKey("bulletins.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    CheckConstraint(one_of("move", ("draft", "edit", *MOVES)), name="move"),
)

# To whom a bulletin went, and who signed for it first.
bulletin_receipts = Table(
    "bulletin_receipts",
    metadata,
    Column("bulletin_id", ID, ForeignKey("bulletins.id"), primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("organisation_name", Text, nullable=False),
    Column("sent_at", INSTANT, nullable=False),
    Column("read_at", INSTANT),
    Column("read_by_id", ID),
    Column("read_by", Text),
    CheckConstraint("num_nonnulls(read_at, read_by_id, read_by) IN (0, 3)", name="read"),
    Index("bulletin_receipts_organisation_id_idx", "organisation_id"),
)

talks = Table(
    "talks",
    metadata,
    Column("id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("branch_id", ID, nullable=False),
    Column("months", ARRAY(Text), nullable=False),
    Column("last_month", Text, nullable=False),
    Column("secretary_id", ID),
    Column("secretary_name", Text),
    Column("opened_at", INSTANT, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False, server_default="due"),
    Column("held_on", Date),
    Column("held_by", Text),
    Column("with_name", Text),
    Column("said", Text),
    Column("promised", Text),
    Column("recorded_by_id", ID),
    Column("recorded_by", Text),
    Column("recorded_at", INSTANT),
    UniqueConstraint("branch_id", "last_month"),
    CheckConstraint(one_of("state", talk_rules.STATES), name="state"),
    CheckConstraint(
        "num_nonnulls(held_on, held_by, with_name, said, promised, recorded_by_id, recorded_by, recorded_at)"
        " = CASE state WHEN 'held' THEN 8 ELSE 0 END",
        name="held",
    ),
    # While one is due there is no second one.
    Index("talks_due_idx", "branch_id", unique=True, postgresql_where=text("state = 'due'")),
    Index("talks_due_on_idx", "due_on"),
)
