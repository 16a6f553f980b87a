"""Doors: the chain of sealed entries, its proof, closed months, the journal."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.sites.ledger import EntryView
from contracts.sites.proofs import (
    ClosePeriod,
    JournalAsked,
    JournalPart,
    PeriodAsked,
    PeriodView,
    ProofAsked,
    ProofJobAsked,
    ProofJobView,
    ProofView,
    ReverseEntry,
    VerifyLedger,
)

from sites.doors.resources import Doors
from sites.operations import periods, proofs
from sites.queries import proofs as proof_queries


class LedgerDoors(Doors):
    """Doors: the chain of sealed entries, its proof, closed months, the journal."""

    @query(ProofAsked, returns=ProofView)
    def ledger_proof(self, asked: ProofAsked, *, actor: Actor, at: datetime) -> ProofView:
        return proof_queries.proof(self.database.transaction, asked, actor=actor)

    @command(VerifyLedger, returns=ProofJobView)
    def verify_ledger(self, asked: VerifyLedger, *, actor: Actor, at: datetime) -> ProofJobView:
        return proofs.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ProofJobAsked, returns=ProofJobView)
    def ledger_verification(self, asked: ProofJobAsked, *, actor: Actor, at: datetime) -> ProofJobView:
        return proofs.progress_of(self.database.transaction, asked.proof_id, actor=actor)

    @query(JournalAsked, returns=JournalPart)
    def journal(self, asked: JournalAsked, *, actor: Actor, at: datetime) -> JournalPart:
        return proof_queries.journal(self.database.transaction, asked, actor=actor)

    @query(PeriodAsked, returns=PeriodView)
    def open_period(self, asked: PeriodAsked, *, actor: Actor, at: datetime) -> PeriodView:
        return periods.standing(self.database.transaction, asked.fund_id, actor=actor, at=at)

    @command(ClosePeriod, returns=PeriodView)
    def close_period(self, asked: ClosePeriod, *, actor: Actor, at: datetime) -> PeriodView:
        return periods.close(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReverseEntry, returns=EntryView)
    def reverse_entry(self, asked: ReverseEntry, *, actor: Actor, at: datetime) -> EntryView:
        return periods.reverse(self.database.transaction, asked=asked, actor=actor, at=at)
