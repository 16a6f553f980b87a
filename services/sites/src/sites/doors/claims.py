"""Doors: claims."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
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
    ClaimView,
    DecideClaimAppeal,
    DisputeHeadcount,
    EnterInvoice,
    EvidenceView,
    FieldReviewsAsked,
    FieldReviewView,
    InvoiceAsked,
    InvoiceView,
    MissingPapersAsked,
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

from sites.doors.resources import Doors
from sites.operations import (
    claim_appeals,
    claim_papers,
    claims,
    field_reviews,
)
from sites.queries import claim_evidence as claim_evidence_queries
from sites.queries import claim_queue as claim_queue_queries
from sites.queries import claims as claim_queries
from sites.queries import field_reviews as field_review_queries


class ClaimDoors(Doors):
    """Doors: claims."""

    # ---- claims ------------------------------------------------------------------------------------------------------

    @command(MoveClaim, returns=ClaimView)
    def submit_claim(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.submit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaim, returns=ClaimView)
    def confirm_headcount(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.confirm_headcount(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DisputeHeadcount, returns=ClaimView)
    def dispute_headcount(self, asked: DisputeHeadcount, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.dispute_headcount(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaim, returns=ClaimView)
    def approve_claim(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaimWithReason, returns=ClaimView)
    def return_claim(self, asked: MoveClaimWithReason, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.give_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaimWithReason, returns=ClaimView)
    def reject_claim(self, asked: MoveClaimWithReason, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.reject(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClaimsAsked, returns=Page)
    def claims(self, asked: ClaimsAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queries.claims(self.database.transaction, asked=asked, actor=actor)

    @query(ClaimAsked, returns=ClaimView)
    def claim(self, asked: ClaimAsked, *, actor: Actor, at: datetime) -> ClaimView:
        return claim_queries.claim(self.database.transaction, asked.claim_id, actor=actor)

    @command(MoveClaim, returns=ClaimView)
    def countersign_claim(self, asked: MoveClaim, *, actor: Actor, at: datetime) -> ClaimView:
        return claims.countersign(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaims, returns=ClaimsAnswered)
    def approve_claims(self, asked: MoveClaims, *, actor: Actor, at: datetime) -> ClaimsAnswered:
        return claims.approve_many(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveClaims, returns=ClaimsAnswered)
    def confirm_headcounts(self, asked: MoveClaims, *, actor: Actor, at: datetime) -> ClaimsAnswered:
        return claims.confirm_many(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(QueueAsked, returns=Page)
    def claim_queue(self, asked: QueueAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queue_queries.queue(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(QueueAsked, returns=QueueCountsView)
    def claim_queue_counts(self, asked: QueueAsked, *, actor: Actor, at: datetime) -> QueueCountsView:
        return claim_queue_queries.queue_counts(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MissingPapersAsked, returns=Page)
    def missing_papers(self, asked: MissingPapersAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queue_queries.missing_papers(self.database.transaction, asked=asked, actor=actor)

    @query(ClaimSumsAsked, returns=Page)
    def claim_sums(self, asked: ClaimSumsAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_queue_queries.claim_sums(self.database.transaction, asked=asked, actor=actor)

    @query(ClaimAsked, returns=EvidenceView)
    def claim_evidence(self, asked: ClaimAsked, *, actor: Actor, at: datetime) -> EvidenceView:
        return claim_evidence_queries.evidence(self.database.transaction, asked.claim_id, actor=actor, at=at)

    @query(AttachmentAsked, returns=StoredFile)
    def claim_attachment(self, asked: AttachmentAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return claim_evidence_queries.attachment_file(self.database.transaction, asked=asked, actor=actor)

    @command(AttachPaper, returns=AttachmentView)
    def attach_paper(self, asked: AttachPaper, *, actor: Actor, at: datetime) -> AttachmentView:
        return claim_papers.attach(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @command(AttachmentAsked, returns=EvidenceView)
    def detach_paper(self, asked: AttachmentAsked, *, actor: Actor, at: datetime) -> EvidenceView:
        return claim_papers.detach(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EnterInvoice, returns=InvoiceView)
    def enter_invoice(self, asked: EnterInvoice, *, actor: Actor, at: datetime) -> InvoiceView:
        return claim_papers.enter_invoice(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(InvoiceAsked, returns=EvidenceView)
    def take_back_invoice(self, asked: InvoiceAsked, *, actor: Actor, at: datetime) -> EvidenceView:
        return claim_papers.take_back_invoice(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AppealClaim, returns=ClaimAppealView)
    def appeal_claim(self, asked: AppealClaim, *, actor: Actor, at: datetime) -> ClaimAppealView:
        return claim_appeals.appeal(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideClaimAppeal, returns=ClaimAppealView)
    def decide_claim_appeal(self, asked: DecideClaimAppeal, *, actor: Actor, at: datetime) -> ClaimAppealView:
        return claim_appeals.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClaimAppealsAsked, returns=Page)
    def claim_appeals(self, asked: ClaimAppealsAsked, *, actor: Actor, at: datetime) -> Page:
        return claim_appeals.appeals(self.database.transaction, asked=asked, actor=actor)

    # ---- field reviews -----------------------------------------------------------------------------------------------

    @command(AnnounceReviewDraw, returns=ReviewDrawView)
    def announce_review_draw(self, asked: AnnounceReviewDraw, *, actor: Actor, at: datetime) -> ReviewDrawView:
        return field_reviews.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewDrawsAsked, returns=Page)
    def review_draws(self, asked: ReviewDrawsAsked, *, actor: Actor, at: datetime) -> Page:
        return field_review_queries.draws(self.database.transaction, asked=asked, actor=actor)

    @query(ReviewDrawAsked, returns=ReviewDrawDetail)
    def review_draw(self, asked: ReviewDrawAsked, *, actor: Actor, at: datetime) -> ReviewDrawDetail:
        return field_review_queries.draw(self.database.transaction, asked.draw_id, actor=actor)

    @query(FieldReviewsAsked, returns=Page)
    def field_reviews(self, asked: FieldReviewsAsked, *, actor: Actor, at: datetime) -> Page:
        return field_review_queries.reviews(self.database.transaction, asked=asked, actor=actor)

    @command(RecordFinding, returns=FieldReviewView)
    def record_finding(self, asked: RecordFinding, *, actor: Actor, at: datetime) -> FieldReviewView:
        return field_reviews.record(self.database.transaction, self.files, asked=asked, actor=actor, at=at)
