"""A party of a branch at the door of a site, and how its members check themselves in."""

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.guard import Command
from contracts.envelope import dump, load
from contracts.sites.parties import NameParty, PartyMember
from contracts.sites.self_check_ins import SelfCheckIn
from contracts.sites.visits import CheckInView
from sites.operations import door_codes, parties, self_check_ins
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_placed_order,
    a_slot,
    a_steward,
    cursor_in,
    the_order,
)


def a_member(branch: Branch, *, name: str = "赵党员") -> Actor:
    return an_actor(("member", branch.path), name=name)


class Party:
    """A branch's order of twenty, the site's door, and the code it shows at the visit's start."""

    def __init__(self, db: Connection, *, seats: int = 60, party_size: int = 20) -> None:
        self.db = db
        self.slot = a_slot(db, seats=seats)
        self.branch = a_branch(db)
        self.order_id, self.secretary = a_placed_order(db, slot=self.slot, branch=self.branch, party_size=party_size)
        self.steward = a_steward(self.slot.site)
        self.at = self.slot.starts_at
        self.members = [a_member(self.branch, name=name) for name in ("赵一", "钱二", "孙三")]

    def names(self, *members: Actor, needs: str | None = None) -> Any:
        asked = NameParty(self.order_id, [PartyMember(each.person_id, each.name) for each in members], needs)
        return parties.name(self.db, asked=asked, actor=self.secretary, at=NOON)

    def code(self, at: datetime | None = None) -> str:
        return door_codes.show(self.db, self.slot.site.id, actor=self.steward, at=at or self.at).code

    def self_check_in(self, actor: Actor, *, at: datetime | None = None, **rest: Any) -> CheckInView:
        at = at or self.at
        asked = a_self_check_in(self.slot, self.order_id, code=rest.pop("code", None) or self.code(at), **rest)
        return checks_in_themself(self.db, asked, actor=actor, at=at)

    @property
    def order(self) -> Any:
        return the_order(self.db, self.order_id)

    @property
    def kept(self) -> list[Any]:
        wanted = text("SELECT * FROM check_ins WHERE order_id = :id ORDER BY recorded_at, is_more, id")
        return list(self.db.execute(wanted, {"id": self.order_id}))


def a_self_check_in(slot: Slot, order_id: UUID, *, code: str, **rest: Any) -> SelfCheckIn:
    return SelfCheckIn(slot.site.id, order_id, code, rest.pop("check_in_id", None) or uuid4(), **rest)


def a_command(asked: Any, *, actor: Actor, id: UUID | None = None) -> Command:
    hashed = hashlib.sha256(dump(asked)).digest()
    return Command(id=id or uuid4(), body_hash=hashed, door="self_check_in", caller=actor.person_id)


def checks_in_themself(
    db: Connection, asked: SelfCheckIn, *, actor: Actor, at: datetime, command: Command | None = None
) -> CheckInView:
    with cursor_in(db) as cursor:
        command = command or a_command(asked, actor=actor)
        answer = self_check_ins.check_in(cursor, asked=asked, actor=actor, at=at, command=command)
    return load(CheckInView, json.loads(answer))
