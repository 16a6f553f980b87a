"""Bulletins: drafted from stored lights, edited, signed by another, numbered without gaps, sent, read, frozen (A5)."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain import bulletins as rules
from assessment.operations import activities, bulletins, followers, lights, slips, supervision_papers
from assessment.queries import bulletins as shown
from assessment.queries import followers as shown_followers
from assessment.queries import light_board
from assessment.queries import notices as told
from assessment.queries.slips import slips_asked
from chassis.actors import Actor, Forbidden
from chassis.files import FileStore
from chassis.jobs import Job
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.assessment.bulletins import (
    AcknowledgeBulletin,
    AssignFollower,
    BulletinAsked,
    BulletinLine,
    BulletinLinesAsked,
    BulletinsAsked,
    BulletinView,
    CandidatesAsked,
    DailyListAsked,
    DailyRow,
    DraftBulletin,
    EditBulletin,
    EditBulletinLine,
    FollowUpsAsked,
    ReceiptsAsked,
    SendBulletin,
    SignBulletin,
    WithdrawBulletin,
    WriteFollowUp,
)
from contracts.assessment.lights import LightBoardAsked
from contracts.assessment.notices import InboxAsked
from contracts.assessment.slips import SlipsAsked
from contracts.assessment.supervision import MakePaper
from contracts.rights import ROLES
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, a_branch, a_visit_closed, an_actor, at
from tests.assessment.test_slips import BRANCH, DISTRICT, TOWN, a_member
from tests.races import at_once

NOW = at(11, 26)
TODAY = "2026-11-26"


def a_district(db: Connection, *, branches: int = 3) -> list[UUID]:
    """A district with a town of so many red branches, and a green one; their lights are written."""
    a_branch(db, path=DISTRICT, kind="committee", name="淄川区委")
    town = a_branch(db, path=TOWN, kind="committee", name="昆仑镇党委")
    red = [
        a_branch(db, path=f"{TOWN}.b{number}", parent_id=town, name=f"第{number}党支部")
        for number in range(1, branches + 1)
    ]
    green = a_branch(db, path=f"{TOWN}.g1", parent_id=town, name="先进党支部")
    activities.hold(db, event=a_visit_closed(green, on=at(11, 12).date()), at=NOON)
    lights.light_all(db, at=NOW)
    return [*red, green]


@pytest.fixture
def drafter() -> Actor:
    return an_actor(("officer", DISTRICT))


@pytest.fixture
def signer() -> Actor:
    return an_actor(("officer", DISTRICT))


def drafted(db: Connection, actor: Actor, *, kind: str = "daily", period: str = TODAY, **how: Any) -> BulletinView:
    return bulletins.draft(db, asked=DraftBulletin(kind, period, **how), actor=actor, at=how.pop("now", NOW))


def signed(db: Connection, drafter: Actor, signer: Actor, **how: Any) -> BulletinView:
    view = drafted(db, drafter, **how)
    return bulletins.sign(db, asked=SignBulletin(view.id, view.version), actor=signer, at=NOW)


def sent(db: Connection, drafter: Actor, signer: Actor, **how: Any) -> BulletinView:
    view = signed(db, drafter, signer, **how)
    return bulletins.send(db, asked=SendBulletin(view.id), actor=signer, at=NOW)


def lines_of(db: Connection, view: BulletinView, actor: Actor, **asked: Any) -> list[BulletinLine]:
    return shown.lines(db, asked=BulletinLinesAsked(view.id, **asked), actor=actor).items


def figures_of(view: BulletinView) -> dict[str, int]:
    return {one.name: one.value for one in view.figures}


class TestDraft:
    def test_daily_holds_yellow_and_red_branches_with_reasons_and_slip(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        view = drafted(db, drafter)
        assert (view.title, view.state, view.number) == ("2026年11月26日红黄灯日通报", "draft", None)
        found = lines_of(db, view, drafter)
        assert [line.branch_id for line in found] == red[:3]
        assert {(line.light, line.above_name) for line in found} == {("red", "昆仑镇党委")}
        assert [line.slip_number for line in found] == [f"督办〔2026〕{number}号" for number in (1, 2, 3)]
        assert all(line.readings for line in found)

    def test_monthly_holds_all_and_counts_them(self, db: Connection, drafter: Actor) -> None:
        a_district(db)
        view = drafted(db, drafter, kind="monthly", period="2026-11")
        assert len(lines_of(db, view, drafter)) == view.line_count == 4
        figures = figures_of(view)
        assert {name: figures[name] for name in ("branches", "green", "yellow", "red", "exempt")} == {
            **{"branches": 4, "green": 1, "yellow": 0},
            **{"red": 3, "exempt": 0},
        }
        assert figures["share_green"] == 250
        assert figures["slips_opened"] == 3
        assert {one.source for one in view.figures} == {"standing", "slips", "talks"}
        assert [(part.name, part.branches, part.red) for part in view.parts] == [("昆仑镇党委", 4, 3)]

    def test_the_exempt_are_in_neither_count_as_on_the_board(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        town = db.execute(text("SELECT id FROM organisations WHERE path = :path"), {"path": TOWN}).scalar_one()
        exempt = text("UPDATE lights SET light = 'exempt', readings = '[]' WHERE branch_id = :id")
        db.execute(exempt, {"id": red[0]})
        view = drafted(db, drafter, kind="monthly", period="2026-11")
        board = light_board.board(db, asked=LightBoardAsked(town), actor=drafter, at=NOW)
        assert board.whole is not None
        names = ("branches", "green", "yellow", "red", "exempt")
        figures = figures_of(view)
        (part,) = view.parts
        assert [getattr(part, name) for name in names] == [figures[name] for name in names] == [3, 1, 0, 2, 1]
        assert [getattr(board.whole, name) for name in names] == [3, 1, 0, 2, 1]
        assert (figures["share_green"], board.whole.share_bp) == (333, 3333)

    def test_a_branch_newer_than_the_25th_is_not_in_the_share(self, db: Connection, drafter: Actor) -> None:
        a_district(db)
        new = a_branch(db, path=f"{TOWN}.n1")
        db.execute(text("UPDATE organisations SET known_since = :at WHERE id = :id"), {"at": NOW, "id": new})
        lights.light_all(db, at=at(11, 27))
        view = bulletins.draft(db, asked=DraftBulletin("monthly", "2026-11"), actor=drafter, at=at(11, 27))
        assert figures_of(view)["branches"] == 5
        assert figures_of(view)["share_green"] == 250

    def test_quarterly_holds_the_frozen_red_months(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        lights.freeze(db, at=at(12, 1, 0, 30))
        view = bulletins.draft(db, asked=DraftBulletin("quarterly", "2026-Q4"), actor=drafter, at=at(12, 2))
        by_branch = {line.branch_id: line.months for line in lines_of(db, view, drafter)}
        assert by_branch == {**{one: ["2026-10", "2026-11"] for one in red[:3]}, red[3]: ["2026-10"]}
        assert figures_of(view)["red_branches"] == 4
        assert figures_of(view)["red_months"] == 7

    def test_words_begin_with_what_the_assigned_person_noted(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        note = WriteFollowUp(red[0], cause="书记外出", plan="月底前补课", plan_on=date(2026, 11, 30))
        followers.write(db, asked=note, actor=drafter, at=NOW)
        followers.write(db, asked=WriteFollowUp(red[0], text="已电话催办"), actor=drafter, at=NOW + timedelta(hours=1))
        line = lines_of(db, drafted(db, drafter), drafter)[0]
        assert (line.cause, line.plan, line.plan_on) == ("书记外出", "月底前补课", date(2026, 11, 30))

    @pytest.mark.parametrize(
        ("kind", "period"),
        [
            *(("daily", "2026-11-25"), ("daily", "2026-11"), ("daily", "2026-13-01"), ("monthly", "2026-12")),
            *(("monthly", "2026-00"), ("quarterly", "2026-Q5"), ("quarterly", "2027-Q1"), ("quarterly", "2026-11")),
        ],
    )
    def test_a_period_without_data_is_refused(self, db: Connection, drafter: Actor, kind: str, period: str) -> None:
        a_district(db)
        with pytest.raises(InvalidInput) as refused:
            drafted(db, drafter, kind=kind, period=period)
        assert list(refused.value.errors) == ["period"]

    def test_a_second_one_of_the_same_period_is_refused_until_the_first_is_put_away(
        self, db: Connection, drafter: Actor, signer: Actor
    ) -> None:
        a_district(db)
        first = drafted(db, drafter)
        with pytest.raises(bulletins.BulletinTaken):
            drafted(db, signer)
        bulletins.withdraw(db, asked=WithdrawBulletin(first.id, "数据有误"), actor=drafter, at=NOW)
        assert drafted(db, signer).state == "draft"

    def test_a_district_is_drafted_in_as_many_statements_as_a_village(
        self, db: Connection, drafter: Actor, count_statements: list[str]
    ) -> None:
        counts = []
        for number, kind in ((1, "daily"), (60, "monthly")):
            a_district(db, branches=number)
            count_statements.clear()
            drafted(db, drafter, kind=kind, period=TODAY if kind == "daily" else "2026-11")
            counts.append(len(count_statements))
        assert counts[1] - counts[0] == 2  # the slips and the talks of a month

    def test_a_branch_issues_none_and_an_officer_none_elsewhere(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        with pytest.raises(InvalidInput):
            drafted(db, drafter, organisation_id=red[0])
        with pytest.raises(NotFound):
            drafted(db, an_actor(("officer", "3703.370399")))
        other = a_branch(db, path="3703.370399", kind="committee")
        with pytest.raises(Forbidden):
            drafted(db, drafter, organisation_id=other)

    @given(year=st.integers(2000, 2099), quarter=st.integers(1, 4))
    def test_a_quarter_is_three_months_without_a_gap(self, year: int, quarter: int) -> None:
        period = rules.period("quarterly", f"{year}-Q{quarter}")
        assert period is not None
        first, second, third = period.months
        assert (first.next, second.next) == (second, third)
        assert (period.first, period.last) == (first.first, third.last)


class TestLife:
    def test_words_are_edited_and_the_data_stay(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        view = drafted(db, drafter)
        edited = bulletins.edit(
            db, asked=EditBulletin(view.id, view.version, "日通报", "各党委：", None), actor=drafter, at=NOW
        )
        assert (edited.title, edited.opening, edited.closing) == ("日通报", "各党委：", None)
        line = EditBulletinLine(view.id, red[0], cause="外出", plan="补课", plan_on=TODAY_ON, remark="已约谈")
        again = bulletins.edit_line(db, asked=line, actor=drafter, at=NOW)
        assert again.version == 3
        assert again.figures == view.figures
        with pytest.raises(PreconditionFailed):
            bulletins.edit(db, asked=EditBulletin(view.id, 1, "旧", None, None), actor=drafter, at=NOW)

    def test_the_drafter_does_not_sign_and_a_signer_signs_what_they_read(
        self, db: Connection, drafter: Actor, signer: Actor
    ) -> None:
        a_district(db)
        view = drafted(db, drafter)
        with pytest.raises(bulletins.OwnBulletin):
            bulletins.sign(db, asked=SignBulletin(view.id, view.version), actor=drafter, at=NOW)
        bulletins.edit(db, asked=EditBulletin(view.id, 1, "改过的", None, None), actor=drafter, at=NOW)
        with pytest.raises(PreconditionFailed):
            bulletins.sign(db, asked=SignBulletin(view.id, 1), actor=signer, at=NOW)
        done = bulletins.sign(db, asked=SignBulletin(view.id, 2), actor=signer, at=NOW)
        assert (done.state, done.number, done.signed_by) == ("signed", "日通报〔2026〕1号", signer.name)

    def test_the_database_knows_that_two_people_sign(self, db: Connection, drafter: Actor) -> None:
        a_district(db)
        view = drafted(db, drafter)
        with pytest.raises(DBAPIError, match="two_people"):
            db.execute(
                text(
                    "UPDATE bulletins SET state = 'signed', number = 1, signed_by_id = drafted_by_id, signed_by = 'x',"
                    " signed_at = now() WHERE id = :id"
                ),
                {"id": view.id},
            )

    @pytest.mark.parametrize(
        "change",
        [
            *("UPDATE bulletins SET title = 'x'", "UPDATE bulletins SET figures = '[]'", "DELETE FROM bulletins"),
            "UPDATE bulletins SET state = 'draft', number = NULL, signed_by_id = NULL, signed_by = NULL,"
            " signed_at = NULL, sent_at = NULL",
            *("UPDATE bulletin_lines SET remark = 'x'", "DELETE FROM bulletin_lines"),
            "INSERT INTO bulletin_lines SELECT bulletin_id, 99, gen_random_uuid(), 'x', 'x', 'red', '{}', '[]', now(),"
            " true FROM bulletin_lines LIMIT 1",
        ],
    )
    @pytest.mark.parametrize("is_sent", [False, True])
    def test_what_is_signed_never_changes(
        self, db: Connection, drafter: Actor, signer: Actor, change: str, is_sent: bool
    ) -> None:
        a_district(db)
        (sent if is_sent else signed)(db, drafter, signer)
        with pytest.raises(DBAPIError, match=r"not changed|is removed"):
            db.execute(text(change))

    @pytest.mark.parametrize("change", ["figures = '[]'", "as_of = now()", "drafted_by = 'x'", "period = '2026-11-27'"])
    def test_the_data_of_a_draft_never_change(self, db: Connection, drafter: Actor, change: str) -> None:
        a_district(db)
        drafted(db, drafter)
        with pytest.raises(DBAPIError, match="not changed"):
            db.execute(text(f"UPDATE bulletins SET {change}"))  # noqa: S608

    @pytest.mark.parametrize("state", rules.STATES)
    @pytest.mark.parametrize("move", [*rules.MOVES, "edit"])
    def test_walks_the_table(self, db: Connection, drafter: Actor, signer: Actor, state: str, move: str) -> None:
        red = a_district(db)
        view = drafted(db, drafter)
        for step in {"draft": [], "signed": ["sign"], "sent": ["sign", "send"], "withdrawn": ["withdraw"]}[state]:
            view = done(db, step, view, drafter, signer)
        sources, after = {**rules.MOVES, "edit": (frozenset({"draft"}), "draft")}[move]
        if state in sources:
            assert done(db, move, view, drafter, signer).state == after
        else:
            with pytest.raises(bulletins.BulletinNotMovable):
                done(db, move, view, drafter, signer)
        if move == "edit" and state != "draft":
            with pytest.raises(bulletins.BulletinNotMovable):
                bulletins.edit_line(db, asked=EditBulletinLine(view.id, red[0]), actor=drafter, at=NOW)

    def test_is_sent_to_its_branches_and_those_above_and_is_signed_for(
        self, db: Connection, drafter: Actor, signer: Actor
    ) -> None:
        red = a_district(db, branches=2)
        view = sent(db, drafter, signer)
        assert (view.state, view.receipts, view.receipts_read) == ("sent", 3, 0)
        secretary, town = an_actor(("secretary", BRANCH)), an_actor(("officer", TOWN))
        for actor in (secretary, town):
            kinds = [one.kind for one in told.inbox(db, asked=InboxAsked(), actor=actor).items]
            assert "bulletin_sent" in kinds
            assert shown.bulletin(db, asked=BulletinAsked(view.id), actor=actor).may_acknowledge
        bulletins.acknowledge(db, asked=AcknowledgeBulletin(view.id), actor=secretary, at=NOW)
        bulletins.acknowledge(db, asked=AcknowledgeBulletin(view.id), actor=an_actor(("administrator", BRANCH)), at=NOW)
        receipts = shown.receipts(db, asked=ReceiptsAsked(view.id), actor=drafter).items
        assert {one.organisation_id: one.read_by for one in receipts if one.read_at} == {red[0]: secretary.name}
        assert [one.read_at is None for one in receipts] == [True, True, False]
        assert len(shown.receipts(db, asked=ReceiptsAsked(view.id, unread=True), actor=drafter).items) == 2
        with pytest.raises(Forbidden):
            bulletins.acknowledge(db, asked=AcknowledgeBulletin(view.id), actor=drafter, at=NOW)
        with pytest.raises(DBAPIError, match="stays"):
            db.execute(text("UPDATE bulletin_receipts SET read_by = 'x' WHERE read_at IS NOT NULL"))

    def test_a_monthly_one_goes_to_all(self, db: Connection, drafter: Actor, signer: Actor) -> None:
        a_district(db)
        assert sent(db, drafter, signer, kind="monthly", period="2026-11").receipts == 5

    @pytest.mark.parametrize("role", ROLES)
    def test_others_see_only_what_was_sent_to_them(
        self, db: Connection, drafter: Actor, signer: Actor, role: str
    ) -> None:
        a_district(db)
        draft, out = drafted(db, drafter, kind="monthly", period="2026-11"), sent(db, drafter, signer)
        below = role in ("secretary", "administrator", "assessor", "officer", "auditor")
        for path, seen in ((DISTRICT, {draft.id, out.id}), (BRANCH, {out.id}), (f"{TOWN}.g1", set())):
            actor = an_actor((role, path))
            if not below:
                with pytest.raises(Forbidden):
                    shown.bulletins_asked(db, asked=BulletinsAsked(), actor=actor)
                continue
            found = {one.id for one in shown.bulletins_asked(db, asked=BulletinsAsked(), actor=actor).items}
            assert found == seen
            if draft.id not in seen:
                with pytest.raises(NotFound):
                    shown.bulletin(db, asked=BulletinAsked(draft.id), actor=actor)


TODAY_ON = date(2026, 11, 26)


def done(db: Connection, move: str, view: BulletinView, drafter: Actor, signer: Actor) -> BulletinView:
    acts: dict[str, Callable[[], BulletinView]] = {
        "edit": partial(
            bulletins.edit, db, asked=EditBulletin(view.id, view.version, "x", None, None), actor=drafter, at=NOW
        ),
        "sign": partial(bulletins.sign, db, asked=SignBulletin(view.id, view.version), actor=signer, at=NOW),
        "send": partial(bulletins.send, db, asked=SendBulletin(view.id), actor=drafter, at=NOW),
        "withdraw": partial(bulletins.withdraw, db, asked=WithdrawBulletin(view.id, "有误"), actor=drafter, at=NOW),
    }
    return acts[move]()


class TestCorrection:
    def test_names_what_it_corrects_and_bears_a_number_of_its_own(
        self, db: Connection, drafter: Actor, signer: Actor
    ) -> None:
        a_district(db)
        wrong = sent(db, drafter, signer)
        right = sent(db, drafter, signer, corrects_id=wrong.id)
        assert (right.corrects_number, right.corrects_title, right.number) == (
            *("日通报〔2026〕1号", wrong.title),
            "日通报〔2026〕2号",
        )
        assert shown.bulletin(db, asked=BulletinAsked(wrong.id), actor=drafter).corrected_by_id == right.id
        assert shown.bulletin(db, asked=BulletinAsked(wrong.id), actor=drafter).title == wrong.title
        with pytest.raises(bulletins.BulletinTaken):
            drafted(db, drafter, corrects_id=wrong.id)

    def test_of_a_day_that_is_over_takes_its_data(self, db: Connection, drafter: Actor, signer: Actor) -> None:
        a_district(db)
        wrong = sent(db, drafter, signer)
        asked = DraftBulletin("daily", TODAY, corrects_id=wrong.id)
        right = bulletins.draft(db, asked=asked, actor=drafter, at=at(12, 5))
        assert (right.figures, right.line_count) == (wrong.figures, wrong.line_count)

    def test_only_what_was_sent_is_corrected_by_one_of_its_kind(
        self, db: Connection, drafter: Actor, signer: Actor
    ) -> None:
        a_district(db)
        view = signed(db, drafter, signer)
        with pytest.raises(bulletins.BulletinNotMovable):
            drafted(db, drafter, corrects_id=view.id)
        with pytest.raises(InvalidInput):
            drafted(db, drafter, kind="monthly", period="2026-11", corrects_id=view.id)
        with pytest.raises(NotFound):
            drafted(db, drafter, corrects_id=uuid4())


class TestRaces:
    def test_of_many_signers_one_signs_and_takes_a_number(self, database: Engine, drafter: Actor) -> None:
        with database.begin() as db:
            a_district(db)
            view = drafted(db, drafter)

        def sign() -> str | None:
            with database.begin() as db:
                actor = an_actor(("officer", DISTRICT))
                return bulletins.sign(db, asked=SignBulletin(view.id, 1), actor=actor, at=NOW).number

        assert Counter(at_once([sign] * 4)) == {"日通报〔2026〕1号": 1, "bulletin-not-movable": 3}
        with database.connect() as db:
            assert db.scalar(text("SELECT last FROM document_numbers WHERE series = 'daily'")) == 1

    def test_numbers_have_no_gap_under_parallel_signing_though_some_are_refused(
        self, database: Engine, drafter: Actor
    ) -> None:
        with database.begin() as db:
            a_district(db)
            towns = [a_branch(db, path=f"{DISTRICT}.x{number}", kind="committee") for number in range(2)]
            views = [drafted(db, drafter)]
            for town in towns:
                views.append(drafted(db, drafter, organisation_id=town))
            months = ["2026-09", "2026-10", "2026-11"]
            views += [drafted(db, drafter, kind="monthly", period=month) for month in months]

        def sign(view: BulletinView, actor: Actor) -> str | None:
            with database.begin() as db:
                return bulletins.sign(db, asked=SignBulletin(view.id, 1), actor=actor, at=NOW).number

        other = an_actor(("officer", DISTRICT))
        told = Counter(at_once([partial(sign, view, actor) for view in views for actor in (other, drafter)]))
        assert told.pop("own-bulletin") + told.pop("bulletin-not-movable", 0) == len(views)
        assert told == {"日通报〔2026〕1号": 3, **{f"月通报〔2026〕{number}号": 1 for number in (1, 2, 3)}}

    def test_an_edit_and_a_signature_at_once_leave_what_was_signed(self, database: Engine, drafter: Actor) -> None:
        with database.begin() as db:
            a_district(db)
            view = drafted(db, drafter)

        def edit() -> str:
            with database.begin() as db:
                asked = EditBulletin(view.id, 1, "改过的", None, None)
                return bulletins.edit(db, asked=asked, actor=drafter, at=NOW).title

        def sign() -> str:
            with database.begin() as db:
                actor = an_actor(("officer", DISTRICT))
                return bulletins.sign(db, asked=SignBulletin(view.id, 1), actor=actor, at=NOW).title

        told = Counter(at_once([edit, sign]))
        assert told in (
            Counter({"改过的": 1, "precondition-failed": 1}),
            Counter({view.title: 1, "bulletin-not-movable": 1}),
        )

    def test_of_two_drafts_of_a_period_one_stands(self, database: Engine, drafter: Actor) -> None:
        with database.begin() as db:
            a_district(db)

        def draft() -> str:
            with database.begin() as db:
                return drafted(db, an_actor(("officer", DISTRICT))).state

        assert Counter(at_once([draft] * 3)) == {"draft": 1, "bulletin-taken": 2}


class TestFollowers:
    def daily(self, db: Connection, actor: Actor, **asked: Any) -> list[DailyRow]:
        return shown_followers.daily_list(db, asked=DailyListAsked(**asked), actor=actor, at=NOW).items

    def test_the_nearest_assigned_person_follows_a_branch_up(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        town = db.execute(text("SELECT id FROM organisations WHERE path = :p"), {"p": TOWN}).scalar_one()
        clerk, other = an_actor(("member", "3703.x")), an_actor(("member", "3703.y"))
        for person, name in ((clerk, "钱干事"), (other, "孙干事")):
            a_member(db, red[3], person.person_id, name)
        followers.assign(db, asked=AssignFollower(town, clerk.person_id), actor=drafter, at=NOW)
        followers.assign(db, asked=AssignFollower(red[1], other.person_id), actor=drafter, at=NOW)
        assert [row.follower_name for row in self.daily(db, drafter)] == ["钱干事", "孙干事", "钱干事"]
        assert [row.branch_id for row in self.daily(db, other)] == [red[1]]
        note = WriteFollowUp(red[1], text="已上门")
        assert followers.write(db, asked=note, actor=other, at=NOW).text == "已上门"
        with pytest.raises(Forbidden):
            followers.write(db, asked=WriteFollowUp(red[0], text="x"), actor=other, at=NOW)
        assert [row.follow_up.text if row.follow_up else None for row in self.daily(db, drafter)][1] == "已上门"
        entries = shown_followers.follow_ups_asked(db, asked=FollowUpsAsked(red[1]), actor=other).items
        assert [entry.text for entry in entries] == ["已上门"]
        followers.assign(db, asked=AssignFollower(red[1]), actor=drafter, at=NOW)
        assert [row.follower_name for row in self.daily(db, drafter)] == ["钱干事"] * 3
        assert self.daily(db, other) == []

    def test_lists_red_before_yellow_and_pages_through(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        db.execute(text("UPDATE lights SET light = 'yellow' WHERE branch_id = :b"), {"b": red[0]})
        walked: list[DailyRow] = []
        cursor = None
        while True:
            page = shown_followers.daily_list(db, asked=DailyListAsked(limit=1, cursor=cursor), actor=drafter, at=NOW)
            walked += page.items
            cursor = page.next
            if cursor is None:
                break
        assert [(row.branch_id, row.light) for row in walked] == [
            (red[1], "red"),
            (red[2], "red"),
            (red[0], "yellow"),
        ]
        assert [row.branch_id for row in self.daily(db, drafter, light="yellow")] == [red[0]]

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({}, "text"), ({"plan": "补"}, "plan_on"), ({"text": "x", "plan_on": TODAY_ON}, "plan")],
    )
    def test_an_entry_says_something_and_a_plan_has_its_day(
        self, db: Connection, drafter: Actor, wrong: Any, field: str
    ) -> None:
        red = a_district(db)
        with pytest.raises(InvalidInput) as refused:
            followers.write(db, asked=WriteFollowUp(red[0], **wrong), actor=drafter, at=NOW)
        assert list(refused.value.errors) == [field]

    def test_who_can_be_assigned_is_found_by_the_name(self, db: Connection, drafter: Actor) -> None:
        red = a_district(db)
        town = db.execute(text("SELECT id FROM organisations WHERE path = :p"), {"p": TOWN}).scalar_one()
        for number, name in enumerate(("钱干事", "钱多", "孙干事", "%")):
            a_member(db, red[number % 2], uuid4(), name)
        for asked, found in (("钱", ["钱多", "钱干事"]), ("孙干", ["孙干事"]), ("%", ["%"]), ("李", [])):
            page = shown_followers.candidates(db, asked=CandidatesAsked(town, asked), actor=drafter)
            assert sorted(one.name for one in page.items) == sorted(found)


class TestPapers:
    def made(self, db: Connection, actor: Actor, folder: Path, **asked: Any) -> bytes:
        files = FileStore(folder)
        given = {**asked, "subject_id": asked.get("subject_id")}
        view = supervision_papers.ask(db, asked=MakePaper(**given), actor=actor, at=NOW)
        params = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": view.id}).scalar_one()
        job = Job(view.id, supervision_papers.JOB, params, actor.person_id, 1, NoProgress(), uuid4())  # type: ignore[arg-type]
        stored = supervision_papers.make(NoCommit(db), files, job, at=NOW)  # type: ignore[arg-type]
        return files.open(stored["sha256"]).read()

    def test_a_draft_says_that_it_is_one_and_a_signed_one_bears_its_number(
        self, db: Connection, drafter: Actor, signer: Actor, tmp_path: Path
    ) -> None:
        a_district(db)
        view = drafted(db, drafter)
        draft = pages_of(self.made(db, drafter, tmp_path, paper="bulletin", subject_id=view.id))
        assert "未签发，不得印发" in draft
        bulletins.sign(db, asked=SignBulletin(view.id, 1), actor=signer, at=NOW)
        out = pages_of(self.made(db, drafter, tmp_path, paper="bulletin", subject_id=view.id))
        for words in ("淄川区委", "日通报〔2026〕1号", "第1党支部", "智能体检当前灯色"):
            assert words in out
        assert "未签发，不得印发" not in out

    def test_workbooks_hold_all_branches_and_no_formula(self, db: Connection, drafter: Actor, tmp_path: Path) -> None:
        red = a_district(db)
        view = drafted(db, drafter, kind="monthly", period="2026-11")
        asked = EditBulletinLine(view.id, red[0], remark="=1+1")
        bulletins.edit_line(db, asked=asked, actor=drafter, at=NOW)
        book = self.made(db, drafter, tmp_path, paper="bulletin", format="xlsx", subject_id=view.id)
        sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet3.xml").decode()
        assert "=1+1" in sheet
        assert "<f>" not in sheet
        assert "先进党支部" in sheet

    def test_a_slip_and_the_lists(self, db: Connection, drafter: Actor, tmp_path: Path) -> None:
        a_district(db)
        (slip, *_) = slips_asked(db, asked=SlipsAsked(state="open"), actor=drafter, at=NOW).items
        out = pages_of(self.made(db, drafter, tmp_path, paper="slip", subject_id=slip.id))
        assert slip.number in out
        assert "督办单" in "".join(out.split())
        book = self.made(db, drafter, tmp_path, paper="slips", format="xlsx")
        assert book.startswith(b"PK")
        assert self.made(db, drafter, tmp_path, paper="talks", format="xlsx").startswith(b"PK")

    @pytest.mark.parametrize(
        "wrong",
        [{"paper": "bulletin"}, {"paper": "slip", "format": "xlsx", "subject_id": uuid4()}, {"paper": "slips"}],
    )
    def test_what_is_not_made_is_told(self, db: Connection, drafter: Actor, wrong: Any) -> None:
        with pytest.raises(InvalidInput):
            supervision_papers.ask(db, asked=MakePaper(**wrong), actor=drafter, at=NOW)

    def test_nobody_has_a_list_made_who_may_not_read_it(self, db: Connection) -> None:
        for paper in ("slips", "talks"):
            asked = MakePaper(paper, "xlsx")
            with pytest.raises(Forbidden):
                supervision_papers.ask(db, asked=asked, actor=an_actor(("member", BRANCH)), at=NOW)


class NoProgress:
    """Stands in for the engine of a job that tells nobody how far it is."""

    def begin(self) -> Any:
        return self

    def __enter__(self) -> "NoProgress":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def execute(self, *_: object) -> "NoProgress":
        return self

    rowcount = 1


class NoCommit:
    """A connection whose commit leaves the test's transaction open."""

    def __init__(self, db: Connection) -> None:
        self.execute, self.scalars, self.scalar = db.execute, db.scalars, db.scalar

    def commit(self) -> None:
        return None


def pages_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_slip_of_a_red_light_is_opened_by_the_draft_of_nobody(db: Connection, drafter: Actor) -> None:
    """A bulletin reads; it neither opens slips nor writes lights."""
    a_district(db)
    before = db.scalar(text("SELECT count(*) FROM slips"))
    drafted(db, drafter)
    assert db.scalar(text("SELECT count(*) FROM slips")) == before
    assert slips.open_for_red(db, [], month=rules.Month(2026, 11), at=NOW) == 0
