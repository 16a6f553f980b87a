"""Doors: claims."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.claims import ClaimAsked, ClaimsAsked, ClaimView, DisputeHeadcount, MoveClaim, MoveClaimWithReason

from sites.doors.resources import Doors
from sites.operations import (
    claims,
)
from sites.queries import claims as claim_queries


class ClaimDoors(Doors):
    """Doors: claims."""

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
