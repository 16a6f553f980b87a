"""Records of the handbook, from the draft to the correction, on a real database."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from assessment.operations import activities, joint_activities, records, rolls
from assessment.operations.activities import ActivityInFuture
from assessment.operations.joint_activities import PartDecided
from assessment.operations.records import AlreadyMadeUp, AlreadyWritten, NothingMissed, RecordNotMovable
from assessment.queries import records as queries
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.assessment.records import (
    AbsencesAsked,
    AttendanceGiven,
    ConfirmPart,
    CorrectRecord,
    DecisionGiven,
    DeclinePart,
    DiscardRecord,
    DraftRecord,
    KeepRecord,
    MakeUp,
    PartGiven,
    PartsAsked,
    RecordAsked,
    RecordRollAsked,
    RecordsAsked,
    RecordView,
    WriteRecord,
)
from contracts.envelope import NAMESPACE_ZHENDI
from contracts.rights import ROLES
from contracts.roster.rolls import RollChanged, RollFact, RollMember
from sqlalchemy import Connection, text

from tests.assessment.articles import (
    NOON,
    a_branch,
    a_visit_closed,
    an_actor,
    an_event,
    at,
    the_light,
    the_reading,
)

TODAY = NOON.date()
OTHER = "3703.370302.t1.b2"


def a_person(name: str) -> UUID:
    return uuid5(NAMESPACE_ZHENDI, name)


WANG, LI, ZHAO = (a_person(name) for name in ("王", "李", "赵"))


def a_roll(db: Connection, branch_id: UUID, *names: str, version: int = 1) -> None:
    told = [
        RollMember(a_person(name), name, "full", "active", facts=[RollFact("retired", date(2020, 1, 1))])
        for name in names or ("王", "李", "赵")
    ]
    rolls.remember(db, event=an_event(RollChanged(branch_id=branch_id, members=told), version=version))


def came(**states: str) -> list[AttendanceGiven]:
    return [
        AttendanceGiven(a_person(name), state, "出差" if state == "leave" else None) for name, state in states.items()
    ]


def a_lecture(branch_id: UUID, **content: Any) -> DraftRecord:
    whole: dict[str, Any] = {
        "held_on": TODAY,
        "subject": "讲党课",
        "place": "会议室",
        "host": "王",
        "recorder": "李",
        "minutes": "讲了党章。",
        "starts_at": at(11, 12, 9),
        "ends_at": at(11, 12, 11),
        "answers": {"lecturer_kind": "secretary", "lecturer": "王", "points": "党章"},
        "attendance": came(王="present", 李="present", 赵="leave"),
        "decisions": [DecisionGiven("补学", "赵", date(2026, 11, 30))],
    }
    return DraftRecord(branch_id=branch_id, template="lecture", **(whole | content))


def kept(db: Connection, given: DraftRecord, actor: Actor, *, now: Any = NOON) -> RecordView:
    view = records.draft(db, given=given, actor=actor, at=now)
    return records.keep(db, asked=KeepRecord(view.id), actor=actor, at=now)


def content_of(given: DraftRecord, **changed: Any) -> dict[str, Any]:
    """A draft's content as a message of another kind takes it."""
    names = set(asdict(given)) - {"branch_id", "template"}
    return {name: getattr(given, name) for name in names} | changed


@pytest.fixture
def branch(db: Connection) -> UUID:
    branch_id = a_branch(db)
    a_roll(db, branch_id)
    return branch_id


@pytest.fixture
def other(db: Connection) -> UUID:
    branch_id = a_branch(db, path=OTHER, name="第二党支部")
    a_roll(db, branch_id, "孙", "周")
    return branch_id


@pytest.fixture
def neighbour() -> Actor:
    return an_actor(("secretary", OTHER))


class TestDraft:
    def test_keeps_what_was_typed_and_counts_for_nothing(
        self, db: Connection, branch: UUID, secretary: Actor, officer: Actor
    ) -> None:
        view = records.draft(
            db, given=DraftRecord(branch_id=branch, template="theme_day", held_on=TODAY), actor=secretary, at=NOON
        )
        assert (view.state, view.version, view.changes) == ("draft", 1, [])
        assert view.missing == ["subject", "place", "attendance"]
        assert "No theme day" in the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay").why_en
        assert [line.id for line in listed(db, branch, secretary)] == [view.id]
        assert listed(db, branch, officer) == []
        with pytest.raises(NotFound):
            queries.record(db, asked=RecordAsked(view.id), actor=officer, at=NOON)

    def test_is_written_anew_by_whoever_saw_its_last_version(
        self, db: Connection, branch: UUID, secretary: Actor
    ) -> None:
        given = a_lecture(branch)
        view = records.draft(db, given=given, actor=secretary, at=NOON)
        changed = content_of(given, subject="另一个题目", attendance=[], decisions=[])
        anew = records.write(db, given=WriteRecord(record_id=view.id, version=1, **changed), actor=secretary, at=NOON)
        assert (anew.subject, anew.attendance, anew.decisions, anew.version) == ("另一个题目", [], [], 2)
        with pytest.raises(PreconditionFailed):
            records.write(db, given=WriteRecord(record_id=view.id, version=1, **changed), actor=secretary, at=NOON)

    def test_is_thrown_away(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = records.draft(db, given=a_lecture(branch), actor=secretary, at=NOON)
        assert records.discard(db, asked=DiscardRecord(view.id), actor=secretary, at=NOON).state == "cancelled"
        assert listed(db, branch, secretary) == []
        with pytest.raises(RecordNotMovable, match="cannot be recorded any more: it is cancelled"):
            records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            ({"answers": {"points": 1}}, "answers.points"),
            ({"attendance": [AttendanceGiven(uuid4(), "present")]}, "attendance.0.person_id"),
            ({"attendance": [AttendanceGiven(WANG, "leave")]}, "attendance.0.reason"),
            ({"attendance": [AttendanceGiven(WANG, "present")] * 2}, "attendance"),
            ({"starts_at": at(11, 13)}, "starts_at"),
            ({"ends_at": at(11, 12, 8)}, "ends_at"),
            ({"parts": [PartGiven(uuid4(), 3)]}, "parts.0.branch_id"),
        ],
    )
    def test_refuses_what_is_malformed(
        self, db: Connection, branch: UUID, secretary: Actor, content: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            records.draft(db, given=a_lecture(branch, **content), actor=secretary, at=NOON)
        assert list(refused.value.errors) == [field]

    @pytest.mark.parametrize("role", ROLES)
    def test_only_the_branchs_secretary_and_administrator_write(self, db: Connection, branch: UUID, role: str) -> None:
        actor = an_actor((role, "3703.370302.t1.b1"))
        if role in ("secretary", "administrator"):
            assert records.draft(db, given=a_lecture(branch), actor=actor, at=NOON)
        else:
            with pytest.raises(Forbidden):
                records.draft(db, given=a_lecture(branch), actor=actor, at=NOON)


class TestKeep:
    def test_counts_attendance_hours_and_what_is_to_be_made_up(
        self, db: Connection, branch: UUID, secretary: Actor
    ) -> None:
        view = kept(db, a_lecture(branch), secretary)
        assert (view.state, view.attended, view.hours, view.missing) == ("recorded", 2, 2, [])
        missed = next(one for one in view.attendance if one.person_id == ZHAO)
        assert (missed.name, missed.reason, missed.make_up_by) == ("赵", "出差", TODAY + timedelta(days=30))
        assert [(change.move, change.by) for change in view.changes] == [("record", secretary.name)]
        told = db.execute(text("SELECT move, attended, by_id FROM activity_history")).one()
        assert tuple(told) == ("hold", 2, secretary.person_id)

    def test_a_theme_day_turns_the_light(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        now = at(11, 22)
        kept(
            db,
            DraftRecord(
                branch_id=branch,
                template="theme_day",
                held_on=TODAY,
                subject="志愿服务",
                place="广场",
                attendance=came(王="present", 李="present", 赵="absent"),
            ),
            secretary,
            now=now,
        )
        assert the_reading(the_light(db, branch, at=now), "MonthlyThemeDay").light == "green"

    def test_names_what_is_missing(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = records.draft(db, given=a_lecture(branch, host=None, answers={}), actor=secretary, at=NOON)
        with pytest.raises(InvalidInput) as refused:
            records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)
        assert set(refused.value.errors) == {
            "host",
            "answers.lecturer_kind",
            "answers.lecturer",
            "answers.points",
        }

    def test_takes_everybody_on_the_roll(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = records.draft(db, given=a_lecture(branch, attendance=came(王="present")), actor=secretary, at=NOON)
        with pytest.raises(InvalidInput) as refused:
            records.keep(db, asked=KeepRecord(view.id), actor=secretary, at=NOON)
        assert set(refused.value.errors) == {"attendance"}

    def test_refuses_a_day_to_come(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        tomorrow = a_lecture(branch, held_on=TODAY + timedelta(days=1), starts_at=None, ends_at=None)
        with pytest.raises(ActivityInFuture):
            kept(db, tomorrow, secretary)

    def test_one_written_late_says_so_and_leaves_the_frozen_month(
        self, db: Connection, branch: UUID, secretary: Actor
    ) -> None:
        view = kept(db, a_lecture(branch), secretary, now=at(12, 1, 0))
        assert view.remarks == ["late"]

    def test_remarks_on_a_missed_quorum_and_a_lost_vote(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        votes = {"entitled": 3, "present": 1, "for": 1, "against": 0, "abstained": 0}
        assembly = DraftRecord(
            branch_id=branch,
            template="assembly",
            **content_of(
                a_lecture(branch),
                answers={"agenda": "表决", "votes": votes, "guests": [str(LI)]},
                attendance=came(王="present", 李="absent", 赵="absent"),
            ),
        )
        view = kept(db, assembly, secretary)
        assert view.remarks == ["no_quorum", "no_majority"]
        assert view.people == {str(LI): "李"}

    def test_a_ledger_has_no_headcount(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        given = DraftRecord(
            branch_id=branch,
            template="commendation",
            held_on=TODAY,
            subject="七一表彰",
            answers={"honour": "优秀共产党员", "given_by": "镇党委"},
        )
        assert kept(db, given, secretary).attended is None


class TestComplete:
    def test_fills_in_what_is_empty(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        given = a_lecture(branch)
        view = kept(db, given, secretary)
        more = content_of(given, answers={**given.answers, "discussion": "热烈"})
        done = records.write(
            db, given=WriteRecord(record_id=view.id, version=view.version, **more), actor=secretary, at=NOON
        )
        assert done.answers["discussion"] == "热烈"
        assert (done.state, [change.move for change in done.changes]) == ("recorded", ["record", "complete"])

    @pytest.mark.parametrize(
        "changed",
        [
            {"subject": "别的"},
            {"minutes": None},
            {"attendance": came(王="present", 李="present", 赵="present")},
            {"attendance": []},
            {"decisions": []},
            {"answers": {"lecturer_kind": "secretary", "lecturer": "李", "points": "党章"}},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_does_not_retype(self, db: Connection, branch: UUID, secretary: Actor, changed: dict[str, Any]) -> None:
        given = a_lecture(branch)
        view = kept(db, given, secretary)
        wrong = WriteRecord(record_id=view.id, version=view.version, **content_of(given, **changed))
        with pytest.raises(AlreadyWritten):
            records.write(db, given=wrong, actor=secretary, at=NOON)


class TestCorrect:
    def test_says_why_and_keeps_what_stood_before(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        given = a_lecture(branch)
        view = kept(db, given, secretary)
        anew = content_of(given, subject="上党课", attendance=came(王="present", 李="absent", 赵="leave"))
        done = records.correct(
            db,
            given=CorrectRecord(record_id=view.id, version=view.version, reason="写错", **anew),
            actor=secretary,
            at=NOON,
        )
        assert (done.state, done.subject, done.attended, done.changes[-1].reason) == ("corrected", "上党课", 1, "写错")
        contents = db.scalars(text("SELECT content ->> 'subject' FROM record_history ORDER BY version")).all()
        assert contents == ["讲党课", "上党课"]
        facts = db.execute(text("SELECT move, version, subject FROM activity_history ORDER BY version")).all()
        assert [tuple(fact) for fact in facts] == [("hold", 1, "讲党课"), ("correct", 2, "上党课")]

    def test_keeps_how_it_was_made_up(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        given = a_lecture(branch)
        view = kept(db, given, secretary)
        records.make_up(db, made=MakeUp(view.id, ZHAO, TODAY, "自学"), actor=secretary, at=NOON)
        anew = CorrectRecord(record_id=view.id, version=view.version, reason="写错", **content_of(given, host="李"))
        done = records.correct(db, given=anew, actor=secretary, at=NOON)
        assert next(one for one in done.attendance if one.person_id == ZHAO).made_up_how == "自学"

    def test_a_draft_has_nothing_to_correct(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        given = a_lecture(branch)
        view = records.draft(db, given=given, actor=secretary, at=NOON)
        anew = CorrectRecord(record_id=view.id, version=1, reason="写错", **content_of(given))
        with pytest.raises(RecordNotMovable):
            records.correct(db, given=anew, actor=secretary, at=NOON)


class TestVisit:
    def test_writes_its_theme_day_with_who_checked_in(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = of_a_visit(db, branch, secretary)
        assert (view.template, view.state, view.attended, view.hours) == ("theme_day", "recorded", 18, 2)
        assert view.answers == {"theme": "party_spirit_education"}
        assert [(one.name, one.state) for one in view.attendance] == [("王", "present")]
        assert (view.missing, view.fixed) == ([], ["held_on", "place", "subject"])
        assert view.order_id is not None

    def test_is_completed_and_not_retyped(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = of_a_visit(db, branch, secretary)
        more: dict[str, Any] = {
            "held_on": view.held_on,
            "starts_at": view.starts_at,
            "ends_at": view.ends_at,
            "answers": {**view.answers, "result": "受教育"},
            "attendance": came(王="present", 李="leave"),
        }
        done = records.write(
            db, given=WriteRecord(record_id=view.id, version=view.version, **more), actor=secretary, at=NOON
        )
        assert (done.attended, done.subject, done.answers["result"]) == (18, view.subject, "受教育")
        assert len(done.attendance) == 2
        with pytest.raises(InvalidInput) as refused:
            records.write(
                db,
                given=WriteRecord(record_id=view.id, version=done.version, **{**more, "place": "家里"}),
                actor=secretary,
                at=NOON,
            )
        assert "place" in refused.value.errors


def of_a_visit(db: Connection, branch_id: UUID, actor: Actor) -> RecordView:
    order = uuid4()
    closed = a_visit_closed(
        branch_id,
        order_id=order,
        on=TODAY,
        starts_at=at(11, 12, 9),
        ends_at=at(11, 12, 10, 30),
        member_ids=[WANG, uuid4()],
        theme="party_spirit_education",
    )
    activities.hold(db, event=closed, at=NOON)
    activities.hold(db, event=closed, at=NOON)
    return queries.record(db, asked=RecordAsked(activities.activity_of(order)), actor=actor, at=NOON)


class TestMakeUp:
    def test_is_listed_until_it_is_written_down_once(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = kept(db, a_lecture(branch), secretary)
        open_ones = AbsencesAsked(branch_id=branch, open=True)
        late = at(12, 20)
        assert [
            (one.name, one.overdue) for one in queries.absences(db, asked=open_ones, actor=secretary, at=late).items
        ] == [("赵", True)]
        records.make_up(db, made=MakeUp(view.id, ZHAO, TODAY, "自学笔记"), actor=secretary, at=NOON)
        assert queries.absences(db, asked=open_ones, actor=secretary, at=NOON).items == []
        assert len(queries.absences(db, asked=AbsencesAsked(branch_id=branch), actor=secretary, at=NOON).items) == 1
        with pytest.raises(AlreadyMadeUp):
            records.make_up(db, made=MakeUp(view.id, ZHAO, TODAY, "自学"), actor=secretary, at=NOON)
        with pytest.raises(NothingMissed):
            records.make_up(db, made=MakeUp(view.id, WANG, TODAY, "自学"), actor=secretary, at=NOON)

    def test_a_member_does_not_see_why_others_were_away(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        view = kept(db, a_lecture(branch), secretary)
        member = an_actor(("member", "3703.370302.t1.b1"))
        seen = queries.record(db, asked=RecordAsked(view.id), actor=member, at=NOON)
        assert {one.reason for one in seen.attendance} == {None}
        with pytest.raises(Forbidden):
            queries.absences(db, asked=AbsencesAsked(branch_id=branch), actor=member, at=NOON)


class TestConfidential:
    def test_is_not_for_the_other_members(self, db: Connection, branch: UUID, secretary: Actor, officer: Actor) -> None:
        talk = DraftRecord(
            branch_id=branch,
            template="heart_to_heart_talk",
            held_on=TODAY,
            subject="谈心谈话",
            place="家中",
            answers={
                "parties": "secretary_member",
                "talkers": [str(WANG)],
                "talked_to": [str(LI)],
                "reason": "关心",
                "content": "近况",
            },
        )
        view = kept(db, talk, secretary)
        member = an_actor(("member", "3703.370302.t1.b1"))
        assert listed(db, branch, member) == []
        with pytest.raises(Forbidden):
            queries.record(db, asked=RecordAsked(view.id), actor=member, at=NOON)
        assert queries.record(db, asked=RecordAsked(view.id), actor=officer, at=NOON).answers["content"] == "近况"


class TestJoint:
    def test_counts_once_for_each_that_confirms(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        view = kept(db, a_theme_day_with(branch, other), secretary)
        assert [(part.state, part.told) for part in view.parts] == [("asked", 2)]
        assert "No theme day" in the_reading(the_light(db, other, at=NOON), "MonthlyThemeDay").why_en
        waiting = queries.parts_asked(db, asked=PartsAsked(branch_id=other), actor=neighbour, at=NOON).items
        assert [(one.record_id, one.confirm_until) for one in waiting] == [(view.id, at(11, 18, 0))]
        done = joint_activities.confirm(
            db, given=ConfirmPart(view.id, other, 1, came(孙="present", 周="absent")), actor=neighbour, at=NOON
        )
        assert [(part.state, part.attended, part.by_silence) for part in done.parts] == [("confirmed", 1, False)]
        assert {one.name for one in done.attendance} == {"孙", "周"}
        assert "held on 12 November" in the_reading(the_light(db, other, at=NOON), "MonthlyThemeDay").why_en
        assert [(line.leads, line.attended) for line in listed(db, other, neighbour)] == [(False, 1)]
        with pytest.raises(PartDecided):
            joint_activities.confirm(db, given=ConfirmPart(view.id, other, 1), actor=neighbour, at=NOON)

    @pytest.mark.parametrize("hour", [23, 24])
    def test_silence_confirms_when_the_fifth_day_is_over(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, hour: int
    ) -> None:
        confirmed, neighbour = int(hour == 24), an_actor(("secretary", OTHER))
        view = kept(db, a_theme_day_with(branch, other), secretary)
        now = at(11, 17, 0) + timedelta(hours=hour)
        assert joint_activities.confirm_silent(db, at=now) == confirmed
        part = queries.record(db, asked=RecordAsked(view.id), actor=secretary, at=now).parts[0]
        assert (part.state == "confirmed", part.by_silence) == (bool(confirmed), bool(confirmed))
        if confirmed:
            with pytest.raises(PartDecided):
                joint_activities.decline(db, given=DeclinePart(view.id, other, "没去"), actor=neighbour, at=now)

    def test_too_late_a_word_finds_silence_before_the_timer_does(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        view = kept(db, a_theme_day_with(branch, other), secretary)
        with pytest.raises(PartDecided):
            joint_activities.decline(db, given=DeclinePart(view.id, other, "没去"), actor=neighbour, at=at(11, 18, 0))

    def test_who_was_not_there_gets_nothing(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        view = kept(db, a_theme_day_with(branch, other), secretary)
        joint_activities.decline(db, given=DeclinePart(view.id, other, "没去"), actor=neighbour, at=NOON)
        assert joint_activities.confirm_silent(db, at=at(11, 30)) == 0
        assert listed(db, other, neighbour) == []
        assert "No theme day" in the_reading(the_light(db, other, at=NOON), "MonthlyThemeDay").why_en

    def test_a_branch_answers_for_itself_alone(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor, neighbour: Actor
    ) -> None:
        view = kept(db, a_theme_day_with(branch, other), secretary)
        with pytest.raises(Forbidden):
            joint_activities.confirm(db, given=ConfirmPart(view.id, other, 1), actor=secretary, at=NOON)
        with pytest.raises(NotFound):
            joint_activities.confirm(db, given=ConfirmPart(uuid4(), other, 1), actor=neighbour, at=NOON)

    def test_only_some_things_are_held_together(
        self, db: Connection, branch: UUID, other: UUID, secretary: Actor
    ) -> None:
        given = DraftRecord(branch_id=branch, template="assembly", held_on=TODAY, parts=[PartGiven(other, 2)])
        with pytest.raises(InvalidInput) as refused:
            records.draft(db, given=given, actor=secretary, at=NOON)
        assert list(refused.value.errors) == ["parts"]


def a_theme_day_with(branch: UUID, other: UUID) -> DraftRecord:
    return DraftRecord(
        branch_id=branch,
        template="theme_day",
        held_on=TODAY,
        subject="联合植树",
        place="山上",
        attendance=came(王="present", 李="present", 赵="present"),
        parts=[PartGiven(other, 2)],
    )


def listed(db: Connection, branch_id: UUID, actor: Actor, **asked: Any) -> list[Any]:
    return queries.records_of(db, asked=RecordsAsked(branch_id=branch_id, **asked), actor=actor, at=NOON).items


class TestList:
    def test_pages_through_a_year_by_heading(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        for day in (3, 5, 9):
            given = DraftRecord(branch_id=branch, template="theme_day", held_on=date(2026, 11, day))
            records.draft(db, given=given, actor=secretary, at=NOON)
        asked = RecordsAsked(branch_id=branch, year=2026, heading="theme_days", limit=2)
        first = queries.records_of(db, asked=asked, actor=secretary, at=NOON)
        assert [line.held_on.day for line in first.items] == [9, 5]
        rest = RecordsAsked(branch_id=branch, year=2026, heading="theme_days", limit=2, cursor=first.next)
        assert [line.held_on.day for line in queries.records_of(db, asked=rest, actor=secretary, at=NOON).items] == [3]
        assert listed(db, branch, secretary, heading="dues") == []
        assert listed(db, branch, secretary, year=2025) == []

    def test_the_roll_says_whom_a_record_may_name(self, db: Connection, branch: UUID, secretary: Actor) -> None:
        told = queries.roll(db, asked=RecordRollAsked(branch), actor=secretary, at=NOON)
        assert (told.as_told, {one.name for one in told.people}) == (True, {"王", "李", "赵"})
        assert told.people[0].facts == ["retired"]
