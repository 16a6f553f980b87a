"""Visits of the month before and of the last days, all made up: so that the pages of finance and statistics show some.

Each is walked through the operations that people use, on the days on which they would have used them: ordered, let in,
closed, asked for, decided. Those of the month before are paid, but for one that was refused, one that the bank sent
back and two that came after the batch; those of the last days stand at each step that waits for somebody.

None is of the branch whose secretary walks the whole chain, and none of this month is approved: whoever settles the
month finds their own claims alone.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid5

from chassis import clock
from chassis.actors import Actor, Grant
from chassis.database import DirectCursor
from chassis.files import CSV, FileStore
from chassis.guard import Command
from contracts.envelope import NAMESPACE_ZHENDI, dump
from contracts.sites.batches import MakeBatch, MoveBatch, PaymentFileAsked, RecordBankResults
from contracts.sites.claims import DisputeHeadcount, MoveClaim, MoveClaimWithReason
from contracts.sites.orders import PlaceOrder
from contracts.sites.visits import CheckIn
from sites.domain.amounts import yuan
from sites.operations import batches, check_ins, claims, orders, payment_files, visits
from sites.tables.money import claims as claims_table
from sites.tables.orders import orders as orders_table
from sites.tables.places import slots
from sqlalchemy import Connection, insert, select

from demo import people, places
from demo.organisations import CITY, DAKUNLUN, ZICHUAN, foundings, organisation_id
from demo.places import MUSEUM

PHONE: Final = "13800000000"
ORDERED_BEFORE: Final = timedelta(days=4)
STAYED: Final = timedelta(hours=1)

REFUSED, BY_BANK = "不在补贴范围：当日为内部培训", "账号与户名不符"


@dataclass(frozen=True)
class Story:
    """One visit: how many days ago, or on which day of the month before; to which site; what became of it."""

    site: str
    came: int
    ends: str
    on_day: int | None = None
    days_ago: int = 0
    ordered: int = 20
    branch: str | None = None


STORIES: Final = (
    Story(MUSEUM, 18, "paid", on_day=3, branch=DAKUNLUN),
    Story("demo-01", 22, "paid", on_day=4, ordered=25),
    Story("demo-03", 15, "paid", on_day=5),
    Story("demo-10", 20, "paid", on_day=8),
    Story("demo-14", 12, "paid", on_day=9),
    Story("demo-19", 26, "paid", on_day=10, ordered=30),
    Story("demo-01", 17, "rejected", on_day=11),
    Story("demo-22", 19, "failed", on_day=12),
    Story("demo-10", 0, "missed", on_day=15),
    Story("demo-03", 20, "approved", on_day=16),
    Story("demo-14", 16, "approved", on_day=17),
    Story("demo-22", 24, "confirmed", days_ago=11, ordered=24),
    Story("demo-19", 14, "confirmed", days_ago=10),
    Story("demo-01", 20, "confirmed", days_ago=9),
    Story("demo-05", 21, "returned", days_ago=8, ordered=22),
    Story("demo-10", 18, "disputed", days_ago=7),
    Story(MUSEUM, 20, "submitted", days_ago=5),
    Story("demo-05", 13, "submitted", days_ago=4),
    Story("demo-03", 19, "drafted", days_ago=3),
    Story("demo-25", 0, "cancelled", days_ago=2),
)


def load(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Walk the visits; returns how many are new. The sites have to know the branches; a second run makes none."""
    made = [_Visit(db, story, number, at=at) for number, story in enumerate(STORIES)]
    if db.scalar(select(slots.c.id).where(slots.c.id == made[0].slot_id)):
        return 0
    for visit in sorted(made, key=lambda one: one.starts_at):
        visit.walk()
    last = [visit for visit in made if visit.story.ends in ("paid", "failed")]
    _pay(db, files, last, at=max(visit.starts_at for visit in last) + timedelta(days=10))
    return len(made)


class _Visit:
    """A visit with the people on both sides of it."""

    def __init__(self, db: Connection, story: Story, number: int, *, at: datetime) -> None:
        self.db, self.story = db, story
        self.site = next(site for site in places.sites() if site.code == story.site)
        self.starts_at = starts_at(story, at=at)
        self.slot_id = uuid5(NAMESPACE_ZHENDI, f"slot of a visit:{number}")
        branch = story.branch or _branches()[number]
        self.branch_id = organisation_id(branch)
        (founding,) = (each for each in foundings() if each.code == branch)
        roll = people.roll_of([founding], on=clock.today(at))
        secretary = next(post.person_id for post in roll.appointments if post.post == "secretary")
        name = next(person.name for person in roll.people if person.id == secretary)
        path = f"{CITY}.{ZICHUAN}.{branch[:9]}.{branch}"
        self.secretary = Actor(secretary, _id("session"), name, (Grant("secretary", path),), at)
        self.steward = _actor("steward", self.site.managing_path, name="演示·讲解站", at=at)
        self.claim_id: UUID | None = None

    def walk(self) -> None:
        """Take the visit as far as its story goes."""
        order_id = self._order()
        if self.story.ends == "cancelled":
            orders.cancel(
                self.db,
                order_id=order_id,
                reason="会议改期",
                actor=self.secretary,
                at=self.starts_at - ORDERED_BEFORE / 2,
            )
            return
        if self.story.ends == "missed":
            orders.miss_one(self.db, order_id=order_id, at=self.starts_at + timedelta(hours=3))
            return
        self._let_in(order_id)
        closed_at = self.starts_at + timedelta(hours=2)
        visits.close(self.db, order_id=order_id, headcount=self.story.came, actor=self.steward, at=closed_at)
        found = select(claims_table.c.id).where(claims_table.c.order_id == order_id)
        self.claim_id = self.db.execute(found).scalar_one()
        self._decide(closed_at)

    def _order(self) -> UUID:
        programme = next(one for one in self.site.programmes if one.confirmation == "automatic")
        self.db.execute(
            insert(slots).values(
                id=self.slot_id,
                site_id=self.site.id,
                programme_id=programme.id,
                starts_at=self.starts_at,
                ends_at=self.starts_at + STAYED,
                visit_on=clock.today(self.starts_at),
                bookable_until=self.starts_at,
                seats=programme.seats,
                confirmation=programme.confirmation,
            )
        )
        order = PlaceOrder(self.slot_id, self.story.ordered, self.secretary.name, PHONE, self.branch_id)
        with _cursor(self.db) as cursor:
            command = _command(order, "place_order", self.secretary)
            orders.place(cursor, order=order, actor=self.secretary, at=self.starts_at - ORDERED_BEFORE, command=command)
        placed = select(orders_table.c.id).where(orders_table.c.slot_id == self.slot_id)
        return UUID(str(self.db.execute(placed).scalar_one()))

    def _let_in(self, order_id: UUID) -> None:
        voucher = self.db.execute(select(orders_table.c.voucher).where(orders_table.c.id == order_id)).scalar_one()
        check_in = CheckIn(voucher, uuid5(self.slot_id, "check-in"), count=self.story.came)
        with _cursor(self.db) as cursor:
            command = _command(check_in, "check_in", self.steward)
            check_ins.check_in(cursor, check_in=check_in, actor=self.steward, at=self.starts_at, command=command)

    def _decide(self, closed_at: datetime) -> None:
        assert self.claim_id is not None
        ends, move = self.story.ends, MoveClaim(claim_id=self.claim_id)
        if ends == "drafted":
            return
        claims.submit(self.db, asked=move, actor=self.steward, at=closed_at + timedelta(hours=6))
        if ends == "submitted":
            return
        told_at, decided_at = closed_at + timedelta(days=1), closed_at + timedelta(days=2)
        if ends == "disputed":
            disputed = DisputeHeadcount(self.claim_id, self.story.came - 2, "两名同志中途因公离开，未参加")
            claims.dispute_headcount(self.db, asked=disputed, actor=self.secretary, at=told_at)
            return
        claims.confirm_headcount(self.db, asked=move, actor=self.secretary, at=told_at)
        preparer = _user("preparer", at=decided_at)
        if ends == "returned":
            returned = MoveClaimWithReason(self.claim_id, "活动照片看不清人数，请补充")
            claims.give_back(self.db, asked=returned, actor=preparer, at=decided_at)
        elif ends == "rejected":
            refused = MoveClaimWithReason(self.claim_id, REFUSED)
            claims.reject(self.db, asked=refused, actor=preparer, at=decided_at)
        elif ends != "confirmed":
            claims.approve(self.db, asked=move, actor=preparer, at=decided_at)


def _pay(db: Connection, files: FileStore, of: list[_Visit], *, at: datetime) -> None:
    """Put the claims into one batch, have it approved, and record what the bank says of each line."""
    failed = {visit.claim_id for visit in of if visit.story.ends == "failed"}
    preparer, approver = _user("preparer", at=at), _user("approver", at=at)
    period = f"{clock.today(of[0].starts_at):%Y-%m}"
    ids = [visit.claim_id for visit in of if visit.claim_id is not None]
    made = batches.make(db, asked=MakeBatch(period=period, claim_ids=ids), actor=preparer, at=at)
    batches.approve(db, asked=MoveBatch(batch_id=made.id), actor=approver, at=at)
    payment_files.payment_file(db, files, asked=PaymentFileAsked(batch_id=made.id, format="csv"), actor=preparer, at=at)
    rows = ["line_id,result,amount,reference,reason"]
    for place, line in enumerate(made.lines, start=1):
        said = ("failed", "", BY_BANK) if line.claim_id in failed else ("paid", f"YS{period[2:4]}{place:06d}", "")
        rows.append(f"{line.id},{said[0]},{yuan(line.net_fen)},{said[1]},{said[2]}")
    content = io.BytesIO("\n".join(rows).encode())
    file = files.put(content, name="银行回单（演示）.csv", media_types={CSV}, max_bytes=10**6)
    asked = RecordBankResults(batch_id=made.id, file=file)
    batches.record_bank_results(db, files, asked=asked, actor=preparer, at=at + timedelta(days=1))


# ---- days, people, commands ---------------------------------------------------------------------------------------


def starts_at(story: Story, *, at: datetime) -> datetime:
    """Return when the visit began: on its day, at an hour that the day chooses."""
    on = clock.today(at) - timedelta(days=story.days_ago)
    if story.on_day is not None:
        on = (clock.today(at).replace(day=1) - timedelta(days=1)).replace(day=story.on_day)
    hour = (9, 10, 14, 15)[on.day % 4]
    return datetime(on.year, on.month, on.day, hour, tzinfo=clock.SHANGHAI)


@lru_cache(maxsize=1)
def _branches() -> tuple[str, ...]:
    """Return branches of villages, one from each part of the list, none of those whose people sign in."""
    theirs = {user.branch for user in people.USERS}
    codes = [each.code for each in foundings() if (each.field, each.kind) == ("rural", "branch")]
    codes = [code for code in codes if code not in theirs]
    return tuple(codes[:: len(codes) // (len(STORIES) + 1)])


def _user(name: str, *, at: datetime) -> Actor:
    user = next(one for one in people.USERS if one.username == name)
    return Actor(user.id, _id("session"), user.name, (Grant(name, f"{CITY}.{ZICHUAN}"),), at)


def _actor(role: str, path: str, *, name: str, at: datetime) -> Actor:
    return Actor(_id(f"{role}:{path}"), _id("session"), name, (Grant(role, path),), at)


def _id(key: str) -> UUID:
    return people.person_id(f"visits:{key}")


def _command(asked: Any, door: str, actor: Actor) -> Command:
    body_hash = hashlib.sha256(dump(asked)).digest()
    return Command(uuid5(NAMESPACE_ZHENDI, body_hash.hex()), body_hash, door, actor.person_id)


@contextmanager
def _cursor(db: Connection) -> Iterator[DirectCursor]:
    """Give a cursor of the transaction for the operations that speak to the driver."""
    raw: Any = db.connection.dbapi_connection
    with raw.cursor(cursor_factory=DirectCursor) as cursor:
        cursor.service = "sites"
        yield cursor
