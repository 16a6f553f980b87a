"""A branch's secretary signs once a year that the register is complete and right."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from contracts.roster.stocktakes import SignStocktake, StocktakeView
from sqlalchemy import Connection, insert, text

from roster.domain.stocktakes import RegisterChanged, YearNotNow
from roster.operations.members import must_be_a_branch
from roster.queries.organisations import path_the_actor_may
from roster.queries.stocktakes import counted, of
from roster.tables.stocktakes import stocktakes


def sign(db: Connection, *, asked: SignStocktake, actor: Actor, at: datetime) -> StocktakeView:
    """Sign the register as it stands; raises RegisterChanged when it is not what was read, YearNotNow, NotFound,
    Forbidden, NotABranch."""
    path_the_actor_may(db, "sign_stocktake", asked.organisation_id, actor=actor)
    must_be_a_branch(db, asked.organisation_id)
    today = clock.today(at)
    if asked.year != today.year:
        raise YearNotNow(year=today.year)
    # Two who sign together sign one after the other, and nobody moves meanwhile.
    db.execute(text("SELECT FROM organisations WHERE id = :id FOR NO KEY UPDATE"), {"id": asked.organisation_id}).all()
    now = counted(db, asked.organisation_id)
    if now.digest != asked.digest:
        raise RegisterChanged()
    number = db.execute(
        text("SELECT coalesce(max(number), 0) + 1 FROM stocktakes WHERE branch_id = :id AND year = :year"),
        {"id": asked.organisation_id, "year": asked.year},
    ).scalar_one()
    db.execute(
        insert(stocktakes).values(
            branch_id=asked.organisation_id,
            year=asked.year,
            number=number,
            counted_on=today,
            members_full=now.members_full,
            members_probationary=now.members_probationary,
            floating=now.floating,
            lost=now.lost,
            digest=bytes.fromhex(now.digest),
            remarks=asked.remarks,
            signed_at=at,
            signed_by_id=actor.person_id,
            signed_by=actor.name,
        )
    )
    return of(db, asked.organisation_id, year=asked.year, actor=actor)
