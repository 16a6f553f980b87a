"""A batch before everybody's eyes (公示): what each site is to get, without personal data; objections to lines."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Limit, Text, one_of, optional_line
from contracts.sites.places import SiteRef

OBJECTION_STATES = ("open", "upheld", "dismissed")


@dataclass(frozen=True)
class PublicationsAsked:
    """Batches that are or were published, newest first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class PublicationAsked:
    """One published batch, with a page of its lines."""

    batch_id: UUID
    limit: Limit = 200
    cursor: str | None = None


@dataclass(frozen=True)
class PublicLineView:
    """One visit's payment as everybody may read it."""

    id: UUID
    number: int
    site: SiteRef
    town: str | None
    visit_on: date
    heads: int
    amount_fen: Fen
    is_held: bool  # somebody objects


@dataclass(frozen=True)
class PublicSiteView:
    """What one site is to get by the batch."""

    site: SiteRef
    town: str | None
    visits: int
    heads: int
    amount_fen: Fen


@dataclass(frozen=True)
class PublicationView:
    """A published batch; `sites` and `lines` are empty in a list."""

    batch_id: UUID
    number: str
    fund_name: str
    period: str
    published_at: Instant
    public_until: date
    is_open: bool  # objections are taken
    count: int
    total_fen: Fen
    sites: list[PublicSiteView]
    lines: list[PublicLineView]
    next: str | None = None


@dataclass(frozen=True)
class Object:
    """Object to one line of a published batch, saying why; an officer enters for `on_paper_from` what came on paper."""

    line_id: UUID
    reason: Text
    on_paper_from: Annotated[str | None, optional_line(100)] = None


@dataclass(frozen=True)
class ObjectionsAsked:
    """Objections that the asker may see, newest first."""

    batch_id: UUID | None = None
    state: Annotated[str | None, one_of(OBJECTION_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class DecideObjection:
    """Uphold the objection (the claim goes back to the site) or dismiss it (the line is released), saying why."""

    objection_id: UUID
    decision: Annotated[str, fields.String(required=True, validate=validate.OneOf(("upheld", "dismissed")))]
    reason: Text


@dataclass(frozen=True)
class ObjectionView:
    """Somebody's objection to a line."""

    id: UUID
    batch_id: UUID
    batch_number: str
    line_id: UUID
    claim_id: UUID
    site: SiteRef
    visit_on: date
    amount_fen: Fen
    reason: str
    by: str
    entered_by: str | None  # an officer, when it was made on paper
    made_at: Instant
    state: str
    decision_reason: str | None
    decided_by: str | None
    decided_at: Instant | None
