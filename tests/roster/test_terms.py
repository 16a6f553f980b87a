"""Terms of committees: how long, when they end, who moves the end, who comes into a post and how they leave it."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from chassis import clock
from chassis.actors import Forbidden
from chassis.refusals import BadRequest, InvalidInput, NotFound
from contracts.roster.members import EndMembership
from contracts.roster.terms import (
    AppointCommittee,
    AppointToPost,
    ApproveTermShift,
    AskTermShift,
    CommitteeAsked,
    EndPost,
    RecordTerm,
    RefuseTermShift,
    TermCountsAsked,
    TermsAsked,
    WithdrawTermShift,
)
from roster.domain.terms import (
    SHIFT_MOVES,
    NoFixedTerm,
    NotByOneself,
    NoTerm,
    PostNotHeld,
    PostTaken,
    SeatsFull,
    ShiftDecided,
    ShiftOpen,
    TermRunning,
    TooFar,
    last_day,
    shift_limits,
    status_of,
    term_rule,
)
from roster.operations import member_records, members, term_shifts, terms
from roster.operations.findings import recheck
from roster.queries import findings
from roster.queries import terms as asked_of
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.roster.committees import TODAY, Place, a_term
from tests.roster.factories import a_branch, a_committee, an_organisation, path_of, told_of, version_of
from tests.roster.registers import an_administrator
from tests.roster.test_members import run_all


def seen(db: Connection, place: Place, *, on: date | None = None):
    asked = CommitteeAsked(place.branch, on)
    return asked_of.committee(db, asked, actor=place.officer, today=TODAY)


class TestRule:
    @pytest.mark.parametrize(
        ("kind", "field", "rule"),
        [
            ("committee", "government", "term-committee"),
            ("committee", "rural", "term-committee"),
            ("general_branch", "community", "term-village"),
            ("general_branch", "school", "term-other"),
            ("branch", "rural", "term-village"),
            ("branch", "community", "term-village"),
            ("branch", "private", "term-other"),
            ("joint_branch", "private", "term-other"),
        ],
    )
    def test_which_rule_says_how_long(self, kind: str, field: str, rule: str):
        assert term_rule(kind=kind, field=field) == rule

    @pytest.mark.parametrize("kind", ["working_committee", "leading_group"])
    def test_who_is_appointed_for_no_fixed_time_has_none(self, kind: str):
        with pytest.raises(NoFixedTerm):
            term_rule(kind=kind, field="rural")

    @pytest.mark.parametrize(
        ("begins", "years", "ends"),
        [
            (date(2024, 3, 1), 3, date(2027, 2, 28)),
            (date(2024, 2, 29), 5, date(2029, 2, 27)),
            (date(2023, 1, 1), 3, date(2025, 12, 31)),
        ],
    )
    def test_it_ends_the_day_before_the_same_date(self, begins: date, years: int, ends: date):
        assert last_day(begins, years) == ends

    @pytest.mark.parametrize(
        ("today", "status"),
        [
            (date(2026, 8, 27), "running"),
            (date(2026, 8, 28), "ending"),
            (date(2027, 2, 28), "ending"),
            (date(2027, 3, 1), "overdue"),
        ],
    )
    def test_its_end_is_near_for_six_months(self, today: date, status: str):
        assert status_of(date(2027, 2, 28), today=today, warning_months=6) == status
        assert status_of(None, today=today, warning_months=6) == "without"

    def test_it_moves_by_a_year_at_most(self):
        assert shift_limits(date(2027, 2, 28), 12) == (date(2026, 2, 28), date(2028, 2, 28))


class TestShift:
    def ask(self, db: Connection, place: Place, day: date = date(2027, 8, 31)):
        asked = AskTermShift(place.branch, day, "村委会换届推迟")
        return term_shifts.ask(db, asked=asked, actor=place.clerk, at=NOON)

    def place(self, db: Connection) -> Place:
        place = Place(db, full=7, secretary=True, seats=2)
        a_term(db, place, active_from=date(2022, 3, 1))
        return place

    def test_the_superior_approves_with_a_document(self, db: Connection):
        place = self.place(db)
        shift = self.ask(db, place).shifts[0]
        assert (shift.state, shift.can) == ("asked", ["withdraw"])
        done = term_shifts.approve(
            db, asked=ApproveTermShift(shift.id, "川组〔2026〕5号"), actor=place.officer, at=NOON
        )
        assert (done.term.ends_on, done.term.regular_ends_on) == (date(2027, 8, 31), date(2027, 2, 28))
        assert done.shifts[0].document_number == "川组〔2026〕5号"

    @pytest.mark.parametrize("day", [date(2028, 2, 29), date(2026, 2, 27)])
    def test_further_than_a_year_is_refused(self, db: Connection, day: date):
        with pytest.raises(TooFar):
            self.ask(db, self.place(db), day)

    def test_to_a_day_that_has_passed_or_the_same_day_is_refused(self, db: Connection):
        place = self.place(db)
        for day in (date(2026, 11, 9), date(2027, 2, 28)):
            with pytest.raises(InvalidInput):
                self.ask(db, place, day)
        self.ask(db, place, date(2028, 2, 28))

    def test_nobody_approves_their_own_and_the_branch_approves_nothing(self, db: Connection):
        place = self.place(db)
        both = an_actor(
            ("administrator", path_of(db, place.branch)), ("officer", path_of(db, place.superior)), name="两职"
        )
        asked = AskTermShift(place.branch, date(2027, 8, 31), "推迟")
        shift = term_shifts.ask(db, asked=asked, actor=both, at=NOON).shifts[0]
        assert "approve" not in shift.can
        with pytest.raises(NotByOneself):
            term_shifts.approve(db, asked=ApproveTermShift(shift.id, "1号"), actor=both, at=NOON)
        with pytest.raises(Forbidden):
            term_shifts.approve(db, asked=ApproveTermShift(shift.id, "1号"), actor=place.clerk, at=NOON)
        # An officer of the branch itself is not its superior.
        own = an_actor(("officer", path_of(db, place.branch)))
        with pytest.raises(Forbidden):
            term_shifts.approve(db, asked=ApproveTermShift(shift.id, "1号"), actor=own, at=NOON)
        stranger = an_actor(("officer", path_of(db, a_committee(db))))
        with pytest.raises(NotFound):
            term_shifts.refuse(db, asked=RefuseTermShift(shift.id, "否"), actor=stranger, at=NOON)

    def test_one_waits_at_a_time_and_what_is_decided_is_decided(self, db: Connection):
        place = self.place(db)
        shift = self.ask(db, place).shifts[0]
        with pytest.raises(ShiftOpen):
            self.ask(db, place)
        term_shifts.withdraw(db, asked=WithdrawTermShift(shift.id), actor=place.clerk, at=NOON)
        for act, asked in (
            (term_shifts.approve, ApproveTermShift(shift.id, "1号")),
            (term_shifts.refuse, RefuseTermShift(shift.id, "否")),
        ):
            with pytest.raises(ShiftDecided):
                act(db, asked=asked, actor=place.officer, at=NOON)
        assert seen(db, place).term.ends_on == date(2027, 2, 28)
        assert set(SHIFT_MOVES) == {"approve", "refuse", "withdraw"}

    def test_where_no_term_runs_there_is_nothing_to_move(self, db: Connection):
        place = Place(db, full=7)
        with pytest.raises(NoTerm):
            self.ask(db, place)

    def test_approved_and_withdrawn_at_the_same_time_only_one_holds(self, database: Engine):
        with database.begin() as db:
            place = self.place(db)
            shift = self.ask(db, place).shifts[0]
        ends = together(
            database,
            lambda db: term_shifts.approve(db, asked=ApproveTermShift(shift.id, "1号"), actor=place.officer, at=NOON),
            lambda db: term_shifts.withdraw(db, asked=WithdrawTermShift(shift.id), actor=place.clerk, at=NOON),
        )
        assert sorted(ends) == ["ShiftDecided", "done"]
        with database.connect() as db:
            view = seen(db, place)
            moved = view.shifts[0].state == "approved"
            assert view.term.ends_on == (date(2027, 8, 31) if moved else date(2027, 2, 28))


class TestWarning:
    def test_each_end_is_told_once_before_and_once_after(self, db: Connection):
        place = Place(db, full=7)
        a_term(db, place, active_from=date(2022, 3, 1))  # ends 2027-02-28
        early = datetime(2026, 8, 26, 4, tzinfo=UTC)
        assert terms.warn(db, at=early) == 0
        assert [terms.warn(db, at=early + timedelta(days=2)) for _ in range(2)] == [1, 0]
        assert terms.warn(db, at=datetime(2027, 3, 1, 4, tzinfo=UTC)) == 1
        assert [notice.kind for notice in seen(db, place).notices] == ["overdue", "ending"]


class TestPosts:
    def appoint(self, db: Connection, place: Place, person, post: str = "committee_member", **more):
        asked = AppointToPost(place.branch, person, post, more.pop("on", TODAY), "任〔2026〕1号")
        return terms.appoint_to_post(db, asked=asked, actor=more.pop("actor", place.officer), at=NOON)

    def test_a_whole_committee_is_appointed_and_its_term_begins_anew(self, db: Connection):
        place = Place(db, full=8, secretary=True, seats=2)
        a_term(db, place, active_from=date(2022, 3, 1))
        people = place.members(db)[:3]
        asked = AppointCommittee(place.branch, date(2026, 11, 1), "任1号", people[0], [people[1]], [people[2]])
        done = terms.appoint_committee(db, asked=asked, actor=place.officer, at=NOON)
        assert [(held.person_id, held.post, held.made_by) for held in done.posts] == [
            (people[0], "secretary", "appointed"),
            (people[1], "deputy_secretary", "appointed"),
            (people[2], "committee_member", "appointed"),
        ]
        assert (done.term.active_from, done.term.ends_on) == (date(2026, 11, 1), date(2031, 10, 31))
        assert {held.ended_by for held in done.former} == {"term_ended"}
        assert told_of(db, place.branch)[-1]["secretary_id"] == str(people[0])
        # As it was the day before.
        before = seen(db, place, on=date(2026, 10, 31))
        assert len(before.posts) == 3
        assert before.term.active_from == date(2022, 3, 1)

    def test_a_single_post_keeps_the_term(self, db: Connection):
        place = Place(db, full=8, secretary=True, seats=1)
        a_term(db, place, active_from=date(2024, 3, 1))
        spare = [one for one in place.members(db) if one not in {p.person_id for p in seen(db, place).posts}]
        done = self.appoint(db, place, spare[0])
        assert (len(done.posts), done.term.active_from, done.vacant_seats) == (3, date(2024, 3, 1), 0)
        with pytest.raises(SeatsFull), db.begin_nested():
            self.appoint(db, place, spare[1])
        with pytest.raises(PostTaken), db.begin_nested():
            self.appoint(db, place, spare[0])
        # Who was a member of the committee becomes its secretary: the one before has left.
        after = self.appoint(db, place, spare[0], "secretary")
        assert [held.person_id for held in after.posts if held.post == "secretary"] == [spare[0]]
        assert {held.ended_by for held in after.former} == {"replaced"}

    def test_nobody_appoints_themself_and_the_branch_appoints_nobody(self, db: Connection):
        place = Place(db, full=8)
        one = place.members(db)[0]
        with pytest.raises(NotByOneself):
            self.appoint(db, place, one, actor=an_actor(("officer", path_of(db, place.superior)), person=one))
        with pytest.raises(Forbidden):
            self.appoint(db, place, one, actor=place.clerk)

    def test_a_post_ends_with_a_reason_and_a_document(self, db: Connection):
        place = Place(db, full=8, secretary=True)
        held = seen(db, place).posts[0]
        asked = EndPost(place.branch, held.id, "resigned", date(2026, 11, 5), "免1号")
        done = terms.end_post(db, asked=asked, actor=place.officer, at=NOON)
        assert (done.posts, done.former[0].ended_by, done.former[0].end_document_number) == ([], "resigned", "免1号")
        with pytest.raises(PostNotHeld):
            terms.end_post(db, asked=asked, actor=place.officer, at=NOON)

    @pytest.mark.parametrize(("ended_by", "reason"), [("deceased", "deceased"), ("left", "membership_ended")])
    def test_who_dies_or_leaves_holds_no_post_anywhere(self, db: Connection, ended_by: str, reason: str):
        place = Place(db, full=8, secretary=True)
        holder = seen(db, place).posts[0].person_id
        above = version_of(db, place.superior)
        terms.appoint_to_post(
            db,
            asked=AppointToPost(place.superior, holder, "secretary", TODAY, "1号"),
            actor=an_actor(("officer", path_of(db, place.superior))),
            at=NOON,
        )
        asked = EndMembership(holder, ended_by, TODAY, "查实")
        actor = an_actor(("secretary", path_of(db, place.branch)))
        member_records.end(db, asked=asked, actor=actor, at=NOON)
        ends = db.execute(text("SELECT ended_by FROM posts WHERE person_id = :id"), {"id": holder}).scalars()
        assert list(ends) == [reason, reason]
        assert told_of(db, place.superior)[-1]["secretary_id"] is None
        assert version_of(db, place.superior) == above + 2

    def test_who_moves_within_the_town_keeps_its_posts_and_leaves_the_branch(self, db: Connection):
        place = Place(db, full=8, secretary=True)
        holder = seen(db, place).posts[0].person_id
        actor = an_actor(("officer", path_of(db, place.superior)))
        asked = AppointToPost(place.superior, holder, "committee_member", TODAY, "1号")
        terms.appoint_to_post(db, asked=asked, actor=actor, at=NOON)
        near, far = a_branch(db, parent=place.superior), a_branch(db)
        members.transfer(db, holder, branch_id=near, at=NOON)
        held = text("SELECT organisation_id FROM posts WHERE person_id = :id AND held_until IS NULL")
        assert list(db.execute(held, {"id": holder}).scalars()) == [place.superior]
        members.transfer(db, holder, branch_id=far, at=NOON)
        assert list(db.execute(held, {"id": holder}).scalars()) == []


class TestRecord:
    def test_one_term_runs_at_a_time(self, db: Connection):
        place = Place(db, full=7)
        assert seen(db, place).status == "without"
        a_term(db, place)
        with pytest.raises(TermRunning):
            a_term(db, place)
        node = an_organisation(db, parent=place.superior, kind="leading_group")
        with pytest.raises(NoFixedTerm):
            terms.record(db, asked=RecordTerm(node, TODAY, 3), actor=place.officer, at=NOON)

    def test_it_was_not_before_it_was(self, db: Connection):
        place = Place(db, full=7, secretary=True)
        a_term(db, place, active_from=date(2024, 3, 1))
        assert seen(db, place, on=date(2024, 2, 29)).term is None


class TestFindings:
    def rules(self, db: Connection, place: Place, *, on: date) -> dict[str, str]:
        undone = db.begin_nested()
        recheck(db, [place.branch], at=datetime(on.year, on.month, on.day, 12, tzinfo=clock.SHANGHAI))
        found = findings.of(db, place.branch, actor=place.officer).findings
        undone.rollback()
        return {each.rule: each.why_en for each in found if each.rule in ("term-overdue", "vacancy")}

    def test_a_term_that_is_over_is_one_until_the_next_begins(self, db: Connection):
        place = Place(db, full=7, secretary=True, seats=2)
        a_term(db, place, active_from=date(2021, 11, 11))  # ends 2026-11-10
        assert self.rules(db, place, on=date(2026, 11, 10)) == {}
        assert "1 days ago" in self.rules(db, place, on=date(2026, 11, 11))["term-overdue"]

    def test_a_seat_that_is_empty_for_more_than_three_months_is_one(self, db: Connection):
        place = Place(db, full=7, secretary=True, seats=2)
        a_term(db, place, active_from=date(2026, 1, 1))
        assert self.rules(db, place, on=date(2027, 1, 1)) == {}
        held = [each for each in seen(db, place).posts if each.post == "committee_member"]
        for number, day in ((0, date(2026, 3, 5)), (1, date(2026, 8, 10))):
            asked = EndPost(place.branch, held[number].id, "moved", day, "免1号")
            terms.end_post(db, asked=asked, actor=place.officer, at=NOON)
        assert self.rules(db, place, on=date(2026, 6, 5)) == {}
        assert "2026-03-05" in self.rules(db, place, on=date(2026, 6, 6))["vacancy"]
        # One seat is filled: what stays empty is the younger gap.
        view = seen(db, place)
        spare = set(place.members(db)) - {each.person_id for each in (*view.posts, *view.former)}
        asked = AppointToPost(place.branch, spare.pop(), "committee_member", date(2026, 9, 1), "任1号")
        terms.appoint_to_post(db, asked=asked, actor=place.officer, at=NOON)
        assert seen(db, place).vacant_since == date(2026, 8, 10)
        assert self.rules(db, place, on=date(2026, 11, 10)) == {}
        assert "2026-08-10" in self.rules(db, place, on=date(2026, 11, 11))["vacancy"]

    def test_nobody_leads_for_more_than_three_months(self, db: Connection):
        place = Place(db, full=5, secretary=True)
        held = seen(db, place).posts[0]
        asked = EndPost(place.branch, held.id, "dismissed", date(2026, 8, 9), "免1号")
        terms.end_post(db, asked=asked, actor=place.officer, at=NOON)
        assert self.rules(db, place, on=date(2026, 11, 9)) == {}
        assert "vacancy" in self.rules(db, place, on=date(2026, 11, 10))


class TestList:
    def town(self, db: Connection):
        town = a_committee(db)
        officer = an_actor(("officer", path_of(db, town)))
        days = {"overdue": date(2021, 5, 1), "ending": date(2022, 3, 1), "running": date(2026, 3, 1), "without": None}
        branches = {}
        for status, day in days.items():
            branches[status] = a_branch(db, parent=town)
            if day:
                terms.record(db, asked=RecordTerm(branches[status], day, 3), actor=officer, at=NOON)
        return town, officer, branches

    def test_those_that_end_first_come_first_and_those_without_last(self, db: Connection):
        town, officer, branches = self.town(db)
        order = ["overdue", "ending", "running"]
        rows = asked_of.page(db, TermsAsked(town), actor=officer, today=TODAY).items
        assert [row.organisation_id for row in rows[:3]] == [branches[status] for status in order]
        assert [row.status for row in rows[:3]] == order
        assert {row.organisation_id for row in rows[3:]} == {town, branches["without"]}

    def test_page_by_page_it_is_the_same_list(self, db: Connection):
        _, officer, _ = self.town(db)
        whole = asked_of.page(db, TermsAsked(), actor=officer, today=TODAY).items
        parts, cursor = [], None
        for _ in range(9):
            part = asked_of.page(db, TermsAsked(limit=2, cursor=cursor), actor=officer, today=TODAY)
            parts += part.items
            cursor = part.next
            if cursor is None:
                break
        assert parts == whole
        for forged in ("x", "WyIyMDI2LTExLTEwIiwieCJd", "WyIiXQ"):
            with pytest.raises(BadRequest):
                asked_of.page(db, TermsAsked(cursor=forged), actor=officer, today=TODAY)

    @pytest.mark.parametrize("status", ["overdue", "ending", "without"])
    def test_filters_and_counts_agree(self, db: Connection, status: str):
        _, officer, branches = self.town(db)
        rows = asked_of.page(db, TermsAsked(status=status), actor=officer, today=TODAY).items
        assert branches[status] in {row.organisation_id for row in rows}
        assert {row.status for row in rows} == {status}
        counted = asked_of.counts(db, TermCountsAsked(), actor=officer, today=TODAY)
        assert getattr(counted, status) == len(rows)

    def test_postponed_ones_are_found(self, db: Connection):
        town, officer, branches = self.town(db)
        clerk = an_administrator(db, branches["ending"])
        asked = AskTermShift(branches["ending"], date(2027, 12, 31), "推迟")
        shift = term_shifts.ask(db, asked=asked, actor=clerk, at=NOON).shifts[0]
        term_shifts.approve(db, asked=ApproveTermShift(shift.id, "1号"), actor=officer, at=NOON)
        rows = asked_of.page(db, TermsAsked(town, status="postponed"), actor=officer, today=TODAY).items
        assert [(row.organisation_id, row.is_postponed, row.status) for row in rows] == [
            (branches["ending"], True, "running")
        ]

    def test_only_who_watches_over_a_part_sees_it(self, db: Connection):
        town, _, _ = self.town(db)
        stranger = an_actor(("officer", path_of(db, a_committee(db))))
        with pytest.raises(Forbidden):
            asked_of.page(db, TermsAsked(town), actor=stranger, today=TODAY)
        with pytest.raises(Forbidden):
            asked_of.counts(db, TermCountsAsked(), actor=an_actor(("member", "1")), today=TODAY)
        with pytest.raises(NotFound):
            asked_of.page(db, TermsAsked(uuid4()), actor=stranger, today=TODAY)


def together(database: Engine, *acts) -> list[str]:
    """Run the acts on connections of their own at the same time; return how each ended."""
    barrier, ends = threading.Barrier(len(acts)), []

    def run(one):
        with database.connect() as db:
            barrier.wait()
            try:
                one(db)
                db.commit()
                ends.append("done")
            except Exception as refused:
                ends.append(type(refused).__name__)

    run_all([lambda one=one: run(one) for one in acts])
    return ends
