"""Claims: the site's bill for one visit goes to the branch, then to the preparer; its papers, reviews and appeals."""

from typing import Any, BinaryIO, Final, cast
from uuid import UUID

from chassis.files import JPEG, PDF, PNG, WEBP, FileStore, plain_name, start_type
from chassis.refusals import InvalidInput
from contracts.envelope import plain
from contracts.sites.claims import (
    AnnounceReviewDraw,
    AppealClaim,
    AttachmentAsked,
    AttachmentView,
    AttachPaper,
    ClaimAppealsAsked,
    ClaimAppealView,
    ClaimAsked,
    ClaimsAnswered,
    ClaimsAsked,
    ClaimSumsAsked,
    ClaimSumsView,
    ClaimView,
    DecideClaimAppeal,
    DisputeHeadcount,
    EnterInvoice,
    EvidenceView,
    FieldReviewRow,
    FieldReviewsAsked,
    FieldReviewView,
    InvoiceAsked,
    InvoiceView,
    MissingPapersAsked,
    MissingPapersView,
    MoveClaim,
    MoveClaims,
    MoveClaimWithReason,
    QueueAsked,
    QueueCountsView,
    RecordFinding,
    ReviewDrawAsked,
    ReviewDrawDetail,
    ReviewDrawsAsked,
    ReviewDrawView,
)
from flask import Response, current_app, request

from gateway.clients import sites
from gateway.edge import FILE_MAX_BYTES, takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.pictures import uploaded_picture
from gateway.resources.settlement_batches import stored_file

claims = Noun("claims")
CLAIM: Final = "/claims/<uuid:claim_id>"
MOVED: Final = ("not-found", "claim-not-movable", "own-site-or-branch")
DECIDED: Final = (
    "token-too-old",
    "encumbrance-resolved",
    "nothing-due",
    "reason-demanded",
    "above-due",
    "review-awaited",
    "draw-awaited",
    "same-decider",
)
MULTIPART: Final = "multipart/form-data"
NAME_MAX: Final = 200

claims.read("/claims", sites.claims.claims, needs=("read_claim",), takes=ClaimsAsked, answers=Many(ClaimView))
claims.read(
    "/claims/queue", sites.claims.claim_queue, needs=("read_claim_queue",), takes=QueueAsked, answers=Many(ClaimView)
)
claims.read(
    "/claims/queue/counts",
    sites.claims.claim_queue_counts,
    needs=("read_claim_queue",),
    takes=QueueAsked,
    answers=QueueCountsView,
)
claims.read(
    "/claims/missing-papers",
    sites.claims.missing_papers,
    needs=("read_claim_evidence",),
    takes=MissingPapersAsked,
    answers=Many(MissingPapersView),
)
claims.read(
    "/claims/sums", sites.claims.claim_sums, needs=("bring_papers",), takes=ClaimSumsAsked, answers=Many(ClaimSumsView)
)
claims.act(
    "/claims/approvals",
    sites.claims.approve_claims,
    needs=("approve_claim",),
    takes=MoveClaims,
    answers=ClaimsAnswered,
    refusals=("token-too-old",),
)
claims.act(
    "/claims/headcount-confirmations",
    sites.claims.confirm_headcounts,
    needs=("confirm_headcount",),
    takes=MoveClaims,
    answers=ClaimsAnswered,
)
claims.read(
    CLAIM,
    sites.claims.claim,
    needs=("read_claim",),
    takes=ClaimAsked,
    answers=ClaimView,
    refusals=("not-found",),
)
claims.act(
    f"{CLAIM}/submission",
    sites.claims.submit_claim,
    needs=("submit_claim",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    f"{CLAIM}/headcount-confirmation",
    sites.claims.confirm_headcount,
    needs=("confirm_headcount",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    f"{CLAIM}/headcount-dispute",
    sites.claims.dispute_headcount,
    needs=("dispute_headcount",),
    takes=DisputeHeadcount,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    f"{CLAIM}/approval",
    sites.claims.approve_claim,
    needs=("approve_claim",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=(*MOVED, *DECIDED),
)
claims.act(
    f"{CLAIM}/second-signature",
    sites.claims.countersign_claim,
    needs=("countersign_claim",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=(*MOVED, "token-too-old", "encumbrance-resolved", "same-decider"),
)
claims.act(
    f"{CLAIM}/return",
    sites.claims.return_claim,
    needs=("return_claim",),
    takes=MoveClaimWithReason,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    f"{CLAIM}/rejection",
    sites.claims.reject_claim,
    needs=("reject_claim",),
    takes=MoveClaimWithReason,
    answers=ClaimView,
    refusals=(*MOVED, "token-too-old", "encumbrance-resolved"),
)

# ---- papers --------------------------------------------------------------------------------------------------------

claims.read(
    f"{CLAIM}/evidence",
    sites.claims.claim_evidence,
    needs=("read_claim_evidence",),
    takes=ClaimAsked,
    answers=EvidenceView,
    refusals=("not-found",),
)
claims.act(
    f"{CLAIM}/invoices",
    sites.claims.enter_invoice,
    needs=("bring_papers",),
    takes=EnterInvoice,
    answers=InvoiceView,
    status=201,
    refusals=("not-found", "papers-fixed", "invoice-repeated", "too-many-papers"),
)
claims.act(
    f"{CLAIM}/invoices/<uuid:invoice_id>/removal",
    sites.claims.take_back_invoice,
    needs=("bring_papers",),
    takes=InvoiceAsked,
    answers=EvidenceView,
    refusals=("not-found", "papers-fixed"),
)
claims.act(
    f"{CLAIM}/attachments/<uuid:attachment_id>/removal",
    sites.claims.detach_paper,
    needs=("bring_papers",),
    takes=AttachmentAsked,
    answers=EvidenceView,
    refusals=("not-found", "papers-fixed"),
)


def attach_paper(claim_id: UUID) -> Response:
    """Take a paper into the file store and attach it to the claim."""
    who = must("bring_papers")
    fields = {"claim_id": claim_id, "kind": request.form.get("kind") or None, **uploaded_paper()}
    return never_stored(sites.claims.attach_paper(fields, who=who, command_id=command_id()), status=201)


def attachment(claim_id: UUID, attachment_id: UUID) -> Response:
    """Stream an attachment out of the file store; a picture is where its `url` says."""
    who = must("read_claim_evidence")
    asked = {"claim_id": claim_id, "attachment_id": attachment_id}
    return stored_file(sites.claims.claim_attachment(asked, who=who).data)


def uploaded_paper(name: str = "file") -> dict[str, Any]:
    """Store the form's part `name`, a PDF as it is or a picture encoded anew; returns the fields of AttachPaper.

    Raises InvalidInput without a file, PayloadTooLarge, UnsupportedMediaType, PictureUnreadable.
    """
    part = request.files.get(name)
    if part is None or not part.filename:
        raise InvalidInput({name: ["Missing data for required field."]})
    told = plain_name(part.filename)[:NAME_MAX]
    start = part.stream.read(16)
    part.stream.seek(0)
    if start_type(start) in (JPEG, PNG, WEBP):
        return {"name": told, "picture": uploaded_picture(name)}
    files = cast(FileStore, current_app.extensions["zhendi.files"])
    stored = files.put(cast(BinaryIO, part.stream), name=told, media_types=(PDF,), max_bytes=FILE_MAX_BYTES)
    return {"name": told, "file": plain(stored)}


claims.own(
    f"{CLAIM}/attachments",
    "POST",
    takes_files(attach_paper),
    Declared(
        summary="Attach a PDF or a picture to a claim",
        needs=frozenset({"bring_papers"}),
        takes=AttachPaper,
        answers=AttachmentView,
        status=201,
        refusals=(
            "not-found",
            "papers-fixed",
            "paper-repeated",
            "too-many-papers",
            "picture-unreadable",
            "payload-too-large",
            "unsupported-media-type",
        ),
        takes_key=True,
        takes_file=(MULTIPART,),
    ),
)
claims.own(
    f"{CLAIM}/attachments/<uuid:attachment_id>",
    "GET",
    attachment,
    Declared(
        summary="Return a PDF that is attached to a claim",
        needs=frozenset({"read_claim_evidence"}),
        takes=AttachmentAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(PDF,),
    ),
)

# ---- field reviews and appeals ---------------------------------------------------------------------------------------

claims.act(
    f"{CLAIM}/field-review",
    sites.claims.record_finding,
    needs=("record_finding",),
    takes=RecordFinding,
    answers=FieldReviewView,
    refusals=("not-found", "own-site-or-branch", "review-found", "picture-repeated"),
)
claims.read(
    "/field-reviews",
    sites.claims.field_reviews,
    needs=("read_field_reviews",),
    takes=FieldReviewsAsked,
    answers=Many(FieldReviewRow),
)
claims.act(
    "/review-draws",
    sites.claims.announce_review_draw,
    needs=("announce_review_draw",),
    takes=AnnounceReviewDraw,
    answers=ReviewDrawView,
    status=201,
    refusals=("not-found", "draw-announced"),
    located=True,
)
claims.read(
    "/review-draws",
    sites.claims.review_draws,
    needs=("read_review_draws",),
    takes=ReviewDrawsAsked,
    answers=Many(ReviewDrawView),
)
claims.read(
    "/review-draws/<uuid:draw_id>",
    sites.claims.review_draw,
    needs=("read_review_draws",),
    takes=ReviewDrawAsked,
    answers=ReviewDrawDetail,
    refusals=("not-found",),
)
claims.act(
    f"{CLAIM}/appeal",
    sites.claims.appeal_claim,
    needs=("appeal_claim",),
    takes=AppealClaim,
    answers=ClaimAppealView,
    status=201,
    refusals=("not-found", "nothing-to-appeal", "appeal-over", "claim-appealed"),
)
claims.act(
    f"{CLAIM}/appeal/decision",
    sites.claims.decide_claim_appeal,
    needs=("decide_claim_appeal",),
    takes=DecideClaimAppeal,
    answers=ClaimAppealView,
    refusals=(
        *MOVED,
        "token-too-old",
        "claim-appeal-decided",
        "same-decider",
        "caps-used-up",
        "appeal-finds-no-money",
        "appeal-of-ended-year",
        "encumbrance-resolved",
    ),
)
claims.read(
    "/claim-appeals",
    sites.claims.claim_appeals,
    needs=("read_claim_appeals",),
    takes=ClaimAppealsAsked,
    answers=Many(ClaimAppealView),
)
