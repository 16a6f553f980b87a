"""Doors: settlement."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.sites.batches import (
    BatchAsked,
    BatchesAsked,
    BatchView,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    PaymentFileAsked,
    RecordBankResults,
)

from sites.doors.resources import Doors
from sites.operations import (
    batches,
    payment_files,
)
from sites.queries import batches as batch_queries


class SettlementDoors(Doors):
    """Doors: settlement."""

    @command(MakeBatch, returns=BatchView)
    def make_batch(self, asked: MakeBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatch, returns=BatchView)
    def approve_batch(self, asked: MoveBatch, *, actor: Actor, at: datetime) -> BatchView:
        return batches.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveBatchWithReason, returns=BatchView)
    def reject_batch(self, asked: MoveBatchWithReason, *, actor: Actor, at: datetime) -> BatchView:
        return batches.reject(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PaymentFileAsked, returns=StoredFile)
    def payment_file(self, asked: PaymentFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return payment_files.payment_file(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @command(RecordBankResults, returns=BatchView)
    def record_bank_results(self, asked: RecordBankResults, *, actor: Actor, at: datetime) -> BatchView:
        return batches.record_bank_results(self.database.transaction, self.files, asked=asked, actor=actor, at=at)

    @query(BatchesAsked, returns=Page)
    def batches(self, asked: BatchesAsked, *, actor: Actor, at: datetime) -> Page:
        return batch_queries.batches(self.database.transaction, asked=asked, actor=actor)

    @query(BatchAsked, returns=BatchView)
    def batch(self, asked: BatchAsked, *, actor: Actor, at: datetime) -> BatchView:
        return batch_queries.batch(self.database.transaction, asked.batch_id, actor=actor)
