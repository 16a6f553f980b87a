"""Claims: the site's bill for one visit goes to the branch, then to the preparer."""

from contracts.sites.claims import ClaimAsked, ClaimsAsked, ClaimView, DisputeHeadcount, MoveClaim, MoveClaimWithReason

from gateway.clients import sites
from gateway.nouns import Many, Noun

claims = Noun("claims")
MOVED = ("not-found", "claim-not-movable", "own-site-or-branch")

claims.read("/claims", sites.claims.claims, needs=("read_claim",), takes=ClaimsAsked, answers=Many(ClaimView))
claims.read(
    "/claims/<uuid:claim_id>",
    sites.claims.claim,
    needs=("read_claim",),
    takes=ClaimAsked,
    answers=ClaimView,
    refusals=("not-found",),
)
claims.act(
    "/claims/<uuid:claim_id>/submission",
    sites.claims.submit_claim,
    needs=("submit_claim",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    "/claims/<uuid:claim_id>/headcount-confirmation",
    sites.claims.confirm_headcount,
    needs=("confirm_headcount",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    "/claims/<uuid:claim_id>/headcount-dispute",
    sites.claims.dispute_headcount,
    needs=("dispute_headcount",),
    takes=DisputeHeadcount,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    "/claims/<uuid:claim_id>/approval",
    sites.claims.approve_claim,
    needs=("approve_claim",),
    takes=MoveClaim,
    answers=ClaimView,
    refusals=(*MOVED, "token-too-old", "encumbrance-resolved", "nothing-due"),
)
claims.act(
    "/claims/<uuid:claim_id>/return",
    sites.claims.return_claim,
    needs=("return_claim",),
    takes=MoveClaimWithReason,
    answers=ClaimView,
    refusals=MOVED,
)
claims.act(
    "/claims/<uuid:claim_id>/rejection",
    sites.claims.reject_claim,
    needs=("reject_claim",),
    takes=MoveClaimWithReason,
    answers=ClaimView,
    refusals=(*MOVED, "token-too-old", "encumbrance-resolved"),
)
