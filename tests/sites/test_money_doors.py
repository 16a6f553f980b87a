"""The doors of claims, settlement and the fund as a caller finds them: once each, whatever is retried or breaks."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from chassis import clock
from chassis.actors import Actor
from chassis.audit.doors import AuditDoors
from chassis.database import Access, connect
from chassis.files import FileStore
from chassis.refusals import ServiceUnavailable
from chassis.rpc import Reply, Request
from chassis.tokens import Signer, Verifier, make_key, write_public_keys
from contracts.envelope import dump, plain
from contracts.rights import NEEDS_FRESH_TOKEN, ROLES
from contracts.sites.budgets import ProposeYearEnd
from contracts.sites.claims import AppealClaim
from contracts.sites.funding import FundingShare, ProposeFunding
from contracts.sites.settings import SetClaimRules
from sites.operations import budgets, claim_appeals, claims, funding, ledger
from sites.service import SitesService
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.conftest import TestDatabase
from tests.sites.articles import DISTRICT, NOON, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    Visit,
    a_bank_file,
    a_batch,
    a_payer,
    a_preparer,
    a_proposal,
    a_visit,
    an_approved_batch,
    an_approver,
    an_auditor,
    approved,
    books,
    brings,
    confirmed,
    fresh,
    objects,
    overpaid,
    proposes,
    publishes,
    put_in,
    stored,
    submitted,
    takes_file,
    the_id,
    with_reason,
)
from tests.sites.policies import a_draft


class CutOff(Access):
    """An access whose connection dies just before the commit."""

    superuser_url = ""

    def commit(self) -> None:
        pid = self.transaction.execute(text("SELECT pg_backend_pid()")).scalar_one()
        killer = psycopg2.connect(self.superuser_url)
        with killer, killer.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))
        killer.close()
        super().commit()


@dataclass
class Doors:
    """Calls doors as `chassis.rpc` does, with real tokens and the real guard, without a broker between."""

    engine: Engine
    superuser_url: str
    folder: Path
    signer: Signer = field(init=False)
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        path, public = make_key(self.folder, key_id="test")
        write_public_keys(self.folder / "public.json", [public])
        self.signer, self.verifier = Signer(path), Verifier(self.folder / "public.json")

    def call(
        self,
        door: str,
        actor: Actor,
        body: Any,
        *,
        command_id: UUID | None = None,
        cut_off: bool = False,
        signed_at: datetime | None = None,
    ) -> Reply:
        service: Any = SitesService()
        service.database = (CutOff if cut_off else Access)(self.engine, service="sites")
        service.database.superuser_url = self.superuser_url
        service.files = FileStore(self.folder / "files")
        token = self.signer.sign(
            person_id=actor.person_id,
            session_id=actor.session_id,
            name=actor.name,
            grants=[(grant.role, grant.path) for grant in actor.grants],
            at=signed_at or clock.now(),
        )
        request = Request(
            service="sites",
            method=door,
            body=dump(body),
            deadline=time.time() + 240,
            token=token.encode(),
            command_id=str(command_id or uuid4()),
            request_id="test",
            traceparent="",
            verifier=self.verifier,
        )
        reply = getattr(service, door)(request)
        assert isinstance(reply, Reply)
        return reply


@pytest.fixture(scope="module")
def doors(clone_of: Callable[[str], TestDatabase], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    clone = clone_of("sites")
    engine = connect(clone.url, service="sites", pool_size=12)
    with engine.begin() as db:
        money_in_the_fund(db)
    yield Doors(engine, clone.superuser_url, tmp_path_factory.mktemp("doors"))
    engine.dispose()


def _act(doors: Doors, door: str) -> tuple[Actor, Any]:  # noqa: PLR0911, PLR0912 - one arrangement a door
    """Arrange what the command needs; returns who gives it and its body."""
    with doors.engine.begin() as db:
        visit: Visit = a_visit(db)
        claim = {"claim_id": str(visit.claim_id)}
        match door:
            case "submit_claim":
                return visit.steward, claim
            case "confirm_headcount":
                submitted(db, visit)
                return visit.secretary, claim
            case "dispute_headcount":
                submitted(db, visit)
                return visit.secretary, {**claim, "headcount": 12, "reason": "少八人"}
            case "approve_claim":
                confirmed(db, visit)
                return a_preparer(), claim
            case "return_claim" | "reject_claim":
                confirmed(db, visit)
                return a_preparer(), {**claim, "reason": "材料不全"}
            case "countersign_claim":
                put_in(db, visit, "signed")
                return an_approver(), claim
            case "approve_claims":
                confirmed(db, visit)
                return a_preparer(), {"claim_ids": [claim["claim_id"]]}
            case "confirm_headcounts":
                submitted(db, visit)
                return visit.secretary, {"claim_ids": [claim["claim_id"]]}
            case "enter_invoice":
                number = f"{uuid4().int % 10**20:020d}"
                invoice = {"number": number, "issuer": "某公司", "issued_on": "2026-11-11", "amount_fen": 400_00}
                return visit.steward, {**claim, **invoice}
            case "appeal_claim":
                put_in(db, visit, "rejected")
                db.execute(
                    text("UPDATE claims SET moved_at = :at WHERE id = :id"), {"at": clock.now(), "id": visit.claim_id}
                )
                return visit.steward, {**claim, "reason": "签到表可证"}
            case "decide_claim_appeal":
                confirmed(db, visit)
                claims.reject(db, asked=with_reason(visit), actor=a_preparer(), at=CLOSED)
                asked = AppealClaim(claim_id=the_id(visit), reason="签到表可证")
                claim_appeals.appeal(db, asked=asked, actor=visit.steward, at=CLOSED)
                return an_approver(), {**claim, "grant": True, "reason": "核对属实"}
            case "make_batch":
                approved(db, visit)
                return a_preparer(), {"period": "2026-11", "claim_ids": [claim["claim_id"]]}
            case "approve_batch":
                return an_approver(), {"batch_id": str(a_batch(db, visit).id)}
            case "reject_batch":
                return an_approver(), {"batch_id": str(a_batch(db, visit).id), "reason": "有疑问"}
            case "record_bank_results":
                batch = an_approved_batch(db, visit, a_visit(db))
                _, file = stored(doors.folder / "files", a_bank_file(batch, failed=(1,)))
                return a_preparer(), {"batch_id": str(batch.id), "file": plain(file)}
            case "adopt_policy":
                last = "SELECT greatest(max(active_from), '2040-01-01') + 1 FROM policies"
                ahead = db.execute(text(last)).scalar_one()
                return an_approver(), {"policy_id": str(a_draft(db, active_from=ahead, at=clock.now()).id)}
            case "hand_over_batch":
                batch = an_approved_batch(db, visit)
                file = takes_file(db, doors.folder / "files", batch, by=a_preparer())
                return a_payer(), {"batch_id": str(batch.id), "sha256": file.sha256}
            case "publish_batch":
                return a_preparer(), {"batch_id": str(a_batch(db, visit).id)}
            case "make_batch_of_failed":
                batch = an_approved_batch(db, visit)
                brings(db, doors.folder / "files", batch, a_bank_file(batch, failed=(0,)))
                return a_preparer(), {"batch_id": str(batch.id)}
            case "propose_payee":
                return visit.steward, a_proposal(visit.site)
            case "confirm_payee":
                change = proposes(db, visit.site, by=visit.steward)
                return a_preparer(), {"change_id": str(change.id)}
            case "open_payee_account":
                return a_preparer(), {"site_id": str(visit.site.id)}
            case "report_overpayment":
                return a_preparer(), {**claim_paid(db, doors, visit), "amount_fen": 20_00, "reason": "多算两人"}
            case "confirm_overpayment" | "record_repayment":
                found = overpaid(db, claim_paid(db, doors, visit)["claim_id"], confirmed=door == "record_repayment")
                paid_back = {"amount_fen": 5_00, "reference": "B9"} if door == "record_repayment" else {}
                return a_preparer(), {"overpayment_id": str(found), **paid_back}
            case "object_to_payment" | "decide_objection":
                batch = publishes(db, a_batch(db, visit), at=clock.now())
                line = str(batch.lines[0].id)
                if door == "object_to_payment":
                    return visit.secretary, {"line_id": line, "reason": "人数不实"}
                made = objects(db, line, by=visit.secretary, at=clock.now())
                return a_preparer(), {"objection_id": str(made.id), "decision": "upheld", "reason": "属实"}
            case "appropriate":
                fund = db.execute(text("SELECT id FROM funds WHERE path = :path"), {"path": DISTRICT}).scalar_one()
                return a_preparer(), {
                    "fund_id": str(fund),
                    "amount_fen": 100_00,
                    "document_number": f"〔2026〕{uuid4().hex[:6]}号",
                }
            case "close_period":
                fund = money_in_the_fund(db, path=f"{DISTRICT}.{uuid4().hex[:8]}")
                return an_approver(), {"fund_id": str(fund), "period": "2026-10"}
            case "reverse_entry":
                money_in_the_fund(db, path=f"{DISTRICT}.{uuid4().hex[:8]}")
                last = text(
                    "SELECT id FROM ledger_entries WHERE debit = 'appropriations' ORDER BY sequence DESC LIMIT 1"
                )
                return an_approver(), {"entry_id": str(db.execute(last).scalar_one()), "reason": "金额录错"}
            case "propose_year_end" | "approve_year_end" | "withdraw_year_end":
                return _on_a_year_end(db, door)
            case "propose_funding" | "adopt_funding" | "withdraw_funding":
                return _on_funding(db, door)
            case "record_transfer":
                return a_preparer(), _a_transfer(db)
            case "set_fund_settings" | "set_claim_rules" | "set_file_layout":
                return an_approver(), _settings(db, door)
    raise AssertionError(door)


def _settings(db: Connection, door: str) -> dict[str, Any]:
    fund = str(money_in_the_fund(db, path=f"{DISTRICT}.{uuid4().hex[:8]}"))
    if door == "set_file_layout":
        names = ("line_id", "payee_name", "account", "bank", "amount")
        return {"fund_id": fund, "purpose": "payment", "columns": [{"field": n, "heading": n} for n in names]}
    ahead = {"active_from": str(clock.today(clock.now()) + timedelta(days=30)), "citation": "川组〔2026〕31号"}
    if door == "set_fund_settings":
        return {**ahead, "fund_id": fund, "separate_payer": True, "publicity_days": 7}
    numbers = db.execute(text("SELECT * FROM claim_rules ORDER BY active_from DESC, id DESC LIMIT 1")).one()._mapping
    kept = {field.name for field in fields(SetClaimRules)} - set(ahead)
    return {**{name: numbers[name] for name in kept}, **ahead}


def _on_a_year_end(db: Connection, door: str) -> tuple[Actor, dict[str, Any]]:
    fund = money_in_the_fund(db, amount_fen=0, path=f"{DISTRICT}.{uuid4().hex[:8]}")
    last_year = NOON.replace(year=2020)
    ledger.appropriate(
        db, fund_id=fund, year=2020, amount_fen=100, document_number="〔2020〕1号", at=last_year, by=None
    )
    db.execute(text("INSERT INTO ledger_closings VALUES (:fund, '2021-01-01')"), {"fund": fund})
    asked = ProposeYearEnd(fund_id=fund, year=2020, use="carry_over", document_number="〔2021〕1号")
    if door == "propose_year_end":
        return a_preparer(), plain(asked)
    end = budgets.propose(db, asked=asked, actor=fresh(a_preparer(), clock.now()), at=clock.now())
    return an_approver(), {"year_end_id": str(end.id)}


def _on_funding(db: Connection, door: str) -> tuple[Actor, dict[str, Any]]:
    fund, path = db.execute(text("SELECT id, path FROM funds WHERE path = :path"), {"path": DISTRICT}).one()
    place = UUID(int=370302)
    db.execute(
        text(
            "INSERT INTO organisations (id, code, name, kind, field, path, version) VALUES"
            " (:id, '370302', '淄川区委', 'committee', 'government', :path, 1) ON CONFLICT DO NOTHING"
        ),
        {"id": place, "path": path},
    )
    asked = ProposeFunding(
        organisation_id=place,
        active_from=clock.today(clock.now())
        + timedelta(days=30 + db.execute(text("SELECT count(*) FROM funding_rules")).scalar_one()),
        shares=[FundingShare(fund_id=fund, percent=100)],
        citation="川组〔2026〕9号",
    )
    if door == "propose_funding":
        return a_preparer(), plain(asked)
    rule = funding.propose(db, asked=asked, actor=fresh(a_preparer(), clock.now()), at=clock.now())
    return an_approver(), {"rule_id": str(rule.id)}


def _a_transfer(db: Connection) -> dict[str, Any]:
    paying, giving = (
        db.execute(text("SELECT id FROM funds WHERE path = :path"), {"path": DISTRICT}).scalar_one(),
        money_in_the_fund(db, path=f"{DISTRICT}.{uuid4().hex[:8]}"),
    )
    visit = a_visit(db)
    db.execute(
        text("INSERT INTO contributions VALUES (:order, :fund, 2026, 100, 100, 'posted')"),
        {"order": visit.order_id, "fund": giving},
    )
    return {
        "from_fund_id": str(giving),
        "to_fund_id": str(paying),
        "year": 2026,
        "amount_fen": 100,
        "document_number": "转〔2026〕1号",
    }


def claim_paid(db: Connection, doors: Doors, visit: Visit) -> dict[str, str]:
    batch = an_approved_batch(db, visit)
    brings(db, doors.folder / "files", batch, a_bank_file(batch))
    return {"claim_id": str(visit.claim_id)}


COMMANDS = (
    "hand_over_batch",
    "publish_batch",
    "make_batch_of_failed",
    "propose_payee",
    "confirm_payee",
    "report_overpayment",
    "confirm_overpayment",
    "record_repayment",
    "object_to_payment",
    "decide_objection",
    "submit_claim",
    "confirm_headcount",
    "dispute_headcount",
    "approve_claim",
    "return_claim",
    "reject_claim",
    "countersign_claim",
    "approve_claims",
    "confirm_headcounts",
    "enter_invoice",
    "appeal_claim",
    "decide_claim_appeal",
    "make_batch",
    "approve_batch",
    "reject_batch",
    "record_bank_results",
    "appropriate",
    "close_period",
    "reverse_entry",
    "propose_year_end",
    "approve_year_end",
    "withdraw_year_end",
    "propose_funding",
    "adopt_funding",
    "withdraw_funding",
    "record_transfer",
    "adopt_policy",
)


def _facts(doors: Doors) -> dict[str, int]:
    """Count everything that an effect would add to; the books have to balance."""
    tables = (
        "ledger_entries",
        "claim_history",
        "claim_invoices",
        "claim_appeals",
        "batch_history",
        "batches",
        "batch_lines",
        "bank_result_files",
        "payees",
        "payee_changes",
        "overpayments",
        "repayments",
        "objections",
        "commands",
    )
    with doors.engine.connect() as db:
        books(db)
        return {name: db.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}  # noqa: S608


@pytest.mark.parametrize("door", COMMANDS)
def test_a_retried_command_acts_once(doors: Doors, door: str) -> None:
    actor, body = _act(doors, door)
    command_id = uuid4()
    first = doors.call(door, actor, body, command_id=command_id)
    assert first.outcome == "ok", first.body
    facts = _facts(doors)
    assert doors.call(door, actor, body, command_id=command_id) == first
    assert _facts(doors) == facts
    other = {**body, "reason": "另一个理由"} if "reason" in body else {**body, "extra": 1}
    reused = doors.call(door, actor, other, command_id=command_id)
    assert (reused.outcome, json.loads(reused.body)["code"]) == ("refusal", "idempotency-key-reused")


@pytest.mark.parametrize("door", COMMANDS)
def test_a_command_cut_off_before_its_commit_leaves_nothing_and_is_done_by_the_retry(doors: Doors, door: str) -> None:
    actor, body = _act(doors, door)
    before = _facts(doors)
    command_id = uuid4()
    cut = doors.call(door, actor, body, command_id=command_id, cut_off=True)
    assert (cut.outcome, json.loads(cut.body)["code"]) == ("refusal", ServiceUnavailable.code)
    assert _facts(doors) == before
    assert doors.call(door, actor, body, command_id=command_id).outcome == "ok"
    assert _facts(doors)["commands"] == before["commands"] + 1


@pytest.mark.parametrize(
    "door",
    [
        "approve_claim",
        "approve_claims",
        "enter_invoice",
        "decide_claim_appeal",
        "make_batch",
        "record_bank_results",
        "appropriate",
    ],
)
def test_the_same_command_many_times_at_once_acts_once(doors: Doors, door: str) -> None:
    actor, body = _act(doors, door)
    before = _facts(doors)
    command_id = uuid4()
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: doors.call(door, actor, body, command_id=command_id), range(6)))
    assert {reply.outcome for reply in replies} == {"ok"}
    assert len({reply.body for reply in replies}) == 1
    assert _facts(doors)["commands"] == before["commands"] + 1


# The roster's and the audit's stand in their own tests; the payment file's door has another name than its right.
ON_MONEY = sorted(door for door in NEEDS_FRESH_TOKEN if hasattr(SitesService, door) and not hasattr(AuditDoors, door))


@pytest.mark.parametrize("door", ON_MONEY)
def test_money_takes_only_a_fresh_token(doors: Doors, door: str) -> None:
    actor, body = _act(doors, door)
    stale = doors.call(door, actor, body, signed_at=clock.now() - timedelta(seconds=62))
    assert (stale.outcome, json.loads(stale.body)["code"]) == ("refusal", "token-too-old")
    assert doors.call(door, actor, body).outcome == "ok"


def test_so_does_the_file_with_all_account_numbers(doors: Doors) -> None:
    with doors.engine.begin() as db:
        body = {"batch_id": str(an_approved_batch(db, a_visit(db)).id), "format": "csv"}
    stale = doors.call("payment_file", a_preparer(), body, signed_at=clock.now() - timedelta(seconds=62))
    assert (stale.outcome, json.loads(stale.body)["code"]) == ("refusal", "token-too-old")
    assert doors.call("payment_file", a_preparer(), body).outcome == "ok"


@pytest.mark.parametrize("door", [door for door in COMMANDS if door != "object_to_payment"])
def test_nobody_acts_from_elsewhere_whatever_hats_they_wear(doors: Doors, door: str) -> None:
    _, body = _act(doors, door)
    facts = _facts(doors)
    for path in ("370303", f"{DISTRICT}.9.9", f"{DISTRICT}9"):
        refused = doors.call(door, an_actor(*((role, path) for role in ROLES)), body)
        if door in ("approve_claims", "confirm_headcounts"):
            assert [one["code"] for one in json.loads(refused.body)["items"]] == ["not-found"]
        else:
            assert refused.outcome == "refusal", refused.body
            assert json.loads(refused.body)["code"] in ("forbidden", "not-found", "claim-in-other-batch")
    after = _facts(doors)
    assert {**after, "commands": facts["commands"]} == facts


@pytest.mark.parametrize("door", [door for door in COMMANDS if door != "object_to_payment"])
def test_nobody_acts_without_the_right(doors: Doors, door: str) -> None:
    _, body = _act(doors, door)
    facts = _facts(doors)
    for role in ("member", "assessor", "officer", "auditor", "admin"):  # whoever signed in may object
        refused = doors.call(door, an_actor((role, "3703")), body)
        assert refused.outcome == "refusal"
        assert json.loads(refused.body)["code"] in ("forbidden", "not-found")
    assert _facts(doors) == facts


def test_the_questions_are_answered(doors: Doors) -> None:
    with doors.engine.begin() as db:
        visit = a_visit(db)
        batch = an_approved_batch(db, a_visit(db))
    for door, body in (
        ("claims", {}),
        ("claim", {"claim_id": str(visit.claim_id)}),
        ("batches", {}),
        ("batch", {"batch_id": str(batch.id)}),
        ("funds", {"year": 2026}),
        ("trial_balance", {}),
        ("statement", {"account": "available"}),
    ):
        reply = doors.call(door, an_auditor(), body)
        assert reply.outcome == "ok", reply.body
        assert json.loads(reply.body)
    file = doors.call("payment_file", a_preparer(), {"batch_id": str(batch.id), "format": "pain.001"})
    reference = json.loads(file.body)
    with FileStore(doors.folder / "files").open(reference["sha256"]) as stream:
        assert len(stream.read()) == reference["size"]
    with doors.engine.connect() as db:
        taken = db.execute(text("SELECT count(*) FROM payment_files WHERE batch_id = :id"), {"id": batch.id})
        assert taken.scalar_one() == 1


@pytest.mark.parametrize(
    ("door", "body", "field"),
    [
        ("appropriate", {"fund_id": str(uuid4()), "amount_fen": 0, "document_number": "x"}, "amount_fen"),
        ("appropriate", {"fund_id": str(uuid4()), "amount_fen": 1.5, "document_number": "x"}, "amount_fen"),
        ("appropriate", {"fund_id": str(uuid4()), "amount_fen": 10**14, "document_number": "x"}, "amount_fen"),
        ("appropriate", {"fund_id": str(uuid4()), "amount_fen": 1, "document_number": " "}, "document_number"),
        ("make_batch", {"period": "2026-13"}, "period"),
        ("make_batch", {"period": "2026-11", "claim_ids": []}, "claim_ids"),
        ("approve_claim", {"claim_id": "17"}, "claim_id"),
        ("return_claim", {"claim_id": str(uuid4())}, "reason"),
        ("dispute_headcount", {"claim_id": str(uuid4()), "headcount": -1, "reason": "x"}, "headcount"),
        ("record_bank_results", {"batch_id": str(uuid4()), "file": {"sha256": "../x"}}, "file.sha256"),
        ("payment_file", {"batch_id": str(uuid4()), "format": "doc"}, "format"),
        ("statement", {}, "account"),
        ("claims", {"state": "gone"}, "state"),
    ],
)
def test_bad_input_names_the_field(doors: Doors, door: str, body: dict[str, Any], field: str) -> None:
    reply = doors.call(door, a_preparer(path=DISTRICT), body)
    assert (reply.outcome, json.loads(reply.body)["code"]) == ("refusal", "invalid-input")
    assert field in json.loads(reply.body)["errors"]
