"""Drafting and adopting versions of the subsidy policy (S9)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed, Refusal
from contracts.sites.policies import EditPolicy, PoliciesAsked, WithdrawPolicy
from sites.domain.policies import MOVES, STATES, PolicyInPast, PolicyNotAfterLast, PolicyNotMovable, SameDrafter
from sites.operations import policies
from sites.queries.policies import policies_page, policy_on, version, version_for
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, NOON, a_placed_order, a_slot, money_in_the_fund, the_order
from tests.sites.money import a_preparer, an_approver, an_auditor, at_once, fresh
from tests.sites.policies import RULES, a_draft, adopts

YEAR = date(2027, 1, 1)


class TestADraft:
    def test_holds_for_nobody_and_is_compared_with_what_is_in_force(self, db: Connection) -> None:
        draft = a_draft(db, site_month_cap_fen=5000_00)
        assert (draft.state, draft.number, draft.rules["site_month_cap_fen"]) == ("draft", None, 5000_00)
        assert draft.in_force is not None
        assert (draft.in_force["number"], draft.in_force["rules"]["site_month_cap_fen"]) == (1, None)
        in_force = policy_on(db, YEAR)
        assert in_force is not None
        assert in_force.version == 1

    @pytest.mark.parametrize(
        ("rules", "field"),
        [
            ({"mode": "tiered", "per_head_fen": 0}, "head_tiers"),
            ({"head_tiers": [{"heads_to": None, "per_head_fen": 1}]}, "head_tiers"),
            (
                {
                    "mode": "tiered",
                    "per_head_fen": 0,
                    "head_tiers": [{"heads_to": 20, "per_head_fen": 1}, {"heads_to": 30, "per_head_fen": 1}],
                },
                "head_tiers",
            ),
            (
                {
                    "mode": "tiered",
                    "per_head_fen": 0,
                    "head_tiers": [
                        {"heads_to": 20, "per_head_fen": 1},
                        {"heads_to": 20, "per_head_fen": 1},
                        {"heads_to": None, "per_head_fen": 1},
                    ],
                },
                "head_tiers",
            ),
            ({"mode": "per_visit"}, "per_head_fen"),
            ({"mode": "invoice_actual", "per_head_fen": 0}, "per_visit_fen"),
            ({"per_visit_fen": 0, "per_head_fen": 0}, "per_visit_fen"),
            ({"star_factors": {"6": "1.00"}}, "star_factors"),
            ({"category_factors": {"lunar": "1.00"}}, "category_factors"),
            ({"grade_factors": {"Z9": "1.00"}}, "grade_factors"),
            ({"site_month_cap_fen": 9000_00, "site_year_cap_fen": 8000_00}, "site_month_cap_fen"),
            ({"branch_year_cap_fen": 500_00}, "branch_year_cap_fen"),
            ({"active_from": NOON.date() - timedelta(days=1)}, "active_from"),
        ],
    )
    def test_a_fault_is_told_at_its_field(self, db: Connection, rules: dict, field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            a_draft(db, **rules)
        assert list(refused.value.errors) == [field]

    def test_is_written_anew_by_whoever_read_it_last(self, db: Connection) -> None:
        draft = a_draft(db)
        changed = {**RULES, "active_from": YEAR, "per_head_fen": 12_00}
        told = policies.edit(
            db, asked=EditPolicy(**changed, policy_id=draft.id, version=1), actor=a_preparer("孙经办"), at=NOON
        )
        assert (told.version, told.drafted_by, told.rules["per_head_fen"]) == (2, "孙经办", 12_00)
        with pytest.raises(PreconditionFailed):
            policies.edit(db, asked=EditPolicy(**changed, policy_id=draft.id, version=1), actor=a_preparer(), at=NOON)

    def test_only_a_preparer_over_every_fund_drafts(self, db: Connection) -> None:
        money_in_the_fund(db)
        for actor in (an_approver(), an_auditor(), a_preparer(path=f"{DISTRICT}.town")):
            with pytest.raises(Forbidden):
                a_draft(db, by=actor)


class TestAdoption:
    def test_another_person_adopts_and_the_last_version_ends(self, db: Connection) -> None:
        first, second = a_draft(db), a_draft(db, active_from=date(2028, 1, 1))
        adopted = adopts(db, first.id)
        assert (adopted.state, adopted.number, adopted.decided_by) == ("adopted", 2, "钱复核")
        adopts(db, second.id)
        before = version(db, first.id, at=NOON)
        assert (before.state, before.active_until) == ("superseded", date(2028, 1, 1))
        assert [step.move for step in before.history] == ["propose", "adopt", "supersede"]
        found = [policy_on(db, day) for day in (date(2026, 12, 31), YEAR, date(2028, 1, 1))]
        assert [one.version for one in found if one] == [1, 2, 3]

    def test_whoever_wrote_any_of_it_does_not_adopt_it(self, db: Connection) -> None:
        both = an_actor(("preparer", DISTRICT), ("approver", DISTRICT), name="赵经办")
        draft = a_draft(db, by=fresh(both, NOON))
        changed = EditPolicy(**{**RULES, "active_from": YEAR}, policy_id=draft.id, version=1)
        policies.edit(db, asked=changed, actor=a_preparer("孙经办"), at=NOON)
        with pytest.raises(SameDrafter):
            adopts(db, draft.id, by=both)

    def test_the_table_refuses_it_too(self, db: Connection) -> None:
        draft = a_draft(db)
        with pytest.raises(DBAPIError, match="policy_drafts_two_persons"):
            db.execute(
                text(
                    "UPDATE policy_drafts SET state = 'adopted', decided_at = now(), decided_by_id = drafted_by_id,"
                    " decided_by = 'x' WHERE id = :id"
                ),
                {"id": draft.id},
            )

    def test_only_for_today_and_later_and_after_the_last(self, db: Connection) -> None:
        draft = a_draft(db)
        with pytest.raises(PolicyInPast):
            adopts(db, draft.id, at=NOON + timedelta(days=90))
        adopts(db, a_draft(db, active_from=date(2027, 6, 1)).id)
        with pytest.raises(PolicyNotAfterLast, match="2027-06-01"):
            adopts(db, draft.id)

    def test_an_order_keeps_the_version_of_its_placing(self, db: Connection) -> None:
        money_in_the_fund(db)
        order_id, _secretary = a_placed_order(db, slot=a_slot(db))
        draft = a_draft(db, active_from=NOON.date(), per_visit_fen=1_00)
        assert draft.orders_kept == 1
        before = the_order(db, order_id)
        adopts(db, draft.id)
        after = the_order(db, order_id)
        assert (after.policy_id, after.subsidy_estimate_fen) == (before.policy_id, 400_00)

    def test_of_many_at_once_one_is_adopted(self, database) -> None:  # type: ignore[no-untyped-def]
        with database.begin() as db:
            drafts = [a_draft(db).id for _ in range(4)]
        ends = at_once(database, 4, lambda db, number: adopts(db, drafts[number]))
        assert ends == ["done", "policy-not-after-last", "policy-not-after-last", "policy-not-after-last"]

    def test_needs_a_fresh_token(self, db: Connection) -> None:
        draft = a_draft(db)
        with pytest.raises(Refusal, match="younger than one minute"):
            policies.adopt_draft(
                db,
                asked=policies.AdoptPolicy(draft.id),
                actor=fresh(an_approver(), NOON - timedelta(minutes=5)),
                at=NOON,
            )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", ["adopt", "withdraw"])
def test_every_move_from_every_state(db: Connection, verb: str, state: str) -> None:
    draft = a_draft(db)
    decided = "NULL" if state == "draft" else "'00000000-0000-0000-0000-000000000001'"
    db.execute(
        text(
            f"UPDATE policy_drafts SET state = :state, decided_by_id = {decided},"  # noqa: S608
            " decided_at = CASE WHEN :state <> 'draft' THEN now() END WHERE id = :id"
        ),
        {"state": state, "id": draft.id},
    )

    def move() -> None:
        if verb == "adopt":
            adopts(db, draft.id)
        else:
            policies.withdraw(db, asked=WithdrawPolicy(draft.id, "不再需要"), actor=a_preparer(), at=NOON)

    if state in MOVES[verb][0]:
        move()
        assert version(db, draft.id, at=NOON).state == MOVES[verb][1]
    else:
        with pytest.raises(PolicyNotMovable):
            move()


def test_the_list_goes_on_where_it_ended(db: Connection) -> None:
    drafts = {a_draft(db, active_from=date(2027, month, 1)).id for month in (1, 2, 3)}
    first = policies_page(db, PoliciesAsked(limit=2), actor=an_auditor())
    rest = policies_page(db, PoliciesAsked(limit=2, cursor=first.next), actor=an_auditor())
    assert {row.id for row in [*first.items, *rest.items]} >= drafts
    assert [row.state for row in rest.items] == ["draft", "adopted"]
    with pytest.raises(Forbidden):
        policies_page(db, PoliciesAsked(), actor=an_actor(("secretary", DISTRICT)))


def test_what_is_not_there_is_not_found(db: Connection) -> None:
    with pytest.raises(NotFound):
        version_for(db, uuid4(), actor=an_auditor(), at=NOON)
    with pytest.raises(NotFound):
        adopts(db, uuid4(), by=replace(an_approver()))
