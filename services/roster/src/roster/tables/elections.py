"""Elections: one is open in an organisation at a time; each step is added and never changed.

elections             where it stands; domain/elections.py draws the machine
election_steps        who recorded which step for which day, by which document or why
election_candidates   who stands; `elected_in` the ballot that elected them, `post` what the committee gave them
election_meetings     how many may vote, ought to come, came; `election_absences` who is not counted, and why
election_ballots      papers and outcome; `election_votes` what each got
"""

from chassis.definitions import INSTANT
from contracts.roster.elections import ELECTION_KINDS, ELECTION_STATES, ELECTION_STEPS, NOT_COUNTED, OUTCOMES
from contracts.roster.terms import POSTS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from roster.tables.metadata import identifier, metadata, only

elections = Table(
    "elections",
    metadata,
    identifier(key=True),
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("seats_left", Integer, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("waits_since", INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    only("kind", ELECTION_KINDS, "kind"),
    only("state", ELECTION_STATES, "state"),
    CheckConstraint("seats BETWEEN 1 AND 15 AND seats_left BETWEEN 0 AND seats", name="seats"),
    # One at a time: of two that are asked for together the database refuses one.
    Index(
        "elections_open_key",
        "organisation_id",
        unique=True,
        postgresql_where=text("state NOT IN ('effective', 'refused', 'cancelled')"),
    ),
    Index(
        "elections_waiting_idx",
        "waits_since",
        "id",
        postgresql_where=text("state IN ('requested', 'nominated', 'reported')"),
    ),
    Index(None, "organisation_id", "asked_at"),
)

election_steps = Table(
    "election_steps",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("election_id", ForeignKey("elections.id")),
    Column("step", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("at", INSTANT, nullable=False),
    identifier("by_id"),
    Column("by_name", Text, nullable=False),
    Column("document_number", Text),
    Column("note", Text),
    only("step", ELECTION_STEPS, "step"),
    Index(None, "election_id", "id"),
)

election_candidates = Table(
    "election_candidates",
    metadata,
    identifier("election_id", ForeignKey("elections.id")),
    identifier("person_id", ForeignKey("people.id")),
    Column("nominated", Boolean, nullable=False),
    Column("elected_in", Integer),
    Column("post", Text),
    PrimaryKeyConstraint("election_id", "person_id"),
    only("post", POSTS, "post"),
    Index(
        "election_candidates_one_secretary_key",
        "election_id",
        unique=True,
        postgresql_where=text("post = 'secretary'"),
    ),
    Index(None, "person_id"),
)

election_meetings = Table(
    "election_meetings",
    metadata,
    identifier("election_id", ForeignKey("elections.id")),
    Column("number", Integer, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("entitled", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("quorum", Integer, nullable=False),
    Column("present", Integer, nullable=False),
    Column("by_delegates", Boolean, nullable=False),
    PrimaryKeyConstraint("election_id", "number"),
    CheckConstraint("quorum <= present AND present <= entitled AND counted <= entitled", name="heads"),
)

election_absences = Table(
    "election_absences",
    metadata,
    identifier("election_id"),
    Column("meeting", Integer, nullable=False),
    identifier("person_id", ForeignKey("people.id")),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("election_id", "meeting", "person_id"),
    ForeignKeyConstraint(
        ["election_id", "meeting"],
        ["election_meetings.election_id", "election_meetings.number"],
    ),
    only("reason", NOT_COUNTED, "reason"),
    Index(None, "person_id"),
)

election_ballots = Table(
    "election_ballots",
    metadata,
    identifier("election_id"),
    Column("number", Integer, nullable=False),
    Column("meeting", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("is_runoff", Boolean, nullable=False),
    Column("handed_out", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("spoiled", Integer, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("election_id", "number"),
    ForeignKeyConstraint(
        ["election_id", "meeting"],
        ["election_meetings.election_id", "election_meetings.number"],
    ),
    only("outcome", OUTCOMES, "outcome"),
    # More papers than were handed out: the ballot is void and nobody is elected by it.
    CheckConstraint("(returned > handed_out) = (outcome = 'invalid')", name="returned"),
    CheckConstraint("spoiled BETWEEN 0 AND returned AND seats >= 1 AND needed >= 0", name="papers"),
)

election_votes = Table(
    "election_votes",
    metadata,
    identifier("election_id"),
    Column("ballot", Integer, nullable=False),
    identifier("person_id", ForeignKey("people.id")),
    Column("votes", Integer, nullable=False),
    Column("is_elected", Boolean, nullable=False),
    Column("is_tied", Boolean, nullable=False),
    PrimaryKeyConstraint("election_id", "ballot", "person_id"),
    ForeignKeyConstraint(
        ["election_id", "ballot"],
        ["election_ballots.election_id", "election_ballots.number"],
    ),
    CheckConstraint("votes >= 0 AND NOT (is_elected AND is_tied)", name="votes"),
    Index(None, "person_id"),
)
