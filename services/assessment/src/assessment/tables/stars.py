"""Formulas, ratings with their frozen facts, results and steps, objections and corrections."""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.star_ratings import OBJECTION_ANSWERS, STEP_CODES
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from assessment.domain.star_ratings import FORMULA_STATES, RATING_STATES
from assessment.domain.stars import LEVELS, MEASURES
from assessment.tables.metadata import ID, PATH, metadata

# draft ──adopt──▶ adopted; ──withdraw──▶ withdrawn. For the organisations below a node, or (without one) for all.
star_formulas = Table(
    "star_formulas",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID),
    Column("number", Integer),
    Column("state", Text, nullable=False),
    Column("from_day", Date, nullable=False),
    Column("citation", Text, nullable=False),
    Column("formula", JSONB, nullable=False),
    Column("drafted_by_id", ID),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_at", INSTANT, nullable=False),
    Column("decided_by_id", ID),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    Column("reason", Text),
    CheckConstraint(one_of("state", FORMULA_STATES), name="state"),
    CheckConstraint("jsonb_typeof(formula) = 'object'", name="formula"),
    CheckConstraint("(state = 'adopted') = (number IS NOT NULL)", name="number"),
    CheckConstraint("(state = 'draft') = (decided_at IS NULL)", name="decided"),
    # Two people: nobody adopts what they drafted.
    CheckConstraint("state <> 'adopted' OR drafted_by_id IS NULL OR drafted_by_id <> decided_by_id", name="two_people"),
    Index(
        "star_formulas_one_a_day",
        "organisation_id",
        "from_day",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("state = 'adopted'"),
    ),
    Index(
        "star_formulas_number",
        "organisation_id",
        "number",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("state = 'adopted'"),
    ),
)

star_ratings = Table(
    "star_ratings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID, nullable=False),
    Column("path", PATH, nullable=False),
    Column("period", Text, nullable=False),
    Column("formula_id", ID, ForeignKey("star_formulas.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),  # drawn and in force
    Column("wanted_revision", Integer, nullable=False, server_default="1"),
    Column("job_id", ID),
    Column("digest", Text),  # SHA-256 of the results in force
    Column("drawn_up_by_id", ID, nullable=False),
    Column("drawn_up_by", Text, nullable=False),
    Column("drawn_up_at", INSTANT, nullable=False),
    Column("frozen_at", INSTANT),  # when the facts were taken
    Column("shown_at", INSTANT),
    Column("objections_until", Date),
    Column("published_by_id", ID),
    Column("published_by", Text),
    Column("published_at", INSTANT),
    Column("withdrawn_by_id", ID),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", INSTANT),
    Column("reason", Text),
    CheckConstraint(one_of("state", RATING_STATES), name="state"),
    CheckConstraint(r"period ~ '^\d{4}(-H[12])?$'", name="period"),
    CheckConstraint("revision BETWEEN 0 AND wanted_revision", name="revision"),
    CheckConstraint("(revision = 0) = (frozen_at IS NULL) AND (revision = 0) = (digest IS NULL)", name="drawn"),
    CheckConstraint("state IN ('drawing', 'withdrawn') OR revision > 0", name="drawing"),
    CheckConstraint("state NOT IN ('shown', 'published') OR objections_until IS NOT NULL", name="shown"),
    CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published"),
    CheckConstraint("published_by_id IS NULL OR published_by_id <> drawn_up_by_id", name="two_people"),
    CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
    Index(
        "star_ratings_one_a_period",
        "organisation_id",
        "period",
        unique=True,
        postgresql_where=text("state <> 'withdrawn'"),
    ),
    Index("star_ratings_period_idx", "period", "id"),
)

# Who was rated, as they were called when the facts were taken. Rows are only added.
rated_organisations = Table(
    "rated_organisations",
    metadata,
    Column("rating_id", ID, ForeignKey("star_ratings.id"), primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("path", PATH, nullable=False),
    Column("field", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Index("rated_organisations_organisation_id_idx", "organisation_id"),
)

# The facts as they were taken; none is a fact too: it is missing. Rows are only added.
star_inputs = Table(
    "star_inputs",
    metadata,
    Column("rating_id", ID, primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("value", Integer),  # hundredths
    ForeignKeyConstraint(
        ["rating_id", "organisation_id"],
        ["rated_organisations.rating_id", "rated_organisations.organisation_id"],
    ),
    CheckConstraint(one_of("measure", MEASURES), name="measure"),
)

# What each organisation got in each revision. Rows are only added.
star_results = Table(
    "star_results",
    metadata,
    Column("rating_id", ID, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("points", Integer),  # hundredths; none: not rated
    Column("rank", Integer),
    Column("stars", SmallInteger),
    Column("level", Text),
    Column("weak_when", ARRAY(SmallInteger), nullable=False),
    Column("moved_by", ARRAY(Text), nullable=False),
    ForeignKeyConstraint(
        ["rating_id", "organisation_id"],
        ["rated_organisations.rating_id", "rated_organisations.organisation_id"],
    ),
    CheckConstraint("stars BETWEEN 0 AND 5", name="stars"),
    CheckConstraint(one_of("level", LEVELS), name="level"),
    CheckConstraint(
        "(points IS NULL) = (stars IS NULL) AND (points IS NULL) = (level IS NULL)"
        " AND (points IS NULL) = (rank IS NULL)",
        name="rated",
    ),
)

# By which steps. Rows are only added.
star_steps = Table(
    "star_steps",
    metadata,
    Column("rating_id", ID, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("measure", Text),
    Column("value", Integer),  # hundredths
    Column("points", Integer),  # hundredths
    Column("weight", SmallInteger),  # percent
    Column("details", JSONB, nullable=False),
    ForeignKeyConstraint(
        ["rating_id", "revision", "organisation_id"],
        ["star_results.rating_id", "star_results.revision", "star_results.organisation_id"],
    ),
    CheckConstraint(one_of("code", STEP_CODES), name="code"),
    CheckConstraint(one_of("measure", MEASURES), name="measure"),
)

star_objections = Table(
    "star_objections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("rating_id", ID, nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("answer", Text),
    Column("answer_text", Text),
    Column("answered_by_id", ID),
    Column("answered_by", Text),
    Column("answered_at", INSTANT),
    ForeignKeyConstraint(
        ["rating_id", "organisation_id"],
        ["rated_organisations.rating_id", "rated_organisations.organisation_id"],
    ),
    CheckConstraint(one_of("answer", OBJECTION_ANSWERS), name="answer"),
    CheckConstraint(
        "(answer IS NULL) = (answer_text IS NULL) AND (answer IS NULL) = (answered_at IS NULL)"
        " AND (answer IS NULL) = (answered_by IS NULL)",
        name="answered",
    ),
    Index(
        "star_objections_one_open",
        "rating_id",
        "organisation_id",
        unique=True,
        postgresql_where=text("answer IS NULL"),
    ),
    Index("star_objections_rating_id_idx", "rating_id", "at"),
)

# A fact as it should have been; `revision` is the first that rests on it.
star_corrections = Table(
    "star_corrections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("rating_id", ID, nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("measure", Text, nullable=False),
    Column("value_before", Integer),
    Column("value", Integer),
    Column("reason", Text, nullable=False),
    Column("asked_by_id", ID, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("needs_second", Boolean, nullable=False),  # the rating was published
    Column("confirmed_by_id", ID),
    Column("confirmed_by", Text),
    Column("confirmed_at", INSTANT),
    Column("revision", Integer),
    ForeignKeyConstraint(
        ["rating_id", "organisation_id", "measure"],
        ["star_inputs.rating_id", "star_inputs.organisation_id", "star_inputs.measure"],
    ),
    UniqueConstraint("rating_id", "revision"),
    CheckConstraint("value IS NULL OR value >= 0", name="value"),
    CheckConstraint("(revision IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
    CheckConstraint("NOT needs_second OR confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id", name="two_people"),
    Index("star_corrections_rating_id_idx", "rating_id", "asked_at"),
)
