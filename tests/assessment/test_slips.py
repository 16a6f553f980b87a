"""Supervision slips: a red light opens one at once and once; they are answered, judged, escalated, numbered (A5)."""

import io
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain import slips as rules
from assessment.operations import activities, lights, slips
from assessment.queries import notices as told
from assessment.queries import slips as shown
from chassis.actors import Actor, Forbidden
from chassis.files import PDF, FileStore
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.notices import InboxAsked
from contracts.assessment.slips import (
    AcceptReply,
    IssueSlip,
    ReplyToSlip,
    ReturnReply,
    SlipAsked,
    SlipCountsAsked,
    SlipFileAsked,
    SlipsAsked,
    SlipView,
    WithdrawSlip,
)
from contracts.rights import ROLES
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, a_branch, a_visit_closed, an_actor, at
from tests.races import at_once

DISTRICT, TOWN, BRANCH = "3703.370302", "3703.370302.t1", "3703.370302.t1.b1"
RED_DAY = at(11, 26)
DUE = date(2026, 12, 3)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def a_town(db: Connection, *, branches: int = 1) -> list[UUID]:
    """A town below a district, and its branches; nothing was held, so they are red from the 26th on."""
    a_branch(db, path=DISTRICT, kind="committee", name="淄川区委")
    town = a_branch(db, path=TOWN, kind="committee", name="昆仑镇党委")
    return [a_branch(db, path=f"{TOWN}.b{number}", parent_id=town) for number in range(1, branches + 1)]


def a_member(db: Connection, branch: UUID, person_id: UUID, name: str) -> None:
    db.execute(text("INSERT INTO rolls VALUES (:branch, 1) ON CONFLICT DO NOTHING"), {"branch": branch})
    db.execute(
        text(
            "INSERT INTO members (branch_id, person_id, name, status, state, facts)"
            " VALUES (:branch, :person, :name, 'full', 'active', '{}')"
        ),
        {"branch": branch, "person": person_id, "name": name},
    )


def asked_to(branch: UUID, **how: Any) -> IssueSlip:
    given = {"subject_kind": "other", "subject": "会议记录不全", "demand": "补齐记录", "due_on": DUE}
    return IssueSlip(branch_id=branch, **{**given, **how})


def all_slips(db: Connection, actor: Actor, **asked: Any) -> list[SlipView]:
    return shown.slips_asked(db, asked=SlipsAsked(**asked), actor=actor, at=asked.pop("now", RED_DAY)).items


def kinds_told(db: Connection, actor: Actor) -> list[str]:
    return [one.kind for one in told.inbox(db, asked=InboxAsked(), actor=actor).items]


class TestRedLight:
    def test_opens_a_slip_at_once_and_only_once(self, db: Connection, officer: Actor, secretary: Actor) -> None:
        (branch,) = a_town(db)
        assert lights.light_all(db, at=RED_DAY) == 1
        (slip,) = all_slips(db, officer)
        assert (slip.branch_id, slip.state, slip.month, slip.issued_by) == (branch, "issued", "2026-11", None)
        assert (slip.issuer_name, slip.number, slip.due_on) == ("昆仑镇党委", "督办〔2026〕1号", DUE)
        assert [reading["light"] for reading in slip.readings] == ["red"] * len(slip.readings)
        assert slip.readings
        assert kinds_told(db, secretary) == ["slip_issued"]
        for later in (at(11, 27), at(11, 28), at(12, 1, 0, 10)):
            lights.light_all(db, at=later)
        lights.freeze(db, at=at(12, 1, 0, 30))
        assert len(all_slips(db, officer)) == 1

    def test_a_yellow_or_green_one_opens_none(self, db: Connection, officer: Actor) -> None:
        (branch,) = a_town(db)
        lights.light_all(db, at=at(11, 22))
        activities.hold(db, event=a_visit_closed(branch, on=at(11, 12).date()), at=RED_DAY)
        lights.light_all(db, at=RED_DAY)
        assert all_slips(db, officer) == []

    def test_branches_of_a_town_are_numbered_in_the_trees_order(self, db: Connection, officer: Actor) -> None:
        a_town(db, branches=5)
        lights.light_all(db, at=RED_DAY)
        found = sorted(all_slips(db, officer), key=lambda slip: slip.number)
        assert [slip.number for slip in found] == [f"督办〔2026〕{number}号" for number in range(1, 6)]

    def test_the_next_month_opens_the_next_and_one_long_past_none(self, db: Connection, officer: Actor) -> None:
        a_town(db)
        lights.freeze(db, at=at(11, 26))  # September, October: both red
        assert [slip.month for slip in all_slips(db, officer)] == ["2026-10"]
        lights.light_all(db, at=at(11, 26))
        assert {slip.month for slip in all_slips(db, officer)} == {"2026-10", "2026-11"}

    def test_two_who_write_lights_at_once_open_one_and_leave_no_gap(self, database: Engine, officer: Actor) -> None:
        with database.begin() as db:
            a_town(db, branches=3)

        def light() -> int:
            with database.begin() as db:
                return lights.light_all(db, at=RED_DAY)

        def issue() -> str:
            with database.begin() as db:
                branch = db.execute(text("SELECT id FROM organisations WHERE path = :p"), {"p": BRANCH}).scalar_one()
                town = an_actor(("officer", TOWN))
                return slips.issue(db, asked=asked_to(branch), actor=town, at=RED_DAY).number

        at_once([light, issue, light, issue])
        with database.begin() as db:
            numbers = list(db.scalars(text("SELECT number FROM slips ORDER BY number")))
            assert numbers == [1, 2, 3, 4, 5]
            assert db.scalar(text("SELECT last FROM document_numbers")) == 5


class TestLife:
    def test_issued_replied_returned_replied_closed(
        self, db: Connection, files: FileStore, officer: Actor, secretary: Actor
    ) -> None:
        (branch,) = a_town(db)
        slip = slips.issue(db, asked=asked_to(branch), actor=officer, at=NOON)
        assert (slip.state, slip.issuer_name, slip.issued_by) == ("issued", "淄川区委", officer.name)
        stored = files.put(io.BytesIO(b"%PDF-1.7 x"), name="证明.pdf", media_types={PDF}, max_bytes=100)
        replied = slips.reply(
            db, files, asked=ReplyToSlip(slip.id, "已补齐", [stored]), actor=secretary, at=NOON + timedelta(hours=1)
        )
        assert (replied.state, replied.replied_by, replied.may_judge) == ("replied", secretary.name, False)
        asked = SlipFileAsked(slip.id, stored.sha256)
        assert shown.file_of(db, asked=asked, actor=officer).name == "证明.pdf"
        later = date(2026, 12, 10)
        returned = slips.give_back(db, asked=ReturnReply(slip.id, "缺签字", later), actor=officer, at=NOON)
        assert (returned.state, returned.due_on) == ("returned", later)
        slips.reply(db, files, asked=ReplyToSlip(slip.id, "已签字"), actor=secretary, at=NOON)
        closed = slips.accept(db, asked=AcceptReply(slip.id), actor=officer, at=NOON)
        assert closed.state == "closed"
        assert [step.move for step in closed.steps] == ["issue", "reply", "return", "reply", "accept"]
        assert closed.steps[2].text == "缺签字"
        assert sorted(kinds_told(db, secretary)) == ["slip_closed", "slip_issued", "slip_returned"]
        assert kinds_told(db, officer) == ["slip_replied", "slip_replied"]

    def test_whoever_replied_does_not_judge(self, db: Connection, files: FileStore) -> None:
        (branch,) = a_town(db)
        both = an_actor(("officer", DISTRICT), ("secretary", DISTRICT))
        slip = slips.issue(db, asked=asked_to(branch), actor=both, at=NOON)
        slips.reply(db, files, asked=ReplyToSlip(slip.id, "已补齐"), actor=both, at=NOON)
        for judge, asked in (
            (slips.accept, AcceptReply(slip.id)),
            (slips.give_back, ReturnReply(slip.id, "再看", DUE)),
        ):
            with pytest.raises(slips.OwnReply):
                judge(db, asked=asked, actor=both, at=NOON)  # type: ignore[operator]

    def test_a_person_who_is_named_answers_though_they_lead_nothing(self, db: Connection, files: FileStore) -> None:
        (branch,) = a_town(db)
        person = an_actor(("member", "3703.370302.t9.b9"))
        a_member(db, branch, person.person_id, "赵专员")
        officer = an_actor(("officer", DISTRICT))
        slip = slips.issue(db, asked=asked_to(branch, person_id=person.person_id), actor=officer, at=NOON)
        assert slip.person_name == "赵专员"
        assert kinds_told(db, person) == ["slip_issued"]
        assert [one.id for one in all_slips(db, person, mine=True)] == [slip.id]
        assert slips.reply(db, files, asked=ReplyToSlip(slip.id, "办好了"), actor=person, at=NOON).state == "replied"
        with pytest.raises(Forbidden):
            slips.accept(db, asked=AcceptReply(slip.id), actor=person, at=NOON)

    def test_a_file_that_is_not_stored_is_refused(self, db: Connection, files: FileStore, secretary: Actor) -> None:
        (branch,) = a_town(db)
        slip = slips.issue(db, asked=asked_to(branch), actor=an_actor(("officer", TOWN)), at=NOON)
        stored = files.put(io.BytesIO(b"%PDF-1.7 x"), name="证明.pdf", media_types={PDF}, max_bytes=100)
        files.remove(stored.sha256)
        with pytest.raises(InvalidInput) as refused:
            slips.reply(db, files, asked=ReplyToSlip(slip.id, "见附件", [stored]), actor=secretary, at=NOON)
        assert list(refused.value.errors) == ["files.0"]

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"due_on": NOON.date() - timedelta(days=1)}, "due_on"),
            ({"due_on": date(2028, 1, 1)}, "due_on"),
            ({"subject_kind": "card"}, "subject_id"),
            ({"person_id": uuid4()}, "person_id"),
        ],
    )
    def test_what_cannot_be_issued_is_told_at_its_field(self, db: Connection, wrong: Any, field: str) -> None:
        (branch,) = a_town(db)
        with pytest.raises(InvalidInput) as refused:
            slips.issue(db, asked=asked_to(branch, **wrong), actor=an_actor(("officer", TOWN)), at=NOON)
        assert list(refused.value.errors) == [field]

    @pytest.mark.parametrize("role", ROLES)
    def test_who_may_see_and_do_what(self, db: Connection, files: FileStore, role: str) -> None:
        (branch,) = a_town(db)
        slip = slips.issue(db, asked=asked_to(branch), actor=an_actor(("officer", DISTRICT)), at=NOON)
        above, beside = an_actor((role, TOWN)), an_actor((role, f"{TOWN}.b2"))
        sees = role in ("secretary", "administrator", "assessor", "officer", "auditor")
        assert len(all_slips(db, above)) == sees
        assert all_slips(db, beside) == []
        for actor, may in ((above, role in ("secretary", "administrator")), (beside, False)):
            if may:
                assert slips.reply(db, files, asked=ReplyToSlip(slip.id, "好"), actor=actor, at=NOON).state == "replied"
            else:
                with pytest.raises(Forbidden):
                    slips.reply(db, files, asked=ReplyToSlip(slip.id, "好"), actor=actor, at=NOON)

    def test_an_unknown_one_is_not_found(self, db: Connection, officer: Actor) -> None:
        with pytest.raises(NotFound):
            shown.slip(db, asked=SlipAsked(uuid4()), actor=officer, at=NOON)


class TestMoves:
    """Each pair of state and move: those of the table lead where it says, the others are refused, changing nothing."""

    @pytest.mark.parametrize("state", rules.STATES)
    @pytest.mark.parametrize("move", rules.MOVES)
    def test_walks_the_table(self, db: Connection, files: FileStore, state: str, move: str) -> None:
        (branch,) = a_town(db)
        machine = Machine(db, files, branch)
        machine.bring_to(state)
        sources, after = rules.MOVES[move]
        if state in sources:
            assert machine.do(move).state == after
        else:
            with pytest.raises(slips.SlipNotMovable):
                machine.do(move)
            assert machine.slip.state == state

    @given(moves=st.lists(st.sampled_from(sorted(rules.MOVES)), max_size=7))
    def test_any_walk_keeps_to_the_machine(self, shared_engine: Engine, moves: list[str]) -> None:
        """The steps that are kept are just the moves that the table allows, in their order, each with its version."""
        with shared_engine.connect() as db:
            transaction = db.begin()
            (branch,) = a_town(db)
            machine = Machine(db, NOWHERE, branch)
            state, done = rules.ISSUED, ["issue"]
            for move in moves:
                try:
                    machine.do(move)
                except Refusal:
                    assert state not in rules.MOVES[move][0]
                else:
                    assert state in rules.MOVES[move][0]
                    state = rules.MOVES[move][1]
                    done.append(move)
                assert machine.slip.state == state
            assert [step.move for step in machine.slip.steps] == done
            assert machine.slip.version == len(done)
            transaction.rollback()

    @pytest.mark.parametrize("change", ["state = 'issued'", "demand = 'x'", "number = 9", "level = 3"])
    def test_what_is_closed_never_changes(self, db: Connection, files: FileStore, change: str) -> None:
        (branch,) = a_town(db)
        Machine(db, files, branch).bring_to("closed")
        with pytest.raises(DBAPIError, match="stays as it was issued"):
            db.execute(text(f"UPDATE slips SET {change}"))  # noqa: S608

    @pytest.mark.parametrize("change", ["demand = 'x'", "number = 9", "person_name = 'x'", "subject = 'x'"])
    def test_what_was_issued_stays_as_it_was_issued(self, db: Connection, files: FileStore, change: str) -> None:
        (branch,) = a_town(db)
        Machine(db, files, branch)
        with pytest.raises(DBAPIError, match="stays as it was issued"):
            db.execute(text(f"UPDATE slips SET {change}"))  # noqa: S608

    def test_the_machine_leads_from_the_first_state_to_every_other(self) -> None:
        reached = {rules.ISSUED}
        for _ in rules.STATES:
            reached |= {after for before, after in rules.MOVES.values() if before & reached}
        assert reached == set(rules.STATES)


NOWHERE = FileStore(Path("/nonexistent"))


class Machine:
    """A slip, moved by those who may."""

    def __init__(self, db: Connection, files: FileStore, branch: UUID) -> None:
        self.db, self.files = db, files
        self.officer, self.secretary = an_actor(("officer", DISTRICT)), an_actor(("secretary", BRANCH))
        self.id = slips.issue(db, asked=asked_to(branch), actor=self.officer, at=NOON).id

    @property
    def slip(self) -> SlipView:
        return shown.slip(self.db, asked=SlipAsked(self.id), actor=self.officer, at=NOON)

    def do(self, move: str) -> SlipView:
        if move == "reply":
            asked = ReplyToSlip(self.id, "好")
            return slips.reply(self.db, self.files, asked=asked, actor=self.secretary, at=NOON)
        judged: dict[str, Callable[[], SlipView]] = {
            "accept": partial(slips.accept, asked=AcceptReply(self.id), db=self.db, actor=self.officer, at=NOON),
            "return": partial(
                slips.give_back, asked=ReturnReply(self.id, "再办", DUE), db=self.db, actor=self.officer, at=NOON
            ),
            "withdraw": partial(
                slips.withdraw, asked=WithdrawSlip(self.id, "有误"), db=self.db, actor=self.officer, at=NOON
            ),
        }
        return judged[move]()

    def bring_to(self, state: str) -> None:
        ways = {"replied": ["reply"], "returned": ["reply", "return"], "closed": ["reply", "accept"]}
        for move in {"issued": [], "withdrawn": ["withdraw"], **ways}[state]:
            self.do(move)


class TestEscalation:
    def test_climbs_one_level_every_few_days_and_tells_each_once(
        self, db: Connection, officer: Actor, secretary: Actor
    ) -> None:
        (branch,) = a_town(db)
        town = an_actor(("officer", TOWN))
        slips.issue(db, asked=asked_to(branch, due_on=date(2026, 11, 20)), actor=town, at=NOON)
        assert slips.escalate(db, at=at(11, 20, 23)) == 0
        assert slips.escalate(db, at=at(11, 21, 0)) == 1
        assert slips.escalate(db, at=at(11, 21, 12)) == 0
        assert (kinds_told(db, secretary).count("slip_overdue"), kinds_told(db, town).count("slip_overdue")) == (1, 1)
        assert kinds_told(db, officer) == []
        assert slips.escalate(db, at=at(11, 23, 23)) == 0
        assert slips.escalate(db, at=at(11, 24, 0)) == 1
        assert kinds_told(db, officer) == ["slip_overdue"]
        (slip,) = all_slips(db, officer, state="overdue")
        assert (slip.level, slip.is_overdue) == (2, True)
        steps = shown.slip(db, asked=SlipAsked(slip.id), actor=officer, at=RED_DAY).steps
        assert [(step.move, step.level) for step in steps] == [("issue", None), ("escalate", 1), ("escalate", 2)]

    def test_a_timer_that_was_away_tells_every_level_that_it_missed(self, db: Connection, officer: Actor) -> None:
        (branch,) = a_town(db)
        town = an_actor(("officer", TOWN))
        slips.issue(db, asked=asked_to(branch, due_on=NOON.date()), actor=town, at=NOON)
        assert slips.escalate(db, at=at(12, 25)) == 1
        assert kinds_told(db, town).count("slip_overdue") == kinds_told(db, officer).count("slip_overdue") == 1

    def test_what_is_answered_is_not_escalated(self, db: Connection, files: FileStore, secretary: Actor) -> None:
        (branch,) = a_town(db)
        slip = slips.issue(db, asked=asked_to(branch, due_on=NOON.date()), actor=an_actor(("officer", TOWN)), at=NOON)
        slips.reply(db, files, asked=ReplyToSlip(slip.id, "好"), actor=secretary, at=NOON)
        assert slips.escalate(db, at=at(12, 25)) == 0

    @given(late=st.integers(-3, 40), every=st.integers(1, 9))
    def test_the_level_never_falls_and_begins_on_the_first_day_after(self, late: int, every: int) -> None:
        day = partial(rules.level, DUE, every_days=every)
        level = day(today=DUE + timedelta(days=late))
        assert (level > 0) == (late > 0)
        assert day(today=DUE + timedelta(days=late + 1)) - level in (0, 1)
        assert 0 <= level <= rules.LEVEL_MAX


class TestRaces:
    def setup_slip(self, database: Engine) -> UUID:
        with database.begin() as db:
            (branch,) = a_town(db)
            return slips.issue(db, asked=asked_to(branch), actor=an_actor(("officer", DISTRICT)), at=NOON).id

    def test_of_two_replies_one_stands(self, database: Engine, files: FileStore) -> None:
        slip = self.setup_slip(database)

        def reply(role: str) -> str:
            with database.begin() as db:
                asked = ReplyToSlip(slip, f"{role}答复")
                return slips.reply(db, files, asked=asked, actor=an_actor((role, BRANCH)), at=NOON).state

        replies = [partial(reply, role) for role in ("secretary", "administrator")] * 2
        told = Counter(at_once(replies))
        assert told == {"replied": 1, "slip-not-movable": 3}
        with database.connect() as db:
            assert db.scalar(text("SELECT count(*) FROM slip_steps WHERE move = 'reply'")) == 1

    def test_a_reply_and_the_escalation_do_not_undo_each_other(self, database: Engine, files: FileStore) -> None:
        slip = self.setup_slip(database)
        late = at(12, 20)

        def reply() -> str:
            with database.begin() as db:
                asked = ReplyToSlip(slip, "好")
                return slips.reply(db, files, asked=asked, actor=an_actor(("secretary", BRANCH)), at=late).state

        def escalate() -> int:
            with database.begin() as db:
                return slips.escalate(db, at=late)

        answered, *escalated = at_once([reply, escalate, escalate])
        assert answered == "replied"
        assert sum(escalated) <= 1
        with database.connect() as db:
            assert db.scalar(text("SELECT state FROM slips")) == "replied"


def test_the_board_counts_what_lies_below(db: Connection, files: FileStore, officer: Actor, secretary: Actor) -> None:
    branch, other = a_town(db, branches=2)
    for number, state in enumerate(("issued", "replied", "closed", "withdrawn")):
        Machine(db, files, branch).bring_to(state)
        assert shown.counts(db, asked=SlipCountsAsked(), actor=officer, at=NOON).open == 1, number
    slips.issue(db, asked=asked_to(other, due_on=NOON.date()), actor=officer, at=NOON)
    counts = shown.counts(db, asked=SlipCountsAsked(), actor=officer, at=at(11, 13))
    assert (counts.open, counts.overdue, counts.waiting, counts.closed, counts.withdrawn) == (2, 1, 1, 1, 1)
    of_branch = shown.counts(db, asked=SlipCountsAsked(), actor=secretary, at=at(11, 13))
    assert (of_branch.open, of_branch.overdue) == (1, 0)


def test_pages_walk_all_slips_once_as_they_are_due(db: Connection, officer: Actor) -> None:
    (branch,) = a_town(db)
    days = [date(2026, 11, 12 + number // 2) for number in range(7)]
    ids = {slips.issue(db, asked=asked_to(branch, due_on=day), actor=officer, at=NOON).id for day in days}
    walked: list[SlipView] = []
    cursor = None
    while True:
        page = shown.slips_asked(db, asked=SlipsAsked(state="open", limit=3, cursor=cursor), actor=officer, at=NOON)
        walked += page.items
        cursor = page.next
        if cursor is None:
            break
    assert [one.due_on for one in walked] == sorted(days)
    assert {one.id for one in walked} == ids
