"""The list of weak organisations (软弱涣散): proposed, decided, mended item by item, released by a second person."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.evidence import MendingEvidenceView
from contracts.envelope import Instant, Limit, Line, Text, one_of, schema_of

WEAK_STATES = ("proposed", "listed", "released", "dismissed")
WEAK_ITEM_STATES = ("open", "done", "accepted")
WEAK_ITEMS_MAX = 30


@dataclass(frozen=True, kw_only=True)
class WeakItem:
    """Something that has to be mended, and by when."""

    text: Line
    due_on: date


@dataclass(frozen=True)
class WeakOrganisationsAsked:
    """The list below the asker's part of the tree, by name: what is open, or what has one state."""

    state: Annotated[str | None, one_of(WEAK_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class WeakEntriesOfAsked:
    """The entries of one organisation, the newest first."""

    organisation_id: UUID


@dataclass(frozen=True)
class WeakEntryAsked:
    """One entry of the list, with its items and its history."""

    entry_id: UUID


@dataclass(frozen=True)
class ProposeWeakOrganisation:
    """Propose an organisation for the list, and say why."""

    organisation_id: UUID
    text: Text


@dataclass(frozen=True)
class ProposeWeakByRating:
    """Propose those that the rules of a published rating's formula name and that are not on the list."""

    rating_id: UUID


@dataclass(frozen=True, kw_only=True)
class ListWeakOrganisation:
    """Put a proposed organisation on the list: the plan, who is in charge, the contact, the day, and what to mend."""

    entry_id: UUID
    plan: Text
    in_charge: Line
    contact: Line
    due_on: date
    items: Annotated[
        list[WeakItem],
        fields.List(fields.Nested(schema_of(WeakItem)), required=True, validate=validate.Length(1, WEAK_ITEMS_MAX)),
    ]


@dataclass(frozen=True)
class DismissWeakOrganisation:
    """Decide that a proposed organisation does not belong on the list."""

    entry_id: UUID
    reason: Line


@dataclass(frozen=True, kw_only=True)
class AddWeakItem:
    """Add something to mend to an entry that is on the list."""

    entry_id: UUID
    text: Line
    due_on: date


@dataclass(frozen=True, kw_only=True)
class DoWeakItem:
    """Say that an item is mended, and what shows it; a record of the branch may be named."""

    item_id: UUID
    evidence: Text
    record_id: UUID | None = None


@dataclass(frozen=True)
class AcceptWeakItem:
    """Accept what an organisation mended."""

    item_id: UUID


@dataclass(frozen=True)
class ReturnWeakItem:
    """Give an item back, with the reason."""

    item_id: UUID
    reason: Line


@dataclass(frozen=True)
class ReleaseWeakOrganisation:
    """Take an organisation off the list: all its items are accepted, by others than whoever approves this."""

    entry_id: UUID
    reason: Line


# ---- told ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WeakItemView:
    """An item with what shows that it is mended; `reason` says why it was given back, `files` come with the entry."""

    id: UUID
    position: int
    text: str
    due_on: date
    state: str
    evidence: str | None
    record_id: UUID | None
    done_by: str | None
    done_at: Instant | None
    accepted_by: str | None
    accepted_at: Instant | None
    reason: str | None
    files: list[MendingEvidenceView] = dataclass_field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class WeakStepView:
    """A step of the entry's history."""

    step: str
    item: str | None
    text: str | None
    at: Instant
    by: str


@dataclass(frozen=True, kw_only=True)
class WeakEntryView:
    """An entry of the list. `reasons` are what the rules found, {measure, comparison, number, value} or {level}."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    rating_id: UUID | None
    period: str | None
    reasons: list[dict[str, Any]]
    text: str | None
    state: str
    proposed_by: str
    proposed_at: Instant
    plan: str | None
    in_charge: str | None
    contact: str | None
    due_on: date | None
    listed_at: Instant | None
    ended_by: str | None
    ended_at: Instant | None
    ended_reason: str | None
    item_count: int
    accepted_count: int
    is_overdue: bool
    items: list[WeakItemView] = dataclass_field(default_factory=list)
    steps: list[WeakStepView] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class WeakProposalsView:
    """How many organisations were proposed."""

    count: int
