"""How a fund's year is executed and forecast, how it stands at its end, and its accounting vouchers (S10)."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.budgets import (
    ComparisonView,
    ExecutionAsked,
    ExecutionMonthView,
    ExecutionPlaceView,
    ExecutionView,
    ForecastView,
    VoucherColumn,
    VoucherLayoutView,
    YearEndAsked,
    YearEndDeedView,
    YearEndStandingView,
    YearEndView,
)
from sqlalchemy import Connection, Row, text

from sites.domain import accounting, budgets, claims
from sites.domain.days import month_after

READ_AT_ONCE: Final = 5000

_FUND: Final = text("SELECT id, code, name, path FROM funds WHERE id = :fund")
_YEAR: Final = text("SELECT * FROM fund_years WHERE fund_id = :fund AND year = :year")
_KEPT: Final = (
    *("appropriated_fen", "brought_fen", "received_fen", "available_fen", "encumbered_fen", "payable_fen"),
    *("paid_fen", "receivable_fen", "contributed_fen", "carried_fen", "returned_fen"),
)
# What is sealed is added up by day already; what waits for its seal is added to it.
_DAYS: Final = text("""
WITH moved AS (
    SELECT booked_on, split_part(account, ':', 1) AS kind, debits_fen, credits_fen
      FROM ledger_days WHERE fund_id = :fund AND year = :year
     UNION ALL
    SELECT e.booked_on, split_part(a.account, ':', 1), a.debit_fen, a.credit_fen
      FROM ledger_unsealed u
      JOIN ledger_entries e USING (sequence)
     CROSS JOIN LATERAL (VALUES (e.debit, e.amount_fen, 0), (e.credit, 0, e.amount_fen))
           AS a (account, debit_fen, credit_fen)
     WHERE e.fund_id = :fund AND e.year = :year
)
SELECT booked_on,
       coalesce(sum(debits_fen - credits_fen) FILTER (WHERE kind IN ('appropriations', 'brought')), 0)::bigint
           AS granted_fen,
       coalesce(sum(credits_fen - debits_fen) FILTER (
           WHERE kind IN ('encumbered', 'payable', 'paid', 'receivable', 'contributed', 'contributions')
       ), 0)::bigint AS committed_fen,
       coalesce(sum(credits_fen) FILTER (WHERE kind = 'payable'), 0)::bigint AS owed_fen,
       coalesce(sum(credits_fen - debits_fen) FILTER (WHERE kind = 'paid'), 0)::bigint AS paid_fen
  FROM moved GROUP BY booked_on ORDER BY booked_on
""")
_PLACES: Final = text("""
WITH parts AS (
    SELECT s.id AS site_id, e.amount_fen AS encumbered_fen, 0 AS payable_fen, 0 AS paid_fen, 0 AS contributed_fen
      FROM encumbrances e JOIN orders o ON o.id = e.order_id JOIN sites s ON s.id = o.site_id
     WHERE e.fund_id = :fund AND e.year = :year AND e.state = 'pending'
     UNION ALL
    SELECT s.id, CASE WHEN c.state = 'pending' THEN c.amount_fen ELSE 0 END, 0, 0, coalesce(c.posted_fen, 0)
      FROM contributions c JOIN orders o ON o.id = c.order_id JOIN sites s ON s.id = o.site_id
     WHERE c.fund_id = :fund AND c.year = :year AND c.state <> 'voided'
     UNION ALL
    SELECT s.id, 0, b.payable_fen, b.paid_fen, 0
      FROM site_balances b JOIN sites s ON s.code = b.site_code
     WHERE b.fund_id = :fund AND b.year = :year
), summed AS (
    SELECT site_id, sum(encumbered_fen)::bigint AS encumbered_fen, sum(payable_fen)::bigint AS payable_fen,
           sum(paid_fen)::bigint AS paid_fen, sum(contributed_fen)::bigint AS contributed_fen
      FROM parts GROUP BY site_id
)
SELECT s.id::text AS site, s.name, coalesce(s.town, s.district) AS town, s.category, p.*
  FROM summed p JOIN sites s ON s.id = p.site_id
 WHERE p.encumbered_fen + p.payable_fen + p.paid_fen + p.contributed_fen > 0
 ORDER BY p.encumbered_fen + p.payable_fen + p.paid_fen + p.contributed_fen DESC, s.name, s.id
""")
_GROWTH: Final = text("""
SELECT growth_bp, source, by_name, at FROM fiscal_growths
 WHERE fund_id = :fund AND year = :year ORDER BY id DESC LIMIT 1
""")
_POLICY: Final = text("""
SELECT last_spending_day, carries_over FROM policies
 WHERE active_from <= :on AND (active_until IS NULL OR active_until > :on)
""")
_CHECKLIST: Final = text("""
SELECT (SELECT count(DISTINCT date_trunc('month', e.booked_on::timestamp)) FROM ledger_entries e
         WHERE e.fund_id = :fund AND e.booked_on < :next
           AND e.booked_on >= coalesce((SELECT closed_until FROM ledger_closings WHERE fund_id = :fund), '-infinity'))
           AS open_months,
       (SELECT count(*) FROM encumbrances WHERE fund_id = :fund AND year = :year AND state = 'pending')
           AS pending_orders,
       (SELECT count(*) FROM claims WHERE fund_id = :fund AND year = :year AND state = ANY(:undecided))
           AS undecided_claims,
       (SELECT count(*) FROM claims WHERE fund_id = :fund AND year = :year AND state IN ('approved', 'batched'))
           AS unpaid_claims,
       (SELECT count(*) FROM claim_appeals a JOIN claims c ON c.id = a.claim_id
         WHERE c.fund_id = :fund AND c.year = :year AND a.state = 'filed') AS open_appeals
""")
_KEPT_FOR_APPEALS: Final = text("SELECT * FROM kept_for_appeals(:fund, :year, :at)")
_YEAR_ENDS: Final = text("SELECT * FROM year_ends WHERE fund_id = :fund AND year = :year ORDER BY proposed_at, id")
_CLOSED: Final = text("""
SELECT 'period_closed' AS deed, period AS subject, closed_by AS by, closed_at AS at, NULL::bigint AS amount_fen
  FROM ledger_periods WHERE fund_id = :fund AND period BETWEEN :first AND :last ORDER BY period
""")
_LAYOUT: Final = text("SELECT * FROM voucher_layouts WHERE fund_id = :fund")
_VOUCHERED: Final = text("""
SELECT e.*, s.name AS site_name
  FROM ledger_entries e
  LEFT JOIN sites s
         ON s.code = coalesce(nullif(split_part(e.credit, ':', 2), ''), nullif(split_part(e.debit, ':', 2), ''))
 WHERE e.fund_id = :fund AND e.booked_on >= :first AND e.booked_on < :next AND e.sequence > :after
 ORDER BY e.sequence LIMIT :limit
""")


def fund_row(db: Connection, fund_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the fund when the actor may see it and do the act on it. Raises NotFound, Forbidden."""
    row = db.execute(_FUND, {"fund": fund_id}).one_or_none()
    if row is None or not actor.may("read_fund", fund=row.path):
        raise NotFound()
    actor.must(action, fund=row.path)
    return row


def execution(db: Connection, asked: ExecutionAsked, *, actor: Actor, at: datetime) -> ExecutionView:
    """Return how a fund's year goes. Raises NotFound, Forbidden."""
    fund = fund_row(db, asked.fund_id, "read_fund", actor=actor)
    today = clock.today(at)
    year = asked.year or today.year
    given = {"fund": fund.id, "year": year}
    kept = _kept(db, fund.id, year)
    days = db.execute(_DAYS, given).all()
    places = db.execute(_PLACES, given).all()
    granted_fen = kept["appropriated_fen"] + kept["brought_fen"]
    ours = ("encumbered_fen", "payable_fen", "paid_fen", "receivable_fen", "contributed_fen")
    committed_fen = sum(kept[name] for name in ours) - kept["received_fen"]
    return ExecutionView(
        fund_id=fund.id,
        code=fund.code,
        name=fund.name,
        year=year,
        granted_fen=granted_fen,
        **kept,
        paid_bp=_share_bp(kept["paid_fen"], granted_fen),
        committed_bp=_share_bp(committed_fen, granted_fen),
        comparison=_comparison(db, fund.id, year, appropriated_fen=kept["appropriated_fen"]),
        forecast=_forecast(db, days, today=today, committed_fen=committed_fen, granted_fen=granted_fen)
        if year == today.year
        else None,
        months=[
            ExecutionMonthView(
                month=month,
                **{
                    name: sum(getattr(day, name) for day in of_month)
                    for name in ("granted_fen", "committed_fen", "owed_fen", "paid_fen")
                },
            )
            for month, of_month in (
                (month, list(rows)) for month, rows in itertools.groupby(days, key=lambda day: f"{day.booked_on:%Y-%m}")
            )
        ],
        sites=_places(places, key="site", name="name"),
        towns=_places(places, key="town", name="town"),
        categories=_places(places, key="category", name="category"),
        counted_at=at,
    )


def standing(db: Connection, asked: YearEndAsked, *, actor: Actor, at: datetime) -> YearEndStandingView:
    """Return how a year stands at its end; the year before this one when none is named. Raises NotFound, Forbidden."""
    fund = fund_row(db, asked.fund_id, "read_ledger", actor=actor)
    this = clock.today(at).year
    year = asked.year or this - 1
    kept = _kept(db, fund.id, year)
    ends = db.execute(_YEAR_ENDS, {"fund": fund.id, "year": year}).all()
    policy = db.execute(_POLICY, {"on": date(year, 12, 31)}).one_or_none()
    return YearEndStandingView(
        fund_id=fund.id,
        name=fund.name,
        year=year,
        is_over=year < this,
        available_fen=kept["available_fen"],
        encumbered_fen=kept["encumbered_fen"],
        payable_fen=kept["payable_fen"],
        carries_over=policy.carries_over if policy else None,
        kept_fen=kept_for_appeals(db, fund.id, year, at=at).kept_fen,
        checklist=checklist_of(db, fund.id, year),
        year_ends=[year_end_view(row) for row in ends],
        deeds=_deeds(db, fund.id, year, ends),
    )


def checklist_of(db: Connection, fund_id: UUID, year: int) -> dict[str, int]:
    """Return what to look at before a year ends, counted; only `open_months` hinders."""
    given = {"fund": fund_id, "year": year, "next": date(year + 1, 1, 1), "undecided": list(claims.UNDECIDED)}
    row = db.execute(_CHECKLIST, given).one()
    return dict(row._mapping)


def kept_for_appeals(db: Connection, fund_id: UUID, year: int, *, at: datetime) -> Row[Any]:
    """Return what the year keeps for appeals: (kept_fen, filed, until), `until` being the end of the last deadline."""
    return db.execute(_KEPT_FOR_APPEALS, {"fund": fund_id, "year": year, "at": at}).one()


def available_in(db: Connection, fund_id: UUID, year: int) -> int:
    """Return what the year has left."""
    return _kept(db, fund_id, year)["available_fen"]


def year_end_view(row: Row[Any]) -> YearEndView:
    """Return a proposal as it is told."""
    names = (
        *("id", "fund_id", "year", "use", "amount_fen", "document_number", "state"),
        *("proposed_by", "proposed_at", "decided_by", "decided_at"),
    )
    return YearEndView(**{name: getattr(row, name) for name in names})


def layout(db: Connection, fund_id: UUID, *, actor: Actor) -> VoucherLayoutView:
    """Return how the fund's vouchers look. Raises NotFound, Forbidden."""
    fund = fund_row(db, fund_id, "read_ledger", actor=actor)
    row = db.execute(_LAYOUT, {"fund": fund.id}).one_or_none()
    columns, codes = layout_of(db, fund.id)
    return VoucherLayoutView(
        fund_id=fund.id,
        columns=[VoucherColumn(heading=heading, field=field) for heading, field in columns],
        codes=codes,
        fields=list(accounting.FIELDS),
        set_by=row.by_name if row else None,
        set_at=row.at if row else None,
    )


def layout_of(db: Connection, fund_id: UUID) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return the columns (heading, field) and the codes of the fund's vouchers."""
    row = db.execute(_LAYOUT, {"fund": fund_id}).one_or_none()
    if row is None:
        return list(accounting.COLUMNS), dict(accounting.CODES)
    return [(each["heading"], each["field"]) for each in row.columns], dict(row.codes)


def vouchers_of(db: Connection, fund_id: UUID, month: date, codes: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the lines of a month's vouchers, numbered from 1 in the sequence in which their entries were written."""
    number, after = 0, 0
    given = {"fund": fund_id, "first": month, "next": month_after(month), "limit": READ_AT_ONCE}
    while rows := db.execute(_VOUCHERED, {**given, "after": after}).all():
        for row in rows:
            lines = accounting.voucher_lines(row._asdict(), number=f"记-{number + 1:04d}", codes=codes)
            number += bool(lines)
            yield from lines
        after = rows[-1].sequence


def _kept(db: Connection, fund_id: UUID, year: int) -> dict[str, int]:
    row = db.execute(_YEAR, {"fund": fund_id, "year": year}).one_or_none()
    return {name: getattr(row, name) if row else 0 for name in _KEPT}


def _share_bp(part_fen: int, whole_fen: int) -> int | None:
    return 10_000 * part_fen // whole_fen if whole_fen > 0 else None


def _comparison(db: Connection, fund_id: UUID, year: int, *, appropriated_fen: int) -> ComparisonView:
    last_fen = _kept(db, fund_id, year - 1)["appropriated_fen"]
    growth = db.execute(_GROWTH, {"fund": fund_id, "year": year}).one_or_none()
    return ComparisonView(
        last_year_fen=last_fen,
        change_bp=budgets.change_bp(appropriated_fen, last_fen),
        fiscal_growth_bp=growth.growth_bp if growth else None,
        source=growth.source if growth else None,
        entered_by=growth.by_name if growth else None,
        entered_at=growth.at if growth else None,
    )


def _forecast(
    db: Connection, days: Iterable[Row[Any]], *, today: date, committed_fen: int, granted_fen: int
) -> ForecastView:
    policy = db.execute(_POLICY, {"on": today}).one_or_none()
    last = budgets.last_day(today.year, policy.last_spending_day if policy else None)
    spent = [day for day in days if day.committed_fen and day.booked_on <= today]
    recent_fen = sum(day.committed_fen for day in spent if (today - day.booked_on).days < budgets.PACE_DAYS)
    found = budgets.forecast(
        today=today,
        year=today.year,
        first_day=spent[0].booked_on if spent else None,
        recent_fen=recent_fen,
        committed_fen=committed_fen,
        granted_fen=granted_fen,
        last=last,
    )
    return ForecastView(
        committed_fen=found.committed_fen,
        expected_fen=found.expected_fen,
        total_fen=found.total_fen,
        pace_days=found.pace_days,
        days_left=found.days_left,
        last_day=found.last_day,
        level=found.level,
    )


def _places(rows: Iterable[Row[Any]], *, key: str, name: str) -> list[ExecutionPlaceView]:
    """Add up the sites by what they have in common; the largest first."""
    sums: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for row in rows:
        of_place = sums.setdefault(getattr(row, key), [0, 0, 0, 0])
        names[getattr(row, key)] = getattr(row, name)
        for place, fen in enumerate((row.encumbered_fen, row.payable_fen, row.paid_fen, row.contributed_fen)):
            of_place[place] += fen
    return [
        ExecutionPlaceView(place, names[place], fens[0], fens[1], fens[2], fens[3], sum(fens))
        for place, fens in sorted(sums.items(), key=lambda each: (-sum(each[1]), names[each[0]]))
    ]


def _deeds(db: Connection, fund_id: UUID, year: int, ends: Iterable[Row[Any]]) -> list[YearEndDeedView]:
    closed = db.execute(_CLOSED, {"fund": fund_id, "first": f"{year}-01", "last": f"{year}-12"})
    deeds = [YearEndDeedView(**row._mapping) for row in closed]
    for end in ends:
        deeds.append(YearEndDeedView("proposed", end.use, end.proposed_by, end.proposed_at, end.amount_fen))
        if end.state != budgets.PROPOSED:
            deeds.append(YearEndDeedView(end.state, end.use, end.decided_by, end.decided_at, end.amount_fen))
    return sorted(deeds, key=lambda deed: deed.at)
