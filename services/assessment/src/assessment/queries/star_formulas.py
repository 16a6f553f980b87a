"""The versions of the formula, and which one holds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.star_formulas import StarFormula, StarFormulaAsked, StarFormulasAsked, StarFormulaView
from contracts.envelope import Page, load
from sqlalchemy import Connection, Row, func, select, tuple_

from assessment.tables.organisations import organisations
from assessment.tables.stars import star_formulas


def star_formulas_asked(db: Connection, *, asked: StarFormulasAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the versions, the newest first. Raises Forbidden."""
    if not actor.paths_for("read_star_formulas"):
        raise Forbidden()
    key = (star_formulas.c.from_day, star_formulas.c.drafted_at, star_formulas.c.id)
    rows = _FORMULAS.order_by(*(column.desc() for column in key)).limit(asked.limit + 1)
    if asked.cursor:
        rows = rows.where(
            tuple_(*key) < key_in(asked.cursor, date.fromisoformat, datetime.fromisoformat, UUID),
        )
    return page_of(
        db.execute(rows).all(), limit=asked.limit, view=view_of, key=lambda row: (row.from_day, row.drafted_at, row.id)
    )


def star_formula(db: Connection, *, asked: StarFormulaAsked, actor: Actor, at: datetime) -> StarFormulaView:
    """Return one version. Raises NotFound, Forbidden."""
    if not actor.paths_for("read_star_formulas"):
        raise Forbidden()
    return formula_with(db, asked.formula_id)


def formula_with(db: Connection, formula_id: UUID) -> StarFormulaView:
    """Return the version with this id. Raises NotFound."""
    row = db.execute(_FORMULAS.where(star_formulas.c.id == formula_id)).one_or_none()
    if row is None:
        raise NotFound()
    return view_of(row)


def in_force_for(db: Connection, path: str, day: date) -> UUID | None:
    """Return the id of the version that holds at a node of the tree on a day: of the nearest node that has one."""
    node = organisations.c.path
    of_node = (
        select(star_formulas.c.id)
        .outerjoin(organisations, organisations.c.id == star_formulas.c.organisation_id)
        .where(
            star_formulas.c.state == "adopted",
            star_formulas.c.from_day <= day,
            (star_formulas.c.organisation_id.is_(None)) | func.starts_with(path + ".", node + "."),
        )
        .order_by(func.coalesce(func.length(node), 0).desc(), star_formulas.c.from_day.desc())
        .limit(1)
    )
    return db.execute(of_node).scalar_one_or_none()


_FORMULAS = select(star_formulas, organisations.c.name.label("organisation_name")).outerjoin(
    organisations, organisations.c.id == star_formulas.c.organisation_id
)


def view_of(row: Row[Any]) -> StarFormulaView:
    """Return a version as people see it."""
    names = [name for name in StarFormulaView.__dataclass_fields__ if name != "formula"]
    return StarFormulaView(**{name: row._mapping[name] for name in names}, formula=load(StarFormula, row.formula))
