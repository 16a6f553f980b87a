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
