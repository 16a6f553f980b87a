"""Doors: signing in, and who one is."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from chassis.refusals import Busy
from chassis.tokens import Signer
from contracts.roster.sessions import (
    ChangePassword,
    CloseSession,
    EndMySessions,
    MeAsked,
    MeView,
    MySessionsAsked,
    MySessionsView,
    OpenSession,
    RenewToken,
    SessionsEnded,
    SignedOut,
    TokenView,
)
from eventlet import patcher, tpool
from nameko.extensions import DependencyProvider

from roster.doors.resources import Doors, IdentityProviders
from roster.operations import own_passwords, passwords, sessions
from roster.queries import people
from roster.queries import sessions as session_queries
from roster.queries.sign_in_policies import in_force


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


T = TypeVar("T")


def in_thread(compute: Callable[..., T]) -> Callable[..., T]:
    """Return the function as one that computes in a real thread, so that the other greenlets go on meanwhile."""

    def computed(*given: Any) -> T:
        if patcher.is_monkey_patched("thread"):
            return tpool.execute(compute, *given)
        return compute(*given)

    return computed


FITS: Final = in_thread(passwords.fits)
FITS_ONE_OF: Final = in_thread(passwords.fits_one_of)
HASHED: Final = in_thread(passwords.hashed)


class SessionDoors(Doors):
    """Doors: signing in, and who one is."""

    signer = Signing()
    providers = IdentityProviders()

    # A token is never stored, so these guard themselves: each may be repeated without harm.

    @command(OpenSession, returns=TokenView, public=True, guarded_by="function")
    def open_session(self, asked: OpenSession, *, actor: Actor | None, at: datetime, command: Command) -> TokenView:
        """Sign in."""
        with SIGN_INS.turn():
            opened = sessions.open_session(
                self.database.transaction,
                asked,
                signer=self.signer,
                at=at,
                fits=FITS,
                hashed=HASHED,
                told=self._signed_in,
            )
            return self.settled(opened)

    def _signed_in(self, person_id: UUID, session_id: UUID, place: str | None) -> None:
        """Say in the audit's record who it is, which nobody knew before."""
        if self.database.record is not None:
            known = {"person_id": person_id, "session_id": session_id, "place": place}
            self.database.record = replace(self.database.record, **known)

    @command(ChangePassword, returns=TokenView, guarded_by="function")
    def change_password(self, asked: ChangePassword, *, actor: Actor, at: datetime, command: Command) -> TokenView:
        """Choose a new password; all other sessions end."""
        with SIGN_INS.turn():
            changed = own_passwords.change(
                self.database.transaction,
                asked,
                actor=actor,
                signer=self.signer,
                command_id=command.id,
                at=at,
                fits=FITS,
                fits_one_of=FITS_ONE_OF,
                hashed=HASHED,
            )
            return self.settled(changed)

    # Each browser does it every eight minutes, and it changes nothing: the session's own row says when.
    @command(RenewToken, returns=TokenView, guarded_by="function", lenient=True, recorded=False)
    def renew_token(self, asked: RenewToken, *, actor: Actor, at: datetime, command: Command) -> TokenView:
        """Get a fresh token for the session, with the grants of now."""
        return sessions.renew(self.database.transaction, actor=actor, signer=self.signer, at=at)

    @command(CloseSession, returns=SignedOut, guarded_by="function", lenient=True)
    def close_session(self, asked: CloseSession, *, actor: Actor, at: datetime, command: Command) -> SignedOut:
        """Sign out."""
        provider = sessions.close(self.database.transaction, actor=actor, at=at)
        self.database.commit()
        self.database.close()
        return SignedOut(self.providers.sign_out_address(provider))

    @query(MeAsked, returns=MeView)
    def me(self, asked: MeAsked, *, actor: Actor, at: datetime) -> MeView:
        """Who am I?"""
        return people.me(self.database.transaction, actor=actor, on=clock.today(at))

    @query(MySessionsAsked, returns=MySessionsView)
    def read_my_sessions(self, asked: MySessionsAsked, *, actor: Actor, at: datetime) -> MySessionsView:
        """Where am I signed in?"""
        db = self.database.transaction
        return session_queries.mine(db, actor=actor, policy=in_force(db, on=clock.today(at)), at=at)

    @command(EndMySessions, returns=SessionsEnded)
    def end_my_sessions(self, asked: EndMySessions, *, actor: Actor, at: datetime) -> SessionsEnded:
        """Sign out of one session, or of all others."""
        return sessions.end_mine(self.database.transaction, asked, actor=actor, at=at)
