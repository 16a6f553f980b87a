"""The way into the Party: what is missing, how long each stage lasts, and what a stage does to the register."""

from dataclasses import replace
from datetime import date

import pytest
from chassis.refusals import NotFound, PreconditionFailed
from contracts.roster.development import (
    AdvanceStage,
    DevelopmentsAsked,
    EndDevelopment,
    EnterApplicant,
    ExtendProbation,
    RecordStep,
    StrikeStep,
)
from hypothesis import given
from hypothesis import strategies as st
from roster.domain import development as rules
from roster.domain.development import (
    NEEDED,
    NotExtendable,
    OutOfOrder,
    StageTooEarly,
    Step,
    StepsMissing,
    TooYoung,
    Way,
    WayEnded,
)
from roster.domain.periods import months_after
from roster.operations import developments
from roster.queries import developments as asked
from sqlalchemy import Connection, text

from tests.articles import NOON
from tests.roster.factories import a_branch, a_member, told_of
from tests.roster.registers import an_administrator, an_identity_number

NUMBERS = {
    "applicant-age": {"years": 18},
    "talk": {"months": 1},
    "inspection": {"months": 6},
    "activist-period": {"months": 12},
    "training": {"hours": 24},
    "approval": {"months": 3, "most": 6},
    "probation": {"months": 12},
    "extension": {"least": 6, "most": 12},
}
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


class TestPeriods:
    @given(days, st.integers(0, 60), st.integers(0, 60))
    def test_months_go_forward_and_never_skip_a_month(self, day: date, some: int, more: int):
        later = months_after(day, some)
        assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == some
        assert later.day <= day.day
        assert later <= months_after(day, some + more)
        assert (later == day) == (some == 0)

    def test_the_last_of_a_month(self):
        assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
        assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)

    @given(days, st.integers(-40, 800))
    def test_an_activist_of_less_than_a_year_is_never_ready(self, began: date, after: int):
        day = date.fromordinal(began.toordinal() + after)
        way = Way("activist", activist_on=began)
        done = [Step("inspection", began)] * 2 + [Step(step, began) for step in NEEDED["activist"]]
        lacking = rules.missing(way, done, NUMBERS, on=day)
        assert (lacking == []) == (day >= months_after(began, 12))

    @given(days, st.integers(0, 30))
    def test_an_extension_is_half_a_year_to_a_year(self, voted: date, months: int):
        ends = rules.probation_ends(voted, NUMBERS)
        way = Way("probationary", probationary_on=voted, probation_until=ends)
        until = months_after(ends, months)
        if 6 <= months <= 12:
            rules.check_extension(way, until, NUMBERS, on=ends)
            assert rules.earliest(replace(way, extended_until=until), NUMBERS)[0] == until
        else:
            with pytest.raises(NotExtendable):
                rules.check_extension(way, until, NUMBERS, on=ends)

    def test_what_is_late_says_since_when(self):
        way = Way("applicant", applied_on=date(2026, 1, 31))
        talk = rules.missing(way, [], NUMBERS, on=date(2026, 3, 1))[0]
        assert (talk.step, talk.late_since) == ("talk", date(2026, 2, 28))
        assert rules.missing(way, [], NUMBERS, on=date(2026, 2, 28))[0].late_since is None

    @pytest.mark.parametrize("stage", sorted(NEEDED))
    def test_each_stage_names_what_it_needs(self, stage: str):
        way = Way(stage, activist_on=date(2020, 1, 1), probation_until=date(2021, 1, 1))
        lacking = [what.step for what in rules.missing(way, [], NUMBERS, on=date(2026, 1, 1))]
        assert tuple(lacking) == NEEDED[stage]


class TestTheWholeWay:
    def test_from_the_application_to_full_membership(self, db: Connection):
        branch = a_branch(db)
        actor = an_administrator(db, branch)
        view = enter(db, branch)
        with pytest.raises(StepsMissing):
            go(db, view, "activist", date(2023, 3, 1), actor)
        for stage, until, on in (
            ("applicant", "activist", date(2023, 3, 1)),
            ("activist", "object", date(2024, 3, 1)),
            ("object", "probationary", date(2024, 7, 1)),
        ):
            view = do_all(db, view, stage, on, actor)
            view = go(db, view, until, on, actor)
        assert (view.stage, view.probation_until) == ("probationary", date(2025, 7, 1))
        assert told_of(db, branch)[-1]["members_probationary"] == 1
        view = do_all(db, view, "probationary", date(2025, 6, 30), actor)
        with pytest.raises(StageTooEarly, match="2025-07-01"):
            go(db, view, "full", date(2025, 6, 30), actor)
        view = go(db, view, "full", date(2025, 7, 1), actor)
        assert (view.stage, view.next_stage, view.missing) == ("full", None, [])
        last = told_of(db, branch)[-1]
        assert (last["members_full"], last["members_probationary"]) == (1, 0)
        periods = db.execute(
            text("SELECT status, active_from, active_until FROM membership_periods WHERE person_id = :id ORDER BY id"),
            {"id": view.person_id},
        )
        assert [tuple(row) for row in periods] == [
            ("probationary", date(2024, 7, 1), date(2025, 7, 1)),
            ("full", date(2025, 7, 1), None),
        ]
        with pytest.raises(WayEnded):
            go(db, view, "full", date(2025, 7, 1), actor)

    @pytest.mark.parametrize("to_stage", ["object", "probationary", "full"])
    def test_no_stage_is_left_out(self, db: Connection, to_stage: str):
        branch = a_branch(db)
        with pytest.raises(OutOfOrder):
            go(db, enter(db, branch), to_stage, date(2026, 1, 1), an_administrator(db, branch))

    def test_a_stale_page_changes_nothing(self, db: Connection):
        branch = a_branch(db)
        view = enter(db, branch)
        with pytest.raises(PreconditionFailed):
            go(db, replace(view, version=view.version + 1), "activist", date(2026, 1, 1), an_administrator(db, branch))

    def test_whoever_applies_is_of_age(self, db: Connection):
        with pytest.raises(TooYoung):
            enter(db, a_branch(db), identity_number=an_identity_number(born_on=date(2005, 2, 2)))

    def test_a_step_entered_by_mistake_is_struck_and_stays_readable(self, db: Connection):
        branch = a_branch(db)
        actor, view = an_administrator(db, branch), enter(db, branch)
        form = RecordStep(view.person_id, "talk", date(2023, 1, 20), note="支部书记谈话")
        view = developments.record_step(db, asked=form, actor=actor, at=NOON)
        assert "talk" not in [what.step for what in view.missing]
        form = StrikeStep(view.person_id, view.steps[0].id, "记错了人")
        view = developments.strike_step(db, asked=form, actor=actor, at=NOON)
        assert "talk" in [what.step for what in view.missing]
        assert view.steps[0].struck_because == "记错了人"

    def test_training_counts_hours(self, db: Connection):
        way, day = Way("object", object_on=date(2024, 1, 1)), date(2024, 5, 1)
        done = [Step("training", day, 16)]
        assert "training" in [what.step for what in rules.missing(way, done, NUMBERS, on=day)]
        done.append(Step("training", day, 8))
        assert "training" not in [what.step for what in rules.missing(way, done, NUMBERS, on=day)]

    def test_an_end_is_an_end(self, db: Connection):
        branch = a_branch(db)
        actor, view = an_administrator(db, branch), enter(db, branch)
        form = EndDevelopment(view.person_id, date(2024, 1, 1), "本人撤回申请", view.version)
        view = developments.end(db, asked=form, actor=actor, at=NOON)
        assert (view.stage, view.missing) == ("ended", [])
        with pytest.raises(WayEnded):
            developments.record_step(
                db, asked=RecordStep(view.person_id, "talk", date(2024, 1, 2)), actor=actor, at=NOON
            )


class TestOfMembers:
    def test_a_probationary_member_entered_without_an_application_is_on_the_way(self, db: Connection):
        branch = a_branch(db)
        person = a_member(db, branch=branch, status="probationary")
        db.execute(text("UPDATE members SET joined_on = '2026-01-05' WHERE person_id = :id"), {"id": person})
        actor = an_administrator(db, branch)
        (view,) = asked.page(db, DevelopmentsAsked(branch), actor=actor, on=date(2026, 11, 10)).items
        assert (view.stage, view.probation_until, view.missing[0].not_before) == (
            "probationary",
            date(2027, 1, 5),
            date(2027, 1, 5),
        )
        form = ExtendProbation(person, date(2027, 7, 5), "学习不够主动", 0)
        view = developments.extend(db, asked=form, actor=actor, at=NOON)
        assert view.missing[0].not_before == date(2027, 7, 5)
        with pytest.raises(NotExtendable):
            developments.extend(db, asked=replace(form, version=view.version), actor=actor, at=NOON)

    def test_another_branch_sees_nothing(self, db: Connection):
        view = enter(db, a_branch(db))
        with pytest.raises(NotFound):
            asked.one(db, view.person_id, actor=an_administrator(db, a_branch(db)), on=date(2026, 11, 10))


def enter(db: Connection, branch, **fields):
    form = EnterApplicant(branch_id=branch, name="张明", applied_on=date(2023, 1, 10), **fields)
    return developments.enter(db, asked=form, actor=an_administrator(db, branch), at=NOON)


def do_all(db: Connection, view, stage: str, on: date, actor):
    steps = [*NEEDED[stage], *(["inspection"] if stage == "activist" else [])]
    for step in steps:
        form = RecordStep(view.person_id, step, on, hours=24 if step == "training" else None)
        view = developments.record_step(db, asked=form, actor=actor, at=NOON)
    return view


def go(db: Connection, view, to_stage: str, on: date, actor):
    form = AdvanceStage(view.person_id, to_stage, on, view.version)
    return developments.advance(db, asked=form, actor=actor, at=NOON)
