"""The assessment's doors: exemptions from the health check."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def exemptions(fields: Fields, *, who: Holder) -> Answer:
    """List exemptions of a branch or below an organisation (ExemptionsAsked → Page of ExemptionView)."""
    return call(SERVICE, "exemptions", fields, who=who)


def my_exemptions(fields: Fields, *, who: Holder) -> Answer:
    """List one's own exemptions (MyExemptionsAsked → Page of ExemptionView)."""
    return call(SERVICE, "my_exemptions", fields, who=who)


def exemption(fields: Fields, *, who: Holder) -> Answer:
    """Return an exemption with its steps (ExemptionAsked → ExemptionView)."""
    return call(SERVICE, "exemption", fields, who=who)


def apply_for_exemption(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Apply for a branch or a member (ApplyForExemption → ExemptionView)."""
    return call(SERVICE, "apply_for_exemption", fields, who=who, command_id=command_id)


def consent_to_exemption(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that the branch's committee consents (ConsentToExemption → ExemptionView)."""
    return call(SERVICE, "consent_to_exemption", fields, who=who, command_id=command_id)


def approve_exemption(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve an exemption (ApproveExemption → ExemptionView)."""
    return call(SERVICE, "approve_exemption", fields, who=who, command_id=command_id)


def refuse_exemption(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Refuse an exemption (RefuseExemption → ExemptionView)."""
    return call(SERVICE, "refuse_exemption", fields, who=who, command_id=command_id)


def withdraw_exemption(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an application back (WithdrawExemption → ExemptionView)."""
    return call(SERVICE, "withdraw_exemption", fields, who=who, command_id=command_id)


def end_exemption(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End an exemption early (EndExemption → ExemptionView)."""
    return call(SERVICE, "end_exemption", fields, who=who, command_id=command_id)
