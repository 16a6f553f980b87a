"""Doors: allocation rounds."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.allocation import (
    AnnounceRound,
    AskInRound,
    DrawRound,
    RequestAsked,
    RequestsAsked,
    RequestView,
    RoundAsked,
    RoundChoicesAsked,
    RoundsAsked,
    RoundView,
    WithdrawRequest,
    WithdrawRound,
)

from sites.doors.resources import Doors
from sites.operations import (
    allocation,
)
from sites.queries import allocation as allocation_queries


class AllocationDoors(Doors):
    """Doors: allocation rounds."""

    @query(RoundsAsked, returns=Page, public=True)
    def allocation_rounds(self, asked: RoundsAsked, *, actor: Actor | None, at: datetime) -> Page:
        return allocation_queries.rounds(self.database.transaction, asked, at=at)

    @query(RoundAsked, returns=RoundView, public=True)
    def allocation_round(self, asked: RoundAsked, *, actor: Actor | None, at: datetime) -> RoundView:
        return allocation_queries.round(self.database.transaction, asked.round_id, at=at)

    @query(RoundAsked, returns=Page, public=True)
    def allocation_slots(self, asked: RoundAsked, *, actor: Actor | None, at: datetime) -> Page:
        return allocation_queries.slots(self.database.transaction, asked.round_id)

    @query(RoundAsked, public=True)
    def allocation_export(self, asked: RoundAsked, *, actor: Actor | None, at: datetime) -> bytes:
        return allocation_queries.export(self.database.transaction, asked.round_id, at=at)

    @query(RoundChoicesAsked, returns=Page)
    def allocation_choices(self, asked: RoundChoicesAsked, *, actor: Actor, at: datetime) -> Page:
        return allocation_queries.choices(self.database.transaction, actor=actor)

    @command(AnnounceRound, returns=RoundView)
    def announce_round(self, asked: AnnounceRound, *, actor: Actor, at: datetime) -> RoundView:
        return allocation.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawRound, returns=RoundView)
    def withdraw_round(self, asked: WithdrawRound, *, actor: Actor, at: datetime) -> RoundView:
        return allocation.withdraw(
            self.database.transaction, round_id=asked.round_id, reason=asked.reason, actor=actor, at=at
        )

    @command(DrawRound, returns=RoundView)
    def draw_round(self, asked: DrawRound, *, actor: Actor, at: datetime) -> RoundView:
        return allocation.start_draw(self.database.transaction, round_id=asked.round_id, actor=actor, at=at)

    @command(AskInRound, returns=RequestView)
    def ask_in_round(self, asked: AskInRound, *, actor: Actor, at: datetime) -> RequestView:
        return allocation.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawRequest, returns=RequestView)
    def withdraw_request(self, asked: WithdrawRequest, *, actor: Actor, at: datetime) -> RequestView:
        return allocation.take_back(self.database.transaction, request_id=asked.request_id, actor=actor, at=at)

    @query(RequestsAsked, returns=Page)
    def allocation_requests(self, asked: RequestsAsked, *, actor: Actor, at: datetime) -> Page:
        return allocation_queries.requests(self.database.transaction, asked, actor=actor)

    @query(RequestAsked, returns=RequestView)
    def allocation_request(self, asked: RequestAsked, *, actor: Actor, at: datetime) -> RequestView:
        return allocation_queries.request_seen(self.database.transaction, asked.request_id, actor=actor)
