"""A town's rating of the last half-year, all made up and set-wise: drawn up, shown, published; a weak organisation.

The facts are drawn from each branch's id, so that every demonstration has the same; the steps are calculated from them
as those of a real rating are. The branch with the lowest sum is on the list of weak organisations, half mended.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from assessment.domain.star_ratings import DRAWING, days_of, period_named
from assessment.operations import star_drawings, star_ratings, weak_organisations
from assessment.queries.star_formulas import in_force_for
from assessment.tables.stars import star_ratings as ratings
from assessment.tables.stars import star_results
from chassis import clock
from chassis.actors import Actor, Grant
from contracts.assessment.star_ratings import PublishStarRating, ShowStarRating
from contracts.assessment.weak_organisations import (
    AcceptWeakItem,
    DoWeakItem,
    ListWeakOrganisation,
    ProposeWeakOrganisation,
    WeakItem,
)
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import Connection, insert, select, text

from demo import people
from demo.organisations import PUJIA, ZICHUAN, organisation_id

SHOWN: Final = timedelta(days=12)
DAYS: Final = 7

_RATED: Final = text("""
INSERT INTO rated_organisations (rating_id, organisation_id, name, path, field, kind)
SELECT :rating_id, id, name, path, field, kind FROM organisations
 WHERE kind IN ('branch', 'joint_branch') AND NOT is_external AND NOT dissolved AND starts_with(path, :path || '.')
""")
# A number of 0 to 99 for each branch and measure; few have problems, fewer a card.
_FACTS: Final = text("""
INSERT INTO star_inputs (rating_id, organisation_id, measure, value)
SELECT :rating_id, o.organisation_id, m.measure, m.value FROM rated_organisations o
 CROSS JOIN LATERAL (SELECT abs(hashtext(o.organisation_id::text || 'score')) % 100 AS score,
                            abs(hashtext(o.organisation_id::text || 'light')) % 100 AS light,
                            abs(hashtext(o.organisation_id::text || 'found')) % 100 AS found) r
 CROSS JOIN LATERAL (VALUES
    ('round_score', CASE WHEN o.field IN ('rural', 'community', 'private', 'social_organisation')
                         THEN 6200 + 37 * r.score END),
    ('green_share', CASE WHEN r.light < 70 THEN 10000 WHEN r.light < 90 THEN 8333 WHEN r.light < 97 THEN 6667
                         ELSE 3333 END),
    ('red_months', CASE WHEN r.light < 97 THEN 0 ELSE 300 END),
    ('tasks_done', CASE WHEN r.light < 80 THEN 10000 ELSE 8000 + 10 * r.light END),
    ('records_held', 200 + 2 * r.score),
    ('problems_found', CASE WHEN r.found < 60 THEN 0 WHEN r.found < 90 THEN 100 ELSE 300 END),
    ('problems_open', CASE WHEN r.found < 96 THEN 0 ELSE 100 END),
    ('card_highest', CASE WHEN r.found < 97 THEN 0 WHEN r.found < 99 THEN 100 ELSE 200 END),
    ('card_open', 0),
    ('has_secretary', 10000)
 ) m (measure, value) WHERE o.rating_id = :rating_id
""")
# The part of the district in which the branch lies.
_TOWN: Final = text("""
SELECT t.id, t.path FROM organisations t, organisations b, organisations d
 WHERE b.id = :branch AND d.id = :district AND starts_with(b.path, t.path || '.') AND starts_with(t.path, d.path || '.')
 ORDER BY length(t.path) LIMIT 1
""")
_PATH: Final = text("SELECT path FROM organisations WHERE id = :id")


def load(db: Connection, *, at: datetime) -> int:
    """Load the rating and the weak organisation, once; returns how many branches were rated."""
    rating_id = uuid5(NAMESPACE_ZHENDI, "demo star rating")
    if db.execute(select(ratings.c.id).where(ratings.c.id == rating_id)).first():
        return 0
    town, path = db.execute(_TOWN, {"branch": organisation_id(PUJIA), "district": organisation_id(ZICHUAN)}).one()
    period = _last_half(clock.today(at))
    formula_id = in_force_for(db, path, days_of(period)[1])
    if formula_id is None:
        return 0  # no formula held then
    officer, second = _actors(path, at=at)
    drawn_at = at - SHOWN
    new: dict[str, Any] = {"id": rating_id, "organisation_id": town, "path": path, "period": period}
    new |= {"formula_id": formula_id, "state": DRAWING, "drawn_up_at": drawn_at}
    db.execute(insert(ratings).values(**new, drawn_up_by_id=officer.person_id, drawn_up_by=officer.name))
    count = db.execute(_RATED, {"rating_id": rating_id, "path": path}).rowcount
    db.execute(_FACTS, {"rating_id": rating_id})
    star_drawings.calculate(db, rating_id, at=drawn_at)
    star_ratings.show(db, asked=ShowStarRating(rating_id, DAYS), actor=officer, at=drawn_at)
    star_ratings.publish(db, asked=PublishStarRating(rating_id), actor=second, at=at)
    _load_weak(db, rating_id, officer=officer, at=at)
    return count


def _load_weak(db: Connection, rating_id: UUID, *, officer: Actor, at: datetime) -> None:
    of = star_results.c
    weakest = db.execute(
        select(of.organisation_id).where(of.rating_id == rating_id, of.points.is_not(None)).order_by(of.points).limit(1)
    ).scalar_one()
    path = db.execute(_PATH, {"id": weakest}).scalar_one()
    secretary = _actor("weak secretary", "（演示）支部书记", Grant("secretary", path), at=at)
    due_on = clock.today(at) + timedelta(days=120)
    proposed = weak_organisations.propose(
        db, asked=ProposeWeakOrganisation(weakest, "连续三个月红灯，现场评估反映组织生活不经常"), actor=officer, at=at
    )
    texts = ("配齐支部委员，明确分工", "补齐上半年组织生活记录", "每月按时开展主题党日", "公开党务并接受党员询问")
    listed = weak_organisations.put_on(
        db,
        asked=ListWeakOrganisation(
            entry_id=proposed.id,
            plan="镇街包保，逐项整改；每月调度一次，整改到位后由区委组织部验收销号。",
            in_charge="（演示）镇党委副书记",
            contact="区委组织部组织科",
            due_on=due_on,
            items=[WeakItem(text=said, due_on=due_on - timedelta(days=30)) for said in texts],
        ),
        actor=officer,
        at=at,
    )
    for item, evidence in zip(listed.items, ("支部大会已选举产生委员，分工表已张贴", "记录已补齐"), strict=False):
        asked = DoWeakItem(item_id=item.id, evidence=evidence)
        weak_organisations.do(db, asked=asked, actor=secretary, at=at)
    weak_organisations.accept(db, asked=AcceptWeakItem(listed.items[0].id), actor=officer, at=at)


def _last_half(today: date) -> str:
    return period_named(today.year, 1) if today.month > 6 else period_named(today.year - 1, 2)


def _actors(path: str, *, at: datetime) -> tuple[Actor, Actor]:
    user = next(user for user in people.USERS if user.username == "officer")
    officer = Actor(user.id, uuid5(user.id, "demo"), user.name, (Grant("officer", path),), at)
    return officer, _actor("second officer", "（演示）复核人", Grant("officer", path), at=at)


def _actor(key: str, name: str, grant: Grant, *, at: datetime) -> Actor:
    return Actor(people.person_id(key), uuid5(NAMESPACE_ZHENDI, f"session:{key}"), name, (grant,), at)
