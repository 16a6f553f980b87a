"""A site's menu, and who plays what in an ordered visit."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.sites.programmes import AddProgramme, EditProgramme, MenuAsked, MoveProgramme, ProgrammeHistoryAsked
from contracts.sites.run_sheets import AssignRoles, RoleAssignment
from sites.domain.training import CaseNotPublished, PartyOutsideProgramme, RolesFixed
from sites.operations import orders as order_operations
from sites.operations import programmes as operations
from sites.operations import roles, training_cases
from sites.operations.programmes import ProgrammeNameTaken, ProgrammeNotMovable
from sites.queries import programmes as queries
from sites.queries.run_sheets import run_sheet
from sites.tables.places import programmes
from sqlalchemy import Connection, text, update

from tests.sites.articles import (
    NOON,
    Site,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    checked_in,
    place,
    the_order,
)

LECTURE = training_cases.bundled_version_id("lecture")


def fields(**given: Any) -> dict[str, Any]:
    return {
        "name": "情景党课",
        "theme": "training",
        "minutes": 60,
        "every_minutes": 90,
        "seats": 40,
        **given,
    }


def add(db: Connection, site: Site, **given: Any) -> Any:
    asked = AddProgramme(site_id=site.id, **fields(**given))
    return operations.add(db, asked=asked, actor=a_steward(site), at=NOON)


def retire(db: Connection, site: Site, programme_id: UUID) -> Any:
    asked = MoveProgramme(programme_id=programme_id, reason="场馆改造")
    return operations.retire(db, asked=asked, actor=a_steward(site), at=NOON)


def a_slot_with_a_case(db: Connection, *, version_id: UUID = LECTURE) -> Any:
    training_cases.register_bundled(db, at=NOON)
    slot = a_slot(db)
    offers = update(programmes).where(programmes.c.id == slot.site.programme_id)
    db.execute(offers.values(kind="training_case", case_version_id=version_id))
    return slot


class TestAKeeper:
    def test_adds_a_programme_that_everybody_sees(self, db: Connection) -> None:
        site = a_site(db)
        made = add(db, site, description="听一堂课", bring="笔记本", languages=["zh", "en", "zh"], party_min=5)
        assert (made.kind, made.languages, made.party_min, made.version) == ("tour", ["zh", "en"], 5, 1)
        assert made in queries.offered(db, site.id).items
        assert queries.programme_shown(db, made.id) == made

    def test_offers_a_case_in_a_published_version(self, db: Connection) -> None:
        training_cases.register_bundled(db, at=NOON)
        made = add(db, a_site(db), kind="training_case", case_version_id=LECTURE)
        assert made.case.title == "党课"
        assert made.newer_case_version_id is None

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"party_min": 10, "party_max": 5}, "party_max"),
            ({"party_min": 41}, "party_min"),
            ({"kind": "training_case"}, "case_version_id"),
            ({"case_version_id": LECTURE}, "case_version_id"),
            ({"kind": "training_case", "case_version_id": LECTURE, "minutes": 59}, "minutes"),
            ({"name": "  "}, "name"),
        ],
    )
    def test_is_told_at_the_field_what_does_not_fit(self, db: Connection, given: Any, field: str) -> None:
        training_cases.register_bundled(db, at=NOON)
        with pytest.raises(InvalidInput) as refused:
            add(db, a_site(db), **given)
        assert list(refused.value.errors) == [field]

    def test_cannot_offer_what_is_not_published(self, db: Connection) -> None:
        with pytest.raises(CaseNotPublished):
            add(db, a_site(db), kind="training_case", case_version_id=uuid4())

    def test_gives_no_name_twice(self, db: Connection) -> None:
        site = a_site(db)
        add(db, site)
        with pytest.raises(ProgrammeNameTaken):
            add(db, site)
        add(db, a_site(db))

    def test_edits_what_nobody_edited_meanwhile(self, db: Connection) -> None:
        site = a_site(db)
        made = add(db, site)
        asked = EditProgramme(programme_id=made.id, version=1, **fields(name="新名字", seats=20))
        edited = operations.edit(db, asked=asked, actor=a_steward(site), at=NOON)
        assert (edited.name, edited.seats, edited.version) == ("新名字", 20, 2)
        with pytest.raises(PreconditionFailed):
            operations.edit(db, asked=asked, actor=a_steward(site), at=NOON)

    def test_of_another_site_does_nothing_here(self, db: Connection) -> None:
        made = add(db, a_site(db))
        stranger = a_steward(a_site(db))
        asked = EditProgramme(programme_id=made.id, version=1, **fields())
        with pytest.raises(Forbidden):
            operations.edit(db, asked=asked, actor=stranger, at=NOON)
        with pytest.raises(Forbidden):
            queries.menu(db, MenuAsked(site_id=made.site_id), actor=stranger)
        with pytest.raises(NotFound):
            queries.menu(db, MenuAsked(site_id=uuid4()), actor=stranger)

    def test_finds_retired_ones_last_in_the_whole_menu(self, db: Connection) -> None:
        site = a_site(db)
        retire(db, site, add(db, site, name="甲").id)
        add(db, site, name="乙")
        seen: list[str] = []
        cursor = None
        while True:
            page = queries.menu(db, MenuAsked(site_id=site.id, limit=1, cursor=cursor), actor=a_steward(site))
            seen += [line.name for line in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert len(seen) == 3
        assert seen[-1] == "甲"
        assert [line.name for line in queries.offered(db, site.id).items] == seen[:-1]


class TestRetiring:
    def test_takes_no_new_orders_and_breaks_none(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        retire(db, slot.site, slot.site.programme_id)
        assert the_order(db, order_id).state == "confirmed"
        reason = db.execute(text("SELECT closed_reason FROM slots WHERE id = :id"), {"id": slot.id}).scalar()
        assert reason == operations.RETIRED
        checked_in(db, order_id, slot=slot)
        assert run_sheet(db, order_id, actor=secretary, at=NOON).programme == "参观学习"

    def test_is_undone_by_offering_again(self, db: Connection) -> None:
        slot = a_slot(db)
        programme_id = slot.site.programme_id
        retire(db, slot.site, programme_id)
        with pytest.raises(ProgrammeNotMovable):
            retire(db, slot.site, programme_id)
        asked = MoveProgramme(programme_id=programme_id, reason="改造完成")
        operations.offer(db, asked=asked, actor=a_steward(slot.site), at=NOON)
        assert db.execute(text("SELECT closed_reason FROM slots WHERE id = :id"), {"id": slot.id}).scalar() is None
        history = queries.history(db, ProgrammeHistoryAsked(programme_id=programme_id), actor=a_steward(slot.site))
        assert [(move.move, move.reason) for move in history.items] == [("offer", "改造完成"), ("retire", "场馆改造")]

    def test_leaves_a_slot_closed_for_another_reason_as_it_is(self, db: Connection) -> None:
        slot = a_slot(db, closed_reason="检修")
        retire(db, slot.site, slot.site.programme_id)
        asked = MoveProgramme(programme_id=slot.site.programme_id, reason="改造完成")
        operations.offer(db, asked=asked, actor=a_steward(slot.site), at=NOON)
        assert db.execute(text("SELECT closed_reason FROM slots WHERE id = :id"), {"id": slot.id}).scalar() == "检修"


class TestAParty:
    def of(self, db: Connection, party_size: int) -> None:
        slot = a_slot(db)
        limits = update(programmes).where(programmes.c.id == slot.site.programme_id).values(party_min=5, party_max=10)
        db.execute(limits)
        branch = a_branch(db)
        place(db, an_order(slot, branch=branch, party_size=party_size), actor=a_secretary(branch))

    @pytest.mark.parametrize("party_size", [5, 10])
    def test_that_fits_the_programme_is_ordered(self, db: Connection, party_size: int) -> None:
        self.of(db, party_size)

    @pytest.mark.parametrize("party_size", [4, 11])
    def test_that_does_not_is_refused_by_the_database(self, db: Connection, party_size: int) -> None:
        with pytest.raises(PartyOutsideProgramme) as refused:
            self.of(db, party_size)
        assert refused.value.params == {"party_min": 5, "party_max": 10}


class TestAnOrder:
    def test_keeps_the_version_it_was_placed_for(self, db: Connection) -> None:
        slot = a_slot_with_a_case(db)
        before, secretary = a_placed_order(db, slot=slot)
        other = training_cases.bundled_version_id("theme-day")
        db.execute(update(programmes).where(programmes.c.id == slot.site.programme_id).values(case_version_id=other))
        after, other_secretary = a_placed_order(db, slot=slot)
        assert run_sheet(db, before, actor=secretary, at=NOON).case.title == "党课"
        assert run_sheet(db, after, actor=other_secretary, at=NOON).case.title == "主题党日"

    def test_without_a_case_has_no_steps(self, db: Connection) -> None:
        order_id, secretary = a_placed_order(db, slot=a_slot(db))
        sheet = run_sheet(db, order_id, actor=secretary, at=NOON)
        assert (sheet.case, sheet.steps, sheet.is_complete, sheet.may_assign) == (None, [], True, False)


class TestRoles:
    def assigned(self, *pairs: tuple[str, list[str]], order_id: UUID) -> AssignRoles:
        return AssignRoles(order_id=order_id, assignments=[RoleAssignment(role=r, names=n) for r, n in pairs])

    def test_nobody_plays_are_a_finding_and_no_refusal(self, db: Connection) -> None:
        slot = a_slot_with_a_case(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        assert run_sheet(db, order_id, actor=secretary, at=NOON).unplayed == ["lecturer", "listener"]
        asked = self.assigned(("lecturer", ["李书记"]), order_id=order_id)
        sheet = roles.assign(db, asked=asked, actor=secretary, at=NOON)
        assert (sheet.unplayed, sheet.is_complete) == (["listener"], False)
        asked = self.assigned(("lecturer", ["李书记"]), ("listener", ["第一小组", "第一小组 "]), order_id=order_id)
        sheet = roles.assign(db, asked=asked, actor=secretary, at=NOON)
        assert sheet.is_complete
        assert [role.names for role in sheet.roles] == [["李书记"], ["第一小组"]]

    def test_are_timed_from_the_visit_on(self, db: Connection) -> None:
        slot = a_slot_with_a_case(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        sheet = run_sheet(db, order_id, actor=secretary, at=NOON)
        assert len(sheet.steps) == 10
        assert sheet.steps[0].starts_at == slot.starts_at
        assert sheet.steps[-1].ends_at == slot.starts_at + timedelta(minutes=60)

    def test_are_fixed_when_the_visit_begins_or_the_order_ends(self, db: Connection) -> None:
        slot = a_slot_with_a_case(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        asked = self.assigned(("lecturer", ["李书记"]), order_id=order_id)
        with pytest.raises(RolesFixed):
            roles.assign(db, asked=asked, actor=secretary, at=slot.starts_at)
        order_operations.cancel(db, order_id=order_id, reason="改期", actor=secretary, at=NOON)
        with pytest.raises(RolesFixed):
            roles.assign(db, asked=asked, actor=secretary, at=NOON)

    def test_of_the_case_alone_are_played(self, db: Connection) -> None:
        order_id, secretary = a_placed_order(db, slot=a_slot_with_a_case(db))
        with pytest.raises(InvalidInput) as refused:
            roles.assign(db, asked=self.assigned(("king", ["某人"]), order_id=order_id), actor=secretary, at=NOON)
        assert list(refused.value.errors) == ["assignments.0.role"]

    def test_are_assigned_by_the_branch_and_read_by_the_steward(self, db: Connection) -> None:
        slot = a_slot_with_a_case(db)
        order_id, _secretary = a_placed_order(db, slot=slot)
        steward = a_steward(slot.site)
        with pytest.raises(Forbidden):
            roles.assign(db, asked=self.assigned(order_id=order_id), actor=steward, at=NOON)
        assert run_sheet(db, order_id, actor=steward, at=NOON).may_assign is False
        with pytest.raises(NotFound):
            run_sheet(db, order_id, actor=a_secretary(a_branch(db)), at=NOON)
