"""A claim from the closing of the visit to its approval (S11, precise rules 7 to 9)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Actor, Forbidden, Grant, TokenTooOld
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.rights import NEEDS_FRESH_TOKEN
from contracts.sites.claims import CLAIM_STATES, ClaimsAsked, ClaimView, DisputeHeadcount, MoveClaim
from sites.domain.claims import (
    MOVES,
    STATES,
    ClaimNotMovable,
    NothingDue,
    OwnSiteOrBranch,
    is_own,
    lapses_at,
    silence_confirms_at,
)
from sites.operations import claims, ledger, policies
from sites.queries import claims as claim_queries
from sites.queries.policies import policy_on
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, NOON, a_branch, a_site, fund_year, money_in_the_fund, seen
from tests.sites.money import (
    CLOSED,
    VISIT,
    Visit,
    a_move,
    a_preparer,
    a_visit,
    an_approver,
    an_auditor,
    any_batch,
    approved,
    at_once,
    books,
    confirmed,
    disputed,
    entries,
    fresh,
    put_in,
    submitted,
    the_claim,
    the_id,
    with_reason,
)


@pytest.fixture
def visit(db: Connection) -> Visit:
    """20 ordered, 20 came; 400.00 yuan are set aside."""
    money_in_the_fund(db, amount_fen=1000_00)
    return a_visit(db)


class TestDrafting:
    def test_a_closed_visit_makes_a_claim(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        visit = a_visit(db, came=19, headcount=18)
        claim = the_claim(db, visit)
        assert (claim.state, claim.period, claim.visit_on.isoformat()) == ("drafted", "2026-11", "2026-11-11")
        assert (claim.party_size, claim.checked_in, claim.headcount) == (20, 19, 18)
        assert (claim.encumbered_fen, claim.asked_fen, claim.approved_fen, claim.paid_fen) == (
            400_00,
            380_00,
            None,
            None,
        )
        assert [line["rule"] for line in claim.explanation] == ["policy", "heads_paid", "base", "heads"]
        assert [(step.move, step.state, step.by) for step in claim.history] == [("draft", "drafted", "王管理员")]
        assert fund_year(db, fund).encumbered_fen == 400_00
        assert seen(db, visit.order_id, actor=visit.secretary).claim_id == claim.id

    def test_more_than_the_party_are_not_paid_for(self, db: Connection) -> None:
        money_in_the_fund(db)
        claim = the_claim(db, a_visit(db, party_size=20, came=30))
        assert (claim.headcount, claim.asked_fen) == (30, 400_00)

    def test_too_few_release_the_money_and_make_no_claim(self, db: Connection) -> None:
        money_in_the_fund(db, amount_fen=1000_00)
        visit = a_visit(db, came=4)
        assert visit.claim_id is None
        assert books(db)["available"] == 1000_00
        assert entries(db)[-1] == ("encumbered", "available", 400_00, "nothing_due")

    def test_an_unsubsidised_visit_makes_no_claim(self, db: Connection) -> None:
        assert a_visit(db).claim_id is None

    def test_the_policy_of_the_placing_holds(self, db: Connection) -> None:
        money_in_the_fund(db)
        site = a_site(db)
        branch = a_branch(db)
        before = policy_on(db, VISIT.date())
        visit = a_visit(db, site=site, branch=branch)
        adopted = policies.adopt(
            db,
            name="2026",
            active_from=VISIT.date(),
            per_visit_fen=1_00,
            per_head_fen=1,
            visit_cap_fen=2_00,
            heads_min=1,
            citation="〔2026〕3号",
        )
        assert policy_on(db, VISIT.date()) == adopted
        assert policy_on(db, VISIT.date() - timedelta(days=1)) == replace(before, active_until=VISIT.date())  # type: ignore[type-var]
        assert approved(db, visit).approved_fen == 400_00

    def test_the_star_of_the_placing_multiplies(self, db: Connection) -> None:
        """S14: the grade of the yearly evaluation gives the star, the policy says what the star is worth."""
        money_in_the_fund(db)
        policies.adopt(
            db,
            name="星级",
            active_from=NOON.date(),
            per_visit_fen=200_00,
            per_head_fen=10_00,
            visit_cap_fen=1000_00,
            heads_min=5,
            citation="〔2026〕4号",
            star_factors={"5": "1.20", "1": "0.50"},
        )
        site = a_site(db)
        db.execute(text("UPDATE sites SET star = 5 WHERE id = :id"), {"id": site.id})
        visit = a_visit(db, site=site, came=18)
        assert the_claim(db, visit).asked_fen == 456_00  # (200 + 18 heads at 10) x 1.2
        db.execute(text("UPDATE sites SET star = 1 WHERE id = :id"), {"id": site.id})
        assert approved(db, visit).approved_fen == 456_00
        lower = a_visit(db, site=site, visit_at=VISIT + timedelta(hours=1))
        assert the_claim(db, lower).asked_fen == 200_00
        assert the_claim(db, a_visit(db)).asked_fen == 400_00

    @pytest.mark.parametrize("factors", ['{"6": "1.00"}', '{"5": "3.50"}', '{"5": 1.2}', '["5"]'])
    def test_a_factor_is_one_of_a_star(self, db: Connection, factors: str) -> None:
        with pytest.raises(DBAPIError, match="policies_star_factors"):
            db.execute(text("UPDATE policies SET star_factors = CAST(:factors AS jsonb)"), {"factors": factors})

    def test_one_policy_a_day(self, db: Connection) -> None:
        with pytest.raises(DBAPIError, match="policies_one_a_day"):
            db.execute(
                text(
                    "INSERT INTO policies SELECT gen_random_uuid(), name, 2, '2030-01-01', NULL, per_visit_fen,"
                    " per_head_fen, visit_cap_fen, heads_min, citation FROM policies"
                )
            )

    def test_a_policy_cannot_begin_before_the_last(self, db: Connection) -> None:
        with pytest.raises(policies.PolicyNotAfterLast, match="after 2020-01-01"):
            policies.adopt(
                db,
                name="x",
                active_from=datetime(2020, 1, 1, tzinfo=UTC).date(),
                per_visit_fen=1,
                per_head_fen=1,
                visit_cap_fen=1,
                heads_min=1,
                citation="x",
            )


class TestTheClock:
    @pytest.mark.parametrize(
        ("told_at", "confirms_at"),
        [
            ("2026-11-03T00:00:00+08:00", "2026-11-11T00:00:00+08:00"),
            ("2026-11-03T15:00:00+08:00", "2026-11-11T00:00:00+08:00"),
            ("2026-11-03T23:59:59+08:00", "2026-11-11T00:00:00+08:00"),
            ("2026-11-03T16:00:00+00:00", "2026-11-12T00:00:00+08:00"),
            ("2026-12-30T12:00:00+08:00", "2027-01-07T00:00:00+08:00"),
        ],
    )
    def test_seven_whole_days_from_midnight_in_shanghai(self, told_at: str, confirms_at: str) -> None:
        assert silence_confirms_at(datetime.fromisoformat(told_at)) == datetime.fromisoformat(confirms_at)

    def test_sixty_whole_days_until_it_lapses(self) -> None:
        drafted_at = datetime.fromisoformat("2026-11-03T15:00:00+08:00")
        assert lapses_at(drafted_at) == datetime.fromisoformat("2027-01-03T00:00:00+08:00")

    def test_silence_confirms(self, db: Connection, visit: Visit) -> None:
        due = submitted(db, visit).confirm_by
        assert due is not None
        assert claims.confirm_by_silence(db, at=due - timedelta(microseconds=1)) == 0
        assert claims.confirm_by_silence(db, at=due) == 1
        claim = the_claim(db, visit)
        assert (claim.state, claim.headcount_confirmed, claim.confirm_by) == ("confirmed", 20, None)
        assert (claim.history[-1].by, claim.history[-1].reason) == ("timer", "支部七日未答复，视为确认")
        assert claims.confirm_by_silence(db, at=due) == 0

    def test_a_dispute_stops_the_clock(self, db: Connection, visit: Visit) -> None:
        disputed(db, visit, headcount=15)
        assert claims.confirm_by_silence(db, at=CLOSED + timedelta(days=365)) == 0
        assert the_claim(db, visit).state == "disputed"

    def test_an_unsubmitted_claim_lapses(self, db: Connection, visit: Visit) -> None:
        due = lapses_at(CLOSED)
        assert claims.lapse(db, at=due - timedelta(microseconds=1)) == 0
        assert claims.lapse(db, at=due) == 1
        assert the_claim(db, visit).state == "lapsed"
        assert entries(db)[-1] == ("encumbered", "available", 400_00, "claim_lapsed")
        assert books(db)["available"] == 1000_00
        assert claims.lapse(db, at=due) == 0

    def test_a_returned_claim_has_sixty_days_again(self, db: Connection, visit: Visit) -> None:
        later = CLOSED + timedelta(days=50)
        submitted(db, visit, at=later)
        claims.give_back(db, asked=with_reason(visit), actor=fresh(a_preparer(), later), at=later)
        assert claims.lapse(db, at=lapses_at(CLOSED)) == 0
        assert claims.lapse(db, at=lapses_at(later)) == 1


class TestTheHeadcount:
    def test_the_branch_confirms(self, db: Connection, visit: Visit) -> None:
        claim = confirmed(db, visit)
        assert (claim.state, claim.headcount_confirmed, claim.headcount_disputed) == ("confirmed", 20, None)

    def test_a_dispute_is_decided_with_a_reason_for_the_branchs_number(self, db: Connection, visit: Visit) -> None:
        claim = disputed(db, visit, headcount=15)
        assert (claim.state, claim.headcount_disputed, claim.reason) == ("disputed", 15, "实到人数不符")
        with pytest.raises(InvalidInput) as wordless:
            claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)
        assert list(wordless.value.errors) == ["reason"]
        decided = claims.approve(db, asked=replace(a_move(visit), reason="以签到表为准"), actor=a_preparer(), at=CLOSED)
        assert (decided.approved_fen, decided.headcount_confirmed, decided.reason) == (350_00, 15, "以签到表为准")

    def test_or_for_another_number(self, db: Connection, visit: Visit) -> None:
        disputed(db, visit, headcount=15)
        asked = replace(a_move(visit), reason="照片显示十八人", headcount=18)
        assert claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED).approved_fen == 380_00

    def test_the_sites_own_number_is_no_dispute(self, db: Connection, visit: Visit) -> None:
        with pytest.raises(InvalidInput) as told:
            disputed(db, visit, headcount=20)
        assert list(told.value.errors) == ["headcount"]

    def test_none_is_decided_that_nobody_counted(self, db: Connection, visit: Visit) -> None:
        disputed(db, visit, headcount=15)
        asked = replace(a_move(visit), reason="手误", headcount=99)
        with pytest.raises(InvalidInput) as told:
            claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED)
        assert told.value.errors == {"headcount": ["Nobody counted more than 20."]}

    def test_a_dispute_upwards_pays_no_more_than_was_closed(self, db: Connection, visit: Visit) -> None:
        disputed(db, visit, headcount=60)
        asked = replace(a_move(visit), reason="按办结人数")
        assert claims.approve(db, asked=asked, actor=a_preparer(), at=CLOSED).approved_fen == 400_00

    def test_too_few_are_rejected_not_approved(self, db: Connection, visit: Visit) -> None:
        disputed(db, visit, headcount=4)
        with pytest.raises(NothingDue, match="4 heads"):
            claims.approve(db, asked=replace(a_move(visit), reason="不足"), actor=a_preparer(), at=CLOSED)


class TestDeciding:
    def test_approving_owes_the_site_and_frees_the_rest(self, db: Connection) -> None:
        money_in_the_fund(db, amount_fen=1000_00)
        visit = a_visit(db, came=18)
        claim = approved(db, visit)
        assert (claim.state, claim.asked_fen, claim.approved_fen, claim.paid_fen) == ("approved", 380_00, 380_00, None)
        balances = books(db)
        assert (balances["available"], balances["encumbered"]) == (620_00, 0)
        assert [amount for account, amount in balances.items() if account.startswith("payable:")] == [380_00]

    def test_rejecting_releases(self, db: Connection, visit: Visit) -> None:
        submitted(db, visit)
        claim = claims.reject(db, asked=with_reason(visit, "重复申报"), actor=a_preparer(), at=CLOSED)
        assert (claim.state, claim.reason) == ("rejected", "重复申报")
        assert books(db)["available"] == 1000_00

    def test_a_returned_claim_is_submitted_again(self, db: Connection, visit: Visit) -> None:
        confirmed(db, visit)
        claim = claims.give_back(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
        assert (claim.state, claim.headcount_confirmed) == ("returned", None)
        assert approved(db, visit).state == "approved"
        assert [step.move for step in the_claim(db, visit).history] == [
            "draft",
            "submit",
            "confirm",
            "return",
            "submit",
            "confirm",
            "approve",
        ]

    @pytest.mark.parametrize(
        ("role", "place"),
        [("steward", "site"), ("secretary", "branch"), ("member", "branch"), ("administrator", "branch")],
    )
    @pytest.mark.parametrize("decide", [claims.approve, claims.give_back, claims.reject])
    def test_nobody_decides_on_their_own_site_or_branch(
        self, db: Connection, visit: Visit, decide: Callable[..., ClaimView], role: str, place: str
    ) -> None:
        confirmed(db, visit)
        path = visit.site.path if place == "site" else visit.branch.path
        preparer = a_preparer()
        preparer = replace(preparer, grants=(*preparer.grants, Grant(role, path)))
        asked = a_move(visit) if decide is claims.approve else with_reason(visit)
        with pytest.raises(OwnSiteOrBranch):
            decide(db, asked=asked, actor=preparer, at=CLOSED)
        assert decide(db, asked=asked, actor=a_preparer(), at=CLOSED).state != "confirmed"

    def test_nobody_confirms_their_own_sites_headcount_for_their_branch(self, db: Connection, visit: Visit) -> None:
        submitted(db, visit)
        both = replace(visit.secretary, grants=(*visit.secretary.grants, Grant("steward", visit.site.path)))
        with pytest.raises(OwnSiteOrBranch):
            claims.confirm_headcount(db, asked=a_move(visit), actor=both, at=CLOSED)
        elsewhere = Grant("steward", f"{visit.site.path}0")
        only_one = replace(visit.secretary, grants=(*visit.secretary.grants, elsewhere))
        assert claims.confirm_headcount(db, asked=a_move(visit), actor=only_one, at=CLOSED).state == "confirmed"

    def test_another_site_and_branch_are_not_ones_own(self) -> None:
        grants = [Grant("steward", "3703.370302.site-1"), Grant("member", "3703.370302.a.b")]
        above, preparer = [Grant("steward", "3703.370302")], [Grant("preparer", "3703.370302")]
        assert not is_own(grants, site_path="3703.370302.site-10", branch_path="3703.370302.a.bc")
        assert is_own(grants, site_path="3703.370302.site-1", branch_path="x")
        assert is_own(above, site_path="3703.370302.site-1", branch_path="x")
        assert not is_own(preparer, site_path="3703.370302.site-1", branch_path="3703.370302.a")

    @pytest.mark.parametrize(("action", "decide"), [("approve_claim", claims.approve), ("reject_claim", claims.reject)])
    def test_takes_only_a_fresh_token(
        self, db: Connection, visit: Visit, action: str, decide: Callable[..., ClaimView]
    ) -> None:
        assert action in NEEDS_FRESH_TOKEN
        confirmed(db, visit)
        asked = a_move(visit) if decide is claims.approve else with_reason(visit)
        with pytest.raises(TokenTooOld):
            decide(db, asked=asked, actor=fresh(a_preparer(), CLOSED - timedelta(seconds=61)), at=CLOSED)


def doers(visit: Visit) -> dict[str, tuple[Actor, Callable[[Connection, Actor], Any]]]:
    """Each move that a person makes: who may, and how."""
    dispute = DisputeHeadcount(claim_id=the_id(visit), headcount=18, reason="少两人")
    decide = replace(a_move(visit), reason="按签到")
    return {
        "submit": (visit.steward, lambda db, by: claims.submit(db, asked=a_move(visit), actor=by, at=CLOSED)),
        "confirm": (
            visit.secretary,
            lambda db, by: claims.confirm_headcount(db, asked=a_move(visit), actor=by, at=CLOSED),
        ),
        "dispute": (visit.secretary, lambda db, by: claims.dispute_headcount(db, asked=dispute, actor=by, at=CLOSED)),
        "approve": (a_preparer(), lambda db, by: claims.approve(db, asked=decide, actor=by, at=CLOSED)),
        "return": (a_preparer(), lambda db, by: claims.give_back(db, asked=with_reason(visit), actor=by, at=CLOSED)),
        "reject": (a_preparer(), lambda db, by: claims.reject(db, asked=with_reason(visit), actor=by, at=CLOSED)),
    }


class TestMoves:
    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("verb", sorted(MOVES))
    def test_every_pair_of_state_and_move(self, db: Connection, visit: Visit, state: str, verb: str) -> None:
        put_in(db, visit, state)
        steps = len(the_claim(db, visit).history)
        sources, target = MOVES[verb]
        people = doers(visit)
        if verb in people:
            actor, act = people[verb]
            if state in sources:
                assert act(db, actor).state == target
            else:
                with pytest.raises(ClaimNotMovable) as refused:
                    act(db, actor)
                assert (refused.value.params["state"], refused.value.params["move"]) == (state, verb)
        else:
            fields: dict[str, Any] = {
                "free": {"batch_id": None},
                "pay": {"paid_fen": 400_00},
                "sign": {"signed": {}, "signed_by_id": uuid4(), "signed_by": "周初审"},
                "reopen": {"confirm_by": CLOSED},
                "send_back": {
                    **dict.fromkeys(("approved_fen", "approved_by_id", "headcount_confirmed")),
                    "submit_by": CLOSED + timedelta(days=60),
                },
            }.get(verb, {})
            if verb == "batch" and state in sources:
                fields = {"batch_id": any_batch(db, visit)}
            moved = claims.move_all(db, [the_id(visit)], verb, at=CLOSED, by=None, **fields)
            assert [row.state for row in moved] == ([target] if state in sources else [])
        claim = the_claim(db, visit)
        assert claim.state == (target if state in sources else state)
        assert len(claim.history) == steps + (state in sources)

    def test_the_states_are_those_of_the_contract(self) -> None:
        assert STATES == CLAIM_STATES
        assert {state for sources, target in MOVES.values() for state in (*sources, target)} == set(STATES)

    @pytest.mark.parametrize("verb", ["submit", "confirm", "dispute", "approve", "return", "reject"])
    def test_is_for_those_who_may(self, db: Connection, visit: Visit, verb: str) -> None:
        state = sorted(MOVES[verb][0])[0]
        put_in(db, visit, state)
        people = doers(visit)
        _, act = people[verb]
        right = {"submit": "steward", "confirm": "secretary", "dispute": "secretary"}.get(verb, "preparer")
        for other in (visit.steward, visit.secretary, a_preparer(), an_approver(), an_auditor()):
            if other.grants[0].role == right:
                continue
            with pytest.raises(Forbidden):
                act(db, other)
        for stranger in (
            an_actor(("steward", f"{DISTRICT}.site-else")),
            an_actor(("secretary", f"{DISTRICT}.town.else")),
            a_preparer(path="3703.370303"),
        ):
            with pytest.raises(NotFound):
                act(db, stranger)
        assert the_claim(db, visit).state == state

    def test_an_unknown_claim_is_not_found(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            claims.submit(db, asked=MoveClaim(claim_id=uuid4()), actor=an_actor(("steward", DISTRICT)), at=NOON)

    def test_two_preparers_at_once_approve_once(self, database: Engine) -> None:
        with database.begin() as db:
            money_in_the_fund(db, amount_fen=1000_00)
            visit = a_visit(db)
            confirmed(db, visit)

        def decide(db: Connection, number: int) -> None:
            if number % 2:
                claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)
            else:
                claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)

        assert at_once(database, 8, decide) == ["claim-not-movable"] * 7 + ["done"]
        with database.connect() as db:
            balances = books(db)
            assert balances["encumbered"] == 0
            assert balances["available"] == (600_00 if the_claim(db, visit).state == "approved" else 1000_00)


class TestTheTable:
    """What no path of the code does, the table refuses too."""

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("state = 'paid'", "claims_"),
            ("state = 'approved'", "claims_approved_is_complete"),
            ("state = 'gone', submit_by = NULL", "claims_state"),
            ("asked_fen = encumbered_fen + 1", "claims_asked_fen"),
            ("approved_fen = encumbered_fen + 1", "claims_approved_fen"),
            ("paid_fen = 1", "claims_paid_has_amount"),
            ("submit_by = NULL", "claims_drafted_has_clock"),
            ("confirm_by = now()", "claims_submitted_has_clock"),
            ("period = '2026-12'", "claims_period"),
        ],
    )
    def test_refuses_what_cannot_be(self, db: Connection, visit: Visit, change: str, constraint: str) -> None:
        with pytest.raises(DBAPIError, match=constraint):
            db.execute(text(f"UPDATE claims SET {change} WHERE id = :id"), {"id": visit.claim_id})  # noqa: S608

    @pytest.mark.parametrize("statement", ["UPDATE claim_history SET reason = ''", "DELETE FROM claim_history"])
    def test_keeps_the_history(self, db: Connection, visit: Visit, statement: str) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            db.execute(text(statement))


class TestSeeing:
    def test_each_sees_their_own(self, db: Connection) -> None:
        money_in_the_fund(db)
        first, second = a_visit(db), a_visit(db)
        for actor, expected in (
            (first.steward, {first.claim_id}),
            (second.secretary, {second.claim_id}),
            (a_preparer(), {first.claim_id, second.claim_id}),
            (an_actor(("officer", "3703")), {first.claim_id, second.claim_id}),
            (a_preparer(path="3703.370303"), set()),
        ):
            found = claim_queries.claims(db, asked=ClaimsAsked(), actor=actor)
            assert {claim.id for claim in found.items} == expected
        with pytest.raises(NotFound):
            claim_queries.claim(db, the_id(second), actor=first.steward)
        with pytest.raises(Forbidden):
            claim_queries.claims(db, asked=ClaimsAsked(), actor=an_actor(("member", DISTRICT)))

    def test_filters_and_pages(self, db: Connection) -> None:
        money_in_the_fund(db)
        made = [a_visit(db, visit_at=VISIT + timedelta(days=days)) for days in (0, 30, 31)]
        submitted(db, made[0])

        def ids(**asked: Any) -> list[Any]:
            return [
                claim.id for claim in claim_queries.claims(db, asked=ClaimsAsked(**asked), actor=a_preparer()).items
            ]

        assert ids() == [visit.claim_id for visit in reversed(made)]
        assert ids(state="submitted") == ids(period="2026-11") == [made[0].claim_id]
        assert ids(site_id=made[1].site.id) == ids(branch_id=made[1].branch.id) == [made[1].claim_id]
        page = claim_queries.claims(db, asked=ClaimsAsked(limit=2), actor=a_preparer())
        assert page.next is not None
        assert ids(limit=2, cursor=page.next) == [made[0].claim_id]

    def test_a_refusal_leaves_nothing_behind(self, db: Connection, visit: Visit) -> None:
        put_in(db, visit, "confirmed")
        ledger.release(db, order_id=visit.order_id, reason="order_cancelled", at=CLOSED)
        before = entries(db)
        with pytest.raises(Refusal, match="posted or released already"), db.begin_nested():
            claims.approve(db, asked=a_move(visit), actor=a_preparer(), at=CLOSED)
        assert the_claim(db, visit).state == "confirmed"
        assert entries(db) == before
