"""A batch as its approver judges it (S12): by site against the period before, and what stands out, as questions.

amount_up       a site gets half as much again as for the period before, and 500 yuan more at least
site_new        a site that got nothing for the period before
site_gone       a site that got something for the period before gets nothing now
heads_far       a visit of more than twice the site's usual heads
many_a_day      a site with five visits or more on one day
disputed        the preparer decided about a headcount that the branch disputed
payee_changed   the account of a site changed in the last 60 days
kept_back       something is kept back for an overpayment
"""

from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from contracts.sites.batches import BatchReviewView, QuestionView, SiteShareView
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, text

from sites.queries.batches import batch_for

QUESTIONS_MAX: Final = 200

_HEADS: Final = "coalesce(c.headcount_confirmed, c.headcount)"
_LINES_NOW: Final = "l.batch_id = :batch AND (l.state <> 'freed' OR b.state = 'rejected')"

_SITES: Final = text(f"""
WITH now AS (
    SELECT c.site_id, count(*) AS count, sum({_HEADS})::bigint AS heads, sum(l.amount_fen)::bigint AS fen
      FROM batch_lines l JOIN batches b ON b.id = l.batch_id JOIN claims c ON c.id = l.claim_id
     WHERE {_LINES_NOW} GROUP BY c.site_id
), before AS (
    SELECT site_id, count(*) AS count, sum(approved_fen)::bigint AS fen
      FROM claims WHERE fund_id = :fund AND period = :last AND state IN ('batched', 'paid') GROUP BY site_id
)
SELECT s.id, s.name, coalesce(now.count, 0) AS visits, coalesce(now.heads, 0) AS heads, coalesce(now.fen, 0) AS fen,
       coalesce(before.count, 0) AS last_count, coalesce(before.fen, 0) AS last_fen
  FROM now FULL JOIN before USING (site_id) JOIN sites s ON s.id = site_id
 ORDER BY coalesce(now.fen, 0) DESC, s.name
""")  # noqa: S608 - constants of this module

_FAR: Final = text(f"""
WITH usual AS (
    SELECT c.site_id, avg(c.headcount) AS heads, count(*) AS count
      FROM claims c
     WHERE c.visit_on >= :since AND c.site_id IN (SELECT site_id FROM claims WHERE batch_id = :batch)
     GROUP BY c.site_id
)
SELECT l.claim_id, s.id AS site_id, s.name AS site_name, {_HEADS} AS heads, round(u.heads)::int AS usual
  FROM batch_lines l
  JOIN batches b ON b.id = l.batch_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN usual u ON u.site_id = c.site_id
 WHERE {_LINES_NOW} AND u.count >= 5 AND {_HEADS} > 2 * u.heads
 ORDER BY {_HEADS} DESC LIMIT 50
""")  # noqa: S608 - constants of this module

_CROWDED: Final = text(f"""
SELECT s.id AS site_id, s.name AS site_name, c.visit_on, count(*) AS count
  FROM batch_lines l
  JOIN batches b ON b.id = l.batch_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE {_LINES_NOW} GROUP BY s.id, c.visit_on HAVING count(*) >= 5
 ORDER BY count(*) DESC, c.visit_on LIMIT 50
""")  # noqa: S608 - constants of this module

_DISPUTED: Final = text(f"""
SELECT l.claim_id, s.id AS site_id, s.name AS site_name, c.headcount AS site_heads,
       c.headcount_disputed AS branch_heads, c.headcount_confirmed AS heads
  FROM batch_lines l
  JOIN batches b ON b.id = l.batch_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE {_LINES_NOW} AND c.headcount_disputed IS NOT NULL ORDER BY l.number LIMIT 50
""")  # noqa: S608 - constants of this module

_CHANGED: Final = text(f"""
SELECT DISTINCT s.id AS site_id, s.name AS site_name, p.active_from
  FROM batch_lines l
  JOIN batches b ON b.id = l.batch_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN payees p ON p.id = l.payee_id
 WHERE {_LINES_NOW} AND p.active_from > b.prepared_at - interval '60 days' AND p.held_until IS NOT NULL
 ORDER BY s.name LIMIT 50
""")  # noqa: S608 - constants of this module

_KEPT_BACK: Final = text(f"""
SELECT s.id AS site_id, s.name AS site_name, sum(l.offset_fen)::bigint AS amount_fen
  FROM batch_lines l
  JOIN batches b ON b.id = l.batch_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE {_LINES_NOW} AND l.offset_fen > 0 GROUP BY s.id ORDER BY s.name LIMIT 50
""")  # noqa: S608 - constants of this module

_OBJECTIONS: Final = text("SELECT count(*) FROM objections WHERE batch_id = :batch AND state = 'open'")


def review(db: Connection, batch_id: UUID, *, actor: Actor) -> BatchReviewView:
    """Return what an approver wants to know of the batch before deciding. Raises NotFound."""
    found = batch_for(db, batch_id, actor=actor)
    last = _month_before(found.period)
    given = {"batch": batch_id, "fund": found.fund_id, "last": last}
    sites = list(db.execute(_SITES, given))
    since = date(int(found.period[:4]) - 1, int(found.period[5:]), 1)
    questions = [
        *_about_sites(sites),
        *_about("heads_far", db.execute(_FAR, {**given, "since": since}).all(), "heads", "usual"),
        *_about("many_a_day", db.execute(_CROWDED, given).all(), "visit_on", "count"),
        *_about("disputed", db.execute(_DISPUTED, given).all(), "site_heads", "branch_heads", "heads"),
        *_about("payee_changed", db.execute(_CHANGED, given).all(), "active_from"),
        *_about("kept_back", db.execute(_KEPT_BACK, given).all(), "amount_fen"),
    ]
    return BatchReviewView(
        batch_id=batch_id,
        last_period=last,
        amount_fen=sum(site.fen for site in sites),
        last_amount_fen=sum(site.last_fen for site in sites),
        count=sum(site.visits for site in sites),
        last_count=sum(site.last_count for site in sites),
        sites=[
            SiteShareView(
                site=SiteRef(site.id, site.name),
                count=site.visits,
                heads=site.heads,
                amount_fen=site.fen,
                last_count=site.last_count,
                last_amount_fen=site.last_fen,
            )
            for site in sites
        ],
        questions=questions[:QUESTIONS_MAX],
        open_objections=db.execute(_OBJECTIONS, given).scalar_one(),
    )


def _about_sites(sites: Any) -> list[QuestionView]:
    has_before = any(site.last_fen for site in sites)
    found = []
    for site in sites:
        facts = {"amount_fen": site.fen, "last_amount_fen": site.last_fen}
        if not has_before:
            break
        if site.last_fen == 0:
            code = "site_new"
        elif site.fen == 0:
            code = "site_gone"
        elif site.fen * 2 >= site.last_fen * 3 and site.fen - site.last_fen >= 500_00:
            code = "amount_up"
        else:
            continue
        found.append(QuestionView(code, SiteRef(site.id, site.name), None, facts))
    return found


def _about(code: str, rows: Any, *facts: str) -> list[QuestionView]:
    return [
        QuestionView(
            code,
            SiteRef(row.site_id, row.site_name),
            getattr(row, "claim_id", None),
            {fact: _plain(getattr(row, fact)) for fact in facts},
        )
        for row in rows
    ]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) else value


def _month_before(period: str) -> str:
    year, month = int(period[:4]), int(period[5:])
    return f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
