"""A knife that cuts an act between two of its statements: what is done wherever it is cut is shown with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from chassis.database import DirectCursor
from sqlalchemy import Connection, Engine, event, text


class Cut(Exception):
    """The act ends here, as if its process had died."""


@dataclass
class Knife:
    """Cuts an act before its n-th statement: by an exception ("raise"), or the server ends its session ("kill")."""

    superuser: Engine
    way: str = "none"
    left: int = 0
    cuts: int = 0

    def at_a_statement(self, backend_pid: int) -> None:
        if self.way not in ("raise", "kill"):
            return
        self.left -= 1
        if self.left:
            return
        way, self.way = self.way, "none"
        self.cuts += 1
        if way == "raise":
            raise Cut
        with self.superuser.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": backend_pid})
        # What follows is sent into a closed connection, as by a service that does not know yet.

    @contextmanager
    def cutting(self, way: str, before: int) -> Iterator[None]:
        """Cut what is done in here before its statement of this number, counted from 1."""
        self.way, self.left = way, before
        try:
            yield
        finally:
            self.way = "none"


def held_at(engine: Engine, superuser: Engine, monkeypatch: pytest.MonkeyPatch) -> Knife:
    """Return a knife at everything that is done with the engine: before each statement, and before the commit."""
    knife = Knife(superuser)

    @event.listens_for(engine, "before_cursor_execute")
    def cut(connection: Connection, *rest: Any) -> None:
        knife.at_a_statement(connection.connection.dbapi_connection.info.backend_pid)  # type: ignore[union-attr]

    @event.listens_for(engine, "commit")
    def cut_at_the_commit(connection: Connection) -> None:
        knife.at_a_statement(connection.connection.dbapi_connection.info.backend_pid)  # type: ignore[union-attr]

    execute = DirectCursor.execute

    def cut_straight(cursor: DirectCursor, *given: Any) -> None:
        knife.at_a_statement(cursor.connection.info.backend_pid)
        execute(cursor, *given)

    monkeypatch.setattr(DirectCursor, "execute", cut_straight)
    return knife


def wherever_it_is_cut(
    engine: Engine, knife: Knife, act: Callable[[Connection], Any], *, seen: Callable[[Connection], Any]
) -> int:
    """Do the act once, cut before its first, its second … statement and at its commit, until no cut is left.

    What is `seen` after each cut has to be what it was before. Returns how often it was cut; the last time it is done.
    """
    with engine.connect() as db:
        before = seen(db)
    for number in range(1, 200):
        way = "kill" if number % 3 == 0 else "raise"
        cuts = knife.cuts
        with knife.cutting(way, number):
            try:
                with engine.begin() as db:
                    act(db)
            except Exception:
                if knife.cuts == cuts:
                    raise
            else:
                assert knife.cuts == cuts, "it was cut, and nobody was told"
                return number - 1
        with engine.connect() as db:
            assert seen(db) == before, f"what was cut before statement {number} left something behind"
    raise AssertionError("the act has no end")
