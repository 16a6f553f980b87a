"""Appeals against a no-show (S6): the branch says why, an officer excuses it or not. An excused one counts no more."""

from datetime import datetime
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.quotas import AppealNoShow, AppealView, DecideAppeal
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from sites.domain.claims import must_be_disinterested
from sites.domain.orders import NO_SHOW
from sites.domain.quotas import APPEAL_MOVES, FILED, AppealDecided, AppealFiled, NotANoShow
from sites.operations.orders import miss_one
from sites.queries.orders import order_for
from sites.queries.quotas import appeal as appeal_view
from sites.tables.orders import orders
from sites.tables.places import organisations, sites
from sites.tables.quotas import no_show_appeals


def appeal(db: Connection, *, asked: AppealNoShow, actor: Actor, at: datetime) -> AppealView:
    """File the branch's appeal. Raises NotANoShow, AppealFiled."""
    found = order_for(db, asked.order_id, actor=actor, action="appeal_no_show", at=at)
    # Time may have made it a no-show before the timer has written it down.
    miss_one(db, order_id=asked.order_id, at=at)
    state = db.execute(select(orders.c.state).where(orders.c.id == asked.order_id)).scalar_one()
    if state != NO_SHOW or found.branch_id is None:
        raise NotANoShow()
    filed = insert(no_show_appeals).values(
        order_id=asked.order_id,
        branch_id=found.branch_id,
        reason=asked.reason,
        state=FILED,
        filed_at=at,
        filed_by_id=actor.person_id,
        filed_by=actor.name,
    )
    if db.execute(filed.on_conflict_do_nothing()).rowcount == 0:
        raise AppealFiled()
    return appeal_view(db, asked.order_id)


def decide(db: Connection, *, asked: DecideAppeal, actor: Actor, at: datetime) -> AppealView:
    """Excuse the no-show or reject the appeal. Raises AppealDecided, OwnSiteOrBranch; NotFound."""
    branch_path, site_path = _paths_of(db, asked.order_id)
    actor.must("decide_appeal", branch=branch_path)
    must_be_disinterested(actor.grants, site_path=site_path, branch_path=branch_path)
    sources, target = APPEAL_MOVES["excuse" if asked.excuse else "reject"]
    decided = db.execute(
        update(no_show_appeals)
        .where(no_show_appeals.c.order_id == asked.order_id, no_show_appeals.c.state.in_(sorted(sources)))
        .values(
            state=target, decided_at=at, decided_by_id=actor.person_id, decided_by=actor.name, decision=asked.reason
        )
    )
    if decided.rowcount == 0:
        raise AppealDecided()
    if asked.excuse:
        # What a device sent meanwhile may have shown that the party came: then there is nothing left to excuse.
        missed = (orders.c.id == asked.order_id) & (orders.c.state == NO_SHOW)
        db.execute(update(orders).where(missed).values(no_show_excused=True))
    return appeal_view(db, asked.order_id)


def _paths_of(db: Connection, order_id: UUID) -> tuple[str, str]:
    found = db.execute(
        select(organisations.c.path, sites.c.managing_path)
        .join(no_show_appeals, no_show_appeals.c.branch_id == organisations.c.id)
        .join(orders, orders.c.id == no_show_appeals.c.order_id)
        .join(sites, sites.c.id == orders.c.site_id)
        .where(no_show_appeals.c.order_id == order_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found.path, found.managing_path
