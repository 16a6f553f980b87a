"""A site, a slot, a branch, an order …: name only what the test is about."""

import hashlib
import itertools
import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.personal import seal
from contracts.envelope import Event, dump, load
from contracts.roster.organisations import OrganisationChanged
from contracts.sites.orders import PlaceOrder
from contracts.sites.visits import CheckIn, CheckInView
from sites.domain.vouchers import new_code
from sites.operations import check_ins, ledger, orders, organisations
from sites.queries import orders as order_queries
from sites.tables.claims import claim_rules
from sites.tables.money import fund_settings, funds
from sites.tables.orders import orders as orders_table
from sites.tables.places import programmes, sites, slots, weekly_hours
from sqlalchemy import Connection, insert, select, text

from tests.articles import NOON, an_actor

DISTRICT = "3703.370302"
ZICHUAN = (117.9668, 36.6435)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Branch:
    id: UUID
    path: str
    name: str


@dataclass(frozen=True)
class Site:
    id: UUID
    name: str
    path: str  # of the organisation that keeps it
    programme_id: UUID


@dataclass(frozen=True)
class Slot:
    id: UUID
    site: Site
    starts_at: datetime
    ends_at: datetime


def set_slot(db: Connection, slot: Slot, **columns: Any) -> None:
    """Write the columns of a slot as no operation would."""
    for name, value in columns.items():
        db.execute(text(f"UPDATE slots SET {name} = :value WHERE id = :id"), {"value": value, "id": slot.id})  # noqa: S608


def a_branch(db: Connection, *, path: str | None = None, is_external: bool = False, name: str | None = None) -> Branch:
    number = next(_numbers)
    branch = Branch(id=uuid4(), path=path or f"{DISTRICT}.town.branch{number}", name=name or f"第{number}党支部")
    organisations.remember(db, a_change(branch, is_external=is_external))
    return branch


def a_change(
    branch: Branch, *, version: int = 1, is_external: bool = False, dissolved: bool = False, name: str | None = None
) -> Event:
    """What roster tells of a branch."""
    return Event(
        event_id=uuid4(),
        occurred_at=NOON,
        aggregate="organisation",
        aggregate_id=str(branch.id),
        version=version,
        data=OrganisationChanged(
            id=branch.id,
            code=branch.path.rpartition(".")[2],
            name=name or branch.name,
            kind="branch",
            field="rural",
            path=branch.path,
            parent_id=None,
            division_code=None,
            secretary_id=None,
            members_full=20,
            members_probationary=0,
            is_external=is_external,
            dissolved=dissolved,
        ),
    )


def a_site(
    db: Connection,
    *,
    name: str | None = None,
    pinyin: str | None = None,
    category: str = "comprehensive",
    kind: str = "education_base",
    town: str | None = None,
    lon: float = ZICHUAN[0],
    lat: float = ZICHUAN[1],
    capacity: int = 500,
    state: str = "open",
    hours: tuple[tuple[int, int, int], ...] = (),
    minutes: int = 60,
    confirmation: str = "automatic",
    seats: int = 60,
    keeper_id: UUID | None = None,
) -> Site:
    number = next(_numbers)
    site = Site(id=uuid4(), name=name or f"第{number}纪念馆", path=f"{DISTRICT}.site-{number}", programme_id=uuid4())
    db.execute(
        insert(sites).values(
            id=site.id,
            code=f"site-{number}-{site.id.hex[:6]}",
            name=site.name,
            pinyin=pinyin or f"di {number} ji nian guan",
            initials=f"d{number}jng",
            category=category,
            kind=kind,
            district="淄川区",
            town=town,
            point=f"SRID=4326;POINT({lon} {lat})",
            point_datum="WGS-84",
            point_source="test",
            capacity=capacity,
            visit_minutes=60,
            managing_organisation_id=keeper_id or uuid4(),
            managing_organisation=f"{site.name}党支部",
            managing_path=site.path,
            state=state,
        )
    )
    db.execute(
        insert(programmes).values(
            id=site.programme_id,
            site_id=site.id,
            name="参观学习",
            theme="party_spirit_education",
            minutes=minutes,
            every_minutes=minutes,
            seats=seats,
            notice_minutes=0,
            confirmation=confirmation,
        )
    )
    if hours:
        rows = [
            {"weekday": weekday, "opens_minute": opens, "closes_minute": closes} for weekday, opens, closes in hours
        ]
        db.execute(insert(weekly_hours), [{"site_id": site.id, **row} for row in rows])
    return site


def a_slot(
    db: Connection,
    *,
    site: Site | None = None,
    seats: int = 60,
    starts_at: datetime = NOON + timedelta(days=1),
    confirmation: str = "automatic",
    closed_reason: str | None = None,
    notice: timedelta = timedelta(0),
) -> Slot:
    site = site or a_site(db)
    slot = Slot(id=uuid4(), site=site, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    db.execute(
        insert(slots).values(
            id=slot.id,
            site_id=site.id,
            programme_id=site.programme_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            visit_on=(slot.starts_at + timedelta(hours=8)).date(),
            bookable_until=slot.starts_at - notice,
            seats=seats,
            confirmation=confirmation,
            closed_reason=closed_reason,
        )
    )
    return slot


def money_in_the_fund(
    db: Connection,
    *,
    amount_fen: int = 50_000_000,
    path: str = DISTRICT,
    year: int = 2026,
    separate_payer: bool = False,
    publicity_days: int = 0,
) -> UUID:
    """Return a fund for everybody below `path`, with money of the year; two persons pay from it, without publicity."""
    fund_id = uuid4()
    db.execute(
        insert(funds).values(
            id=fund_id,
            code=f"F{next(_numbers)}",
            name="专项经费",
            path=path,
            payer_name="付款人",
            payer_account=seal("6222000000000000"),
            payer_bank="银行",
            payer_bank_code="102453000000",
        )
    )
    pays(db, fund_id, separate_payer=separate_payer, publicity_days=publicity_days)
    if amount_fen:
        ledger.appropriate(
            db, fund_id=fund_id, year=year, amount_fen=amount_fen, document_number="〔2026〕1号", at=NOON, by=None
        )
    return fund_id


def pays(db: Connection, fund_id: UUID, *, separate_payer: bool = False, publicity_days: int = 0) -> None:
    """Have the fund's batches paid so, as if it had been opened with it."""
    row = {"active_from": date(2000, 1, 1), "separate_payer": separate_payer, "publicity_days": publicity_days}
    db.execute(insert(fund_settings).values(fund_id=fund_id, citation="设立经费时的设置", **row))


def numbers_of_claims(db: Connection, **numbers: int) -> None:
    """Have claims checked by these numbers as well, as if the platform had begun with them."""
    names = [column.name for column in claim_rules.c if not column.identity]
    chosen = ", ".join(f"CAST(:{name} AS integer)" if name in numbers else name for name in names)
    wanted = f"SELECT {chosen} FROM claim_rules ORDER BY active_from DESC, id DESC LIMIT 1"  # noqa: S608
    db.execute(text(f"INSERT INTO claim_rules ({', '.join(names)}) {wanted}"), numbers)


def fund_year(db: Connection, fund_id: UUID) -> Any:
    return db.execute(text("SELECT * FROM fund_years WHERE fund_id = :id"), {"id": fund_id}).one()


def a_secretary(branch: Branch) -> Actor:
    return an_actor(("secretary", branch.path), ("member", branch.path), name="李书记")


def a_steward(site: Site) -> Actor:
    return an_actor(("steward", site.path), name="王管理员")


def an_order(slot: Slot | UUID, *, branch: Branch | None = None, party_size: int = 20) -> PlaceOrder:
    return PlaceOrder(
        slot_id=slot if isinstance(slot, UUID) else slot.id,
        party_size=party_size,
        contact_name="李书记",
        contact_phone="13853312345",
        branch_id=branch.id if branch else None,
    )


def a_command(order: PlaceOrder, *, actor: Actor, id: UUID | None = None) -> Command:
    return Command(
        id=id or uuid4(), body_hash=hashlib.sha256(dump(order)).digest(), door="place_order", caller=actor.person_id
    )


@contextmanager
def cursor_in(db: Connection) -> Any:
    """A direct cursor inside the test's transaction; a refusal undoes what was done with it and nothing else."""
    raw: Any = db.connection.dbapi_connection
    with raw.cursor(cursor_factory=DirectCursor) as cursor:
        cursor.service = "sites"
        cursor.execute("SAVEPOINT refused")
        try:
            yield cursor
        except BaseException:
            cursor.execute("ROLLBACK TO refused")
            raise
        cursor.execute("RELEASE refused")


def place(
    db: Connection, order: PlaceOrder, *, actor: Actor, at: datetime = NOON, command: Command | None = None
) -> dict[str, Any]:
    """Place the order as the door does; returns the answer as the caller reads it."""
    with cursor_in(db) as cursor:
        answer = orders.place(cursor, order=order, actor=actor, at=at, command=command or a_command(order, actor=actor))
    view: dict[str, Any] = json.loads(answer)
    return view


def a_placed_order(
    db: Connection, *, slot: Slot, branch: Branch | None = None, party_size: int = 20, at: datetime = NOON
) -> tuple[UUID, Actor]:
    """Return an order of a new branch (or of `branch`) and its secretary."""
    branch = branch or a_branch(db)
    secretary = a_secretary(branch)
    placed = place(db, an_order(slot, branch=branch, party_size=party_size), actor=secretary, at=at)
    return UUID(placed["id"]), secretary


def a_check_in(voucher: str, *, count: int | None = 20, **rest: Any) -> CheckIn:
    return CheckIn(voucher=voucher, check_in_id=rest.pop("check_in_id", None) or uuid4(), count=count, **rest)


def checked_in(db: Connection, order_id: UUID, *, slot: Slot, count: int = 20) -> None:
    """Let the order's party in at the slot's start."""
    voucher = the_order(db, order_id).voucher
    come(db, a_check_in(voucher, count=count), actor=a_steward(slot.site), at=slot.starts_at)


def come(
    db: Connection, check_in: CheckIn, *, actor: Actor, at: datetime, command: Command | None = None
) -> CheckInView:
    """Check in as the door does; returns the answer as the caller reads it."""
    with cursor_in(db) as cursor:
        answer = check_ins.check_in(
            cursor, check_in=check_in, actor=actor, at=at, command=command or a_door_command(check_in, actor=actor)
        )
    return load(CheckInView, json.loads(answer))


def a_door_command(check_in: CheckIn, *, actor: Actor, id: UUID | None = None) -> Command:
    return Command(
        id=id or uuid4(), body_hash=hashlib.sha256(dump(check_in)).digest(), door="check_in", caller=actor.person_id
    )


def an_order_in(db: Connection, state: str) -> tuple[UUID, Slot, Actor]:
    """Return an order written straight into a state, its slot and its secretary."""
    slot = a_slot(db)
    branch = a_branch(db)
    order_id = uuid4()
    came = 20 if state == "used" else None
    db.execute(
        insert(orders_table).values(
            id=order_id,
            slot_id=slot.id,
            site_id=slot.site.id,
            programme_id=slot.site.programme_id,
            branch_id=branch.id,
            placed_by_id=uuid4(),
            placed_by="李书记",
            placed_at=NOON,
            party_size=20,
            seats=20,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            visit_on=slot.starts_at.date(),
            confirmation="manual",
            answer_by=slot.starts_at,
            state=state,
            voucher=None if state in ("placed", "refused", "expired") else new_code(),
            contact_name="李书记",
            contact_phone=b"",
            contact_phone_masked="138****2345",
            is_subsidised=False,
            subsidy_estimate_fen=0,
            subsidy_explanation=[],
            checked_in=came,
            headcount=came,
        )
    )
    db.execute(text("UPDATE slots SET seats_taken = 20, groups_taken = 1 WHERE id = :id"), {"id": slot.id})
    return order_id, slot, a_secretary(branch)


def the_order(db: Connection, order_id: UUID) -> Any:
    return db.execute(select(orders_table).where(orders_table.c.id == order_id)).one()


def history_of(db: Connection, order_id: UUID) -> list[Any]:
    return list(db.execute(text("SELECT * FROM order_history WHERE order_id = :id ORDER BY id"), {"id": order_id}))


def seats_taken(db: Connection, slot: Slot) -> int:
    return int(db.execute(text("SELECT seats_taken FROM slots WHERE id = :id"), {"id": slot.id}).scalar_one())


def told(db: Connection, order_id: UUID) -> list[Any]:
    """What the outbox tells of the order, in sequence."""
    return list(db.execute(text("SELECT * FROM outbox WHERE aggregate_id = :id ORDER BY id"), {"id": str(order_id)}))


def seen(db: Connection, order_id: UUID, *, actor: Actor, at: datetime = NOON) -> Any:
    return order_queries.order(db, order_id, actor=actor, at=at)
