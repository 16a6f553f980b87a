"""The list of weak organisations (A10): rules propose, people decide, item by item, off it by another person."""

import itertools
from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.weak_organisations import ENTRY_MOVES, ENTRY_STATES, ITEM_MOVES, ITEM_STATES
from assessment.operations import weak_organisations as weak
from assessment.operations.weak_organisations import (
    WeakEntryNotMovable,
    WeakEntryThere,
    WeakItemNotMovable,
    WeakItemOwn,
    WeakItemsOpen,
    WeakRatingNotPublished,
    WeakReleaseOwn,
)
from assessment.queries import weak_organisations as entries
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.weak_organisations import (
    AcceptWeakItem,
    AddWeakItem,
    DismissWeakOrganisation,
    DoWeakItem,
    ListWeakOrganisation,
    ProposeWeakByRating,
    ProposeWeakOrganisation,
    ReleaseWeakOrganisation,
    ReturnWeakItem,
    WeakEntriesOfAsked,
    WeakEntryAsked,
    WeakEntryView,
    WeakItem,
    WeakOrganisationsAsked,
)
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import an_actor
from tests.assessment.test_star_ratings import (
    DRAWER,
    FIRST,
    LATER,
    NEW_YEAR,
    SECOND,
    SECONDLY,
    SECRETARY,
    STRANGER,
    TOWN_OFFICER,
    a_district,
    alone,
    drawn_up,
    lights,
    publish,
    show,
)
from tests.races import at_once

DUE = date(2027, 6, 30)
THIRD = an_actor(("officer", "3703"))


def proposed(db: Connection) -> UUID:
    a_district(db)
    asked = ProposeWeakOrganisation(FIRST, "班子不团结")
    return weak.propose(db, asked=asked, actor=DRAWER, at=NEW_YEAR).id


def listed(db: Connection, *texts: str, entry_id: UUID | None = None) -> WeakEntryView:
    items = [WeakItem(text=said, due_on=DUE) for said in texts or ("选好书记", "建好台账")]
    asked = ListWeakOrganisation(
        entry_id=entry_id or proposed(db),
        plan="整顿方案",
        in_charge="李镇长",
        contact="区委组织部",
        due_on=DUE,
        items=items,
    )
    return weak.put_on(db, asked=asked, actor=DRAWER, at=NEW_YEAR)


def done(db: Connection, item_id: UUID, **how: Any) -> WeakEntryView:
    return weak.do(db, asked=DoWeakItem(item_id=item_id, evidence="已选出", **how), actor=SECRETARY, at=LATER)


def accepted(db: Connection, item_id: UUID) -> WeakEntryView:
    return weak.accept(db, asked=AcceptWeakItem(item_id), actor=DRAWER, at=LATER)


def seen(db: Connection, entry_id: UUID, **how: Any) -> WeakEntryView:
    return entries.entry(db, asked=WeakEntryAsked(entry_id), **{"actor": DRAWER, "at": LATER, **how})


class TestProposed:
    def test_by_the_rules_of_a_published_rating_once(self, db: Connection) -> None:
        a_district(db)
        lights(db, FIRST, *["green"] * 6)
        lights(db, SECONDLY, *["red"] * 4, "green", "green")
        rating = drawn_up(db)
        asked = ProposeWeakByRating(rating.id)
        with pytest.raises(WeakRatingNotPublished):
            weak.propose_by_rating(db, asked=asked, actor=DRAWER, at=LATER)
        show(db, rating.id)
        publish(db, rating.id)
        assert weak.propose_by_rating(db, asked=asked, actor=DRAWER, at=LATER).count == 1
        assert weak.propose_by_rating(db, asked=asked, actor=DRAWER, at=LATER).count == 0
        page = entries.weak_organisations_asked(db, asked=WeakOrganisationsAsked(), actor=DRAWER, at=LATER)
        (entry,) = page.items
        assert entry.organisation_id == SECONDLY
        assert entry.reasons == [
            {"measure": "has_secretary", "comparison": "below", "number": 1, "value": 0},
            {"measure": "red_months", "comparison": "at_least", "number": 3, "value": 4},
            {"level": "lagging"},
        ]

    def test_whoever_was_left_off_is_not_proposed_by_the_same_rating(self, db: Connection) -> None:
        a_district(db)
        rating = drawn_up(db)
        show(db, rating.id)
        publish(db, rating.id)
        asked = ProposeWeakByRating(rating.id)
        assert weak.propose_by_rating(db, asked=asked, actor=DRAWER, at=LATER).count == 2
        for entry in entries.weak_organisations_asked(db, asked=WeakOrganisationsAsked(), actor=DRAWER, at=LATER).items:
            weak.dismiss(db, asked=DismissWeakOrganisation(entry.id, "已好转"), actor=SECOND, at=LATER)
        assert weak.propose_by_rating(db, asked=asked, actor=DRAWER, at=LATER).count == 0

    def test_by_a_person_once(self, db: Connection) -> None:
        proposed(db)
        with pytest.raises(WeakEntryThere):
            weak.propose(db, asked=ProposeWeakOrganisation(FIRST, "又一次"), actor=SECOND, at=LATER)
        with pytest.raises(Forbidden):
            weak.propose(db, asked=ProposeWeakOrganisation(SECONDLY, "外镇"), actor=TOWN_OFFICER, at=LATER)


class TestListed:
    def test_with_plan_person_contact_day_and_items(self, db: Connection) -> None:
        entry = listed(db)
        assert (entry.state, entry.item_count, entry.in_charge, entry.due_on) == ("listed", 2, "李镇长", DUE)
        assert [step.step for step in entry.steps] == ["propose", "list"]

    def test_days_are_to_come_and_within_the_whole(self, db: Connection) -> None:
        entry_id = proposed(db)
        late = [WeakItem(text="选好书记", due_on=DUE + timedelta(days=1))]
        asked = ListWeakOrganisation(
            entry_id=entry_id, plan="方案", in_charge="李", contact="部", due_on=DUE, items=late
        )
        with pytest.raises(InvalidInput) as refused:
            weak.put_on(db, asked=asked, actor=DRAWER, at=NEW_YEAR)
        assert list(refused.value.errors) == ["items.0.due_on"]

    def test_is_overdue_after_its_day(self, db: Connection) -> None:
        entry = listed(db)
        assert not seen(db, entry.id).is_overdue
        assert seen(db, entry.id, at=NEW_YEAR + timedelta(days=200)).is_overdue

    def test_comes_off_when_all_is_accepted_by_somebody_who_accepted_none(self, db: Connection) -> None:
        entry = listed(db)
        first, second = entry.items
        release = ReleaseWeakOrganisation(entry.id, "整顿到位")
        done(db, first.id)
        accepted(db, first.id)
        with pytest.raises(WeakItemsOpen):
            weak.release(db, asked=release, actor=THIRD, at=LATER)
        done(db, second.id)
        accepted(db, second.id)
        with pytest.raises(WeakReleaseOwn):
            weak.release(db, asked=release, actor=DRAWER, at=LATER)
        view = weak.release(db, asked=release, actor=THIRD, at=LATER)
        assert (view.state, view.ended_reason) == ("released", "整顿到位")
        assert [step.step for step in view.steps][-1] == "release"
        with pytest.raises(WeakEntryNotMovable):
            weak.add_item(db, asked=AddWeakItem(entry_id=entry.id, text="再来", due_on=DUE), actor=DRAWER, at=LATER)

    def test_an_item_that_was_given_back_is_done_anew(self, db: Connection) -> None:
        item = listed(db, "选好书记").items[0]
        with pytest.raises(WeakItemNotMovable):
            accepted(db, item.id)
        done(db, item.id)
        back = weak.give_back(db, asked=ReturnWeakItem(item.id, "没有会议记录"), actor=DRAWER, at=LATER).items[0]
        assert (back.state, back.evidence, back.reason) == ("open", None, "没有会议记录")
        again = done(db, item.id).items[0]
        assert (again.state, again.reason) == ("done", None)

    def test_nobody_accepts_what_they_reported(self, db: Connection) -> None:
        both = an_actor(("officer", "3703"), ("secretary", "3703"))
        item = listed(db, "选好书记").items[0]
        weak.do(db, asked=DoWeakItem(item_id=item.id, evidence="已选出"), actor=both, at=LATER)
        with pytest.raises(WeakItemOwn):
            weak.accept(db, asked=AcceptWeakItem(item.id), actor=both, at=LATER)
        with pytest.raises(DBAPIError):
            db.execute(
                text("UPDATE weak_items SET state = 'accepted', accepted_at = now(), accepted_by_id = done_by_id")
            )

    def test_a_record_named_is_the_organisations_own(self, db: Connection) -> None:
        item = listed(db, "选好书记").items[0]
        with pytest.raises(InvalidInput):
            done(db, item.id, record_id=uuid4())


class TestWhoSeesIt:
    def test_the_branch_once_it_is_listed_and_nobody_elses(self, db: Connection) -> None:
        entry_id = proposed(db)
        own = WeakEntriesOfAsked(FIRST)
        assert entries.entries_of(db, asked=own, actor=SECRETARY, at=LATER).items == []
        with pytest.raises(NotFound):
            seen(db, entry_id, actor=SECRETARY)
        listed(db, entry_id=entry_id)
        assert [one.item_count for one in entries.entries_of(db, asked=own, actor=SECRETARY, at=LATER).items] == [2]
        with pytest.raises(Forbidden):
            entries.entries_of(db, asked=own, actor=STRANGER, at=LATER)

    def test_each_superior_and_only_those(self, db: Connection) -> None:
        listed(db)
        for actor, count in ((TOWN_OFFICER, 1), (SECOND, 1), (an_actor(("officer", "3703.370302.t2")), 0)):
            page = entries.weak_organisations_asked(db, asked=WeakOrganisationsAsked(), actor=actor, at=LATER)
            assert len(page.items) == count


@pytest.mark.parametrize(("move", "state"), list(itertools.product(ENTRY_MOVES, ENTRY_STATES)))
def test_an_entry_moves_as_the_table_says(db: Connection, move: str, state: str) -> None:
    entry_id = proposed(db)
    if state in ("listed", "released"):
        item = listed(db, "选好书记", entry_id=entry_id).items[0]
        done(db, item.id)
        accepted(db, item.id)
    acts: dict[str, Any] = {
        "list": lambda: listed(db, entry_id=entry_id),
        "dismiss": lambda: weak.dismiss(db, asked=DismissWeakOrganisation(entry_id, "因"), actor=THIRD, at=LATER),
        "release": lambda: weak.release(db, asked=ReleaseWeakOrganisation(entry_id, "因"), actor=THIRD, at=LATER),
    }
    if state in ("released", "dismissed"):
        acts["release" if state == "released" else "dismiss"]()
    if state in ENTRY_MOVES[move][0]:
        assert acts[move]().state == ENTRY_MOVES[move][1]
    else:
        with pytest.raises(WeakEntryNotMovable):
            acts[move]()


@pytest.mark.parametrize(("move", "state"), list(itertools.product(ITEM_MOVES, ITEM_STATES)))
def test_an_item_moves_as_the_table_says(db: Connection, move: str, state: str) -> None:
    item = listed(db, "选好书记").items[0]
    if state != "open":
        done(db, item.id)
    if state == "accepted":
        accepted(db, item.id)
    acts: dict[str, Any] = {
        "do": lambda: done(db, item.id),
        "accept": lambda: accepted(db, item.id),
        "return": lambda: weak.give_back(db, asked=ReturnWeakItem(item.id, "因"), actor=DRAWER, at=LATER),
    }
    if state in ITEM_MOVES[move][0]:
        assert acts[move]().items[0].state == ITEM_MOVES[move][1]
    else:
        with pytest.raises(WeakItemNotMovable):
            acts[move]()


def test_of_two_who_accept_one_does_and_no_release_slips_between(database: Engine) -> None:
    with database.begin() as db:
        entry = listed(db, "选好书记", "建好台账")
        done(db, entry.items[0].id)
        done(db, entry.items[1].id)
        accepted(db, entry.items[1].id)
    accept = partial(alone, database, weak.accept, asked=AcceptWeakItem(entry.items[0].id), actor=DRAWER, at=LATER)
    back = partial(
        alone, database, weak.give_back, asked=ReturnWeakItem(entry.items[0].id, "因"), actor=SECOND, at=LATER
    )
    release = partial(
        alone, database, weak.release, asked=ReleaseWeakOrganisation(entry.id, "到位"), actor=THIRD, at=LATER
    )
    results = at_once([accept, accept, back, back, release])
    told = Counter(result if isinstance(result, str) else "done" for result in results[:4])
    assert told == {"done": 1, "weak-item-not-movable": 3} or told["weak-entry-not-movable"] > 0
    with database.connect() as db:
        view = seen(db, entry.id)
        assert (view.state == "released") <= all(item.state == "accepted" for item in view.items)
        assert [step.step for step in view.steps].count("accept") + [step.step for step in view.steps].count(
            "return"
        ) == 2
