"""What each report says (S13), as `domain.documents`: read in one transaction, so its figures are of one moment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.reports import CSV_KINDS, REPORT_SUBJECTS, AskReport
from contracts.sites.statistics import (
    BranchCostsAsked,
    FiguresView,
    PayingFundView,
    SiteAccountAsked,
    StatisticsAsked,
)
from sqlalchemy import Connection, Row, text

from sites.domain import report_words as words
from sites.domain.claims import cut_fen
from sites.domain.days import said
from sites.domain.documents import DASH, Cell, Column, Document, Grid, in_words, yuan
from sites.queries.accounts import branch_costs, site_account
from sites.queries.batches import batch_for
from sites.queries.books import REASONS, ledger_book, vouchers
from sites.queries.claims import claim_for, history_of
from sites.queries.ledger import NAMES as ACCOUNT_NAMES
from sites.queries.scopes import visible_to
from sites.queries.statistics import period_of, statistics

RETENTION_YEARS: Final = 30
RETENTION: Final = (
    "《会计档案管理办法》（财政部、国家档案局令第79号）附表：会计凭证保管30年，自会计年度终了后第一天算起"
)
SIGNATURES: Final = ("制表", "复核", "审批")
COUNTED: Final = "申报、核定、支付金额均按补单的活动日期归入所属月份。"

_FUND: Final = text("SELECT id, name, code, path FROM funds WHERE id = :id")
_SETTLED: Final = text("""
SELECT c.visit_on, s.name AS site, b.name AS branch, c.party_size, c.checked_in, c.headcount, c.headcount_confirmed,
       c.asked_fen, c.approved_fen, c.paid_fen, c.state, c.reason, t.number AS batch, s.managing_organisation AS payee
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  LEFT JOIN batches t ON t.id = c.batch_id
 WHERE c.fund_id = :fund AND c.period = :period
 ORDER BY s.name, s.id, c.visit_on, c.id
""")
_YEAR: Final = text("SELECT * FROM fund_years WHERE fund_id = :fund AND year = :year")
# By the day on which an entry counts, as the books do; by what the accounts moved and not by the entries' reasons, so
# that a new reason is counted as well.
_MOVED: Final = text("""
SELECT to_char(e.booked_on, 'YYYY-MM') AS month,
       sum(a.fen) FILTER (WHERE a.kind IN ('appropriations', 'brought'))::bigint AS granted,
       sum(a.fen) FILTER (WHERE a.kind = 'available')::bigint AS available,
       sum(a.fen) FILTER (WHERE a.kind = 'encumbered')::bigint AS encumbered,
       sum(a.fen) FILTER (WHERE a.kind = 'payable' AND a.fen > 0)::bigint AS owed,
       sum(a.fen) FILTER (WHERE a.kind = 'paid')::bigint AS paid
  FROM ledger_entries e
 CROSS JOIN LATERAL (VALUES (split_part(e.debit, ':', 1), -e.amount_fen), (split_part(e.credit, ':', 1), e.amount_fen))
       AS a (kind, fen)
 WHERE e.fund_id = :fund AND e.year = :year
 GROUP BY 1 ORDER BY 1
""")
_BY_PLACE: Final = text("""
SELECT s.name AS site, coalesce(s.town, s.district) AS town, s.category, b.payable_fen, b.paid_fen
  FROM site_balances b JOIN sites s ON s.code = b.site_code
 WHERE b.fund_id = :fund AND b.year = :year
 ORDER BY b.payable_fen + b.paid_fen DESC, s.name
""")
_PUBLISHED: Final = text("""
SELECT s.name AS site, p.name AS payee, count(*) AS visits, sum(c.headcount_confirmed) AS heads,
       sum(l.amount_fen)::bigint AS amount_fen
  FROM batch_lines l
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN payees p ON p.id = l.payee_id
 WHERE l.batch_id = :batch AND l.state <> 'freed'
 GROUP BY s.id, s.name, p.name ORDER BY s.name, p.name
""")
_BATCH_FUND: Final = text("SELECT f.name FROM batches b JOIN funds f ON f.id = b.fund_id WHERE b.id = :id")
_ORDER: Final = text("""
SELECT o.*, p.name AS programme, s.code AS site_code, f.name AS fund,
       t.number AS batch_number, t.prepared_by, t.prepared_at, t.approved_by AS batch_approved_by,
       t.approved_at AS batch_approved_at,
       l.end_to_end_id, l.bank_reference, e.name AS payee, e.account_masked
  FROM orders o
  JOIN programmes p ON p.id = o.programme_id
  JOIN sites s ON s.id = o.site_id
  JOIN claims c ON c.order_id = o.id
  JOIN funds f ON f.id = c.fund_id
  LEFT JOIN batches t ON t.id = c.batch_id
  LEFT JOIN batch_lines l ON l.claim_id = c.id AND l.batch_id = c.batch_id
  LEFT JOIN payees e ON e.id = l.payee_id
 WHERE o.id = :id
""")
_ORDER_HISTORY: Final = text("SELECT move, at, by_name, reason FROM order_history WHERE order_id = :id ORDER BY id")
_CHECK_INS: Final = text("SELECT * FROM check_ins WHERE order_id = :id ORDER BY happened_at, id")
_PICTURES: Final = text(
    "SELECT position, alt, sha256, size, at, by_name FROM pictures WHERE purpose = 'closure' AND subject_id = :id"
    " ORDER BY position"
)
_ENTRIES: Final = text(
    "SELECT sequence, at, reason, debit, credit, amount_fen, by_name FROM ledger_entries"
    " WHERE order_id = :order OR claim_id = :claim ORDER BY sequence"
)
_CHECK_IN_STATES: Final = {"valid": "有效", "duplicate": "重复", "flagged": "存疑", "rejected": "不予认可"}

Build = Callable[..., Document]


def document(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return what the report says. Raises NotFound, Forbidden, InvalidInput for what its kind cannot do without."""
    complete(asked)
    return _KINDS[asked.kind](db, asked, actor=actor, at=at)


def complete(asked: AskReport) -> None:
    """Raise InvalidInput unless the fields are given that the report's kind cannot do without."""
    missing = [name for name in REPORT_SUBJECTS[asked.kind] if getattr(asked, name) is None]
    if missing:
        raise InvalidInput({name: ["Missing data for required field."] for name in missing})
    if asked.format == "csv" and asked.kind not in CSV_KINDS:
        raise InvalidInput({"format": ["This report is made as PDF or Excel."]})


def title_of(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> str:
    """Return the line by which a report is found again: what it is, of whom, of when. The right to it is judged.

    Raises NotFound, Forbidden, InvalidInput.
    """
    year = str(asked.year or clock.today(at).year) + "年度"
    of_fund = f" {_fund_name(db, asked.fund_id)}" if asked.fund_id else ""
    if asked.kind in ("settlement_statement", "budget_execution", "ledger_book", "vouchers"):
        fund = _fund(db, asked, actor=actor)
        return f"{fund.name} {words.month(asked.period) if asked.period else year}"
    if asked.kind == "publicity_list":
        return str(batch_for(db, asked.batch_id, actor=actor).number)  # type: ignore[arg-type]
    if asked.kind == "claim_file":
        claim = claim_for(db, asked.claim_id, actor=actor)  # type: ignore[arg-type]
        return f"{claim.site_name} {claim.visit_on}"
    if asked.kind == "statistics":
        visible_to(actor, "read_statistics", **_STATISTICS_PATHS)
        first, last = period_of(StatisticsAsked(from_day=asked.from_day, to_day=asked.to_day), at=at)
        return f"{_day(first)}至{_day(last)}{of_fund}"
    subject, action, scope = _OWNED[asked.kind]
    row = db.execute(subject, {"id": asked.site_id if scope == "site" else asked.branch_id}).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, **{scope: row.path})
    return f"{row.name} {year}{of_fund}"


_STATISTICS_PATHS: Final = {"branch": "b.path", "site": "s.managing_path", "organisation": "s.managing_path"}
_OWNED: Final = {
    "site_statement": (
        text("SELECT name, managing_path AS path FROM sites WHERE id = :id"),
        "read_site_account",
        "site",
    ),
    "branch_costs": (text("SELECT name, path FROM organisations WHERE id = :id"), "read_branch_costs", "branch"),
}


def _paying(funds: Sequence[PayingFundView], fund_id: UUID | None) -> str:
    """Return which funds the figures are of: the one asked for, or all that pay, each with what it approved."""
    if fund_id is not None:
        return next((fund.name for fund in funds if fund.id == fund_id), "所选经费无补单")
    if len(funds) > 1:
        return "；".join(f"{fund.name}（核定{yuan(fund.approved_fen)}元）" for fund in funds)
    return funds[0].name if funds else DASH


def _fund_name(db: Connection, fund_id: UUID) -> str:
    fund = db.execute(_FUND, {"id": fund_id}).one_or_none()
    if fund is None:
        raise NotFound()
    return str(fund.name)


# ---- the fund ----------------------------------------------------------------------------------------------------


def _settlement_statement(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    fund = _fund(db, asked, actor=actor)
    rows = db.execute(_SETTLED, {"fund": fund.id, "period": asked.period}).all()
    approved_fen = sum(row.approved_fen or 0 for row in rows)
    of_sites: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        of_sites.setdefault((row.site, row.payee), []).append(row)
    sites: list[tuple[Cell, ...]] = [
        (number, site, payee, *_sums(of_site)) for number, ((site, payee), of_site) in enumerate(of_sites.items(), 1)
    ]
    lines = [
        (
            *(number, row.visit_on, row.site, row.branch, row.party_size, row.checked_in, row.headcount),
            *(row.headcount_confirmed, row.asked_fen, row.approved_fen, _cut(row)),
            *(words.word(row.state, words.CLAIM_STATES), row.batch or row.reason),
        )
        for number, row in enumerate(rows, 1)
    ]
    return Document(
        title="组织生活点补贴月度结算表",
        subject=fund.name,
        period=words.month(str(asked.period)),
        counted_at=at,
        facts=[
            ("补单", f"{len(rows)}笔"),
            ("申报金额", f"{yuan(sum(row.asked_fen for row in rows))}元"),
            ("核定金额", f"{yuan(approved_fen)}元"),
            ("已支付", f"{yuan(sum(row.paid_fen or 0 for row in rows))}元"),
            ("核定金额（大写）", in_words(approved_fen)),
        ],
        grids=[
            Grid("一、按活动点汇总", _SITE_COLUMNS, sites, (None, "合计", None, *_sums(rows))),
            Grid(
                "二、补单明细",
                _LINE_COLUMNS,
                lines,
                (
                    *(None, "合计", None, None, *(_sum(rows, name) for name in _HEADS)),
                    *(_sum(rows, "asked_fen"), approved_fen, sum(_cut(row) or 0 for row in rows), None, None),
                ),
            ),
        ],
        signatures=SIGNATURES,
        notes=["计补人数取点单、签到、用单、支部确认四数之最小者；核减为申报与核定之差，驳回、逾期的补单全额核减。"],
    )


_HEADS: Final = ("party_size", "checked_in", "headcount", "headcount_confirmed")
_SITE_COLUMNS: Final = (
    Column("序号", "number", 0.5),
    Column("活动点", width=2.4),
    Column("管理组织", width=2.6),
    Column("补单笔数", "number", 0.9),
    Column("用单人次", "number", 0.9),
    Column("申报金额（元）", "money", 1.3),
    Column("核定金额（元）", "money", 1.3),
    Column("核减金额（元）", "money", 1.3),
    Column("已支付（元）", "money", 1.3),
)
_LINE_COLUMNS: Final = (
    Column("序号", "number", 0.5),
    Column("活动日期", "day", 1.05),
    Column("活动点", width=1.8),
    Column("党支部", width=2.0),
    Column("点单", "number", 0.5),
    Column("签到", "number", 0.5),
    Column("用单", "number", 0.5),
    Column("确认", "number", 0.5),
    Column("申报（元）", "money", 0.95),
    Column("核定（元）", "money", 0.95),
    Column("核减（元）", "money", 0.95),
    Column("状态", width=1.1),
    Column("批次或原因", width=1.6),
)


def _sums(rows: Sequence[Row[Any]]) -> tuple[int, ...]:
    return (
        *(len(rows), _sum(rows, "headcount"), _sum(rows, "asked_fen"), _sum(rows, "approved_fen")),
        *(sum(_cut(row) or 0 for row in rows), _sum(rows, "paid_fen")),
    )


def _sum(rows: Sequence[Row[Any]], name: str) -> int:
    return sum(getattr(row, name) or 0 for row in rows)


def _cut(row: Row[Any]) -> int | None:
    return cut_fen(row.state, asked_fen=row.asked_fen, approved_fen=row.approved_fen)


def _budget_execution(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    fund = _fund(db, asked, actor=actor)
    year = asked.year or clock.today(at).year
    given = {"fund": fund.id, "year": year}
    kept = db.execute(_YEAR, given).one_or_none()
    granted, paid, owed = (
        (kept.appropriated_fen + kept.brought_fen, kept.paid_fen, kept.payable_fen) if kept else (0, 0, 0)
    )
    months: list[tuple[Any, ...]] = []
    left = 0
    moved = db.execute(_MOVED, given).all()
    for row in moved:
        left += row.available or 0
        months.append(
            (words.month(row.month), -(row.granted or 0), row.encumbered or 0, row.owed or 0, row.paid or 0, left)
        )
    places = db.execute(_BY_PLACE, given).all()
    grids = [
        Grid(
            "一、按月执行情况",
            (
                Column("月份", width=1.2),
                Column("拨款（元）", "money"),
                Column("预留净增（元）", "money"),
                Column("核定应付（元）", "money"),
                Column("支付（元）", "money"),
                Column("月末可用（元）", "money"),
            ),
            months,
            ("合计", *(sum(row[place] for row in months) for place in range(1, 5)), left),
        )
    ]
    for caption, heading, name_of in (
        ("二、按活动点", "活动点", lambda row: row.site),
        ("三、按镇（街道）", "镇（街道）", lambda row: row.town),
        ("四、按类别", "类别", lambda row: words.word(row.category, words.CATEGORIES)),
    ):
        grids.append(_places(caption, heading, places, name_of))
    return Document(
        title="专项经费预算执行情况表",
        subject=fund.name,
        period=f"{year}年度",
        counted_at=at,
        facts=[
            ("全年拨款" if not (kept and kept.brought_fen) else "全年拨款及上年结转", f"{yuan(granted)}元"),
            ("已预留", f"{yuan(kept.encumbered_fen if kept else 0)}元"),
            ("应付未付", f"{yuan(owed)}元"),
            ("已支付", f"{yuan(paid)}元"),
            ("可用余额", f"{yuan(kept.available_fen if kept else 0)}元"),
            *(
                (name, f"{yuan(getattr(kept, column))}元")
                for column, name in _BESIDES.items()
                if kept and getattr(kept, column)
            ),
            ("支付进度", f"{100 * paid / granted:.1f}%" if granted else DASH),
            ("拨款（大写）", in_words(granted)),
        ],
        grids=grids,
        signatures=SIGNATURES,
        notes=[
            "按会计账簿的分录汇总；拨款及收到的分担＝可用＋预留＋应付＋已付，另加表头所列的多付应收、分担、结转和交回。"
            "预留净增为点单预留减去释放及转应付；多付待收回的已从已支付中减去。"
        ],
    )


_BESIDES: Final = {
    "receivable_fen": "多付应收",
    "received_fen": "其他经费分担",
    "contributed_fen": "为其他经费分担",
    "carried_fen": "结转下年",
    "returned_fen": "交回财政",
}
"""What the head of the execution names when there is any, by the column of `fund_years`."""


def _places(caption: str, heading: str, rows: Sequence[Row[Any]], name_of: Callable[[Row[Any]], str]) -> Grid:
    sums: dict[str, list[int]] = {}
    for row in rows:
        of_place = sums.setdefault(name_of(row), [0, 0])
        of_place[0] += row.payable_fen
        of_place[1] += row.paid_fen
    cells: list[tuple[Any, ...]] = [(name, owed + paid, paid, owed) for name, (owed, paid) in sums.items()]
    return Grid(
        caption,
        (Column(heading, width=2.5), *(Column(f"{name}（元）", "money") for name in ("核定", "已支付", "应付未付"))),
        cells,
        ("合计", *(sum(row[place] for row in cells) for place in (1, 2, 3))),
    )


def _fund(db: Connection, asked: AskReport, *, actor: Actor) -> Row[Any]:
    fund = db.execute(_FUND, {"id": asked.fund_id}).one_or_none()
    if fund is None or not actor.may("read_fund", fund=fund.path):
        raise NotFound()
    actor.must("read_ledger", fund=fund.path)
    return fund


def _publicity_list(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    assert asked.batch_id is not None
    batch = batch_for(db, asked.batch_id, actor=actor)
    rows = db.execute(_PUBLISHED, {"batch": batch.id}).all()
    cells = [(number, *row) for number, row in enumerate(rows, 1)]
    total_fen = _sum(rows, "amount_fen")
    return Document(
        title="组织生活点补贴资金公示表",
        subject=db.execute(_BATCH_FUND, {"id": batch.id}).scalar_one(),
        period=words.month(batch.period),
        counted_at=at,
        facts=[
            ("批次", batch.number),
            ("状态", words.word(batch.state, words.BATCH_STATES)),
            ("公示金额", f"{yuan(total_fen)}元"),
            ("公示金额（大写）", in_words(total_fen)),
            (
                "公示时间",
                f"{_day(batch.published_at)}至{_day(batch.public_until)}"
                if batch.published_at
                else "____年__月__日至____年__月__日",
            ),
            ("受理部门、电话", "________________________"),
        ],
        grids=[
            Grid(
                "拟支付补贴",
                (
                    Column("序号", "number", 0.5),
                    Column("活动点", width=2.2),
                    Column("收款单位", width=2.8),
                    Column("场次", "number", 0.7),
                    Column("人次", "number", 0.7),
                    Column("补贴金额（元）", "money", 1.3),
                ),
                cells,
                (None, "合计", None, *(_sum(rows, name) for name in ("visits", "heads", "amount_fen"))),
            )
        ],
        signatures=("制表", "审核", "公示单位（盖章）"),
        notes=["公示期内如有异议，请以书面形式实名反映；对某一行的异议只暂停该行的支付。本表不含个人信息。"],
    )


# ---- sites and branches ------------------------------------------------------------------------------------------


def _site_statement(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    assert asked.site_id is not None
    account = site_account(db, asked=SiteAccountAsked(asked.site_id, asked.year, asked.fund_id), actor=actor, at=at)
    rows = [
        (
            *(number, one.visit_on, one.branch_name, one.headcount, one.asked_fen),
            one.cut_fen or None,
            _with(one.reason or "", words.cut_words(one.cuts)),
            one.approved_fen or None,
            one.paid_fen or None,
            words.word(one.state, words.CLAIM_STATES)
            + (f"，{_day(one.paid_at)}" if one.paid_at else "")
            + (f"，办理期限{_day(one.due_at - timedelta(seconds=1))}" if one.due_at else "")
            + (f"，{one.batch_number}" if one.batch_number else ""),
        )
        for number, one in enumerate(account.claims, 1)
    ]
    return Document(
        title="组织生活点补贴对账单",
        subject=account.site_name,
        period=f"{account.year}年度",
        counted_at=at,
        facts=[
            ("经费", _paying(account.funds, asked.fund_id)),
            ("申报", f"{yuan(account.asked_fen)}元"),
            ("核减", f"{yuan(account.cut_fen)}元"),
            ("核定", f"{yuan(account.approved_fen)}元"),
            ("已支付", f"{yuan(account.paid_fen)}元"),
            ("办理中", f"{yuan(account.waiting_fen)}元"),
            ("已支付（大写）", in_words(account.paid_fen)),
        ],
        grids=[
            Grid(
                "补单",
                (
                    Column("序号", "number", 0.5),
                    Column("活动日期", "day", 1.1),
                    Column("党支部", width=2.2),
                    Column("人次", "number", 0.6),
                    Column("申报（元）", "money", 1.0),
                    Column("核减（元）", "money", 0.9),
                    Column("限额与核减原因", width=1.8),
                    Column("核定（元）", "money", 1.0),
                    Column("已付（元）", "money", 1.0),
                    Column("状态、时间、批次", width=1.9),
                ),
                rows,
                (
                    *(None, "合计", None, sum(one.headcount for one in account.claims), account.asked_fen),
                    *(account.cut_fen, None, account.approved_fen, account.paid_fen, None),
                ),
            )
        ],
        signatures=("制表", "活动点负责人", "财务经办"),
        notes=[COUNTED],
    )


def _branch_costs(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    assert asked.branch_id is not None
    costs = branch_costs(db, asked=BranchCostsAsked(asked.branch_id, asked.year, asked.fund_id), actor=actor, at=at)
    visits = [
        (
            *(number, one.visit_on, one.site, one.programme, one.headcount),
            *(one.asked_fen, one.approved_fen, one.paid_fen),
            words.word(one.claim_state, words.CLAIM_STATES) or _why_not(one.explanation),
        )
        for number, one in enumerate(costs.visits, 1)
    ]
    months = [
        (
            *(words.month(one.month), one.visits, one.heads, f"{one.subsidised} / {one.subsidised_max}"),
            *(one.asked_fen, one.approved_fen, one.paid_fen),
        )
        for one in costs.months
    ]
    sums = (costs.asked_fen, costs.approved_fen, costs.paid_fen)
    heads = sum(one.headcount for one in costs.visits)
    money = tuple(Column(f"{name}（元）", "money", 1.1) for name in ("申报", "核定", "已支付"))
    return Document(
        title="党支部外出组织生活经费年度明细表",
        subject=costs.branch_name,
        period=f"{costs.year}年度",
        counted_at=at,
        facts=[
            ("经费", _paying(costs.funds, asked.fund_id)),
            ("活动", f"{len(visits)}场，{heads}人次"),
            ("核定补贴", f"{yuan(costs.approved_fen)}元"),
            ("已支付", f"{yuan(costs.paid_fen)}元"),
            ("核定补贴（大写）", in_words(costs.approved_fen)),
        ],
        grids=[
            Grid(
                "一、按月汇总",
                (
                    Column("月份", width=1.2),
                    Column("场次", "number", 0.7),
                    Column("人次", "number", 0.7),
                    Column("补贴次数（已用/额度）", width=1.3),
                    *money,
                ),
                months,
                ("合计", len(visits), heads, None, *sums),
            ),
            Grid(
                "二、逐次明细",
                (
                    Column("序号", "number", 0.5),
                    Column("活动日期", "day", 1.1),
                    Column("活动点", width=1.9),
                    Column("活动内容", width=1.6),
                    Column("人次", "number", 0.6),
                    *money,
                    Column("状态", width=1.6),
                ),
                visits,
                (None, "合计", None, None, heads, *sums, None),
            ),
        ],
        signatures=("制表", "支部书记"),
        notes=["补贴支付给活动点的管理组织，不向党支部或个人支付。", COUNTED],
    )


def _why_not(explanation: Sequence[dict[str, Any]]) -> str:
    return next((words.line_words(line)[1] for line in explanation if line["rule"] == "unsubsidised"), "不补贴")


# ---- one claim ---------------------------------------------------------------------------------------------------


def _claim_file(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    assert asked.claim_id is not None
    claim = claim_for(db, asked.claim_id, actor=actor)
    order = db.execute(_ORDER, {"id": claim.order_id}).one()
    confirmed = claim.headcount_confirmed
    facts = [
        ("补单号", str(claim.id)),
        ("活动点", claim.site_name),
        ("党支部", claim.branch_name),
        ("活动", f"{order.programme}，{said(order.starts_at)}"),
        ("状态", words.word(claim.state, words.CLAIM_STATES)),
        ("预留 / 申报", f"{yuan(claim.encumbered_fen)}元 / {yuan(claim.asked_fen)}元"),
        ("核定", f"{yuan(claim.approved_fen)}元" if claim.approved_fen else DASH),
        ("已支付", f"{yuan(claim.paid_fen)}元" if claim.paid_fen else DASH),
        ("核定金额（大写）", in_words(claim.approved_fen) if claim.approved_fen else DASH),
        (
            "人数",
            f"点单{claim.party_size}，签到{claim.checked_in}，用单{claim.headcount}，支部确认"
            f"{DASH if confirmed is None else confirmed}",
        ),
        ("保管期限", f"{RETENTION_YEARS}年，至{claim.year + RETENTION_YEARS}年12月31日"),
    ]
    if order.batch_number:
        facts.append(
            ("结算批次", f"{order.batch_number}（制单{order.prepared_by}，审批{order.batch_approved_by or DASH}）")
        )
    if order.payee:
        facts.append(("收款单位", f"{order.payee}，账号{order.account_masked}，银行流水{order.bank_reference or DASH}"))
    return Document(
        title="组织生活点补贴补单档案",
        subject=order.fund,
        period=f"{claim.visit_on:%Y年}{claim.visit_on.month}月{claim.visit_on.day}日",
        counted_at=at,
        facts=facts,
        grids=_papers(db, claim, order),
        signatures=("经办", "复核", "归档"),
        notes=[RETENTION],
    )


def _papers(db: Connection, claim: Row[Any], order: Row[Any]) -> list[Grid]:
    steps = (Column("时间", width=1.5), Column("事项", width=1.3), Column("经手人", width=1.2), Column("说明", width=3))
    lines = [(*words.line_words(line), line["amount_fen"] or None) for line in claim.explanation]
    due_fen = sum(line["amount_fen"] for line in claim.explanation)
    moves = [
        (said(one.at), words.word(one.move, words.ORDER_MOVES), words.mover(one.by_name), one.reason)
        for one in db.execute(_ORDER_HISTORY, {"id": order.id})
    ]
    history = [
        (
            *(said(one.at), words.word(one.move, words.MOVES), words.mover(one.by)),
            _with(words.word(one.code, words.CLAIM_REASONS), one.reason),
        )
        for one in history_of(claim)
    ]
    check_ins = [
        (
            said(one.happened_at),
            one._mapping["count"],
            one.by_name,
            words.word(one.state, _CHECK_IN_STATES),
            one.decision_reason,
        )
        for one in db.execute(_CHECK_INS, {"id": order.id})
    ]
    pictures = [
        (one.position, one.alt, said(one.at), one.by_name, one.sha256)
        for one in db.execute(_PICTURES, {"id": order.id})
    ]
    names = {order.site_code: claim.site_name}
    entries = [
        (
            one.sequence,
            said(one.at),
            words.word(one.reason, REASONS),
            f"{_account(one.debit, names)} → {_account(one.credit, names)}",
            one.amount_fen,
        )
        for one in db.execute(_ENTRIES, {"order": order.id, "claim": claim.id})
    ]
    return [
        Grid(
            "一、金额计算",
            (Column("依据", width=2), Column("说明", width=4), Column("金额（元）", "money", 1.1)),
            lines,
            ("合计", None, due_fen),
        ),
        Grid("二、点单与用单", steps, moves, nothing="没有记录。"),
        Grid(
            "三、签到",
            (
                Column("时间", width=1.5),
                Column("人数", "number", 0.6),
                Column("办理人", width=1.2),
                Column("结果", width=0.8),
                Column("裁定说明", width=2.5),
            ),
            check_ins,
            nothing="没有签到。",
        ),
        Grid(
            "四、活动照片",
            (
                Column("序号", "number", 0.5),
                Column("内容", width=2),
                Column("上传时间", width=1.5),
                Column("上传人", width=1),
                Column("文件校验值（SHA-256）", width=3),
            ),
            pictures,
            nothing="没有照片。",
        ),
        Grid("五、补单办理", steps, history, nothing="没有记录。"),
        Grid(
            "六、会计分录",
            (
                Column("序号", "number", 0.7),
                Column("时间", width=1.5),
                Column("事由", width=1.2),
                Column("借方 → 贷方", width=3),
                Column("金额（元）", "money", 1.1),
            ),
            entries,
            nothing="没有分录。",
        ),
    ]


# ---- statistics --------------------------------------------------------------------------------------------------


def _statistics(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    view = statistics(
        db,
        asked=StatisticsAsked(
            site_id=asked.site_id,
            town=asked.town,
            category=asked.category,
            kind=asked.site_kind,
            from_day=asked.from_day,
            to_day=asked.to_day,
            by=asked.by,
            fund_id=asked.fund_id,
            branch_id=asked.branch_id,
        ),
        actor=actor,
        at=at,
    )
    narrowed = [
        asked.town,
        words.word(asked.category, words.CATEGORIES),
        words.word(asked.site_kind, words.KINDS),
        next((site.name for site in view.sites if site.id == asked.site_id), None),
    ]
    compared = [
        (name, kind_of(view.total), kind_of(view.before), kind_of(view.year_before))
        for name, kind_of in _COMPARED.items()
    ]
    rows = [
        (words.named(row.key, asked.by) if row.name == row.key else row.name, *_row(row.figures)) for row in view.rows
    ]
    return Document(
        title="组织生活点使用情况统计表",
        subject="、".join(part for part in narrowed if part) or "全部活动点",
        period=f"{_day(view.from_day)}至{_day(view.to_day)}",
        counted_at=at,
        facts=[
            ("经费", _fund_name(db, asked.fund_id) if asked.fund_id else "不限经费（含未补贴的活动）"),
            (
                "接待党支部",
                f"{view.total.branches_inside + view.total.branches_outside:,}个"
                f"（区内{view.total.branches_inside:,}，区外{view.total.branches_outside:,}）",
            ),
            ("接待党员群众", f"{view.total.heads:,}人次"),
            ("活动", f"{view.total.visits:,}场，个人预约{view.total.bookings:,}次"),
            ("核定补贴", f"{yuan(view.total.approved_fen)}元"),
        ],
        grids=[
            Grid("一、总体情况及对比", _COMPARED_COLUMNS, compared),
            Grid(
                f"二、按{words.SPLITS[asked.by]}",
                (Column(words.SPLITS[asked.by], width=2.4), *_ROW_COLUMNS),
                rows,
                ("合计", *_row(view.total)),
            ),
        ],
        signatures=("制表", "审核"),
        notes=[
            "党支部按个数去重，同一党支部到访多个活动点在各行分别计一次，故各行之和可大于合计。",
            "未到场率＝未到场÷（已用单＋未到场＋取消），不含已免责的未到场；上座率＝人次÷已结束场次的座位数。",
            COUNTED,
        ],
    )


def _share(part: int, whole: int | None) -> str:
    return f"{100 * part / whole:.1f}%" if whole else DASH


def _fen(amount: int | None) -> str:
    return DASH if amount is None else yuan(amount)


_COMPARED: Final[dict[str, Callable[[FiguresView], Cell]]] = {
    "活动场次": lambda f: f"{f.visits:,}",
    "个人预约（已使用）": lambda f: f"{f.bookings:,}",
    "人次": lambda f: f"{f.heads:,}",
    "实名人数": lambda f: f"{f.persons:,}",
    "党支部（区内）": lambda f: f"{f.branches_inside:,}",
    "党支部（区外）": lambda f: f"{f.branches_outside:,}",
    "未到场率": lambda f: _share(f.no_shows, f.ended),
    "临期取消率": lambda f: _share(f.late_cancellations, f.ended),
    "评分": lambda f: DASH if f.rating is None else f"{f.rating:.2f}（{f.ratings}条）",
    "上座率": lambda f: _share(f.heads, f.seats),
    "申报金额（元）": lambda f: yuan(f.asked_fen),
    "核定金额（元）": lambda f: yuan(f.approved_fen),
    "已支付（元）": lambda f: yuan(f.paid_fen),
    "人均补贴（元）": lambda f: _fen(f.cost_per_head_fen),
}
_COMPARED_COLUMNS: Final = (
    Column("指标", width=1.6),
    Column("本期", "number", 1.2),
    Column("上一期", "number", 1.2),
    Column("去年同期", "number", 1.2),
)
_ROW_COLUMNS: Final = (
    Column("场次", "number", 0.8),
    Column("个人预约", "number", 0.8),
    Column("人次", "number", 0.9),
    Column("支部", "number", 0.7),
    Column("未到场率", "share", 0.9),
    Column("评分", width=0.7),
    Column("上座率", "share", 0.8),
    Column("申报（元）", "money", 1.2),
    Column("核定（元）", "money", 1.2),
    Column("已付（元）", "money", 1.2),
    Column("人均（元）", "money", 0.9),
)


def _row(of: FiguresView) -> tuple[Cell, ...]:
    return (
        *(of.visits, of.bookings, of.heads, of.branches_inside + of.branches_outside),
        of.no_shows / of.ended if of.ended else None,
        None if of.rating is None else f"{of.rating:.2f}",
        of.heads / of.seats if of.seats else None,
        *(of.asked_fen, of.approved_fen, of.paid_fen, of.cost_per_head_fen),
    )


# ------------------------------------------------------------------------------------------------------------------


def _day(day: date | datetime) -> str:
    found = clock.today(day) if isinstance(day, datetime) else day
    return f"{found.year}年{found.month}月{found.day}日"


def _account(code: str, names: Mapping[str, str]) -> str:
    kind, _, owner = code.partition(":")
    return ACCOUNT_NAMES.get(kind, kind) + (f"（{names.get(owner, owner)}）" if owner else "")


def _with(first: str, second: str | None) -> str:
    return f"{first}；{second}" if first and second else first or second or ""


_KINDS: Final[dict[str, Build]] = {
    "settlement_statement": _settlement_statement,
    "budget_execution": _budget_execution,
    "publicity_list": _publicity_list,
    "site_statement": _site_statement,
    "branch_costs": _branch_costs,
    "claim_file": _claim_file,
    "statistics": _statistics,
    "ledger_book": ledger_book,
    "vouchers": vouchers,
}
