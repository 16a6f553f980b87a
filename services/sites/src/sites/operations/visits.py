"""The visit is over (S8): closed with a headcount and perhaps pictures, and a subsidised one is billed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.actors import Actor
from chassis.files import FileStore
from chassis.outbox import tell
from contracts.envelope import StoredPicture
from contracts.sites.events import VisitClosed
from contracts.sites.orders import OrderView
from sqlalchemy import Connection, func, select

from sites.domain.orders import CONFIRMED, OrderNotMovable
from sites.domain.visits import HeadcountOverCheckIn, NotCheckedIn
from sites.operations import claims
from sites.operations.moves import move
from sites.operations.pictures import attach, must_be_stored
from sites.queries.orders import order, order_for
from sites.queries.pictures import CLOSURE
from sites.tables.orders import check_ins, orders


def close(
    db: Connection,
    *,
    order_id: UUID,
    headcount: int,
    actor: Actor,
    at: datetime,
    pictures: Sequence[StoredPicture] = (),
    files: FileStore | None = None,
) -> OrderView:
    """Say that the visit is over and how many came; a subsidised one gets its claim drafted.

    `files` is the store that has to hold the pictures. Raises NotCheckedIn, HeadcountOverCheckIn, OrderNotMovable,
    PictureRepeated; InvalidInput for pictures that are not stored.
    """
    seen = order_for(db, order_id, actor=actor, action="close_order", at=at)
    if pictures:
        if files is None:
            raise ValueError("pictures are taken from a file store")
        must_be_stored(files, pictures)
    # Pictures lock the site's row, which whoever suspends it locks before its orders: so they come first here too.
    for number, picture in enumerate(pictures, start=1):
        alt = f"{seen.visit_on.isoformat()} · {number}"
        attach(db, picture, site_id=seen.site_id, purpose=CLOSURE, subject_id=order_id, alt=alt, actor=actor, at=at)
    closed = move(
        db, [order_id], "close", at=at, by=actor, only_when=orders.c.checked_in >= headcount, headcount=headcount
    )
    if not closed:
        now = db.execute(select(orders.c.state, orders.c.checked_in).where(orders.c.id == order_id)).one()
        if now.state != CONFIRMED:
            raise OrderNotMovable(state=now.state, move="close")
        if now.checked_in is None:
            raise NotCheckedIn()
        raise HeadcountOverCheckIn(headcount=headcount, checked_in=now.checked_in)
    visit = closed[0]
    if visit.branch_id is not None:
        tell(
            db,
            VisitClosed(
                order_id=visit.id,
                branch_id=visit.branch_id,
                site_id=visit.site_id,
                site_name=seen.site_name,
                programme=seen.programme,
                theme=seen.theme,
                visit_on=visit.visit_on,
                headcount=headcount,
                starts_at=seen.starts_at,
                ends_at=seen.ends_at,
                member_ids=_by_name(db, visit.id),
            ),
            aggregate="order",
            aggregate_id=visit.id,
            version=visit.version,
            at=at,
        )
    if visit.is_subsidised:
        claims.draft(db, order_id=visit.id, headcount=headcount, checked_in=visit.checked_in, at=at, by=actor)
    return order(db, order_id, actor=actor, at=at)


def _by_name(db: Connection, order_id: UUID) -> list[UUID]:
    """Return the members of the party who checked in by name."""
    of = check_ins.c
    named = select(func.unnest(of.member_ids)).where(of.order_id == order_id, of.state == "valid").distinct()
    return sorted(db.scalars(named))
