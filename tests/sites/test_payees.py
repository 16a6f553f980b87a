"""The register of payees (S12): a change takes two persons, holds payments for three days, and is told masked."""

from datetime import timedelta
from typing import Any

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.payees import OpenPayeeAccount, PayeeAsked, PayeesAsked, RefusePayeeChange
from sites.domain.batches import AllHeld
from sites.domain.payees import (
    ChangeDecided,
    ChangeProposedAlready,
    SameAccount,
    SamePersonConfirms,
    is_credit_code,
)
from sites.operations import payees
from sites.queries import payees as payee_queries
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, a_site, a_steward, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    a_payee,
    a_payer,
    a_preparer,
    a_visit,
    an_approver,
    an_auditor,
    approved,
    approves,
    at_once,
    confirms,
    makes,
    proposes,
    rejects,
    the_batch,
)

DAY = timedelta(days=1)


def seen(db: Connection, site: Any, *, by: Any = None, at: Any = CLOSED) -> Any:
    return payee_queries.payee(db, asked=PayeeAsked(site_id=site.id), actor=by or an_auditor(), at=at)


# The first is the example of GB 32100-2015; the others differ from it by one character or are no code at all.
@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y34", False),
        ("91350100M000I00Y43", False),
        ("91350100M000100Y4", False),
        ("", False),
    ],
)
def test_a_credit_code_is_known_by_its_check_character(code: str, is_right: bool) -> None:
    assert is_credit_code(code) is is_right


class TestAChange:
    def test_is_proposed_by_one_confirmed_by_another_and_held_for_three_days(self, db: Connection) -> None:
        site = a_site(db)
        a_payee(db, site, account="6222000000001111")
        steward = a_steward(site)
        change = proposes(db, site, by=steward, account="6222-0000 0000 2222")
        assert (change.state, change.account_masked, change.kind) == ("proposed", "**** 2222", "managing_organisation")
        assert seen(db, site).current.account_masked == "**** 1111"
        done = confirms(db, change)
        assert (done.state, done.decided_by) == ("confirmed", "钱复核")
        after = seen(db, site)
        assert (after.current.account_masked, after.is_held, after.pending) == ("**** 2222", True, None)
        assert [account.account_masked for account in after.accounts] == ["**** 2222", "**** 1111"]
        assert seen(db, site, at=CLOSED + 3 * DAY).is_held
        assert not seen(db, site, at=CLOSED + 4 * DAY).is_held

    def test_is_not_confirmed_by_whoever_proposed_it(self, db: Connection) -> None:
        site = a_site(db)
        preparer = a_preparer()
        change = proposes(db, site, by=preparer)
        with pytest.raises(SamePersonConfirms):
            confirms(db, change, by=preparer)
        assert seen(db, site).current is None
        with pytest.raises(DBAPIError, match="two_persons"):
            db.execute(
                text("UPDATE payee_changes SET state = 'confirmed', decided_by_id = proposed_by_id WHERE id = :id"),
                {"id": change.id},
            )

    def test_waits_alone(self, db: Connection) -> None:
        site = a_site(db)
        change = proposes(db, site)
        with pytest.raises(ChangeProposedAlready):
            proposes(db, site)
        confirms(db, change)
        with pytest.raises(ChangeDecided):
            confirms(db, change)
        assert proposes(db, site).state == "proposed"

    def test_is_refused_with_a_reason_or_taken_back(self, db: Connection) -> None:
        site = a_site(db)
        steward = a_steward(site)
        for by in (an_approver(), steward):
            asked = RefusePayeeChange(change_id=proposes(db, site, by=steward).id, reason="账户名不符")
            refused = payees.refuse(db, asked=asked, actor=by, at=CLOSED)
            assert (refused.state, refused.refusal) == ("refused", "账户名不符")
        other = proposes(db, site, by=steward)
        asked = RefusePayeeChange(change_id=other.id, reason="x")
        with pytest.raises(Forbidden):
            payees.refuse(db, asked=asked, actor=a_steward(site), at=CLOSED)

    def test_of_nothing_is_none(self, db: Connection) -> None:
        site = a_site(db)
        same = {"account": "6222000000003333", "name": "某管理处"}
        confirms(db, proposes(db, site, **same))
        with pytest.raises(SameAccount):
            proposes(db, site, **same)

    def test_needs_a_unit_with_a_right_code(self, db: Connection) -> None:
        site = a_site(db)
        with pytest.raises(InvalidInput) as refused:
            proposes(db, site, credit_code="370302199001010011")
        assert set(refused.value.errors) == {"credit_code"}
        a_payee(db, site)
        with pytest.raises(DBAPIError, match="payees_kind"):
            db.execute(text("UPDATE payees SET kind = 'person'"))

    def test_confirmed_by_many_at_once_is_in_force_once(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_site(db)
            change = proposes(db, site)
        ends = at_once(database, 6, lambda db, _: confirms(db, change))
        assert ends == ["change-decided"] * 5 + ["done"]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM payees")).scalar_one() == 1

    def test_proposed_by_many_at_once_waits_once(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_site(db)
        ends = at_once(database, 6, lambda db, _: proposes(db, site))
        assert ends == ["change-proposed-already"] * 5 + ["done"]


class TestHolding:
    def test_lines_of_a_held_payee_are_left_out_and_the_batch_says_so(self, db: Connection) -> None:
        money_in_the_fund(db)
        free, held = a_visit(db), a_visit(db)
        for visit in (free, held):
            approved(db, visit)
        confirms(db, proposes(db, held.site))
        batch = makes(db)
        assert [line.claim_id for line in batch.lines] == [free.claim_id]
        assert batch.left_out == [{"site": held.site.name, "reason": "payee_held", "count": 1, "amount_fen": 400_00}]
        with pytest.raises(AllHeld):
            makes(db)

    def test_a_site_without_an_account_is_left_out_too(self, db: Connection) -> None:
        money_in_the_fund(db)
        registered, unregistered = a_visit(db), a_visit(db, site=a_site(db))
        for visit in (registered, unregistered):
            approved(db, visit)
        assert [each["reason"] for each in makes(db).left_out] == ["payee_missing"]

    def test_an_account_that_changes_before_the_approval_takes_its_lines_out(self, db: Connection) -> None:
        money_in_the_fund(db)
        stays, changes = a_visit(db), a_visit(db)
        for visit in (stays, changes):
            approved(db, visit)
        batch = makes(db)
        confirms(db, proposes(db, changes.site))
        done = approves(db, batch)
        assert (done.state, done.count, done.total_fen) == ("approved", 1, 400_00)
        assert {line.claim_id: line.state for line in done.lines} == {
            stays.claim_id: "waiting",
            changes.claim_id: "freed",
        }
        assert [each["reason"] for each in done.left_out] == ["payee_held"]
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # count and control sum are those of the lines

    def test_a_batch_of_nothing_else_is_not_approved(self, db: Connection) -> None:
        money_in_the_fund(db)
        visit = a_visit(db)
        approved(db, visit)
        batch = makes(db)
        confirms(db, proposes(db, visit.site))
        with pytest.raises(Exception, match="hold every line"):
            approves(db, batch)
        assert rejects(db, the_batch(db, batch)).state == "rejected"


class TestLooking:
    def test_a_whole_number_is_shown_to_few_and_who_looked_is_kept(self, db: Connection) -> None:
        site = a_site(db)
        account = a_payee(db, site)
        preparer = a_preparer()
        asked = OpenPayeeAccount(site_id=site.id)
        assert payees.open_account(db, asked=asked, actor=preparer, at=CLOSED).account == account
        looked = db.execute(text("SELECT by_id, by_name FROM payee_account_views")).one()
        assert tuple(looked) == (preparer.person_id, preparer.name)
        for other in (a_steward(site), an_approver(), an_auditor()):
            with pytest.raises(Forbidden):
                payees.open_account(db, asked=asked, actor=other, at=CLOSED)
        with pytest.raises(NotFound):
            payees.open_account(db, asked=asked, actor=a_payer(path="3703.370303"), at=CLOSED)

    def test_a_steward_sees_their_own_alone(self, db: Connection) -> None:
        mine, other = a_site(db), a_site(db)
        proposes(db, other)
        steward = a_steward(mine)
        page = payee_queries.payees(db, asked=PayeesAsked(), actor=steward, at=CLOSED)
        assert [each.site.id for each in page.items] == [mine.id]
        pending = payee_queries.payees(db, asked=PayeesAsked(pending=True), actor=an_auditor(), at=CLOSED)
        assert [each.site.id for each in pending.items] == [other.id]
        with pytest.raises(NotFound):
            seen(db, other, by=steward)
        with pytest.raises(NotFound):
            proposes(db, other, by=steward)
        with pytest.raises(Forbidden):
            payee_queries.payees(db, asked=PayeesAsked(), actor=an_actor(("member", DISTRICT)), at=CLOSED)
