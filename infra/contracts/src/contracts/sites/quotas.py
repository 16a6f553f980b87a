"""How much a branch or a member may order, and appeals against a no-show."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of

QUOTA_HOLDERS = ("branch", "member")
QUOTA_COUNTS = ("orders", "minutes")
QUOTA_PERIODS = ("day", "week", "month", "year")
APPEAL_STATES = ("filed", "excused", "rejected")


@dataclass(frozen=True)
class SetQuota:
    """At most `most` orders or minutes a period, for visits from `effective_from` to before `effective_until`."""

    effective_from: date
    holder: Annotated[str, fields.String(required=True, validate=validate.OneOf(QUOTA_HOLDERS))]
    counts: Annotated[str, fields.String(required=True, validate=validate.OneOf(QUOTA_COUNTS))]
    period: Annotated[str, fields.String(required=True, validate=validate.OneOf(QUOTA_PERIODS))]
    most: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 100_000))]
    citation: Line
    effective_until: date | None = None


@dataclass(frozen=True)
class QuotasAsked:
    """All quotas, those that begin last first."""

    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class QuotaView:
    """One quota."""

    id: UUID
    effective_from: date
    effective_until: date | None
    holder: str
    counts: str
    period: str
    most: int
    citation: str


@dataclass(frozen=True)
class QuotaUseAsked:
    """How far a branch has used what it may order, in the periods that a day lies in; today without it."""

    branch_id: UUID
    on: date | None = None


@dataclass(frozen=True)
class QuotaUsedView:
    """One quota with how much of it is used. `counts`: open_orders, subsidised, orders or minutes."""

    counts: str
    period: str | None
    used: int
    most: int


@dataclass(frozen=True)
class QuotaUseView:
    """Everything that limits a branch's orders on a day."""

    branch_id: UUID
    on: date
    items: list[QuotaUsedView]
    citation: str
    by_hand_until: Instant | None


@dataclass(frozen=True)
class AppealNoShow:
    """Say why the branch's no-show should not count."""

    order_id: UUID
    reason: Line


@dataclass(frozen=True)
class DecideAppeal:
    """Excuse the no-show, or reject the appeal, with the reason for it."""

    order_id: UUID
    excuse: Annotated[bool, fields.Boolean(required=True)]
    reason: Line


@dataclass(frozen=True)
class AppealsAsked:
    """The appeals that the asker may see, the oldest first."""

    state: Annotated[str | None, one_of(APPEAL_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class AppealView:
    """An appeal against one no-show."""

    order_id: UUID
    branch_id: UUID
    branch_name: str
    site_name: str
    starts_at: Instant
    reason: str
    state: str
    filed_at: Instant
    filed_by: str
    decided_at: Instant | None
    decided_by: str | None
    decision: str | None
