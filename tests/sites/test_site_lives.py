"""A site's life: each move from each state, notice and what it does to orders; checks, evaluations, admission."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis.actors import Forbidden
from chassis.files import FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import load
from contracts.sites.admissions import ApplyForAdmission, CheckAdmission, DecideAdmission, RetractAdmission
from contracts.sites.lifecycles import AffectedOrdersAsked, EvaluateSite, MoveSite, RecordSiteCheck
from contracts.sites.orders import AmendOrder
from contracts.sites.programmes import MoveProgramme
from sites.domain import admissions as admission_machine
from sites.domain.orders import SlotClosed
from sites.domain.sites import (
    ENDING,
    MOVES,
    STATES,
    GroundUnknown,
    NoticeTooShort,
    SiteNotMovable,
    ThreeSameUnchecked,
    kept_until,
)
from sites.operations import admissions, lifecycles, orders, programmes, site_rules
from sites.queries import site_rules as rule_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    Site,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    fund_year,
    money_in_the_fund,
    place,
    seats_taken,
    the_order,
    told,
)
from tests.sites.test_site_records import OFFICER, edited

TODAY = date(2026, 11, 10)


def a_move(site: Site, verb: str, **more: Any) -> MoveSite:
    ground = {"suspend": "safety", "withdraw": "false_claims"}.get(verb)
    asked: MoveSite = load(
        MoveSite, {"site_id": str(site.id), "move": verb, "reason": "依规定", "ground": ground, **more}
    )
    return asked


def moved(db: Connection, site: Site, verb: str, **more: Any) -> Any:
    return lifecycles.move(db, asked=a_move(site, verb, **more), actor=OFFICER, at=NOON)


class TestTheMachine:
    @pytest.mark.parametrize("verb", MOVES)
    @pytest.mark.parametrize("state", STATES)
    def test_every_move_from_every_state(self, db: Connection, state: str, verb: str) -> None:
        site = a_site(db, state=state)
        sources, target = MOVES[verb]
        if state in sources:
            assert moved(db, site, verb).state == target
            last = db.execute(text("SELECT * FROM site_history WHERE site_id = :id"), {"id": site.id}).one()
            assert (last.move, last.state, last.by_name, last.reason) == (verb, target, "李干部", "依规定")
        else:
            with pytest.raises(SiteNotMovable, match=f"The site is {state} now"):
                moved(db, site, verb)

    @pytest.mark.parametrize("verb", MOVES)
    def test_moves_are_the_officers(self, db: Connection, verb: str) -> None:
        site = a_site(db, state=min(MOVES[verb][0]))
        with pytest.raises(Forbidden):
            lifecycles.move(db, asked=a_move(site, verb), actor=a_steward(site), at=NOON)
        with pytest.raises(NotFound):
            lifecycles.move(db, asked=a_move(site, verb), actor=an_actor(("officer", "3799")), at=NOON)

    @pytest.mark.parametrize("verb", sorted(ENDING))
    def test_an_ending_names_a_ground_that_is_in_force(self, db: Connection, verb: str) -> None:
        site = a_site(db)
        with pytest.raises(InvalidInput):
            moved(db, site, verb, ground=None)
        with pytest.raises(GroundUnknown):
            moved(db, site, verb, ground="mood")


class TestNotice:
    def test_is_as_long_as_the_ground_asks(self) -> None:
        assert kept_until(None, notice_days=14, today=TODAY) == date(2026, 11, 24)
        assert kept_until(None, notice_days=0, today=TODAY) == date(2026, 11, 9)
        assert kept_until(date(2026, 12, 1), notice_days=14, today=TODAY) == date(2026, 12, 1)
        with pytest.raises(NoticeTooShort, match="until 2026-11-24"):
            kept_until(date(2026, 11, 23), notice_days=14, today=TODAY)


class TestSuspending:
    def test_cancels_later_orders_frees_their_money_and_keeps_the_rest(self, db: Connection) -> None:
        fund_id = money_in_the_fund(db)
        site = a_site(db)
        soon = a_slot(db, site=site, starts_at=NOON + timedelta(days=3))
        late = a_slot(db, site=site, starts_at=NOON + timedelta(days=20))
        kept, _ = a_placed_order(db, slot=soon)
        gone, secretary = a_placed_order(db, slot=late)
        preview = rule_queries.affected(
            db, load(AffectedOrdersAsked, {"site_id": str(site.id)}), actor=OFFICER, at=NOON
        )
        assert [order.order_id for order in preview.items] == [kept, gone]
        assert fund_year(db, fund_id).encumbered_fen == 80_000
        view = moved(db, site, "suspend", ground="repair")
        assert (view.cancelled_orders, view.kept_orders, view.keep_until) == (1, 1, date(2026, 11, 24))
        assert (the_order(db, kept).state, the_order(db, gone).state) == ("confirmed", "cancelled")
        assert the_order(db, gone).reason == "依规定"
        assert (seats_taken(db, soon), seats_taken(db, late)) == (20, 0)
        assert fund_year(db, fund_id).encumbered_fen == 40_000
        assert [event.event for event in told(db, gone)] == ["visit_ordered", "visit_cancelled"]
        assert secretary

    def test_without_notice_cancels_todays_too(self, db: Connection) -> None:
        site = a_site(db)
        order_id, _ = a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + timedelta(hours=3)))
        assert moved(db, site, "suspend", ground="safety").cancelled_orders == 1
        assert the_order(db, order_id).state == "cancelled"

    def test_closes_the_slots_and_resuming_opens_its_own_again(self, db: Connection) -> None:
        site = a_site(db)
        slot = a_slot(db, site=site)
        closed_before = a_slot(db, site=site, starts_at=NOON + timedelta(days=2), closed_reason="布展")
        moved(db, site, "suspend")
        reasons = "SELECT closed_reason FROM slots WHERE id = :id"
        assert db.execute(text(reasons), {"id": slot.id}).scalar_one() == "活动点停止接待：依规定"
        moved(db, site, "resume")
        assert db.execute(text(reasons), {"id": slot.id}).scalar_one() is None
        assert db.execute(text(reasons), {"id": closed_before.id}).scalar_one() == "布展"
        branch = a_branch(db)
        assert place(db, an_order(slot, branch=branch), actor=a_secretary(branch))["state"] == "confirmed"
        with pytest.raises(SlotClosed):
            place(db, an_order(closed_before, branch=branch), actor=a_secretary(branch))

    def test_an_order_that_was_kept_shrinks_and_moves_away_and_does_not_grow(self, db: Connection) -> None:
        site = a_site(db)
        slot, elsewhere = a_slot(db, site=site), a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot, party_size=20)
        moved(db, site, "suspend", keep_until=date(2027, 1, 1))

        def amended(**changed: Any) -> Any:
            return orders.amend(db, asked=AmendOrder(order_id, **changed), actor=secretary, at=NOON)

        assert amended(party_size=15).party_size == 15
        with pytest.raises(SlotClosed):
            amended(party_size=16)
        assert amended(slot_id=elsewhere.id).site.id == elsewhere.site.id
        with pytest.raises(NotFound):
            amended(slot_id=slot.id)

    def test_resuming_opens_no_slot_of_what_left_the_menu_meanwhile(self, db: Connection) -> None:
        site = a_site(db)
        slot = a_slot(db, site=site)
        moved(db, site, "suspend")
        gone = MoveProgramme(programme_id=site.programme_id, reason="改造")
        programmes.retire(db, asked=gone, actor=a_steward(site), at=NOON)
        moved(db, site, "resume")
        reason = db.execute(text("SELECT closed_reason FROM slots WHERE id = :id"), {"id": slot.id}).scalar_one()
        assert reason == programmes.RETIRED


def test_of_many_who_suspend_at_once_one_does(database: Engine) -> None:
    with database.begin() as db:
        site = a_site(db)
        order_id, _ = a_placed_order(db, slot=a_slot(db, site=site))

    def suspend() -> str:
        with database.begin() as db:
            moved(db, site, "suspend")
        return "done"

    assert sorted(at_once([suspend] * 6)) == ["done", *["site-not-movable"] * 5]
    with database.connect() as db:
        assert the_order(db, order_id).state == "cancelled"
        ended = "SELECT count(*) FROM order_history WHERE order_id = :id AND move = 'cancel'"
        assert db.execute(text(ended), {"id": order_id}).scalar_one() == 1


class TestTheThreeSame:
    def a_check(self, db: Connection, site: Site, **same: Any) -> Any:
        fields = {"site_id": str(site.id), "checked_on": "2026-11-09", "sign": True, "area": True, "equipment": True}
        asked: RecordSiteCheck = load(RecordSiteCheck, {**fields, **same})
        return site_rules.record_check(db, FileStore("/nowhere"), asked=asked, actor=a_steward(site), at=NOON)

    def test_takes_no_picture_that_is_not_stored(self, db: Connection) -> None:
        picture = {"sha256": "a" * 64, "thumbnail_sha256": "b" * 64, "width": 1, "height": 1, "size": 1}
        with pytest.raises(InvalidInput) as refused:
            self.a_check(db, a_site(db), pictures=[{**picture, "media_type": "image/webp"}])
        assert list(refused.value.errors) == ["pictures.0.sha256", "pictures.0.thumbnail_sha256"]

    def test_a_training_base_needs_all_three(self, db: Connection) -> None:
        site = a_site(db)
        with pytest.raises(ThreeSameUnchecked):
            edited(db, site, actor=OFFICER, kind="training_base")
        assert self.a_check(db, site, equipment=False).passed is False
        with pytest.raises(ThreeSameUnchecked):
            edited(db, site, actor=OFFICER, kind="training_base")
        view = self.a_check(db, site, checked_on="2026-11-10")
        assert (view.passed, view.due_on) == (True, date(2027, 11, 10))
        assert edited(db, site, actor=OFFICER, kind="training_base").kind == "training_base"

    def test_a_check_runs_out(self, db: Connection) -> None:
        site = a_site(db)
        self.a_check(db, site, checked_on="2025-11-09")
        with pytest.raises(ThreeSameUnchecked):
            edited(db, site, actor=OFFICER, kind="training_base")

    @pytest.mark.parametrize(
        ("day", "months", "after"),
        [
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2027, 2, 28), 12, date(2028, 2, 28)),
            (date(2028, 2, 29), 12, date(2029, 2, 28)),
            (date(2026, 12, 15), 1, date(2027, 1, 15)),
        ],
    )
    def test_months_end_within_their_month(self, day: date, months: int, after: date) -> None:
        assert site_rules.months_after(day, months) == after


class TestEvaluation:
    POINTS = {"reception": 90, "programmes": 80, "feedback": 85, "upkeep": 70, "records": 100}  # noqa: RUF012

    def evaluated(self, db: Connection, site: Site, **changed: Any) -> Any:
        asked = load(EvaluateSite, {"site_id": str(site.id), "year": 2026, "points": self.POINTS, **changed})
        return site_rules.evaluate(db, asked=asked, actor=OFFICER, at=NOON)

    def test_weights_add_up_to_a_hundred(self, db: Connection) -> None:
        assert sum(criterion.weight for criterion in rule_queries.rules_on(db, TODAY).criteria) == 100

    def test_gives_grade_and_star_from_the_weighted_points(self, db: Connection) -> None:
        site = a_site(db)
        view = self.evaluated(db, site)
        # 0.30 × 90 + 0.25 × 80 + 0.20 × 85 + 0.15 × 70 + 0.10 × 100
        assert (view.total, view.grade, view.star, view.active_from) == (84.5, "good", 4, TODAY)
        assert all(line["citation"] for line in view.lines)
        kept = db.execute(text("SELECT star, grade FROM sites WHERE id = :id"), {"id": site.id}).one()
        assert kept == (4, "good")

    def test_is_made_once_a_year_and_the_newest_year_counts(self, db: Connection) -> None:
        site = a_site(db)
        self.evaluated(db, site)
        with pytest.raises(site_rules.EvaluatedAlready):
            self.evaluated(db, site)
        self.evaluated(db, site, year=2025, points=dict.fromkeys(self.POINTS, 100))
        assert db.execute(text("SELECT star FROM sites WHERE id = :id"), {"id": site.id}).scalar_one() == 4

    def test_waits_for_the_year(self, db: Connection) -> None:
        with pytest.raises(site_rules.YearNotOver):
            self.evaluated(db, a_site(db), year=2027)

    def test_points_every_criterion_and_no_other(self, db: Connection) -> None:
        for points in ({"reception": 90}, {**self.POINTS, "beauty": 1}):
            with pytest.raises(InvalidInput):
                self.evaluated(db, a_site(db), points=points)


class TestAdmission:
    @pytest.fixture
    def applied(self, db: Connection) -> tuple[UUID, Any]:
        return self.apply(db)

    def apply(self, db: Connection, *, kind: str = "education_base") -> tuple[UUID, Any]:
        branch = a_branch(db)
        applicant = an_actor(("administrator", branch.path), name="孙秀兰")
        asked = load(
            ApplyForAdmission,
            {
                "organisation_id": str(branch.id),
                "name": "村史馆",
                "category": "rural",
                "kind": kind,
                "address": "村委会东侧",
                "point": [117.97, 36.64],
                "point_datum": "GCJ-02",
                "capacity": 30,
                "visit_minutes": 45,
                "statement": "讲述本村党组织的历史",
                "district": "淄川区",
            },
        )
        return admissions.apply(db, asked=asked, actor=applicant, at=NOON).id, applicant

    ASSESSOR = an_actor(("assessor", DISTRICT), name="郭海峰")

    def check(self, db: Connection, admission_id: UUID, *, actor: Any = ASSESSOR, failing: str = "") -> Any:
        items = rule_queries.rules_on(db, TODAY).checklist
        answers = {item.code: item.code != failing for item in items}
        asked = load(CheckAdmission, {"admission_id": str(admission_id), "answers": answers})
        return admissions.check(db, asked=asked, actor=actor, at=NOON)

    def decide(self, db: Connection, admission_id: UUID, decision: str, *, actor: Any = OFFICER) -> Any:
        asked = load(DecideAdmission, {"admission_id": str(admission_id), "decision": decision, "reason": "符合条件"})
        return admissions.decide(db, asked=asked, actor=actor, at=NOON)

    def test_makes_no_training_base(self, db: Connection) -> None:
        with pytest.raises(ThreeSameUnchecked):
            self.apply(db, kind="training_base")

    def test_leads_from_application_over_check_to_an_open_site(self, db: Connection, applied: Any) -> None:
        assert self.check(db, applied[0]).state == "checked"
        view = self.decide(db, applied[0], "open")
        assert (view.state, [step["move"] for step in view.history]) == ("approved", ["apply", "check", "approve"])
        site = db.execute(text("SELECT name, state FROM sites WHERE id = :id"), {"id": view.site_id}).one()
        assert site == ("村史馆", "open")

    def test_needs_a_check_that_passed_by_somebody_else(self, db: Connection, applied: Any) -> None:
        with pytest.raises(admission_machine.AdmissionNotMovable):
            self.decide(db, applied[0], "open")
        self.check(db, applied[0], failing="safety")
        with pytest.raises(admission_machine.FieldCheckFailed, match="1 items"):
            self.decide(db, applied[0], "open")
        self.check(db, applied[0], actor=OFFICER)
        with pytest.raises(admission_machine.SamePersonChecks):
            self.decide(db, applied[0], "propose")

    def test_is_decided_on_the_newest_check(self, database: Engine) -> None:
        with database.begin() as db:
            admission_id, _ = self.apply(db)
            self.check(db, admission_id)
            failing = rule_queries.rules_on(db, TODAY).checklist[0].code

        def decide() -> None:
            with database.begin() as db:
                self.decide(db, admission_id, "open")

        with database.connect() as db, ThreadPoolExecutor(1) as pool:
            self.check(db, admission_id, failing=failing)
            deciding = pool.submit(decide)
            waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while not db.execute(waits).scalar_one() and not deciding.done():
                pass
            db.commit()
            with pytest.raises(admission_machine.FieldCheckFailed):
                deciding.result()

    def test_who_may(self, db: Connection, applied: Any) -> None:
        admission_id, applicant = applied
        with pytest.raises(Forbidden):
            self.check(db, admission_id, actor=applicant)
        with pytest.raises(Forbidden):
            self.decide(db, admission_id, "refuse", actor=self.ASSESSOR)
        with pytest.raises(NotFound):
            self.decide(db, admission_id, "refuse", actor=an_actor(("officer", "3799")))

    @pytest.mark.parametrize("verb", admission_machine.MOVES)
    @pytest.mark.parametrize("state", admission_machine.STATES)
    def test_every_move_from_every_state(self, db: Connection, applied: Any, state: str, verb: str) -> None:
        admission_id, applicant = applied
        if state != "applied":
            self.check(db, admission_id)
        if state in ("refused", "approved"):
            self.decide(db, admission_id, {"refused": "refuse", "approved": "open"}[state])
        retraction = load(RetractAdmission, {"admission_id": str(admission_id), "reason": "暂缓"})
        if state == "retracted":
            admissions.retract(db, asked=retraction, actor=applicant, at=NOON)
        acts: dict[str, Any] = {
            "check": lambda: self.check(db, admission_id),
            "approve": lambda: self.decide(db, admission_id, "open"),
            "refuse": lambda: self.decide(db, admission_id, "refuse"),
            "retract": lambda: admissions.retract(db, asked=retraction, actor=applicant, at=NOON),
        }
        sources, target = admission_machine.MOVES[verb]
        if state in sources:
            assert acts[verb]().state == target
        else:
            with pytest.raises(admission_machine.AdmissionNotMovable):
                acts[verb]()
