"""Warning cards: their steps, what follows from them, objections, the numbers of days, and what a year is capped by."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    column,
    table,
)

from assessment.domain.cards import COLOURS, CONSEQUENCE_STATES, GROUNDS, KINDS, MOVES, STATES
from assessment.tables.metadata import ID, metadata

cards = Table(
    "cards",
    metadata,
    Column("id", ID, primary_key=True),
    Column("problem_id", ID, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("first_colour", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("secretary_id", ID),
    Column("secretary_name", Text, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("deadline", Date, nullable=False),
    Column("ended_on", Date),
    Column("version", BigInteger, nullable=False, server_default="1"),
    # The problem's source goes along so that the database itself lets only a superior's finding begin at red.
    ForeignKeyConstraint(["problem_id", "source"], ["problems.id", "problems.source"], name="cards_problem_id_fkey"),
    ForeignKeyConstraint(
        ["problem_id", "organisation_id"],
        ["problems.id", "problems.organisation_id"],
        name="cards_organisation_id_fkey",
    ),
    CheckConstraint(
        "first_colour = 'yellow' OR (first_colour = 'red' AND source = 'superior_inspection')", name="first_colour"
    ),
    CheckConstraint(one_of("colour", COLOURS), name="colour"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("(state = 'standing') = (ended_on IS NULL)", name="ended"),
    Index("cards_organisation_id_given_on_idx", "organisation_id", "given_on"),
    Index("cards_state_deadline_idx", "state", "deadline"),
)

# Every step of a card from its giving on. Rows are only added.
card_steps = Table(
    "card_steps",
    metadata,
    Column("card_id", ID, ForeignKey("cards.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("ground", Text),
    Column("text", Text, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("deadline", Date, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(one_of("move", MOVES), name="move"),
    CheckConstraint(one_of("colour", COLOURS), name="colour"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("(move IN ('give', 'escalate')) = (ground IS NOT NULL)", name="grounded"),
    CheckConstraint(one_of("ground", [ground for some in GROUNDS.values() for ground in some]), name="ground"),
)

# due ──fulfil──▶ done; due, in_force ──(an objection is upheld)──▶ void. A cap is in force by itself.
card_consequences = Table(
    "card_consequences",
    metadata,
    Column("id", ID, primary_key=True),
    Column("card_id", ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_on", Date),
    Column("done_on", Date),
    Column("proof", Text),
    Column("by_id", ID),
    Column("by_name", Text),
    ForeignKeyConstraint(
        ["card_id", "version"], ["card_steps.card_id", "card_steps.version"], name="card_consequences_card_id_fkey"
    ),
    UniqueConstraint("card_id", "version", "kind"),
    CheckConstraint(one_of("kind", KINDS), name="kind"),
    CheckConstraint(one_of("state", CONSEQUENCE_STATES), name="state"),
    CheckConstraint("(kind = 'review_cap') = (due_on IS NULL)", name="due_on"),
    CheckConstraint("kind <> 'review_cap' OR state IN ('in_force', 'void')", name="cap"),
    CheckConstraint("kind = 'review_cap' OR state <> 'in_force'", name="in_force"),
    CheckConstraint(
        "(state = 'done') = (done_on IS NOT NULL) AND (done_on IS NULL) = (proof IS NULL)"
        " AND (done_on IS NULL) = (by_id IS NULL) AND (done_on IS NULL) = (by_name IS NULL)",
        name="done",
    ),
)

# One objection against one step, decided by somebody who neither raised it nor took the step.
card_objections = Table(
    "card_objections",
    metadata,
    Column("card_id", ID, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("text", Text, nullable=False),
    Column("raised_at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("step_by_id", ID, nullable=False),
    Column("decide_by", Date, nullable=False),
    Column("decision", Text),
    Column("reason", Text),
    Column("decided_at", INSTANT),
    Column("decided_by_id", ID),
    Column("decided_by", Text),
    ForeignKeyConstraint(
        ["card_id", "version"], ["card_steps.card_id", "card_steps.version"], name="card_objections_card_id_fkey"
    ),
    CheckConstraint("decision IN ('upheld', 'rejected')", name="decision"),
    CheckConstraint(
        "(decision IS NULL) = (reason IS NULL) AND (decision IS NULL) = (decided_at IS NULL)"
        " AND (decision IS NULL) = (decided_by_id IS NULL) AND (decision IS NULL) = (decided_by IS NULL)",
        name="decided",
    ),
    CheckConstraint("decided_by_id <> by_id AND decided_by_id <> step_by_id", name="another_person"),
)

# The numbers of mending and cards, in force from a day until a later row.
mending_rules = Table(
    "mending_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("yellow_days", Integer, nullable=False),
    Column("orange_days", Integer, nullable=False),
    Column("red_days", Integer, nullable=False),
    Column("talk_days", Integer, nullable=False),
    Column("report_days", Integer, nullable=False),
    Column("letter_days", Integer, nullable=False),
    Column("person_days", Integer, nullable=False),
    Column("objection_days", Integer, nullable=False),
    Column("decision_days", Integer, nullable=False),
    Column("supervision_from", Integer, nullable=False),  # months of the year
    Column("supervision_until", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint(
        "least(yellow_days, orange_days, red_days, talk_days, report_days, letter_days, person_days,"
        " objection_days, decision_days) >= 1 AND greatest(yellow_days, orange_days, red_days, talk_days,"
        " report_days, letter_days, person_days, objection_days, decision_days) <= 365",
        name="days",
    ),
    CheckConstraint(
        "1 <= supervision_from AND supervision_from <= supervision_until AND supervision_until <= 12", name="months"
    ),
)

# The view of the highest colour that an organisation's cards reached in a year and that no objection undid.
card_years = table(
    "card_years",
    column("organisation_id", ID),
    column("year", Integer),
    column("highest", Text),
)
