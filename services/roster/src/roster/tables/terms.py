"""Terms of committees: one runs in an organisation at a time; its end is moved by an application that is approved.

term_rules     how long a term is, how far its end moves, what an election needs: dated, with the citation
terms          `ends_on` is the last day as it is, `regular_ends_on` as the rule gave it; open while `ended_on` is empty
term_shifts    asked ──approve──▶ approved · ──refuse──▶ refused · ──withdraw──▶ withdrawn
term_notices   what an organisation and those above it were told, once for each end, added and never changed
"""

from chassis.definitions import INSTANT
from contracts.roster.terms import MADE_BY, SHIFT_STATES, TERM_NOTICES
from sqlalchemy import (
    BigInteger,
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
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from roster.tables.metadata import identifier, metadata, only

term_rules = Table(
    "term_rules",
    metadata,
    Column("rule", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("numbers", JSONB, nullable=False),
    Column("citation", Text, nullable=False),
    PrimaryKeyConstraint("rule", "active_from"),
    CheckConstraint("active_until > active_from", name="dates"),
)

terms = Table(
    "terms",
    metadata,
    identifier(key=True),
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("active_from", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("regular_ends_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("years", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("document_number", Text),
    identifier("election_id", ForeignKey("elections.id"), nullable=True),
    only("made_by", MADE_BY, "made_by"),
    CheckConstraint("ends_on >= active_from AND regular_ends_on >= active_from", name="ends_on"),
    CheckConstraint("ended_on >= active_from", name="ended_on"),
    CheckConstraint("years BETWEEN 1 AND 10 AND seats BETWEEN 1 AND 15", name="numbers"),
    Index("terms_open_key", "organisation_id", unique=True, postgresql_where=text("ended_on IS NULL")),
    Index("terms_ends_on_idx", "ends_on", "organisation_id", postgresql_where=text("ended_on IS NULL")),
    Index(
        "terms_postponed_idx",
        "ends_on",
        "organisation_id",
        postgresql_where=text("ended_on IS NULL AND ends_on > regular_ends_on"),
    ),
    ExcludeConstraint(
        (text("organisation_id"), "="),
        (func.daterange(text("active_from"), text("ended_on")), "&&"),
        name="terms_one_at_a_time",
    ),
)

term_shifts = Table(
    "term_shifts",
    metadata,
    identifier(key=True),
    identifier("term_id", ForeignKey("terms.id")),
    Column("ends_on", Date, nullable=False),
    Column("new_ends_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    identifier("asked_by_id"),
    Column("asked_by", Text, nullable=False),
    Column("decided_at", INSTANT),
    identifier("decided_by_id", nullable=True),
    Column("decided_by", Text),
    Column("document_number", Text),
    Column("decision", Text),
    only("state", SHIFT_STATES, "state"),
    CheckConstraint("new_ends_on <> ends_on", name="moved"),
    CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("state <> 'approved' OR document_number IS NOT NULL", name="document"),
    # Nobody approves what they asked for themself.
    CheckConstraint("state <> 'approved' OR decided_by_id <> asked_by_id", name="two_persons"),
    Index("term_shifts_open_key", "term_id", unique=True, postgresql_where=text("state = 'asked'")),
    Index(None, "term_id", "asked_at"),
)

term_notices = Table(
    "term_notices",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("term_id", ForeignKey("terms.id")),
    Column("kind", Text, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("told_at", INSTANT, nullable=False),
    only("kind", TERM_NOTICES, "kind"),
    UniqueConstraint("term_id", "kind", "ends_on"),
)
