"""Doors: access tokens of programs."""

from datetime import datetime

from chassis import clock, guard
from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from contracts.envelope import Page
from contracts.roster.api_tokens import (
    ApiTokenExchanged,
    ApiTokenMade,
    ApiTokensAsked,
    ApiTokenView,
    EndApiToken,
    EndMyApiToken,
    ExchangeApiToken,
    MakeApiToken,
    MyApiTokensAsked,
    MyApiTokensView,
)

from roster.doors.resources import Doors
from roster.doors.sessions import FITS, SIGN_INS, Signing
from roster.operations import api_tokens, sessions
from roster.queries import api_tokens as queries
from roster.queries.sign_in_policies import in_force


class ApiTokenDoors(Doors):
    """Doors: access tokens of programs."""

    signer = Signing()

    # A wrong password is counted though it is refused, so the guard's steps are taken here.
    @command(MakeApiToken, returns=ApiTokenMade, guarded_by="function")
    def make_api_token(self, asked: MakeApiToken, *, actor: Actor, at: datetime, command: Command) -> ApiTokenMade:
        """Give a program a token of one's own rights; it is shown once."""
        db = self.database.transaction
        policy = in_force(db, on=clock.today(at))
        sessions.must_live(db, actor=actor, policy=policy, at=at)
        with SIGN_INS.turn():
            refused = sessions.proved(db, actor=actor, policy=policy, at=at, password=asked.password, fits=FITS)
        if refused:
            self.settled(refused)
        guard.claim(db, command, at=at)
        made = api_tokens.make(db, asked, actor=actor, policy=policy, at=at)
        guard.remember(db, command, guard.KEPT_NOWHERE)
        return made

    @query(MyApiTokensAsked, returns=MyApiTokensView)
    def read_my_api_tokens(self, asked: MyApiTokensAsked, *, actor: Actor, at: datetime) -> MyApiTokensView:
        """Which tokens have I given?"""
        db = self.database.transaction
        return queries.mine(db, actor=actor, policy=in_force(db, on=clock.today(at)), at=at)

    @command(EndMyApiToken, returns=ApiTokenView)
    def end_my_api_token(self, asked: EndMyApiToken, *, actor: Actor, at: datetime) -> ApiTokenView:
        """End a token of one's own."""
        return api_tokens.end_mine(self.database.transaction, asked, actor=actor, at=at)

    @query(ApiTokensAsked, returns=Page)
    def api_tokens(self, asked: ApiTokensAsked, *, actor: Actor, at: datetime) -> Page:
        """The tokens of a part of the tree."""
        return queries.page(self.database.transaction, asked, actor=actor, at=at)

    @command(EndApiToken, returns=ApiTokenView)
    def end_api_token(self, asked: EndApiToken, *, actor: Actor, at: datetime) -> ApiTokenView:
        """End somebody's token."""
        return api_tokens.end(self.database.transaction, asked, actor=actor, at=at)

    # What it answers is signed anew each time, and what it writes may be written twice. Each gateway asks it every half
    # minute; the token's own row says when it was last used, and from where.
    @command(ExchangeApiToken, returns=ApiTokenExchanged, public=True, guarded_by="function", recorded=False)
    def exchange_api_token(
        self, asked: ExchangeApiToken, *, actor: Actor | None, at: datetime, command: Command
    ) -> ApiTokenExchanged:
        """Exchange a program's token for what the services take."""
        return api_tokens.exchange(self.database.transaction, asked, signer=self.signer, at=at)
