"""On-site rounds (A9): criteria by versions, rounds with their teams, the draw, and the visits with what was found.

criteria ── criteria_versions ── criteria_headings ── criteria_items
rounds ── round_teams ── team_members
   ├── round_exclusions                        which team may not visit whom, frozen when the seed is published
   └── round_visits ── visit_answers           what each assessor wrote, kept whole
           ├── visit_decisions                 the leader's word where two differ
           ├── visit_problems
           ├── visit_steps
           └── visit_reports                   what a visit gave before it was opened again
visit_places                                   where organisations are, as far as somebody said
"""

from chassis.definitions import INSTANT, one_of
from contracts.assessment.rounds import (
    CRITERIA_KINDS,
    CRITERIA_STATES,
    EXCLUSIONS,
    NO_EVIDENCE,
    PERIODS,
    PROBLEM_KINDS,
)
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    column,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from assessment.domain.round_visits import MOVES as VISIT_MOVES
from assessment.domain.round_visits import STATES as VISIT_STATES
from assessment.domain.rounds import ROUND_STATES
from assessment.tables.metadata import ID, PATH, metadata

POINTS = Numeric(5, 1)
SCORE = Numeric(5, 2)

criteria = Table(
    "criteria",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("organisation_id", ID),  # whose they are; none: the platform's own, for everybody
    UniqueConstraint("name"),
    CheckConstraint(one_of("kind", CRITERIA_KINDS), name="kind"),
)

# A version is decided once and otherwise never changed; a round keeps the one that it was made with.
criteria_versions = Table(
    "criteria_versions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("criteria_id", ID, ForeignKey("criteria.id"), nullable=False),
    Column("number", Integer),
    Column("citation", Text, nullable=False),
    Column("made_at", INSTANT),  # none: the platform's own
    Column("made_by_id", ID),
    Column("made_by", Text),
    Column("state", Text, nullable=False),
    Column("decided_by_id", ID),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),  # none of an adopted one: from before two people were asked for
    Column("reason", Text),
    UniqueConstraint("criteria_id", "number"),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint(one_of("state", CRITERIA_STATES), name="state"),
    CheckConstraint("(state = 'adopted') = (number IS NOT NULL)", name="adopted"),
    CheckConstraint("state <> 'draft' OR decided_at IS NULL", name="decided"),
    # Two people: nobody adopts what they drafted.
    CheckConstraint(
        "state <> 'adopted' OR made_by_id IS NULL OR decided_by_id IS NULL OR made_by_id <> decided_by_id",
        name="two_people",
    ),
)

criteria_headings = Table(
    "criteria_headings",
    metadata,
    Column("version_id", ID, ForeignKey("criteria_versions.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("weight", SmallInteger, nullable=False),  # of 100
    CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),
)

criteria_items = Table(
    "criteria_items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version_id", ID, nullable=False),
    Column("heading", SmallInteger, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("full_marks", POINTS, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("deduction", Text, nullable=False),
    ForeignKeyConstraint(["version_id", "heading"], ["criteria_headings.version_id", "criteria_headings.number"]),
    UniqueConstraint("version_id", "heading", "number"),
    CheckConstraint("full_marks > 0", name="full_marks"),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("period_kind", Text, nullable=False),
    Column("period", Text, nullable=False),  # 2026H2, 2026Q4, or the batch's own name
    Column("organisation_id", ID, nullable=False),  # the part of the tree
    Column("path", PATH, nullable=False),
    Column("version_id", ID, ForeignKey("criteria_versions.id"), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),  # none: all
    Column("kinds", ARRAY(Text), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("is_cross", Boolean, nullable=False),  # a team visits nobody of its members' own towns
    Column("is_stratified", Boolean, nullable=False),  # each town's organisations are spread over the teams
    Column("sample_percent", SmallInteger, nullable=False),
    Column("departs_at", Time, nullable=False),
    Column("visit_minutes", SmallInteger, nullable=False),
    Column("visits_a_day", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="planned"),
    Column("seed_on", Date),
    Column("seed_number", Text),
    Column("draw_key", ID),  # made when the seed is published, so that nobody can look for a better number
    Column("draw_at", INSTANT),
    Column("announced_at", INSTANT),
    Column("announced_by_id", ID),
    Column("announced_by", Text),
    Column("drawn_at", INSTANT),
    Column("is_plan_due", Boolean, nullable=False, server_default=text("false")),
    Column("closed_at", INSTANT),
    Column("reason", Text),  # why it is withdrawn
    Column("made_at", INSTANT, nullable=False),
    Column("made_by_id", ID, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="1"),
    CheckConstraint(one_of("period_kind", PERIODS), name="period_kind"),
    CheckConstraint(one_of("state", ROUND_STATES), name="state"),
    CheckConstraint("ends_on >= starts_on AND ends_on - starts_on < 200", name="days"),
    CheckConstraint("sample_percent BETWEEN 1 AND 100", name="sample_percent"),
    CheckConstraint("visit_minutes BETWEEN 10 AND 480 AND visits_a_day BETWEEN 1 AND 20", name="visits"),
    CheckConstraint(text("cardinality(kinds) > 0"), name="kinds"),
    CheckConstraint(
        "state IN ('planned', 'withdrawn') OR (seed_on IS NOT NULL AND seed_number IS NOT NULL"
        " AND draw_key IS NOT NULL AND draw_at > announced_at)",
        name="seed",
    ),
    CheckConstraint("drawn_at IS NULL OR drawn_at >= draw_at", name="drawn_at"),
    CheckConstraint("(state IN ('drawn', 'closed')) = (drawn_at IS NOT NULL)", name="drawn"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("state <> 'withdrawn' OR reason IS NOT NULL", name="reason"),
    Index("rounds_starts_on_id_idx", "starts_on", "id"),
)

round_teams = Table(
    "round_teams",
    metadata,
    Column("id", ID, primary_key=True),
    Column("round_id", ID, ForeignKey("rounds.id"), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("round_id", "number"),
    UniqueConstraint("round_id", "id"),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", ID, primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("round_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation_id", ID, nullable=False),  # the assessor's own
    Column("is_leader", Boolean, nullable=False),
    ForeignKeyConstraint(["round_id", "team_id"], ["round_teams.round_id", "round_teams.id"]),
    UniqueConstraint("round_id", "person_id"),
    Index("team_members_leader_idx", "team_id", unique=True, postgresql_where=text("is_leader")),
    Index("team_members_person_id_idx", "person_id"),
)

round_exclusions = Table(
    "round_exclusions",
    metadata,
    Column("round_id", ID, nullable=False),
    Column("team_id", ID, primary_key=True),
    Column("organisation_id", ID, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by_name", Text, nullable=False),  # whose own it is, or who was there before
    ForeignKeyConstraint(["round_id", "team_id"], ["round_teams.round_id", "round_teams.id"]),
    CheckConstraint(one_of("reason", EXCLUSIONS), name="reason"),
    Index("round_exclusions_round_id_idx", "round_id"),
)

# Every organisation of a round, from the publication of its seed on; the draw gives it a team.
round_visits = Table(
    "round_visits",
    metadata,
    Column("id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("round_id", ID, ForeignKey("rounds.id"), nullable=False),
    Column("organisation_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", PATH, nullable=False),
    Column("town_id", ID),  # its own when it is a town; none above the towns
    Column("town", Text),
    Column("digest", Text),
    Column("position", Integer),
    Column("team_id", ID),
    Column("visit_on", Date),
    Column("stop", SmallInteger),  # the order within the day
    Column("starts_at", Time),
    Column("state", Text, nullable=False, server_default="listed"),
    Column("finished_on", Date),
    Column("score", SCORE),
    Column("report", Text),  # what the leader says of the visit as a whole
    Column("word", Text),  # the branch's, with its acknowledgement or dispute
    Column("decision", Text),
    Column("version", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("round_id", "organisation_id"),
    ForeignKeyConstraint(
        ["round_id", "team_id"], ["round_teams.round_id", "round_teams.id"], name="round_visits_team_fkey"
    ),
    CheckConstraint(one_of("state", VISIT_STATES), name="state"),
    CheckConstraint("(state IN ('listed', 'not_sampled', 'unplaced')) = (team_id IS NULL)", name="team"),
    CheckConstraint("(visit_on IS NULL) = (starts_at IS NULL) AND (visit_on IS NULL) = (stop IS NULL)", name="times"),
    CheckConstraint(
        "(state IN ('finished', 'closed', 'sent', 'acknowledged', 'disputed', 'settled')) = (finished_on IS NOT NULL)",
        name="finished",
    ),
    CheckConstraint(
        "(state IN ('closed', 'sent', 'acknowledged', 'disputed', 'settled')) = (score IS NOT NULL)", name="scored"
    ),
    CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    CheckConstraint("state NOT IN ('acknowledged', 'disputed', 'settled') OR word IS NOT NULL", name="word"),
    CheckConstraint("state <> 'settled' OR decision IS NOT NULL", name="decision"),
    Index("round_visits_team_id_idx", "team_id", "visit_on", "stop"),
    Index("round_visits_organisation_id_idx", "organisation_id"),
)

# The id is made on the device: an answer that is sent again is the same row. Rows are only added.
visit_answers = Table(
    "visit_answers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("visit_id", ID, ForeignKey("round_visits.id"), nullable=False),
    Column("item_id", ID, ForeignKey("criteria_items.id"), nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("points", POINTS),  # none: the item does not apply
    Column("no_evidence", Text),
    Column("remark", Text),
    Column("answered_at", INSTANT, nullable=False),  # by the device's clock
    Column("synced_at", INSTANT, nullable=False),
    CheckConstraint("points >= 0", name="points"),
    CheckConstraint("points IS NOT NULL OR remark IS NOT NULL", name="remark"),
    CheckConstraint(f"no_evidence IS NULL OR {one_of('no_evidence', NO_EVIDENCE)}", name="no_evidence"),
    Index("visit_answers_visit_id_item_id_idx", "visit_id", "item_id", "by_id", "answered_at"),
)

# What counts where assessors differ, or after the officer's decision on a dispute: the row with the highest number.
visit_decisions = Table(
    "visit_decisions",
    metadata,
    Column("visit_id", ID, ForeignKey("round_visits.id"), primary_key=True),
    Column("item_id", ID, ForeignKey("criteria_items.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("points", POINTS),
    Column("reason", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("points >= 0", name="points"),
)

visit_problems = Table(
    "visit_problems",
    metadata,
    Column("id", ID, primary_key=True),  # made on the device
    Column("visit_id", ID, ForeignKey("round_visits.id"), nullable=False),
    Column("item_id", ID, ForeignKey("criteria_items.id")),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("found_at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("dropped_at", INSTANT),  # taken back by its finder or the leader before the visit is closed
    CheckConstraint(one_of("kind", PROBLEM_KINDS), name="kind"),
    Index("visit_problems_visit_id_idx", "visit_id"),
)

# Every step of a visit after the draw. Rows are only added.
visit_steps = Table(
    "visit_steps",
    metadata,
    Column("visit_id", ID, ForeignKey("round_visits.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", ID, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("text", Text),
    Column("score", SCORE),
    Column("steps", JSONB),  # how the score came about, as it was then
    CheckConstraint(one_of("move", VISIT_MOVES), name="move"),
    CheckConstraint(one_of("state", VISIT_STATES), name="state"),
)

# What a visit gave when it was closed, whole, written down when it is opened again. Rows are only added.
visit_reports = Table(
    "visit_reports",
    metadata,
    Column("visit_id", ID, ForeignKey("round_visits.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("is_sent", Boolean, nullable=False),  # its organisation had got it
    Column("score", SCORE, nullable=False),
    Column("finished_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("opened_by_id", ID, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("kept", JSONB, nullable=False),  # the visit as it was, a RoundVisitView
    CheckConstraint("number > 0", name="number"),
)

visit_places = Table(
    "visit_places",
    metadata,
    Column("organisation_id", ID, primary_key=True),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("is_made_up", Boolean, nullable=False, server_default=text("false")),
    Column("at", INSTANT, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("lon BETWEEN 73 AND 136 AND lat BETWEEN 3 AND 54", name="point"),
)

# The view of what a round gave each organisation, once its visit is closed.
round_scores = table(
    "round_scores",
    column("round_id", ID),
    column("organisation_id", ID),
    column("score", SCORE),
    column("finished_on", Date),
)
