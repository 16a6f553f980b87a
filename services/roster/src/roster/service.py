"""The doors of the roster service: each makes one call into operations or queries."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor
from chassis.database import Database
from chassis.doors import command, query
from chassis.guard import Command
from chassis.refusals import Busy, Refusal
from chassis.tokens import Signer
from contracts.envelope import Page
from contracts.roster import (
    CloseSession,
    FindingsView,
    MeAsked,
    MembersAsked,
    MeView,
    Nothing,
    OpenSession,
    OrganisationAsked,
    OrganisationsAsked,
    OrganisationView,
    RenewToken,
    TokenView,
)
from eventlet import patcher, tpool
from nameko.extensions import DependencyProvider

from roster.operations import passwords, sessions
from roster.queries import findings, members, organisations, people


class Signing(DependencyProvider):
    """Gives the doors the key that access tokens are signed with."""

    signer: Signer

    def setup(self) -> None:
        """Read the private key."""
        self.signer = Signer(Path(self.container.config["TOKEN_PRIVATE_KEY"]))

    def get_dependency(self, worker_ctx: Any) -> Signer:
        """Return the signer that all calls share."""
        return self.signer


class Counter:
    """Where sign-ins queue: so many are checked at a time, so many wait, the rest are told to come back."""

    def __init__(self, *, at_a_time: int, waiting_max: int) -> None:
        self._places = threading.BoundedSemaphore(at_a_time + waiting_max)
        self._turns = threading.BoundedSemaphore(at_a_time)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn; raises Busy when too many wait already."""
        if not self._places.acquire(blocking=False):
            raise Busy()
        try:
            with self._turns:
                yield
        finally:
            self._places.release()


SIGN_INS: Final = Counter(at_a_time=2, waiting_max=32)


def fits_in_thread(stored: str, password: str) -> bool:
    """Check a password in a real thread, so that the other greenlets go on meanwhile."""
    if patcher.is_monkey_patched("thread"):
        return bool(tpool.execute(passwords.fits, stored, password))
    return passwords.fits(stored, password)


class RosterService:
    """The roster service, as the gateway and the other services see it."""

    name = "roster"
    database = Database()
    signer = Signing()

    # A token is never stored, so these guard themselves: each may be repeated without harm.

    @command(OpenSession, returns=TokenView, public=True, guarded_by="function")
    def open_session(self, asked: OpenSession, *, actor: Actor | None, at: datetime, command: Command) -> TokenView:
        """Sign in."""
        with SIGN_INS.turn():
            opened = sessions.open_session(
                self.database.transaction, asked, signer=self.signer, at=at, fits=fits_in_thread
            )
            self.database.commit()  # with the count of wrong passwords, also when it is refused
        if isinstance(opened, Refusal):
            raise opened
        return opened

    @command(RenewToken, returns=TokenView, guarded_by="function", lenient=True)
    def renew_token(self, asked: RenewToken, *, actor: Actor, at: datetime, command: Command) -> TokenView:
        """Get a fresh token for the session, with the grants of now."""
        return sessions.renew(self.database.transaction, actor=actor, signer=self.signer, at=at)

    @command(CloseSession, returns=Nothing, guarded_by="function", lenient=True)
    def close_session(self, asked: CloseSession, *, actor: Actor, at: datetime, command: Command) -> Nothing:
        """Sign out."""
        return sessions.close(self.database.transaction, actor=actor, at=at)

    @query(MeAsked, returns=MeView)
    def me(self, asked: MeAsked, *, actor: Actor, at: datetime) -> MeView:
        """Who am I?"""
        return people.me(self.database.transaction, actor=actor)

    @query(OrganisationsAsked, returns=Page)
    def organisations(self, asked: OrganisationsAsked, *, actor: Actor, at: datetime) -> Page:
        """The tree, a page at a time."""
        return organisations.page(self.database.transaction, asked, actor=actor)

    @query(OrganisationAsked, returns=OrganisationView)
    def organisation(self, asked: OrganisationAsked, *, actor: Actor, at: datetime) -> OrganisationView:
        """One node of the tree."""
        return organisations.one(self.database.transaction, asked.organisation_id, actor=actor)

    @query(OrganisationAsked, returns=FindingsView)
    def findings(self, asked: OrganisationAsked, *, actor: Actor, at: datetime) -> FindingsView:
        """The setting rules that an organisation breaks."""
        return findings.of(self.database.transaction, asked.organisation_id, actor=actor, on=clock.today(at))

    @query(MembersAsked, returns=Page)
    def members(self, asked: MembersAsked, *, actor: Actor, at: datetime) -> Page:
        """The members of an organisation, by name alone."""
        return members.page(self.database.transaction, asked, actor=actor)


SERVICE = RosterService
