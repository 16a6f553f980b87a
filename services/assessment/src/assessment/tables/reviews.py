"""Annual reviews of secretaries (A13); see domain/reviews.py and domain/consequences.py.

review_rules                            numbers, in force from a day until a later row
review_meetings ── meeting_members      who may vote
reviews ── review_steps, review_checks, review_comments
   ├── review_ballots                   that somebody voted, and nothing more
   ├── review_votes                     how many voted what
   ├── review_consequences
   └── recommendations                  at most three numbers a year for each committee
half_year_meetings, reinspections
"""

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
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assessment.domain import consequences
from assessment.domain.reviews import GRADES, MOVES, POST_KINDS, STATES
from assessment.tables.metadata import ID, metadata

POINTS = Numeric(4, 1)

review_rules = Table(
    "review_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("numbers", JSONB, nullable=False),
    Column("citation", Text, nullable=False),
    Column("set_at", INSTANT),  # none: the platform's own
    Column("set_by_id", ID),
    Column("set_by_name", Text),
    CheckConstraint(text("jsonb_typeof(numbers) = 'object'"), name="numbers"),
)

review_meetings = Table(
    "review_meetings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("quorum", Integer, nullable=False),  # so many votes are needed on each review
    Column("called_at", INSTANT, nullable=False),
    Column("called_by_id", ID, nullable=False),
    Column("called_by", Text, nullable=False),
    Column("counted_at", INSTANT),
    Column("counted_by", Text),
    CheckConstraint(one_of("state", ("open", "counted")), name="state"),
    CheckConstraint("(state = 'counted') = (counted_at IS NOT NULL)", name="counted"),
    CheckConstraint("quorum > 0", name="quorum"),
    Index("review_meetings_organisation_id_year_idx", "organisation_id", "year"),
)

meeting_members = Table(
    "meeting_members",
    metadata,
    Column("meeting_id", ID, ForeignKey("review_meetings.id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Index("meeting_members_person_id_idx", "person_id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID, nullable=False),
    Column("superior_id", ID, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("post_kind", Text, nullable=False),
    Column("member_id", ID, nullable=False),
    Column("secretary_name", Text, nullable=False),
    Column("from_day", Date, nullable=False),  # the part of the year in which they held the post
    Column("until_day", Date, nullable=False),  # its last day
    Column("state", Text, nullable=False, server_default="opened"),
    Column("report_by", Date, nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("opened_by_id", ID, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("report", Text),
    Column("report_file", JSONB),
    Column("facts", JSONB),  # as they were counted when the report was handed in
    Column("handed_in_at", INSTANT),
    Column("meeting_id", ID, ForeignKey("review_meetings.id")),
    Column("superior_score", SmallInteger),
    Column("score", POINTS),
    Column("parts", JSONB),  # what the score is made of, by which version of the rule
    Column("rule_from", Date, ForeignKey("review_rules.effective_from")),
    Column("card", Text),
    Column("cap", Text),  # the best grade that the card leaves; none: any
    Column("proposed_grade", Text),
    Column("grade", Text),
    Column("reason", Text),
    Column("decided_at", INSTANT),
    Column("decided_by_id", ID),
    Column("decided_by", Text),
    Column("sent_up_on", Date),
    Column("sent_up_number", Text),
    Column("published_on", Date),
    Column("acknowledged_at", INSTANT),
    Column("word", Text),  # what the secretary says to it
    Column("version", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("organisation_id", "year"),
    CheckConstraint(one_of("post_kind", POST_KINDS), name="post_kind"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint(one_of("card", ("yellow", "orange", "red")), name="card"),
    CheckConstraint(one_of("cap", GRADES), name="cap"),
    CheckConstraint(one_of("proposed_grade", GRADES), name="proposed_grade"),
    CheckConstraint(one_of("grade", GRADES), name="grade"),
    CheckConstraint("year BETWEEN 2000 AND 2199 AND from_day <= until_day", name="days"),
    CheckConstraint("superior_score BETWEEN 0 AND 100 AND score BETWEEN 0 AND 100", name="scores"),
    # Nobody decides past the card: the grades stand in the order from the best to the worst.
    CheckConstraint(
        "array_position(ARRAY['good', 'fairly_good', 'average', 'poor'], grade)"
        " >= array_position(ARRAY['good', 'fairly_good', 'average', 'poor'], coalesce(cap, 'good'))",
        name="capped",
    ),
    CheckConstraint(
        "(state IN ('decided', 'sent_up', 'published', 'acknowledged'))"
        " = (grade IS NOT NULL AND reason IS NOT NULL AND decided_at IS NOT NULL)",
        name="decided",
    ),
    CheckConstraint(
        "state NOT IN ('proposed', 'decided', 'sent_up', 'published', 'acknowledged')"
        " OR (proposed_grade IS NOT NULL AND score IS NOT NULL AND meeting_id IS NOT NULL)",
        name="proposed",
    ),
    CheckConstraint("(state IN ('published', 'acknowledged')) = (published_on IS NOT NULL)", name="published"),
    CheckConstraint("state NOT IN ('sent_up', 'published', 'acknowledged') OR sent_up_on IS NOT NULL", name="sent_up"),
    CheckConstraint("(state = 'acknowledged') = (acknowledged_at IS NOT NULL)", name="acknowledged"),
    CheckConstraint("state IN ('opened', 'cancelled') OR report IS NOT NULL AND facts IS NOT NULL", name="report"),
    Index("reviews_superior_id_year_idx", "superior_id", "year"),
    Index("reviews_member_id_year_idx", "member_id", "year"),
    Index("reviews_year_idx", "year"),
)

# Every step of a review. Rows are only added.
review_steps = Table(
    "review_steps",
    metadata,
    Column("review_id", ID, ForeignKey("reviews.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    Column("grade", Text),
    CheckConstraint(one_of("move", MOVES), name="move"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("move NOT IN ('send_back', 'cancel', 'decide', 'correct') OR reason IS NOT NULL", name="reason"),
)

# What was found on site. Rows are only added; the last one counts.
review_checks = Table(
    "review_checks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("review_id", ID, ForeignKey("reviews.id"), nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("place", Text, nullable=False),
    Column("checkers", Text, nullable=False),
    Column("superior_joined", Boolean, nullable=False),
    Column("found", Text, nullable=False),
    Column("score", SmallInteger, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    Index("review_checks_review_id_at_idx", "review_id", "at"),
)

review_comments = Table(
    "review_comments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("review_id", ID, ForeignKey("reviews.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Index("review_comments_review_id_at_idx", "review_id", "at"),
)

# That a member voted on a review: neither what nor when.
review_ballots = Table(
    "review_ballots",
    metadata,
    Column("review_id", ID, ForeignKey("reviews.id"), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("meeting_id", ID, nullable=False),
    ForeignKeyConstraint(["meeting_id", "person_id"], ["meeting_members.meeting_id", "meeting_members.person_id"]),
)

# How many voted what. A row is there from the call on, so that nobody's vote is the one that made it.
review_votes = Table(
    "review_votes",
    metadata,
    Column("review_id", ID, ForeignKey("reviews.id"), primary_key=True),
    Column("vote", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    CheckConstraint(one_of("vote", GRADES), name="vote"),
    CheckConstraint("number >= 0", name="number"),
)

review_consequences = Table(
    "review_consequences",
    metadata,
    Column("id", ID, primary_key=True),
    Column("review_id", ID, ForeignKey("reviews.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("lasts_until", Date),
    Column("percent", SmallInteger),
    Column("done_on", Date),
    Column("proof", Text),
    Column("decision", Text),
    Column("by_id", ID),
    Column("by_name", Text),
    UniqueConstraint("review_id", "kind"),
    CheckConstraint(one_of("kind", consequences.KINDS), name="kind"),
    CheckConstraint(one_of("state", consequences.STATES), name="state"),
    CheckConstraint(one_of("decision", consequences.DECISIONS), name="decision"),
    CheckConstraint("(kind = 'no_promotion') = (lasts_until IS NOT NULL)", name="lasts_until"),
    CheckConstraint("(kind = 'subsidy') = (percent IS NOT NULL)", name="percent"),
    CheckConstraint(
        "state <> 'done' OR (done_on IS NOT NULL AND proof IS NOT NULL AND by_name IS NOT NULL)", name="done"
    ),
    CheckConstraint("state <> 'done' OR (kind = 'replacement') = (decision IS NOT NULL)", name="decided_by_people"),
    Index("review_consequences_due_on_idx", "due_on", postgresql_where=text("state = 'due'")),
)

# Recommended upward: a committee has three numbers a year, and one that was taken back is free again.
recommendations = Table(
    "recommendations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("review_id", ID, ForeignKey("reviews.id"), nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("withdrawn_at", INSTANT),
    Column("withdrawn_by", Text),
    Column("withdrawn_reason", Text),
    CheckConstraint("number BETWEEN 1 AND 3", name="three"),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn"),
    Index(
        "recommendations_numbers",
        "organisation_id",
        "year",
        "number",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    Index("recommendations_once", "review_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
)

half_year_meetings = Table(
    "half_year_meetings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("half", SmallInteger, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("agenda", Text, nullable=False),
    Column("held_on", Date),
    Column("minutes", Text),
    Column("made_at", INSTANT, nullable=False),
    Column("made_by_id", ID, nullable=False),
    Column("made_by", Text, nullable=False),
    UniqueConstraint("organisation_id", "year", "half"),
    CheckConstraint("half IN (1, 2)", name="half"),
    CheckConstraint("(held_on IS NULL) = (minutes IS NULL)", name="held"),
)

# An organisation is looked at again every two years: does the same problem come back?
reinspections = Table(
    "reinspections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("organisation_id", ID, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("since", Date, nullable=False),  # problems found from this day on are compared with earlier ones
    Column("opened_at", INSTANT, nullable=False),
    Column("opened_by_id", ID, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("done_on", Date),
    Column("found", Text),
    Column("again", JSONB),  # the problems that had come back by then
    Column("done_by_id", ID),
    Column("done_by", Text),
    CheckConstraint(one_of("state", ("due", "done")), name="state"),
    CheckConstraint(
        "(state = 'done') = (done_on IS NOT NULL AND found IS NOT NULL AND again IS NOT NULL AND done_by IS NOT NULL)",
        name="done",
    ),
    Index("reinspections_open", "organisation_id", unique=True, postgresql_where=text("state = 'due'")),
    Index("reinspections_organisation_id_done_on_idx", "organisation_id", "done_on"),
)
