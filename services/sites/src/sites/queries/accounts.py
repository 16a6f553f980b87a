"""What a branch's visits of a year cost the fund, and what a site earned with its own (S13)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.statistics import (
    BranchCostsAsked,
    BranchCostsView,
    EarnedView,
    MonthCostsView,
    PayingFundView,
    SiteAccountAsked,
    SiteAccountView,
    VisitCostView,
)
from sqlalchemy import Connection, Row, text

from sites.domain.claims import DRAFTED, LAPSED, PAID, REJECTED, RETURNED, SUBMITTED, cut_fen

_BRANCH: Final = text("SELECT name, path FROM organisations WHERE id = :id")
_VISITS: Final = text("""
SELECT o.id AS order_id, o.visit_on, o.headcount, s.name AS site, p.name AS programme,
       c.id AS claim_id, c.state AS claim_state, coalesce(c.encumbered_fen, 0) AS set_aside_fen,
       coalesce(c.asked_fen, 0) AS asked_fen, coalesce(c.approved_fen, 0) AS approved_fen,
       coalesce(c.paid_fen, 0) AS paid_fen, coalesce(c.explanation, o.subsidy_explanation) AS explanation, c.reason,
       f.id AS fund_id, f.name AS fund
  FROM orders o
  JOIN sites s ON s.id = o.site_id
  JOIN programmes p ON p.id = o.programme_id
  LEFT JOIN claims c ON c.order_id = o.id
  LEFT JOIN funds f ON f.id = coalesce(c.fund_id, CASE WHEN o.is_subsidised THEN o.fund_id END)
 WHERE o.branch_id = :branch AND o.visit_on BETWEEN :first AND :last AND o.state = 'used'
 ORDER BY o.starts_at, o.id
""")
# The quota counts what is ordered and not only what took place, as the rule at placing does.
_MONTHS: Final = text("""
SELECT to_char(month, 'YYYY-MM') AS month, coalesce(subsidised, 0) AS subsidised, rules.subsidised_a_month_max
  FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 month') AS month
  LEFT JOIN (
       SELECT date_trunc('month', visit_on) AS month, count(*) AS subsidised
         FROM orders
        WHERE branch_id = :branch AND visit_on BETWEEN :first AND :last
          AND is_subsidised AND state IN ('placed', 'confirmed', 'used')
        GROUP BY 1) AS used USING (month)
 CROSS JOIN LATERAL (
       SELECT subsidised_a_month_max FROM quota_rules WHERE effective_from <= month + interval '1 month - 1 day'
        ORDER BY effective_from DESC LIMIT 1) AS rules
 ORDER BY month
""")
_SITE: Final = text("SELECT name, managing_path FROM sites WHERE id = :id")
_CLAIMS: Final = text("""
SELECT c.id AS claim_id, c.visit_on, b.name AS branch_name, c.headcount, c.headcount_confirmed, c.state, c.asked_fen,
       coalesce(c.approved_fen, 0) AS approved_fen, coalesce(c.paid_fen, 0) AS paid_fen, c.reason, c.explanation,
       t.number AS batch_number, h.at AS paid_at, c.submit_by, c.confirm_by, f.id AS fund_id, f.name AS fund
  FROM claims c
  JOIN funds f ON f.id = c.fund_id
  JOIN organisations b ON b.id = c.branch_id
  LEFT JOIN batches t ON t.id = c.batch_id
  LEFT JOIN LATERAL (
       SELECT max(at) AS at FROM claim_history WHERE claim_id = c.id AND state = 'paid') AS h ON c.state = 'paid'
 WHERE c.site_id = :site AND c.visit_on BETWEEN :first AND :last
 ORDER BY c.visit_on, c.id
""")


def branch_costs(db: Connection, *, asked: BranchCostsAsked, actor: Actor, at: datetime) -> BranchCostsView:
    """Return a branch's year, visit by visit; of one fund, when one is asked for. Raises NotFound, Forbidden."""
    branch = db.execute(_BRANCH, {"id": asked.branch_id}).one_or_none()
    if branch is None:
        raise NotFound()
    actor.must("read_branch_costs", branch=branch.path)
    year, days = _year(asked.year, at=at)
    given = {"branch": asked.branch_id, **days}
    rows = db.execute(_VISITS, given).all()
    visits = [VisitCostView(**_without_fund_id(row)) for row in rows if asked.fund_id in (None, row.fund_id)]
    months = []
    for row in db.execute(_MONTHS, given):
        of_month = [visit for visit in visits if visit.visit_on.isoformat().startswith(row.month)]
        months.append(
            MonthCostsView(
                month=row.month,
                visits=len(of_month),
                heads=sum(visit.headcount for visit in of_month),
                **_sums(of_month, "asked_fen", "approved_fen", "paid_fen"),
                subsidised=row.subsidised,
                subsidised_max=row.subsidised_a_month_max,
            )
        )
    return BranchCostsView(
        branch_id=asked.branch_id,
        branch_name=branch.name,
        year=year,
        counted_at=at,
        **_sums(visits, "asked_fen", "approved_fen", "paid_fen"),
        months=months,
        visits=visits,
        fund_id=asked.fund_id,
        funds=_funds(rows),
    )


def site_account(db: Connection, *, asked: SiteAccountAsked, actor: Actor, at: datetime) -> SiteAccountView:
    """Return a site's year, claim by claim; of one fund, when one is asked for. Raises NotFound, Forbidden."""
    site = db.execute(_SITE, {"id": asked.site_id}).one_or_none()
    if site is None:
        raise NotFound()
    actor.must("read_site_account", site=site.managing_path)
    year, days = _year(asked.year, at=at)
    earned = []
    rows = db.execute(_CLAIMS, {"site": asked.site_id, **days}).all()
    for row in rows:
        if asked.fund_id not in (None, row.fund_id):
            continue
        fields = _without_fund_id(row)
        explanation, submit_by, confirm_by = (fields.pop(name) for name in ("explanation", "submit_by", "confirm_by"))
        cut = cut_fen(row.state, asked_fen=row.asked_fen, approved_fen=row.approved_fen) or 0
        due = {DRAFTED: submit_by, RETURNED: submit_by, SUBMITTED: confirm_by}
        cuts = [line for line in explanation if line["amount_fen"] < 0]
        earned.append(EarnedView(**fields, cut_fen=cut, cuts=cuts, due_at=due.get(row.state)))
    waiting = [one for one in earned if one.state not in (PAID, REJECTED, LAPSED)]
    return SiteAccountView(
        site_id=asked.site_id,
        site_name=site.name,
        year=year,
        counted_at=at,
        **_sums(earned, "asked_fen", "approved_fen", "cut_fen", "paid_fen"),
        waiting_fen=sum(one.approved_fen or one.asked_fen for one in waiting),
        claims=earned,
        fund_id=asked.fund_id,
        funds=_funds(rows),
    )


def _without_fund_id(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "fund_id"}


def _funds(rows: Sequence[Row[Any]]) -> list[PayingFundView]:
    """Return the funds that pay, by name, with what each approved."""
    approved: dict[tuple[str, UUID], int] = {}
    for row in rows:
        if row.fund_id is not None:
            key = (row.fund, row.fund_id)
            approved[key] = approved.get(key, 0) + row.approved_fen
    return [PayingFundView(fund_id, name, approved[name, fund_id]) for name, fund_id in sorted(approved)]


def _year(year: int | None, *, at: datetime) -> tuple[int, dict[str, date]]:
    year = clock.today(at).year if year is None else year
    return year, {"first": date(year, 1, 1), "last": date(year, 12, 31)}


def _sums(rows: list[Any], *names: str) -> dict[str, int]:
    return {name: sum(getattr(row, name) for row in rows) for name in names}
