"""Lights: what a branch's month looks like, and why."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from contracts.envelope import Instant, Limit, Month, one_of

LIGHTS = ("green", "yellow", "red")


@dataclass(frozen=True)
class LightAsked:
    """One branch's light for a month; the current month when none is named."""

    branch_id: UUID
    month: Month | None = None


@dataclass(frozen=True)
class LightsAsked:
    """The lights of all branches below the asker's place in the tree."""

    month: Month | None = None
    light: Annotated[str | None, one_of(LIGHTS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReadingView:
    """What one check reads: the light, why, and what turns it green. Sentences in Chinese and English."""

    check: str
    title_zh: str
    title_en: str
    light: str
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True)
class LightView:
    """A branch's light for a month with its readings; the worst one decides."""

    branch_id: UUID
    branch_name: str
    month: str
    light: str
    readings: list[ReadingView]
    frozen: bool
    computed_at: Instant
