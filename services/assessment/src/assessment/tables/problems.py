"""The register of problems: their kinds, where each was found, the trainings that follow, and files as evidence."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import (
    BigInteger,
    Boolean,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assessment.domain.problems import MOVES, SOURCES, STATES
from assessment.domain.samples import SAMPLE_KINDS, SAMPLE_STATES
from assessment.tables.metadata import ID, metadata

# The vocabulary. What is retired names the problems that bear it, and no new ones.
problem_kinds = Table(
    "problem_kinds",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),  # the first day on which it is no longer used
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint("active_until > active_from", name="active"),
    CheckConstraint(r"code ~ '^[a-z][a-z0-9_]{0,39}$'", name="code"),
)

# A draw of organisations for the supervision month, or for somebody from outside. announced → drawn → closed.
samples = Table(
    "samples",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation_id", ID, nullable=False),  # among the branches below it
    Column("field", Text),
    Column("from_day", Date, nullable=False),
    Column("until_day", Date, nullable=False),
    Column("size", Integer, nullable=False),
    Column("is_crossed", Boolean, nullable=False),
    Column("third_party", Text),
    Column("seed_on", Date, nullable=False),
    Column("seed_number", Text, nullable=False),
    Column("draw_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("announced_at", INSTANT, nullable=False),
    Column("announced_by_id", ID, nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("drawn_at", INSTANT),
    Column("drawn_by", Text),
    Column("closed_at", INSTANT),
    Column("closed_by", Text),
    Column("bulletin_number", Text),
    Column("bulletin", JSONB),  # what the naming bulletin said when it was issued
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("draw_key", ID),  # made by the platform at the draw
    CheckConstraint(one_of("kind", SAMPLE_KINDS), name="kind"),
    CheckConstraint(one_of("state", SAMPLE_STATES), name="state"),
    CheckConstraint("(kind = 'sampling') = (third_party IS NOT NULL)", name="third_party"),
    CheckConstraint("NOT is_crossed OR kind = 'supervision'", name="crossed"),
    CheckConstraint("from_day <= until_day AND seed_on < draw_on AND draw_on <= until_day", name="days"),
    CheckConstraint("size BETWEEN 1 AND 10000", name="size"),
    CheckConstraint("(state = 'announced') = (drawn_at IS NULL)", name="drawn"),
    CheckConstraint(
        "(state = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (bulletin IS NULL)"
        " AND (bulletin IS NULL) = (bulletin_number IS NULL)",
        name="closed",
    ),
    UniqueConstraint("organisation_id", "seed_number"),
)

# Everybody who could be drawn, with the digest that orders them: the whole of it is exported. Rows are only added.
sample_entries = Table(
    "sample_entries",
    metadata,
    Column("sample_id", ID, ForeignKey("samples.id"), primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_drawn", Boolean, nullable=False),
    Column("checker_id", ID),  # who checks across
    UniqueConstraint("sample_id", "position"),
)

# One inspection of one organisation. Rows are only added.
inspections = Table(
    "inspections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", Text, nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("sample_id", ID),
    Column("held_on", Date, nullable=False),
    Column("inspector", Text, nullable=False),
    Column("basis", Text),
    Column("notes", Text),
    Column("recorded_at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("source IN ('spot_check', 'superior_inspection', 'supervision', 'sampling')", name="source"),
    CheckConstraint("(source IN ('supervision', 'sampling')) = (sample_id IS NOT NULL)", name="sample"),
    ForeignKeyConstraint(
        ["sample_id", "organisation_id"],
        ["sample_entries.sample_id", "sample_entries.organisation_id"],
        name="inspections_sample_id_fkey",
    ),
    UniqueConstraint("sample_id", "organisation_id"),
    Index("inspections_organisation_id_held_on_idx", "organisation_id", "held_on"),
    Index("inspections_held_on_id_idx", "held_on", "id"),
)

# No foreign key leads to the organisation: rounds and lights name it before roster's event may have come.
problems = Table(
    "problems",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID, nullable=False),
    Column("kind", Text, ForeignKey("problem_kinds.code"), nullable=False),
    Column("text", Text, nullable=False),
    Column("found_on", Date, nullable=False),
    Column("found_by", Text),  # a team, a superior, a person; none: the platform
    Column("source", Text, nullable=False),
    Column("source_id", ID, nullable=False),
    Column("round_id", ID),  # of a round's visit
    Column("state", Text, nullable=False),
    Column("registered_at", INSTANT, nullable=False),
    Column("registered_by_id", ID),
    Column("version", BigInteger, nullable=False, server_default="1"),
    CheckConstraint(one_of("source", SOURCES), name="source"),
    CheckConstraint(one_of("state", STATES), name="state"),
    UniqueConstraint("source", "source_id", "kind"),
    UniqueConstraint("id", "source"),
    UniqueConstraint("id", "organisation_id"),
    Index("problems_organisation_id_found_on_idx", "organisation_id", "found_on"),
    Index("problems_found_on_id_idx", "found_on", "id"),
)

# Every step of a problem but its beginning. Rows are only added.
problem_steps = Table(
    "problem_steps",
    metadata,
    Column("problem_id", ID, ForeignKey("problems.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("reason", Text),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint(one_of("move", MOVES), name="move"),
    CheckConstraint(one_of("state", STATES), name="state"),
)

# assigned ──hold──▶ done
problem_trainings = Table(
    "problem_trainings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("problem_id", ID, ForeignKey("problems.id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("assigned_at", INSTANT, nullable=False),
    Column("assigned_by_id", ID, nullable=False),
    Column("assigned_by", Text, nullable=False),
    Column("done_on", Date),
    Column("done_text", Text),
    Column("done_by_id", ID),
    Column("done_by", Text),
    CheckConstraint(
        "(done_on IS NULL) = (done_text IS NULL) AND (done_on IS NULL) = (done_by IS NULL)"
        " AND (done_on IS NULL) = (done_by_id IS NULL)",
        name="done",
    ),
    Index("problem_trainings_problem_id_idx", "problem_id"),
    Index("problem_trainings_due_on_idx", "due_on", postgresql_where=text("done_on IS NULL")),
)
