"""Doors: signing in, and who one is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from chassis.refusals import Busy, Refusal
from chassis.tokens import Signer
from contracts.roster.sessions import CloseSession, MeAsked, MeView, Nothing, OpenSession, RenewToken, TokenView
from eventlet import patcher, tpool
from nameko.extensions import DependencyProvider

from roster.doors.resources import Doors
from roster.operations import passwords, sessions
from roster.queries import people


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


class SessionDoors(Doors):
    """Doors: signing in, and who one is."""

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
