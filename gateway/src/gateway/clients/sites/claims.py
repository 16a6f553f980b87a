"""Doors of sites: claims."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def claims(fields: Fields, *, who: Holder) -> Answer:
    """List the claims that the person may see (ClaimsAsked → Page of ClaimView)."""
    return call(SERVICE, "claims", fields, who=who)


def claim(fields: Fields, *, who: Holder) -> Answer:
    """Return one claim (ClaimAsked → ClaimView)."""
    return call(SERVICE, "claim", fields, who=who)


def submit_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Hand the site's claim in (MoveClaim → ClaimView)."""
    return call(SERVICE, "submit_claim", fields, who=who, command_id=command_id)


def confirm_headcount(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm for the branch how many came (MoveClaim → ClaimView)."""
    return call(SERVICE, "confirm_headcount", fields, who=who, command_id=command_id)


def dispute_headcount(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say for the branch that another number came (DisputeHeadcount → ClaimView)."""
    return call(SERVICE, "dispute_headcount", fields, who=who, command_id=command_id)


def approve_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve a claim; needs a fresh token (MoveClaim → ClaimView)."""
    return call(SERVICE, "approve_claim", fields, who=who, command_id=command_id)


def return_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Send a claim back to the site, saying why (MoveClaimWithReason → ClaimView)."""
    return call(SERVICE, "return_claim", fields, who=who, command_id=command_id)


def reject_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Reject a claim, saying why; needs a fresh token (MoveClaimWithReason → ClaimView)."""
    return call(SERVICE, "reject_claim", fields, who=who, command_id=command_id)


def countersign_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve a claim as the second of two; needs a fresh token (MoveClaim → ClaimView)."""
    return call(SERVICE, "countersign_claim", fields, who=who, command_id=command_id)


def approve_claims(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve many claims, each on its own; needs a fresh token (MoveClaims → ClaimsAnswered)."""
    return call(SERVICE, "approve_claims", fields, who=who, command_id=command_id)


def confirm_headcounts(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm for the branch many headcounts, each on its own (MoveClaims → ClaimsAnswered)."""
    return call(SERVICE, "confirm_headcounts", fields, who=who, command_id=command_id)


def claim_queue(fields: Fields, *, who: Holder) -> Answer:
    """List the claims that wait for finance, filtered and sorted (QueueAsked → Page of ClaimView)."""
    return call(SERVICE, "claim_queue", fields, who=who)


def claim_queue_counts(fields: Fields, *, who: Holder) -> Answer:
    """Count the claims of the queue by each filter (QueueAsked → QueueCountsView)."""
    return call(SERVICE, "claim_queue_counts", fields, who=who)


def missing_papers(fields: Fields, *, who: Holder) -> Answer:
    """List the sites whose claims miss papers (MissingPapersAsked → Page of MissingPapersView)."""
    return call(SERVICE, "missing_papers", fields, who=who)


def claim_sums(fields: Fields, *, who: Holder) -> Answer:
    """List what the person's sites earned, by month (ClaimSumsAsked → Page of ClaimSumsView)."""
    return call(SERVICE, "claim_sums", fields, who=who)


def claim_evidence(fields: Fields, *, who: Holder) -> Answer:
    """Return all that stands behind a claim (ClaimAsked → EvidenceView)."""
    return call(SERVICE, "claim_evidence", fields, who=who)


def claim_attachment(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to an attachment in the file store (AttachmentAsked → StoredFile)."""
    return call(SERVICE, "claim_attachment", fields, who=who)


def attach_paper(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Attach a file to a claim (AttachPaper → AttachmentView)."""
    return call(SERVICE, "attach_paper", fields, who=who, command_id=command_id)


def detach_paper(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an attachment back (AttachmentAsked → EvidenceView)."""
    return call(SERVICE, "detach_paper", fields, who=who, command_id=command_id)


def enter_invoice(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter an invoice or receipt of a claim (EnterInvoice → InvoiceView)."""
    return call(SERVICE, "enter_invoice", fields, who=who, command_id=command_id)


def take_back_invoice(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an invoice back (InvoiceAsked → EvidenceView)."""
    return call(SERVICE, "take_back_invoice", fields, who=who, command_id=command_id)


def appeal_claim(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Appeal against a rejection or a lowered amount (AppealClaim → ClaimAppealView)."""
    return call(SERVICE, "appeal_claim", fields, who=who, command_id=command_id)


def decide_claim_appeal(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Grant or refuse an appeal; needs a fresh token (DecideClaimAppeal → ClaimAppealView)."""
    return call(SERVICE, "decide_claim_appeal", fields, who=who, command_id=command_id)


def claim_appeals(fields: Fields, *, who: Holder) -> Answer:
    """List the appeals against decisions on claims (ClaimAppealsAsked → Page of ClaimAppealView)."""
    return call(SERVICE, "claim_appeals", fields, who=who)


def announce_review_draw(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Announce a draw of claims for field review (AnnounceReviewDraw → ReviewDrawView)."""
    return call(SERVICE, "announce_review_draw", fields, who=who, command_id=command_id)


def review_draws(fields: Fields, *, who: Holder) -> Answer:
    """List the draws for field review (ReviewDrawsAsked → Page of ReviewDrawView)."""
    return call(SERVICE, "review_draws", fields, who=who)


def review_draw(fields: Fields, *, who: Holder) -> Answer:
    """Return a draw with all that repeats it (ReviewDrawAsked → ReviewDrawDetail)."""
    return call(SERVICE, "review_draw", fields, who=who)


def field_reviews(fields: Fields, *, who: Holder) -> Answer:
    """List the claims drawn for field review (FieldReviewsAsked → Page of FieldReviewRow)."""
    return call(SERVICE, "field_reviews", fields, who=who)


def record_finding(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record what a field review found (RecordFinding → FieldReviewView)."""
    return call(SERVICE, "record_finding", fields, who=who, command_id=command_id)
