"""Exemptions from the health check (A4)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Month, one_of

GROUNDS = ("retired", "ill", "abroad", "unsuited")
STATES = ("applied", "consented", "approved", "refused", "withdrawn", "ended")


@dataclass(frozen=True, kw_only=True)
class ApplyForExemption:
    """Apply for a branch, or for one of its members, for whole months: the first, and how many, twelve at most.

    `renews_id` names the exemption that this one follows.
    """

    branch_id: UUID
    person_id: UUID | None = None
    ground: Annotated[str, fields.String(required=True, validate=validate.OneOf(GROUNDS))]
    reason: Line
    from_month: Month
    months: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 12))]
    renews_id: UUID | None = None


@dataclass(frozen=True)
class ConsentToExemption:
    """Say that the branch's committee consents: on which day, and how it is minuted."""

    exemption_id: UUID
    consented_on: date
    minutes: Line


@dataclass(frozen=True)
class ApproveExemption:
    """Approve at the next level."""

    exemption_id: UUID


@dataclass(frozen=True)
class RefuseExemption:
    """Refuse it: the branch before it consented, or the next level."""

    exemption_id: UUID
    reason: Line


@dataclass(frozen=True)
class WithdrawExemption:
    """Take an application back that nobody has decided on."""

    exemption_id: UUID


@dataclass(frozen=True)
class EndExemption:
    """End an exemption early, with this month."""

    exemption_id: UUID
    reason: Line


@dataclass(frozen=True)
class ExemptionAsked:
    """One exemption with its steps."""

    exemption_id: UUID


@dataclass(frozen=True)
class ExemptionsAsked:
    """The exemptions of a branch and its members, or of all below an organisation or the asker's places.

    `waiting` keeps those that wait for consent or approval.
    """

    branch_id: UUID | None = None
    organisation_id: UUID | None = None
    state: Annotated[str | None, one_of((*STATES, "waiting"))] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class MyExemptionsAsked:
    """The asker's own exemptions."""


@dataclass(frozen=True)
class ExemptionStepView:
    """One step; `said` is why, or how the committee's consent is minuted, `said_on` the day it consented."""

    move: str
    state: str
    at: Instant
    by_name: str
    said: str | None
    said_on: date | None


@dataclass(frozen=True, kw_only=True)
class ExemptionView:
    """An exemption of a branch (no person) or of a member, from a month on until before another."""

    id: UUID
    branch_id: UUID
    branch_name: str
    branch_path: str
    person_id: UUID | None
    person_name: str | None
    ground: str
    reason: str
    from_month: str
    until_month: str
    state: str
    renews_id: UUID | None
    version: int
    steps: list[ExemptionStepView]
