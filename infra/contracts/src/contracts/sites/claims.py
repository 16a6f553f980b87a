"""The site's bill for a visit, its papers, marks, field review and appeal. Money is integer fen."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import (
    FEN_MAX,
    Fen,
    HeadcountOrNone,
    Instant,
    Limit,
    Line,
    Month,
    PositiveFen,
    StoredFile,
    StoredPicture,
    Text,
    different,
    one_of,
    optional_text,
    schema_of,
)
from contracts.sites.pictures import PICTURES_MAX, PictureView
from contracts.sites.places import SiteRef

CLAIM_STATES = (
    "drafted",
    "submitted",
    "disputed",
    "confirmed",
    "signed",
    "approved",
    "batched",
    "paid",
    "returned",
    "rejected",
    "lapsed",
)
CLAIM_REASONS = (
    "papers_missing",
    "invoice_wrong",
    "headcount_doubtful",
    "amount_wrong",
    "duplicate",
    "no_visit",
    "not_eligible",
    "late",
    "review_finding",
    "other",
)
"""Why a claim is returned, rejected or lowered; `other` is said in words."""

PAPERS = ("invoice", "attachment")
ATTACHMENT_KINDS = ("invoice", "receipt", "appeal", "other")
INVOICE_STATES = ("live", "duplicate", "freed")
REVIEW_STATES = ("awaited", "confirmed", "corrected", "not_found")
FINDINGS = ("confirmed", "corrected", "not_found")
STRATA = ("low", "medium", "high")
CLAIM_APPEAL_STATES = ("filed", "granted", "refused")
QUEUE_SORTS = ("waiting", "score", "amount", "visit")
CLAIMS_AT_ONCE_MAX = 1000
ATTACHMENTS_MAX = 20
INVOICES_MAX = 20


@dataclass(frozen=True)
class ClaimsAsked:
    """Claims that the asker may see; `period` is the month of the visit."""

    state: Annotated[str | None, one_of(CLAIM_STATES)] = None
    period: Month | None = None
    site_id: UUID | None = None
    branch_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ClaimAsked:
    """One claim."""

    claim_id: UUID


@dataclass(frozen=True)
class MoveClaim:
    """Submit a claim, confirm its headcount, or approve it.

    Approving decides a dispute: that takes a `reason`, and may name the `headcount` that counts (otherwise the
    branch's). It may lower the amount to `approved_fen`, below what is due, with a `code` that says why.
    """

    claim_id: UUID
    headcount: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 500))
    ] = None
    reason: Annotated[str | None, optional_text()] = None
    approved_fen: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, FEN_MAX))
    ] = None
    code: Annotated[str | None, one_of(CLAIM_REASONS)] = None


@dataclass(frozen=True)
class MoveClaimWithReason:
    """Return or reject a claim, saying why: by `code`, in words, or both. Without a code it is `other`: in words."""

    claim_id: UUID
    reason: Annotated[str | None, optional_text()] = None
    code: Annotated[str | None, one_of(CLAIM_REASONS)] = None


@dataclass(frozen=True)
class MoveClaims:
    """Confirm or approve many claims, each on its own; each gets an answer of its own. Sent again, nothing moves twice.

    The `reason` of an approval stands at each claim that needs one.
    """

    claim_ids: Annotated[
        list[UUID],
        fields.List(fields.UUID(), required=True, validate=[validate.Length(1, CLAIMS_AT_ONCE_MAX), different]),
    ]
    reason: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class ClaimAnswer:
    """How it went with one of many claims: its new state, or the code of the refusal with its sentence."""

    claim_id: UUID
    state: str | None
    approved_fen: Fen | None
    code: str | None
    detail: str | None
    params: dict[str, Any]


@dataclass(frozen=True)
class ClaimsAnswered:
    """An answer per claim, in their sequence."""

    done: int
    items: list[ClaimAnswer]


@dataclass(frozen=True)
class DisputeHeadcount:
    """The branch says that another number of heads came."""

    claim_id: UUID
    headcount: HeadcountOrNone
    reason: Text


@dataclass(frozen=True)
class MoveView:
    """One step of a history: who, when, why."""

    move: str
    state: str
    at: Instant
    by: str
    reason: str | None
    code: str | None = None


@dataclass(frozen=True)
class AnomalyView:
    """What is odd about a claim: the rule, its points, and the evidence behind it.

    Evidence that lies in others' claims is told to those alone who see all claims of the fund; for others it is empty.
    """

    rule: str
    score: int
    facts: dict[str, Any]
    other_claim_id: UUID | None
    found_at: Instant


@dataclass(frozen=True)
class ClaimView:
    """The site's bill for one visit, explained line by line; asked, approved and paid amounts are kept apart.

    `signed_fen` is what the first of two has signed, `lowered_fen` how far the preparer went below what was due.
    `missing_papers` names what the site has still to bring. `appeal_until` is set while the site may appeal.
    """

    id: UUID
    order_id: UUID
    state: str
    period: str
    site: SiteRef
    branch_id: UUID
    branch_name: str
    visit_on: date
    party_size: int
    checked_in: int
    headcount: int
    headcount_confirmed: int | None
    headcount_disputed: int | None
    asked_fen: Fen
    approved_fen: Fen | None
    paid_fen: Fen | None
    encumbered_fen: Fen
    explanation: list[dict[str, Any]]
    confirm_by: Instant | None
    batch_id: UUID | None
    reason: str | None
    history: list[MoveView]
    version: int
    reason_code: str | None
    lowered_fen: Fen
    score: int
    anomalies: list[AnomalyView]
    moved_at: Instant
    submitted_at: Instant | None
    submit_until: date
    submit_by: Instant | None
    is_late: bool
    missing_papers: list[str]
    review: str | None
    appeal: str | None
    appeal_until: Instant | None
    signed_by: str | None
    signed_fen: Fen | None


# ---- the preparer's queue ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueAsked:
    """Claims that wait for finance, or those of one state.

    `waiting_days`: for longer than so many days; `anomaly`: the code of a mark, or `none`.
    """

    state: Annotated[str | None, one_of(CLAIM_STATES)] = None
    period: Month | None = None
    site_id: UUID | None = None
    town: Line | None = None
    score_min: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 10_000))
    ] = None
    waiting_days: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 10_000))
    ] = None
    is_disputed: bool | None = None
    misses_papers: bool | None = None
    anomaly: Line | None = None
    sort: Annotated[str | None, one_of(QUEUE_SORTS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class CountView:
    """How many claims of the queue have this value, and what they ask together."""

    value: str
    name: str
    count: int
    asked_fen: Fen


@dataclass(frozen=True)
class QueueCountsView:
    """How the claims that the filters leave are spread over each filter, a filter's own choice left out."""

    count: int
    asked_fen: Fen
    states: list[CountView]
    periods: list[CountView]
    sites: list[CountView]
    towns: list[CountView]
    anomalies: list[CountView]
    scores: list[CountView]
    disputed: int
    missing_papers: int
    waiting_week: int
    reason_score: int


# ---- papers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AttachPaper:
    """Attach a file to a claim: a PDF as it is, or a picture as the platform encoded it."""

    claim_id: UUID
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(ATTACHMENT_KINDS))]
    name: Line
    file: StoredFile | None = None
    picture: StoredPicture | None = None


@dataclass(frozen=True)
class AttachmentAsked:
    """One attachment of a claim."""

    claim_id: UUID
    attachment_id: UUID


@dataclass(frozen=True)
class EnterInvoice:
    """Enter an invoice or a receipt of a claim; the fully electronic invoice has a number of 20 digits and no code."""

    claim_id: UUID
    number: Annotated[
        str,
        fields.String(
            required=True, validate=validate.Regexp(r"^[0-9A-Za-z-]{4,30}\Z", error="Not a valid invoice number.")
        ),
    ]
    issuer: Line
    issued_on: date
    amount_fen: PositiveFen
    code: Annotated[
        str,
        fields.String(
            load_default="", validate=validate.Regexp(r"^[0-9A-Za-z-]{0,30}\Z", error="Not a valid invoice number.")
        ),
    ] = ""


@dataclass(frozen=True)
class InvoiceAsked:
    """One invoice of a claim."""

    claim_id: UUID
    invoice_id: UUID


@dataclass(frozen=True)
class AttachmentView:
    """A file that the site attached. `other_claim_id`: where the same file stands already, for those who may see it."""

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int
    url: str
    thumbnail_url: str | None
    at: Instant
    by: str
    is_duplicate: bool
    other_claim_id: UUID | None


@dataclass(frozen=True)
class InvoiceView:
    """An invoice or receipt. A `duplicate` has the number of one that another claim brought."""

    id: UUID
    state: str
    code: str
    number: str
    issuer: str
    issued_on: date
    amount_fen: Fen
    at: Instant
    by: str
    other_claim_id: UUID | None


@dataclass(frozen=True)
class ClaimCheckInView:
    """One use of the voucher: who let in how many, when, with what device, how far from the site."""

    id: UUID
    happened_at: Instant
    count: int
    by: str
    way: str
    state: str
    flag: str | None
    device: str | None
    distance_m: int | None
    was_offline: bool


@dataclass(frozen=True)
class FieldReviewView:
    """What was found at the place about a drawn claim."""

    claim_id: UUID
    draw_id: UUID
    state: str
    headcount: int | None
    notes: str | None
    found_at: Instant | None
    found_by: str | None
    pictures: list[PictureView]


@dataclass(frozen=True)
class ClaimAppealView:
    """The site's appeal against a rejection or a lowered amount."""

    claim_id: UUID
    against: str
    state: str
    reason: str
    filed_at: Instant
    filed_by: str
    decided_at: Instant | None
    decided_by: str | None
    decision: str | None
    site_name: str
    visit_on: date
    asked_fen: Fen
    approved_fen: Fen | None


@dataclass(frozen=True)
class EvidenceView:
    """All that stands behind a claim."""

    claim_id: UUID
    starts_at: Instant
    ends_at: Instant
    members: int | None
    check_ins: list[ClaimCheckInView]
    pictures: list[PictureView]
    attachments: list[AttachmentView]
    invoices: list[InvoiceView]
    review: FieldReviewView | None
    appeal: ClaimAppealView | None


@dataclass(frozen=True)
class MissingPapersAsked:
    """The sites whose claims miss papers, those with most of them first."""

    period: Month | None = None
    site_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class MissingPapersView:
    """How many of a site's claims of a month miss an invoice's number or a file."""

    site: SiteRef
    period: str
    claims: int
    invoices: int
    attachments: int
    asked_fen: Fen
    oldest_on: date


@dataclass(frozen=True)
class ClaimSumsAsked:
    """What a site earned, by month of the visit."""

    site_id: UUID | None = None
    limit: Limit = 24


@dataclass(frozen=True)
class ClaimSumsView:
    """A month of a site's claims: asked, approved, paid, what was cut and what still moves. `waiting` are claims."""

    site: SiteRef
    period: str
    claims: int
    asked_fen: Fen
    approved_fen: Fen
    paid_fen: Fen
    cut_fen: Fen
    waiting: int
    to_submit: int
    missing_papers: int


# ---- field reviews -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnnounceReviewDraw:
    """Announce a draw of a fund's month: day and number of a published document make its seed."""

    fund_id: UUID
    period: Month
    seed_on: date
    seed_number: Line
    draw_at: Instant


@dataclass(frozen=True)
class ReviewDrawsAsked:
    """The draws, the newest first."""

    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReviewDrawAsked:
    """One draw with all claims that took part."""

    draw_id: UUID


@dataclass(frozen=True)
class ReviewDrawView:
    """A draw of claims for field review. `shares` are percent of each stratum."""

    id: UUID
    fund_id: UUID
    fund_name: str
    period: str
    state: str
    seed: str
    draw_at: Instant
    announced_at: Instant
    announced_by: str
    drawn_at: Instant | None
    shares: dict[str, int] | None
    citation: str | None
    entries: int
    drawn: int
    awaited: int


@dataclass(frozen=True)
class ReviewEntryView:
    """A claim in a draw: its stratum, what placed it there, and whether it was drawn."""

    claim_id: UUID
    stratum: str
    score: int
    digest: str
    position: int
    is_drawn: bool
    state: str | None
    site_name: str
    visit_on: date


@dataclass(frozen=True)
class ReviewDrawDetail:
    """A draw, and everything that is needed to repeat it."""

    draw: ReviewDrawView
    entries: list[ReviewEntryView]


@dataclass(frozen=True)
class RecordFinding:
    """Say what was found at the place: the headcount confirmed, corrected to `headcount`, or no trace of the visit."""

    claim_id: UUID
    finding: Annotated[str, fields.String(required=True, validate=validate.OneOf(FINDINGS))]
    notes: Text
    headcount: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 500))
    ] = None
    pictures: Annotated[
        list[StoredPicture],
        fields.List(
            fields.Nested(schema_of(StoredPicture)), load_default=list, validate=validate.Length(0, PICTURES_MAX)
        ),
    ] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class FieldReviewsAsked:
    """The drawn claims, those first that wait longest."""

    state: Annotated[str | None, one_of(REVIEW_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class FieldReviewRow:
    """A drawn claim in a list."""

    claim_id: UUID
    draw_id: UUID
    state: str
    site: SiteRef
    branch_name: str
    visit_on: date
    headcount: int
    score: int
    draw_at: Instant
    found_by: str | None


# ---- appeals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AppealClaim:
    """Appeal, once, against the rejection or the lowered amount of a claim."""

    claim_id: UUID
    reason: Text


@dataclass(frozen=True)
class DecideClaimAppeal:
    """Grant the appeal or refuse it, with the reason; another person than who decided on the claim does."""

    claim_id: UUID
    grant: Annotated[bool, fields.Boolean(required=True)]
    reason: Text


@dataclass(frozen=True)
class ClaimAppealsAsked:
    """The appeals that the asker may see, the oldest first."""

    state: Annotated[str | None, one_of(CLAIM_APPEAL_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None
