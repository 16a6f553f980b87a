"""Doors: the audit of a service. A service has them by inheriting them; they know nothing of what it does."""

from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.audit import (
    AuditAsked,
    AuditProofAsked,
    AuditProofView,
    AuditState,
    AuditStateAsked,
    ProveAudit,
    SetAuditRule,
)
from contracts.envelope import Page
from sqlalchemy import Connection, text

from chassis import jobs
from chassis.actors import Actor
from chassis.audit import proofs, retention, searching
from chassis.database import Database
from chassis.doors import command, query
from chassis.refusals import NotFound

_UNDER_WAY: Final = text(
    "SELECT id FROM jobs WHERE kind = :kind AND asked_by = :by AND state IN ('waiting', 'running') LIMIT 1"
)


class AuditDoors:
    """Doors: the audit."""

    name: str
    database = Database()

    @query(AuditAsked, returns=Page, recorded=True)
    def audit(self, asked: AuditAsked, *, actor: Actor, at: datetime) -> Page:
        """Who did or saw what."""
        return searching.search(self.database.transaction, asked, actor=actor)

    @query(AuditStateAsked, returns=AuditState)
    def audit_state(self, asked: AuditStateAsked, *, actor: Actor, at: datetime) -> AuditState:
        """How the chain stands, and how long records are kept."""
        return searching.state(self.database.transaction, service=self.name, actor=actor)

    @command(SetAuditRule, returns=AuditState)
    def set_audit_rule(self, asked: SetAuditRule, *, actor: Actor, at: datetime) -> AuditState:
        """Say for how long records are kept."""
        retention.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)
        return searching.state(self.database.transaction, service=self.name, actor=actor)

    @command(ProveAudit, returns=AuditProofView)
    def prove_audit(self, asked: ProveAudit, *, actor: Actor, at: datetime) -> AuditProofView:
        """Have the chain proved, in the background."""
        return ask_for_proof(self.database.transaction, actor=actor, at=at)

    @query(AuditProofAsked, returns=AuditProofView)
    def audit_proof(self, asked: AuditProofAsked, *, actor: Actor, at: datetime) -> AuditProofView:
        """How far a proof is."""
        return found_proof(self.database.transaction, asked.proof_id, actor=actor)


def ask_for_proof(db: Connection, *, actor: Actor, at: datetime) -> AuditProofView:
    """Have the chain proved; while a proof of the actor's waits or runs, it is the answer. Raises Forbidden."""
    actor.must("prove_audit")
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"audit {actor.person_id}"})
    under_way = db.execute(_UNDER_WAY, {"kind": proofs.JOB, "by": actor.person_id}).scalar()
    proof_id = under_way or jobs.ask(db, proofs.JOB, params={}, at=at, asked_by=actor.person_id)
    return found_proof(db, proof_id, actor=actor)


def found_proof(db: Connection, proof_id: UUID, *, actor: Actor) -> AuditProofView:
    """Return a proof that the actor asked for. Raises Forbidden, NotFound."""
    actor.must("prove_audit")
    view = jobs.find(db, proof_id)
    if view is None or view.kind != proofs.JOB or view.asked_by != actor.person_id:
        raise NotFound()
    names = ("id", "state", "done", "total", "asked_at", "ended_at", "result", "error")
    return AuditProofView(**{name: getattr(view, name) for name in names})
