"""A claim, a batch, a preparer …: what tests of money name."""

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.files import CSV, XLSX, FileStore
from contracts.envelope import StoredFile, load
from contracts.sites.batches import (
    BatchView,
    HandOverBatch,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    PaymentFileAsked,
    RecordBankResults,
)
from contracts.sites.claims import ClaimView, DisputeHeadcount, MoveClaim, MoveClaimWithReason
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.overpayments import MoveOverpayment, ReportOverpayment
from contracts.sites.payees import DecidePayeeChange, ProposePayee
from contracts.sites.publicity import DecideObjection, Object
from sites.domain.amounts import yuan
from sites.operations import (
    batches,
    claims,
    funds,
    ledger,
    objections,
    overpayments,
    payees,
    payment_files,
    visits,
)
from sites.queries import batches as batch_queries
from sites.queries import claims as claim_queries
from sites.queries import ledger as ledger_queries
from sites.tables.money import claims as claims_table
from sqlalchemy import Connection, Engine, select, text, update

from tests import races
from tests.articles import an_actor
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Branch,
    Site,
    a_branch,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    checked_in,
)

VISIT = NOON + timedelta(days=1)
SITE = "site-a"
CLOSED = VISIT + timedelta(hours=2)
PERIOD = "2026-11"

_accounts = itertools.count(6222_0000_0000_0001)


@dataclass(frozen=True)
class Visit:
    """A closed visit with the people on both sides of its claim."""

    order_id: UUID
    claim_id: UUID | None
    branch: Branch
    site: Site
    secretary: Actor
    steward: Actor


def fresh(actor: Actor, at: datetime) -> Actor:
    """The actor with a token signed just now."""
    return replace(actor, issued_at=at)


def a_preparer(name: str = "赵经办", path: str = DISTRICT) -> Actor:
    return fresh(an_actor(("preparer", path), name=name), CLOSED)


def an_approver(name: str = "钱复核", path: str = DISTRICT) -> Actor:
    return fresh(an_actor(("approver", path), name=name), CLOSED)


def a_payer(name: str = "郑出纳", path: str = DISTRICT) -> Actor:
    return fresh(an_actor(("payer", path), name=name), CLOSED)


def an_auditor(path: str = DISTRICT) -> Actor:
    return fresh(an_actor(("auditor", path), name="孙审计"), CLOSED)


def a_payee(db: Connection, site: Site, *, account: str | None = None) -> str:
    """Register an account for the site; returns its number."""
    account = account or str(next(_accounts))
    funds.register_payee(
        db,
        site_id=site.id,
        name=f"{site.name}管理单位",
        account=account,
        bank="示例银行淄川支行",
        bank_code="102453000001",
        credit_code=None,
        is_synthetic=True,
        at=NOON,
    )
    return account


def a_visit(
    db: Connection,
    *,
    site: Site | None = None,
    branch: Branch | None = None,
    party_size: int = 20,
    came: int = 20,
    headcount: int | None = None,
    visit_at: datetime = VISIT,
) -> Visit:
    """A subsidised visit from its order to its closing. The fund has to be there."""
    if site is None:
        site = a_site(db)
        a_payee(db, site)
    branch = branch or a_branch(db)
    slot = a_slot(db, site=site, starts_at=visit_at)
    order_id, secretary = a_placed_order(
        db, slot=slot, branch=branch, party_size=party_size, at=visit_at - timedelta(days=1)
    )
    checked_in(db, order_id, slot=slot, count=came)
    steward = a_steward(site)
    visits.close(
        db,
        order_id=order_id,
        headcount=came if headcount is None else headcount,
        actor=steward,
        at=visit_at + timedelta(hours=2),
    )
    claim_id = db.execute(select(claims_table.c.id).where(claims_table.c.order_id == order_id)).scalar_one_or_none()
    return Visit(order_id, claim_id, branch, site, secretary, steward)


def submitted(db: Connection, visit: Visit, *, at: datetime = CLOSED) -> ClaimView:
    return claims.submit(db, asked=a_move(visit), actor=visit.steward, at=at)


def confirmed(db: Connection, visit: Visit, *, at: datetime = CLOSED) -> ClaimView:
    submitted(db, visit, at=at)
    return claims.confirm_headcount(db, asked=a_move(visit), actor=visit.secretary, at=at)


def disputed(db: Connection, visit: Visit, *, headcount: int, at: datetime = CLOSED) -> ClaimView:
    submitted(db, visit, at=at)
    asked = DisputeHeadcount(claim_id=the_id(visit), headcount=headcount, reason="实到人数不符")
    return claims.dispute_headcount(db, asked=asked, actor=visit.secretary, at=at)


def approved(db: Connection, visit: Visit, *, by: Actor | None = None, at: datetime = CLOSED) -> ClaimView:
    confirmed(db, visit, at=at)
    return claims.approve(db, asked=a_move(visit), actor=fresh(by or a_preparer(), at), at=at)


def a_batch(db: Connection, *visits: Visit, by: Actor | None = None, at: datetime = CLOSED) -> BatchView:
    """A prepared batch of these visits' claims, approved one by one."""
    by = fresh(by or a_preparer(), at)
    ids = [approved(db, visit, by=by, at=at).id for visit in visits]
    return batches.make(db, asked=MakeBatch(period=PERIOD, claim_ids=ids), actor=by, at=at)


def an_approved_batch(db: Connection, *visits: Visit, at: datetime = CLOSED) -> BatchView:
    batch = a_batch(db, *visits, at=at)
    return batches.approve(db, asked=MoveBatch(batch_id=batch.id), actor=fresh(an_approver(), at), at=at)


def a_move(visit: Visit) -> MoveClaim:
    return MoveClaim(claim_id=the_id(visit))


def with_reason(visit: Visit, reason: str = "材料不全") -> MoveClaimWithReason:
    return MoveClaimWithReason(claim_id=the_id(visit), reason=reason)


def makes(db: Connection, *, by: Actor | None = None, **asked: Any) -> BatchView:
    """Put the month's approved claims, or what is asked, into a batch."""
    return batches.make(db, asked=MakeBatch(**{"period": PERIOD, **asked}), actor=by or a_preparer(), at=CLOSED)


def approves(db: Connection, batch: BatchView, *, by: Actor | None = None) -> BatchView:
    return batches.approve(db, asked=MoveBatch(batch_id=batch.id), actor=by or an_approver(), at=CLOSED)


def publishes(db: Connection, batch: BatchView, *, at: datetime = CLOSED) -> BatchView:
    return batches.publish(db, asked=MoveBatch(batch_id=batch.id), actor=a_preparer(), at=at)


def takes_file(db: Connection, folder: Path, batch: BatchView, *, by: Actor | None = None, format: str = "csv") -> Any:
    """Fetch the payment file; returns the reference to it."""
    asked = PaymentFileAsked(batch_id=batch.id, format=format)
    return payment_files.payment_file(db, FileStore(folder), asked=asked, actor=by or a_payer(), at=CLOSED)


def hands_over(
    db: Connection, folder: Path, batch: BatchView, *, by: Actor | None = None, at: datetime = CLOSED
) -> BatchView:
    """Fetch the payment file and give it to the bank."""
    by = fresh(by or a_payer(), at)
    asked = HandOverBatch(batch_id=batch.id, sha256=takes_file(db, folder, batch, by=by).sha256)
    return batches.hand_over(db, asked=asked, actor=by, at=at)


def rejects(db: Connection, batch: BatchView, *, by: Actor | None = None) -> BatchView:
    asked = MoveBatchWithReason(batch_id=batch.id, reason="金额有疑问")
    return batches.reject(db, asked=asked, actor=by or an_approver(), at=CLOSED)


def the_id(visit: Visit) -> UUID:
    assert visit.claim_id is not None, "the visit has no claim"
    return visit.claim_id


def the_batch(db: Connection, batch: BatchView) -> BatchView:
    """Return the batch as it is now."""
    return batch_queries.batch(db, batch.id, actor=an_auditor())


def the_claim(db: Connection, visit: Visit) -> ClaimView:
    return claim_queries.claim(db, the_id(visit), actor=an_auditor())


def put_in(db: Connection, visit: Visit, state: str) -> None:
    """Write the claim straight into a state, with the fields that go with it."""
    later = CLOSED + timedelta(days=30)
    is_approved = state in ("approved", "batched", "paid")
    fields: dict[str, Any] = {
        "state": state,
        "submit_by": later if state in ("drafted", "returned") else None,
        "confirm_by": later if state == "submitted" else None,
        "headcount_confirmed": 20 if is_approved or state in ("confirmed", "signed") else None,
        "headcount_disputed": 18 if state == "disputed" else None,
        "approved_fen": claims_table.c.asked_fen if is_approved else None,
        "approved_by_id": uuid4() if is_approved else None,
        "paid_fen": claims_table.c.asked_fen if state == "paid" else None,
        "signed": {"headcount": 20, "amount_fen": 400_00, "explanation": [], "lowered_fen": 0}
        if state == "signed"
        else None,
        "signed_by_id": uuid4() if state == "signed" else None,
        "signed_by": "周初审" if state == "signed" else None,
        "batch_id": any_batch(db, visit) if state in ("batched", "paid") else None,
    }
    db.execute(update(claims_table).where(claims_table.c.id == visit.claim_id).values(**fields))


def any_batch(db: Connection, visit: Visit) -> UUID:
    """Return a batch that the claim may be put into."""
    batch_id = uuid4()
    db.execute(
        text(
            "INSERT INTO batches (id, number, fund_id, period, state, count, total_fen, prepared_by_id, prepared_by,"
            " prepared_at) SELECT :id, :number, fund_id, period, 'prepared', 1, asked_fen, :by, '某人', :at"
            " FROM claims WHERE id = :claim"
        ),
        {"id": batch_id, "number": batch_id.hex[:20], "by": uuid4(), "at": CLOSED, "claim": visit.claim_id},
    )
    return batch_id


def a_funding_rule(db: Connection, *shares: tuple[UUID, int], path: str, since: date = date(2026, 1, 1)) -> UUID:
    """A rule for the visits of a place's branches, (fund, percent) in sequence, that was adopted in time."""
    rule_id = uuid4()
    db.execute(
        text(
            "INSERT INTO funding_rules VALUES"
            " (:id, :path, :since, '川组〔2025〕1号', 'adopted', :one, '赵经办', :at, :two, '钱复核', :at)"
        ),
        {"id": rule_id, "path": path, "since": since, "one": uuid4(), "two": uuid4(), "at": NOON},
    )
    for place, (fund_id, percent) in enumerate(shares):
        db.execute(
            text("INSERT INTO funding_shares VALUES (:rule, :place, :fund, :percent)"),
            {"rule": rule_id, "place": place, "fund": fund_id, "percent": percent},
        )
    return rule_id


# ---- payees, objections, overpayments -----------------------------------------------------------------------------


def a_proposal(site: Site, **other: str) -> dict[str, str]:
    """What a change of the site's payee is proposed with; a new account each time."""
    return {
        "site_id": str(site.id),
        "name": f"{site.name}运营中心",
        "account": str(next(_accounts)),
        "bank": "示例银行博山支行",
        "bank_code": "102453000002",
        "credit_code": "91350100M000100Y43",
        "reason": "开户行变更",
        **other,
    }


def proposes(db: Connection, site: Site, *, by: Actor | None = None, at: datetime = CLOSED, **other: str) -> Any:
    asked = load(ProposePayee, a_proposal(site, **other))
    return payees.propose(db, asked=asked, actor=fresh(by or a_preparer(), at), at=at)


def confirms(db: Connection, change: Any, *, by: Actor | None = None, at: datetime = CLOSED) -> Any:
    asked = DecidePayeeChange(change_id=change.id)
    return payees.confirm(db, asked=asked, actor=fresh(by or an_approver(), at), at=at)


def objects(db: Connection, line_id: Any, *, by: Actor, at: datetime = CLOSED, on_paper_from: str | None = None) -> Any:
    asked = Object(line_id=UUID(str(line_id)), reason="人数不实", on_paper_from=on_paper_from)
    return objections.object_to(db, asked=asked, actor=by, at=at)


def decides(db: Connection, objection: Any, decision: str, *, by: Actor | None = None, at: datetime = CLOSED) -> Any:
    asked = DecideObjection(objection_id=objection.id, decision=decision, reason="已核实")
    return objections.decide(db, asked=asked, actor=fresh(by or a_preparer("核实人"), at), at=at)


def overpaid(db: Connection, claim_id: Any, *, amount_fen: int = 20_00, confirmed: bool = True) -> UUID:
    """An overpayment of a paid claim, found by one person and confirmed by another; returns its id."""
    asked = ReportOverpayment(claim_id=UUID(str(claim_id)), amount_fen=amount_fen, reason="多算两人")
    found = overpayments.report(db, asked=asked, actor=a_preparer("发现人"), at=CLOSED)
    if confirmed:
        overpayments.confirm(db, asked=MoveOverpayment(overpayment_id=found.id), actor=an_approver("确认人"), at=CLOSED)
    return UUID(str(found.id))


# ---- the bank ------------------------------------------------------------------------------------------------------


def a_bank_file(batch: BatchView, *, failed: tuple[int, ...] = (), only: tuple[int, ...] | None = None) -> str:
    """The bank's CSV: all lines that it got are paid but those whose places (from 0) are `failed`."""
    rows = ["line_id,result,amount,reference,reason"]
    for place, line in enumerate(batch.lines):
        if (only is not None and place not in only) or line.state == "freed" or not line.net_fen:
            continue
        said = ("failed", "", "账号不存在") if place in failed else ("paid", f"BANK{place:06d}", "")
        rows.append(f"{line.id},{said[0]},{yuan(line.net_fen)},{said[1]},{said[2]}")
    return "\n".join(rows) + "\n"


def stored(folder: Path, content: str | bytes, name: str = "results.csv") -> tuple[FileStore, StoredFile]:
    files = FileStore(folder)
    content = content.encode() if isinstance(content, str) else content
    return files, files.put(io.BytesIO(content), name=name, media_types={CSV, XLSX}, max_bytes=10**6)


def brings(
    db: Connection, folder: Path, batch: BatchView, content: str | bytes, *, by: Actor | None = None
) -> BatchView:
    """Record what the bank says of the batch."""
    files, file = stored(folder, content)
    asked = RecordBankResults(batch_id=batch.id, file=file)
    return batches.record_bank_results(db, files, asked=asked, actor=by or a_preparer(), at=CLOSED)


# ---- the books -----------------------------------------------------------------------------------------------------


def encumbered(db: Connection, fund_id: UUID, amount_fen: int, *, order_id: UUID | None = None) -> UUID:
    order_id = order_id or uuid4()
    ledger.encumber(db, fund_id=fund_id, year=2026, order_id=order_id, amount_fen=amount_fen, at=NOON, by=None)
    return order_id


def post(db: Connection, order_id: UUID, amount_fen: int, *, site_code: str = SITE) -> UUID:
    claim_id = uuid4()
    ledger.post(db, order_id=order_id, claim_id=claim_id, site_code=site_code, amount_fen=amount_fen, at=NOON, by=None)
    return claim_id


def pay(db: Connection, fund_id: UUID, *payments: ledger.Payment, batch_id: UUID | None = None) -> None:
    ledger.pay(db, fund_id=fund_id, year=2026, batch_id=batch_id or uuid4(), payments=payments, at=NOON, by=None)


def books(db: Connection) -> dict[str, int]:
    """The balance of each account by its entries; the kept balances have to agree."""
    balance = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(), actor=an_auditor("3703"))
    assert balance.agrees_with_balances
    assert balance.difference_fen == 0
    assert sum(account.balance_fen for account in balance.accounts) == 0
    return {account.account: account.balance_fen for account in balance.accounts}


def entries(db: Connection) -> list[tuple[str, str, int, str]]:
    rows = db.execute(text("SELECT debit, credit, amount_fen, reason FROM ledger_entries ORDER BY sequence"))
    return [tuple(row) for row in rows]


# ---- races ---------------------------------------------------------------------------------------------------------


def at_once(engine: Engine, times: int, act: Callable[[Connection, int], object]) -> list[str]:
    """Run `act` in so many connections at the same moment; returns how each ended."""

    def run(number: int) -> str:
        with engine.begin() as db:
            act(db, number)
        return "done"

    return sorted(races.at_once([partial(run, number) for number in range(times)]))
