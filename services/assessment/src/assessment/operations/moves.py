"""How rows move from state to state: one statement compares and sets, so that of two who come together one is refused.

A machine's table has `id`, `state` and `version`. Its steps, where they are kept, stand by row and version, each with
`move`, `state`, `at`, `by_id`, `by_name` and what else a step of this machine tells.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.actors import Actor
from chassis.refusals import Refusal
from sqlalchemy import Connection, Row, Table, insert, select, update


@dataclass(frozen=True)
class Machine:
    """A table whose rows move, its moves by name (from which states, to which), and the refusal of a move.

    The refusal tells `state` and `move`. `row_id` is the column by which the steps name their row.
    """

    rows: Table
    moves: Mapping[str, tuple[Collection[str | None], str]]
    refusal: type[Refusal]
    steps: Table | None = None
    row_id: str = ""

    def must_allow(self, row: Row[Any], move: str) -> None:
        """Raise the refusal unless the row, which is held, may make the move."""
        if row.state not in self.moves[move][0]:
            raise self.refusal(state=row.state, move=move)

    def move(
        self,
        db: Connection,
        row_id: Any,
        move: str,
        *,
        actor: Actor,
        at: datetime,
        kept: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> int:
        """Make the move, which sets the columns, and keep its step with what is `kept`; return the new version.

        Raises the refusal.
        """
        now = self.change(db, row_id, move, **columns)
        self.keep(db, row_id, move, version=now.version, state=now.state, actor=actor, at=at, **(kept or {}))
        return int(now.version)

    def change(
        self, db: Connection, row_id: Any, move: str, *, within: Collection[str] | None = None, **columns: Any
    ) -> Row[Any]:
        """Set the columns and the state the move leads to; return version and state. Raises the refusal.

        What is no move but a remark leaves the state as it is and names those `within` which it is allowed.
        """
        sources: Collection[str | None] = within or ()
        if within is None:
            sources, columns["state"] = self.moves[move]
        of = self.rows.c
        changed = db.execute(
            update(self.rows)
            .where(of.id == row_id, of.state.in_(sorted(source for source in sources if source)))
            .values(version=of.version + 1, **columns)
            .returning(of.version, of.state)
        ).one_or_none()
        if changed is None:
            now = db.execute(select(of.state).where(of.id == row_id)).scalar_one()
            raise self.refusal(state=now, move=move)
        return changed

    def keep(
        self,
        db: Connection,
        row_id: Any,
        move: str,
        *,
        version: int,
        state: str,
        actor: Actor,
        at: datetime,
        **kept: Any,
    ) -> None:
        """Keep the step by which the row came to this version and state."""
        if self.steps is None:
            return
        step = {"move": move, "version": version, "state": state, "at": at}
        who = {"by_id": actor.person_id, "by_name": actor.name}
        db.execute(insert(self.steps).values({self.row_id: row_id, **step, **who, **kept}))
