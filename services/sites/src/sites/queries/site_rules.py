"""The district's rules for sites in force on a day; a site's checks and evaluations; who has orders there (S14)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page
from contracts.sites.lifecycles import (
    AffectedOrdersAsked,
    Criterion,
    EvaluationsAsked,
    EvaluationView,
    GradeBand,
    SiteChecksAsked,
    SiteCheckView,
    SiteGround,
    SiteRulesView,
    StandingOrderView,
)
from sqlalchemy import Connection, Row, text

from sites.domain.days import midnight
from sites.queries.pictures import AS_JSON, view_of
from sites.queries.site_records import record_for

_RULES = text("""
SELECT
  (SELECT json_agg(g ORDER BY g.move, g.notice_days, g.ground) FROM (
      SELECT DISTINCT ON (move, ground) move, ground, name, name_en, notice_days, citation FROM site_grounds
       WHERE active_from <= :on ORDER BY move, ground, active_from DESC) g) AS grounds,
  (SELECT json_agg(json_build_object('kind', kind, 'code', code, 'name', name, 'name_en', name_en, 'weight', weight,
                                     'citation', citation) ORDER BY position)
     FROM site_criteria WHERE active_from <= :on AND (active_until IS NULL OR active_until > :on)) AS criteria,
  (SELECT json_agg(json_build_object('grade', grade, 'name', name, 'name_en', name_en, 'points_min', points_min,
                                     'star', star, 'citation', citation) ORDER BY points_min DESC)
     FROM site_grades WHERE active_from <= :on AND (active_until IS NULL OR active_until > :on)) AS grades,
  (SELECT months FROM site_check_terms WHERE active_from <= :on ORDER BY active_from DESC LIMIT 1) AS check_months
""")

_CHECKS = """
SELECT c.id, c.site_id, c.checked_on, c.sign, c.area, c.equipment, c.sign AND c.area AND c.equipment AS passed, c.note,
       c.due_on, c.by_name AS by, {pictures} AS pictures
  FROM site_checks c
 WHERE c.site_id = :site AND (CAST(:id AS uuid) IS NULL OR c.id = :id)
   AND (CAST(:before_day AS date) IS NULL
        OR (c.checked_on, c.id) < (CAST(:before_day AS date), CAST(:before_id AS uuid)))
 ORDER BY c.checked_on DESC, c.id DESC LIMIT :limit
"""

_EVALUATIONS = text("""
SELECT id, site_id, year, lines, total::float8 AS total, grade, star, active_from, note, by_name AS by, at
  FROM site_evaluations
 WHERE site_id = :site AND (CAST(:id AS uuid) IS NULL OR id = :id)
   AND (CAST(:before AS integer) IS NULL OR year < :before)
 ORDER BY year DESC LIMIT :limit
""")

_AFFECTED = text("""
SELECT o.id AS order_id, o.state, o.starts_at, p.name AS programme, o.party_size, b.name AS branch_name, o.contact_name,
       o.contact_phone_masked
  FROM orders o
  JOIN programmes p ON p.id = o.programme_id
  LEFT JOIN organisations b ON b.id = o.branch_id
 WHERE o.site_id = :site AND o.state IN ('placed', 'confirmed') AND o.starts_at > :after
   AND (CAST(:key_at AS timestamptz) IS NULL
        OR (o.starts_at, o.id) > (CAST(:key_at AS timestamptz), CAST(:key_id AS uuid)))
 ORDER BY o.starts_at, o.id LIMIT :limit
""")


def rules_on(db: Connection, day: date) -> SiteRulesView:
    """Return the rules in force on a day."""
    row = db.execute(_RULES, {"on": day}).one()
    by_kind: dict[str, list[Criterion]] = {"evaluation": [], "field_check": []}
    for criterion in row.criteria or []:
        by_kind[criterion.pop("kind")].append(Criterion(**criterion))
    return SiteRulesView(
        on=day,
        grounds=[SiteGround(**ground) for ground in row.grounds or []],
        criteria=by_kind["evaluation"],
        grades=[GradeBand(**grade) for grade in row.grades or []],
        checklist=by_kind["field_check"],
        check_months=row.check_months,
    )


def checks_page(db: Connection, asked: SiteChecksAsked, *, actor: Actor) -> Page:
    """Return a site's checks, newest first. Raises NotFound."""
    record_for(db, asked.site_id, actor=actor)
    day, before_id = key_in(asked.cursor, date.fromisoformat, UUID) if asked.cursor else (None, None)
    found = checks(db, asked.site_id, limit=asked.limit + 1, before=(day, before_id))
    return page_of(found, limit=asked.limit, view=lambda view: view, key=lambda view: (view.checked_on, view.id))


def checks(
    db: Connection,
    site_id: UUID,
    *,
    check_id: UUID | None = None,
    limit: int = 1,
    before: tuple[date | None, UUID | None] = (None, None),
) -> list[SiteCheckView]:
    """Return checks of a site, newest first."""
    given = {"site": site_id, "id": check_id, "limit": limit, "before_day": before[0], "before_id": before[1]}
    return [
        _check_view(row)
        for row in db.execute(text(_CHECKS.format(pictures=AS_JSON.format(purpose="check", subject="c.id"))), given)
    ]


def evaluations_page(db: Connection, asked: EvaluationsAsked, *, actor: Actor) -> Page:
    """Return a site's evaluations, newest first. Raises NotFound."""
    record_for(db, asked.site_id, actor=actor)
    (before,) = key_in(asked.cursor, int) if asked.cursor else (None,)
    found = evaluations(db, asked.site_id, limit=asked.limit + 1, before=before)
    return page_of(found, limit=asked.limit, view=lambda view: view, key=lambda view: (view.year,))


def evaluations(
    db: Connection, site_id: UUID, *, evaluation_id: UUID | None = None, limit: int = 1, before: int | None = None
) -> list[EvaluationView]:
    """Return evaluations of a site, newest first."""
    rows = db.execute(_EVALUATIONS, {"site": site_id, "id": evaluation_id, "limit": limit, "before": before})
    return [EvaluationView(**row._mapping) for row in rows]


def affected(db: Connection, asked: AffectedOrdersAsked, *, actor: Actor, at: datetime) -> Page:
    """Return the orders that stand at a site after now, from a day on, in the sequence of their visits.

    Raises NotFound, Forbidden.
    """
    record_for(db, asked.site_id, actor=actor, action="move_site")
    after = max(at, midnight(asked.from_day)) if asked.from_day else at
    key_at, key_id = key_in(asked.cursor, datetime.fromisoformat, UUID) if asked.cursor else (None, None)
    rows = db.execute(
        _AFFECTED,
        {"site": asked.site_id, "after": after, "key_at": key_at, "key_id": key_id, "limit": asked.limit + 1},
    ).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: StandingOrderView(**row._mapping),
        key=lambda row: (row.starts_at, row.order_id),
    )


def rules_in_force(db: Connection, on: date | None, *, at: datetime) -> SiteRulesView:
    """Return the rules in force on a day, today without one."""
    return rules_on(db, on or clock.today(at))


def _check_view(row: Row[Any]) -> SiteCheckView:
    return SiteCheckView(**{**row._mapping, "pictures": [view_of(picture) for picture in row.pictures]})
