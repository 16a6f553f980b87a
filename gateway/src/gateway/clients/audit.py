"""The audit's doors, the same in every service."""

from typing import Final
from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call


class Audit:
    """The audit of one service."""

    def __init__(self, service: str) -> None:
        self.service = service

    def records(self, fields: Fields, *, who: Holder) -> Answer:
        """Search who did or saw what (AuditAsked → Page of AuditRecordView)."""
        return call(self.service, "audit", fields, who=who)

    def state(self, fields: Fields, *, who: Holder) -> Answer:
        """Return how the chain stands and how long records are kept (AuditStateAsked → AuditState)."""
        return call(self.service, "audit_state", fields, who=who)

    def set_rule(self, fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
        """Say for how long records are kept (SetAuditRule → AuditState)."""
        return call(self.service, "set_audit_rule", fields, who=who, command_id=command_id)

    def prove(self, fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
        """Have the chain proved, in the background (ProveAudit → AuditProofView)."""
        return call(self.service, "prove_audit", fields, who=who, command_id=command_id)

    def proof(self, fields: Fields, *, who: Holder) -> Answer:
        """Return how far a proof is (AuditProofAsked → AuditProofView)."""
        return call(self.service, "audit_proof", fields, who=who)


SERVICES: Final = {name: Audit(name) for name in ("roster", "sites", "assessment")}
