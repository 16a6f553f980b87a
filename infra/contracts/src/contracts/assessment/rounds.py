"""On-site rounds (A9): criteria, rounds with their teams, the draw that anyone can repeat, the plan of the days."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, different, schema_of
from contracts.roster.organisations import FIELDS, KINDS

CRITERIA_KINDS = ("village", "community", "organ", "two_new")
PERIODS = ("half_year", "quarter", "batch")
EXCLUSIONS = ("own", "superior", "own_town", "last_round")
"""Why a team may not visit an organisation: a member belongs to it or to one above it, belongs to one below it, comes
from its town (cross assignment alone), or was there in its last round."""
NO_EVIDENCE = ("not_done", "not_recorded", "not_at_hand", "lost", "not_due", "other")
PROBLEM_KINDS = (
    *("setting", "committee", "regular_meetings", "theme_day", "organisational_life", "members"),
    *("development", "dues", "records", "place", "service", "other"),
)
"""What a problem found on a visit is about."""
ROUND_KINDS = tuple(kind for kind in KINDS if kind != "leading_group")
USUAL_KINDS = ("branch",)
"""Whom a round visits when nothing is said."""
CRITERIA_STATES = ("draft", "adopted", "withdrawn")
TEAMS_MAX = 60
MEMBERS_MAX = 12
HEADINGS_MAX = 20
ITEMS_MAX = 30


def _marks() -> fields.Float:
    return fields.Float(required=True, validate=validate.Range(0.5, 100))


def _whole(least: int, most: int, usual: int | None = None) -> fields.Integer:
    if usual is None:
        return fields.Integer(required=True, strict=True, validate=validate.Range(least, most))
    return fields.Integer(load_default=usual, strict=True, validate=validate.Range(least, most))


def _clock() -> fields.String:
    is_time = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z", error="Not a valid time; write it as 09:00.")
    return fields.String(load_default="09:00", validate=is_time)


def _some(choices: tuple[str, ...], *, usual: tuple[str, ...] = ()) -> fields.List:
    return fields.List(
        fields.String(validate=validate.OneOf(choices)),
        load_default=lambda: list(usual),
        required=False,
        validate=[validate.Length(0, len(choices)), different],
    )


# ---- criteria ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RoundCriterion:
    """An item of criteria: its full marks (to half a mark), what shows it, how points are deducted."""

    text: Line
    full_marks: Annotated[float, _marks()]
    evidence: Line
    deduction: Line


@dataclass(frozen=True, kw_only=True)
class CriteriaHeading:
    """A heading with its weight of 100 and its items."""

    name: Line
    weight: Annotated[int, _whole(1, 100)]
    items: Annotated[
        list[RoundCriterion],
        fields.List(fields.Nested(schema_of(RoundCriterion)), required=True, validate=validate.Length(1, ITEMS_MAX)),
    ]


Headings = Annotated[
    list[CriteriaHeading],
    fields.List(fields.Nested(schema_of(CriteriaHeading)), required=True, validate=validate.Length(1, HEADINGS_MAX)),
]


@dataclass(frozen=True, kw_only=True)
class MakeCriteria:
    """Draft criteria with their first version, to be adopted by somebody else. The headings weigh 100 together."""

    name: Line
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(CRITERIA_KINDS))]
    organisation_id: UUID
    citation: Line
    headings: Headings


@dataclass(frozen=True, kw_only=True)
class MakeCriteriaVersion:
    """Draft the next version of criteria, whole; rounds may use it once somebody else has adopted it.

    Rounds that are planned already keep theirs.
    """

    criteria_id: UUID
    citation: Line
    headings: Headings


@dataclass(frozen=True)
class AdoptCriteriaVersion:
    """Adopt a draft of criteria, which somebody else wrote; it gets its number."""

    version_id: UUID


@dataclass(frozen=True)
class WithdrawCriteriaVersion:
    """Put a draft of criteria away."""

    version_id: UUID
    reason: Line


@dataclass(frozen=True)
class CriteriaAsked:
    """The criteria, each with its newest adopted version, if it has one."""

    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class CriteriaVersionsAsked:
    """Criteria with all their versions."""

    criteria_id: UUID


@dataclass(frozen=True, kw_only=True)
class CriterionView:
    """An item of a version."""

    id: UUID
    heading: int
    number: int
    text: str
    full_marks: float
    evidence: str
    deduction: str


@dataclass(frozen=True, kw_only=True)
class CriteriaHeadingView:
    """A heading of a version; `full_marks` is what its items add up to."""

    number: int
    name: str
    weight: int
    full_marks: float
    items: list[CriterionView]


@dataclass(frozen=True, kw_only=True)
class CriteriaVersionView:
    """A version of criteria, which is never changed. `made_by` is none for the platform's own.

    `number` is given when it is adopted; `reason` says why a draft was put away.
    """

    id: UUID
    criteria_id: UUID
    name: str
    kind: str
    number: int | None
    state: str
    citation: str
    made_by: str | None
    made_at: Instant | None
    decided_by: str | None
    decided_at: Instant | None
    reason: str | None
    headings: list[CriteriaHeadingView]


@dataclass(frozen=True, kw_only=True)
class CriteriaView:
    """Criteria: whose they are (none: for everybody), and their versions, drafts first, then the newest first."""

    id: UUID
    name: str
    kind: str
    organisation_id: UUID | None
    versions: list[CriteriaVersionView]


# ---- rounds ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MakeOnSiteRound:
    """Plan a round for the organisations below a node of the tree: of these kinds, and of these fields (none: all).

    `sample_percent` of them are visited, drawn by lot. `is_cross`: no team visits its members' own towns.
    `is_stratified`: the sample and the teams are spread over the towns. A team begins its day at `departs_at`.
    """

    name: Line
    period_kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(PERIODS))]
    period: Line
    organisation_id: UUID
    version_id: UUID
    fields: Annotated[list[str], _some(FIELDS)] = dataclass_field(default_factory=list)
    kinds: Annotated[list[str], _some(ROUND_KINDS, usual=USUAL_KINDS)] = dataclass_field(
        default_factory=lambda: list(USUAL_KINDS)
    )
    starts_on: date
    ends_on: date
    is_cross: bool = False
    is_stratified: bool = False
    sample_percent: Annotated[int, _whole(1, 100, 100)] = 100
    departs_at: Annotated[str, _clock()] = "09:00"
    visit_minutes: Annotated[int, _whole(10, 480, 60)] = 60
    visits_a_day: Annotated[int, _whole(1, 20, 5)] = 5


@dataclass(frozen=True, kw_only=True)
class ChangeOnSiteRound(MakeOnSiteRound):
    """Plan a round otherwise while its seed is not published: everything is given anew, its teams stay.

    `version` is the round's as it was read; when somebody changed it since then nothing is changed.
    """

    round_id: UUID
    version: Annotated[int, _whole(1, 10**9)]


@dataclass(frozen=True, kw_only=True)
class TeamMember:
    """An assessor of a team, and the organisation that is their own."""

    person_id: UUID
    name: Line
    organisation_id: UUID
    is_leader: bool = False


@dataclass(frozen=True, kw_only=True)
class Team:
    """A team of assessors; exactly one of them leads it."""

    name: Line
    members: Annotated[
        list[TeamMember],
        fields.List(fields.Nested(schema_of(TeamMember)), required=True, validate=validate.Length(1, MEMBERS_MAX)),
    ]


@dataclass(frozen=True)
class SetRoundTeams:
    """Put these teams in place of all teams of a round that is still planned."""

    round_id: UUID
    teams: Annotated[
        list[Team],
        fields.List(fields.Nested(schema_of(Team)), required=True, validate=validate.Length(1, TEAMS_MAX)),
    ]


@dataclass(frozen=True, kw_only=True)
class AnnounceOnSiteRound:
    """Publish the seed: a document's day and number; settles teams, organisations and exclusions.

    The draw is made by itself at `draw_at`, which is later.
    """

    round_id: UUID
    seed_on: date
    seed_number: Line
    draw_at: Instant


@dataclass(frozen=True)
class WithdrawOnSiteRound:
    """Give a round up that is not drawn."""

    round_id: UUID
    reason: Line


@dataclass(frozen=True)
class CloseOnSiteRound:
    """End a round; every visit is closed by then."""

    round_id: UUID


@dataclass(frozen=True)
class OnSiteRoundsAsked:
    """The rounds below the asker's places, or those whose visits are the asker's, the newest first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class OnSiteRoundAsked:
    """One round."""

    round_id: UUID


@dataclass(frozen=True, kw_only=True)
class TeamMemberView:
    """An assessor of a team."""

    person_id: UUID
    name: str
    organisation_id: UUID
    organisation_name: str | None
    is_leader: bool


@dataclass(frozen=True, kw_only=True)
class RoundTeamView:
    """A team, and how far it is."""

    id: UUID
    number: int
    name: str
    members: list[TeamMemberView]
    visits: int
    finished: int
    closed: int


@dataclass(frozen=True, kw_only=True)
class ExclusionView:
    """A team that may not visit an organisation, and why."""

    team_id: UUID
    organisation_id: UUID
    organisation_name: str
    reason: str
    by_name: str


@dataclass(frozen=True, kw_only=True)
class UnplacedView:
    """An organisation that no team may visit, and why each may not."""

    organisation_id: UUID
    organisation_name: str
    exclusions: list[ExclusionView]


@dataclass(frozen=True, kw_only=True)
class OnSiteRoundView:
    """A round; how many organisations it is about, and how many of its visits are in each state.

    Teams and who cannot be placed come with one round alone.
    """

    id: UUID
    name: str
    period_kind: str
    period: str
    organisation_id: UUID
    organisation_name: str | None
    version_id: UUID
    criteria_id: UUID
    criteria_name: str
    criteria_number: int
    fields: list[str]
    kinds: list[str]
    starts_on: date
    ends_on: date
    is_cross: bool
    is_stratified: bool
    sample_percent: int
    departs_at: str
    visit_minutes: int
    visits_a_day: int
    state: str
    seed: str | None
    draw_key: UUID | None
    draw_at: Instant | None
    announced_at: Instant | None
    announced_by: str | None
    drawn_at: Instant | None
    closed_at: Instant | None
    reason: str | None
    made_by: str
    made_at: Instant
    version: int
    organisations: int
    visits: dict[str, int]
    teams: list[RoundTeamView] = dataclass_field(default_factory=list)
    unplaced: list[UnplacedView] = dataclass_field(default_factory=list)


# ---- the draw, for whoever repeats it ----------------------------------------------------------------------------


@dataclass(frozen=True)
class DrawExportAsked:
    """What a round's draw was made from and what came of it."""

    round_id: UUID


@dataclass(frozen=True, kw_only=True)
class DrawnTeamView:
    """A team of a draw, without its members."""

    id: UUID
    number: int
    name: str


@dataclass(frozen=True, kw_only=True)
class RoundOrganisationDrawnView:
    """An organisation of a draw: what went in (town, teams excluded), what came out (digest, position, team)."""

    organisation_id: UUID
    name: str
    town_id: UUID | None
    excluded: list[UUID]
    digest: str | None
    position: int | None
    is_sampled: bool | None
    team_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class DrawExportView:
    """A draw, to be repeated by anyone; before it there is no digest, position or team, and the key is not told."""

    round_id: UUID
    name: str
    state: str
    seed: str
    draw_key: UUID | None
    prefix: str | None
    announced_at: Instant
    draw_at: Instant
    drawn_at: Instant | None
    is_stratified: bool
    sample_percent: int
    teams: list[DrawnTeamView]
    organisations: list[RoundOrganisationDrawnView]


# ---- the plan of the days ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanDays:
    """Plan the days of a round anew: each team's open visits in order along the way; what is finished stays."""

    round_id: UUID


@dataclass(frozen=True, kw_only=True)
class MoveVisit:
    """Put a visit on a day by hand, as its team's stop number `stop` of that day; times follow."""

    visit_id: UUID
    visit_on: date
    stop: Annotated[int, _whole(1, 30)]


@dataclass(frozen=True, kw_only=True)
class SetVisitPlace:
    """Say where an organisation is: WGS-84 degrees."""

    organisation_id: UUID
    lon: Annotated[float, fields.Float(required=True, validate=validate.Range(73, 136))]
    lat: Annotated[float, fields.Float(required=True, validate=validate.Range(3, 54))]


@dataclass(frozen=True)
class DayPlanAsked:
    """The days of a round, of one team or of all; those of one day alone."""

    round_id: UUID
    team_id: UUID | None = None
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class VisitStopView:
    """A stop of a day: when it begins, where it is, and the way there from the stop before (none to the first).

    `place_of` says whose point it is: the organisation's own or that of one above it; without one none.
    """

    visit_id: UUID
    organisation_id: UUID
    name: str
    town: str | None
    state: str
    stop: int
    starts_at: str
    point: list[float] | None
    place_of: str | None
    is_own_point: bool
    travel_minutes: int | None
    distance_m: int | None


@dataclass(frozen=True, kw_only=True)
class TeamDayView:
    """A team's day: its stops in order, and when it ends."""

    team_id: UUID
    team_number: int
    team_name: str
    on: date
    ends_at: str
    distance_m: int
    stops: list[VisitStopView]


@dataclass(frozen=True, kw_only=True)
class DayPlanView:
    """The days of a round in order; how many visits have no day yet, and which days there are at all."""

    round_id: UUID
    days: list[TeamDayView]
    without_day: int
    all_days: list[date]


# ---- the summary -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoundSummaryAsked:
    """What a round came to."""

    round_id: UUID


@dataclass(frozen=True, kw_only=True)
class TownScoreView:
    """The visits of a town, how many are closed, and their mean score (none: none closed)."""

    town_id: UUID | None
    name: str | None
    visits: int
    closed: int
    score: float | None


@dataclass(frozen=True, kw_only=True)
class ItemAverageView:
    """What an item gave on average, of its full marks, over the visits where it applied; `lost` in per cent."""

    item_id: UUID
    heading: str
    text: str
    full_marks: float
    visits: int
    average: float | None
    lost_percent: float | None


@dataclass(frozen=True, kw_only=True)
class RoundProblemsView:
    """How many problems of a kind were found, in how many organisations."""

    kind: str
    problems: int
    organisations: int


@dataclass(frozen=True, kw_only=True)
class RoundSummaryView:
    """What a round came to: by town in order of name, by item where most is lost first, problems by kind."""

    round_id: UUID
    visits: int
    closed: int
    score: float | None
    towns: list[TownScoreView]
    items: list[ItemAverageView]
    problems: list[RoundProblemsView]
