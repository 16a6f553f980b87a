"""The assessment's doors: the compliance switch."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def compliance(fields: Fields, *, who: Holder) -> Answer:
    """Return the compliance switch with all its rows (ComplianceAsked → ComplianceView)."""
    return call(SERVICE, "compliance", fields, who=who)


def set_compliance(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Turn the compliance switch from a day on (SetCompliance → ComplianceView)."""
    return call(SERVICE, "set_compliance", fields, who=who, command_id=command_id)
