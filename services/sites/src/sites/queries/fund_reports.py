"""Reports of a fund (S13): the month's settlement, the year's execution, what is made public of a batch."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor
from chassis.amounts import in_words, yuan
from contracts.sites.reports import AskReport
from sqlalchemy import Connection, Row, text

from sites.domain import report_words as words
from sites.domain.claims import cut_fen
from sites.domain.documents import DASH, Cell, Column, Document, Grid
from sites.queries.batches import batch_for
from sites.queries.report_parts import SIGNATURES, day_words, fund_of, sum_of

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


def settlement_statement(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return the claims of a fund and month, by site and one by one."""
    fund = fund_of(db, asked, actor=actor)
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
                    *(None, "合计", None, None, *(sum_of(rows, name) for name in _HEADS)),
                    *(sum_of(rows, "asked_fen"), approved_fen, sum(_cut(row) or 0 for row in rows), None, None),
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
        *(len(rows), sum_of(rows, "headcount"), sum_of(rows, "asked_fen"), sum_of(rows, "approved_fen")),
        *(sum(_cut(row) or 0 for row in rows), sum_of(rows, "paid_fen")),
    )


def _cut(row: Row[Any]) -> int | None:
    return cut_fen(row.state, asked_fen=row.asked_fen, approved_fen=row.approved_fen)


def budget_execution(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return what was granted, kept, owed and paid in a year, by month, site, town and category."""
    fund = fund_of(db, asked, actor=actor)
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


def publicity_list(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return what a batch will pay to whom, to be shown in public: no person is named."""
    assert asked.batch_id is not None
    batch = batch_for(db, asked.batch_id, actor=actor)
    rows = db.execute(_PUBLISHED, {"batch": batch.id}).all()
    cells = [(number, *row) for number, row in enumerate(rows, 1)]
    total_fen = sum_of(rows, "amount_fen")
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
                f"{day_words(batch.published_at)}至{day_words(batch.public_until)}"
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
                (None, "合计", None, *(sum_of(rows, name) for name in ("visits", "heads", "amount_fen"))),
            )
        ],
        signatures=("制表", "审核", "公示单位（盖章）"),
        notes=["公示期内如有异议，请以书面形式实名反映；对某一行的异议只暂停该行的支付。本表不含个人信息。"],
    )
