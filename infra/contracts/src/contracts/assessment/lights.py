"""Lights: what a month of a branch, or of a member, looks like, and why; how they stand below an organisation."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Month, one_of
from contracts.roster.organisations import FIELDS

LIGHTS = ("green", "yellow", "red", "exempt")


@dataclass(frozen=True)
class LightAsked:
    """One branch's light for a month; the current month when none is named."""

    branch_id: UUID
    month: Month | None = None


@dataclass(frozen=True)
class LightsAsked:
    """The lights of all branches below an organisation, or below the asker's places in the tree."""

    month: Month | None = None
    light: Annotated[str | None, one_of(LIGHTS)] = None
    limit: Limit = 100
    cursor: str | None = None
    organisation_id: UUID | None = None
    field: Annotated[str | None, one_of(FIELDS)] = None


@dataclass(frozen=True)
class ReadingView:
    """What one check reads: the light, why, and what turns it green. Sentences in Chinese and English.

    While nothing is done about it, it turns yellow on `yellow_on` and red on `red_on`, days of the same month.
    """

    check: str
    title_zh: str
    title_en: str
    light: str
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str
    yellow_on: date | None = None
    red_on: date | None = None


@dataclass(frozen=True)
class LightCorrectionView:
    """How a light that was frozen was corrected, and why."""

    from_light: str
    to_light: str
    reason: str
    at: Instant
    by_name: str


@dataclass(frozen=True)
class LightView:
    """A branch's light for a month with its readings; the worst one decides. An exempt one has none.

    `red_on` is the day on which it turns red while nothing is done; `exempt_until` the first month's first day that
    counts again. The corrections come with one light alone.
    """

    branch_id: UUID
    branch_name: str
    month: str
    light: str
    readings: list[ReadingView]
    frozen: bool
    computed_at: Instant
    exempt_until: date | None = None
    red_on: date | None = None
    corrected: bool = False
    corrections: list[LightCorrectionView] = field(default_factory=list)


@dataclass(frozen=True)
class LightHistoryAsked:
    """A branch's lights of the months that are over."""

    branch_id: UUID


@dataclass(frozen=True)
class LightMonthView:
    """The light with which a month ended, and whether it was corrected."""

    month: str
    light: str
    corrected: bool


@dataclass(frozen=True)
class LightHistoryView:
    """The months that are over, the newest first."""

    branch_id: UUID
    months: list[LightMonthView]


@dataclass(frozen=True)
class MyLightAsked:
    """The asker's own light for a month; the current month when none is named."""

    month: Month | None = None


@dataclass(frozen=True)
class MemberLightsAsked:
    """The lights of a branch's members for a month; the current month when none is named."""

    branch_id: UUID
    month: Month | None = None
    light: Annotated[str | None, one_of(LIGHTS)] = None


@dataclass(frozen=True)
class MemberLightView:
    """A member's light for a month. `readings` are those of its checks that are not green; `checks` names all."""

    person_id: UUID
    name: str
    branch_id: UUID
    month: str
    light: str
    readings: list[ReadingView]
    frozen: bool
    exempt_until: date | None = None
    red_on: date | None = None
    corrected: bool = False


@dataclass(frozen=True)
class CheckName:
    """A check by its code and titles."""

    check: str
    title_zh: str
    title_en: str


@dataclass(frozen=True)
class MyLightView:
    """The asker's own light: none for whom no roll knows in that month. `checks` are those in force, also the green
    ones; `months` how the months before ended."""

    month: str
    light: MemberLightView | None
    checks: list[CheckName]
    months: list[LightMonthView]


@dataclass(frozen=True)
class MemberLightsView:
    """The lights of a branch's members in the order of their names, and how many have which."""

    branch_id: UUID
    branch_name: str
    month: str
    green: int
    yellow: int
    red: int
    exempt: int
    items: list[MemberLightView]


@dataclass(frozen=True)
class CorrectLight:
    """Correct the frozen light of a branch, or of a member, and say why."""

    branch_id: UUID
    month: Month
    light: Annotated[str, fields.String(required=True, validate=validate.OneOf(LIGHTS))]
    reason: Line
    person_id: UUID | None = None


@dataclass(frozen=True)
class CorrectedLightView:
    """What a correction did."""

    branch_id: UUID
    person_id: UUID | None
    month: str
    from_light: str
    light: str
    reason: str


@dataclass(frozen=True)
class LightBoardAsked:
    """How the lights stand below an organisation in a month, by its parts.

    Without `organisation_id` the asker's own places are the parts; the current month when none is named.
    """

    organisation_id: UUID | None = None
    month: Month | None = None
    limit: Annotated[int, fields.Integer(load_default=50, validate=validate.Range(1, 100))] = 50
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class LightCounts:
    """How many branches that stood on the 25th have which light, and the share of green in hundredths of a percent.

    `branches` stood on the 25th and are not exempt: the share is green ÷ branches, none where there is none. `exempt`
    are counted by themselves, in neither of the two. `unread` have no light yet. Members by light besides.
    """

    branches: int
    green: int
    yellow: int
    red: int
    exempt: int
    unread: int
    share_bp: int | None
    members_green: int
    members_yellow: int
    members_red: int
    members_exempt: int


@dataclass(frozen=True, kw_only=True)
class LightPartView(LightCounts):
    """How one part of the tree stands."""

    organisation_id: UUID
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class LightFieldView(LightCounts):
    """How the branches of one field stand."""

    field: str


@dataclass(frozen=True, kw_only=True)
class LightShareView:
    """The share of green of a month, against the goal that was in force; `branches` without the exempt."""

    month: str
    branches: int
    green: int
    exempt: int
    share_bp: int | None
    goal_percent: int | None
    frozen: bool


@dataclass(frozen=True)
class LightBoardView:
    """How an organisation stands as a whole, by field, by its parts, and in the months before (newest first).

    `organisation_id` is none where the parts are the asker's own places; `parent_id` leads up, where the asker may.
    """

    organisation_id: UUID | None
    name: str | None
    parent_id: UUID | None
    month: str
    frozen: bool
    goal_percent: int | None
    whole: LightPartView | None
    parts: list[LightPartView]
    fields: list[LightFieldView]
    months: list[LightShareView]
    next: str | None
