"""What the tests of the assessment are about; name only what matters, the rest is ordinary."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from assessment.domain.activities import HELD, THEME_DAY
from assessment.domain.facts import ActivityOfBranch, BranchFacts
from assessment.operations import organisations
from assessment.queries import lights
from chassis.actors import Actor
from contracts.assessment.lights import LightAsked, LightView
from contracts.envelope import NAMESPACE_ZHENDI, Event
from contracts.roster.organisations import OrganisationChanged
from contracts.sites.events import VisitCancelled, VisitClosed, VisitOrdered
from sqlalchemy import Connection

from tests import articles

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITE = "蒲松龄纪念馆"
SITE_ID = uuid5(NAMESPACE_ZHENDI, "site")
EARLY = datetime(2026, 9, 1, tzinfo=UTC)


def at(month: int, day: int, hour: int = 12, minute: int = 0, *, year: int = 2026) -> datetime:
    """An instant, told by the clocks of Shanghai, as the database would give it back."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


NOON = at(11, 12)


def an_actor(*grants: tuple[str, str]) -> Actor:
    return articles.an_actor(*grants, name="王书记", at=NOON)


ANYBODY = an_actor(("officer", "3703"))


def a_branch_changed(**state: Any) -> OrganisationChanged:
    path = state.pop("path", "3703.370302.t1.b1")
    whole: dict[str, Any] = {
        "id": uuid5(NAMESPACE_ZHENDI, path),
        "code": path.rpartition(".")[2],
        "name": "蒲家庄党支部",
        "kind": "branch",
        "field": "rural",
        "path": path,
        "parent_id": None,
        "division_code": None,
        "secretary_id": uuid4(),
        "members_full": 20,
        "members_probationary": 1,
    }
    return OrganisationChanged(**{**whole, **state})


def an_event(data: Any, *, version: int = 1, occurred_at: datetime = NOON) -> Event:
    return Event(
        event_id=uuid4(), occurred_at=occurred_at, aggregate="order", aggregate_id="", version=version, data=data
    )


def a_branch(db: Connection, *, at: datetime = EARLY, version: int = 1, **state: Any) -> UUID:
    """A branch that roster told of early enough to have a light in every month the tests look at."""
    told = a_branch_changed(**state)
    organisations.remember(db, event=an_event(told, version=version, occurred_at=EARLY), at=at)
    return told.id


def an_order_ordered(branch_id: UUID, *, order_id: UUID | None = None, on: date, version: int = 1, **how: Any) -> Event:
    visit = VisitOrdered(
        order_id=order_id or uuid4(),
        branch_id=branch_id,
        site_id=SITE_ID,
        site_name=SITE,
        programme="聊斋故事里的初心",
        theme="party_spirit",
        visit_on=on,
        starts_at=datetime(on.year, on.month, on.day, 9, tzinfo=SHANGHAI),
        party_size=20,
    )
    return an_event(visit, version=version, **how)


def an_order_cancelled(branch_id: UUID, *, order_id: UUID, version: int = 2, **how: Any) -> Event:
    visit = VisitCancelled(order_id=order_id, branch_id=branch_id, state="cancelled", reason="时间有变")
    return an_event(visit, version=version, **how)


def a_visit_closed(branch_id: UUID, *, order_id: UUID | None = None, on: date, version: int = 3, **how: Any) -> Event:
    told = {name: how.pop(name) for name in ("starts_at", "ends_at", "member_ids") if name in how}
    visit = VisitClosed(
        order_id=order_id or uuid4(),
        branch_id=branch_id,
        site_id=SITE_ID,
        site_name=SITE,
        programme="聊斋故事里的初心",
        theme=how.pop("theme", "party_spirit"),
        visit_on=on,
        headcount=18,
        **told,
    )
    return an_event(visit, version=version, **how)


def facts_on(
    today: date, *, held_on: date | None = None, planned_on: date | None = None, members_full: int = 20, **known: Any
) -> BranchFacts:
    days = [(HELD, held_on), ("planned", planned_on)]
    return BranchFacts(
        today=today,
        has_secretary=known.get("has_secretary", True),
        members_full=members_full,
        activities=tuple(ActivityOfBranch(THEME_DAY, state, day, SITE) for state, day in days if day),
    )


def the_light(db: Connection, branch_id: UUID, *, at: datetime, month: str | None = None) -> LightView:
    return lights.light(db, asked=LightAsked(branch_id=branch_id, month=month), actor=ANYBODY, at=at)


def the_reading(light: LightView, check: str) -> Any:
    return next(reading for reading in light.readings if reading.check == check)
