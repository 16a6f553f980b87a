"""A site's menu (S4): as everybody reads it, and whole, with what is retired, as its keepers do."""

from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.programmes import (
    CaseRef,
    MenuAsked,
    ProgrammeDetailView,
    ProgrammeHistoryAsked,
    ProgrammeMoveView,
)
from sqlalchemy import Connection, Row, Select, func, select, tuple_

from sites.queries.sites import kept_site
from sites.tables.places import programmes, sites
from sites.tables.training import case_versions, programme_history

SHOWN: Final = ("open", "suspended")

_newest = case_versions.alias("newest")
_NEWEST: Final = (
    select(_newest.c.id)
    .where(_newest.c.case_id == case_versions.c.case_id, _newest.c.state == "published")
    .order_by(_newest.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_PROGRAMMES: Final[Select[Any]] = (
    select(
        *programmes.c,
        sites.c.name.label("site_name"),
        sites.c.state.label("site_state"),
        sites.c.managing_path,
        case_versions.c.case_id,
        case_versions.c.number.label("case_number"),
        case_versions.c.title.label("case_title"),
        case_versions.c.title_en.label("case_title_en"),
        func.nullif(_NEWEST, case_versions.c.id).label("newer_case_version_id"),
    )
    .join(sites, sites.c.id == programmes.c.site_id)
    .outerjoin(case_versions, case_versions.c.id == programmes.c.case_version_id)
)


def offered(db: Connection, site_id: UUID) -> Page:
    """Return what an open site offers now. Raises NotFound."""
    shown = select(sites.c.id).where(sites.c.id == site_id, sites.c.state.in_(SHOWN))
    if db.execute(shown).first() is None:
        raise NotFound()
    wanted = _PROGRAMMES.where(programmes.c.site_id == site_id, programmes.c.is_offered)
    return Page(items=[_view(row) for row in db.execute(wanted.order_by(programmes.c.name, programmes.c.id))])


def programme(db: Connection, programme_id: UUID) -> ProgrammeDetailView:
    """Return one programme; a retired one says so. Raises NotFound."""
    row = db.execute(_PROGRAMMES.where(programmes.c.id == programme_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def programme_shown(db: Connection, programme_id: UUID) -> ProgrammeDetailView:
    """Return one programme of a site that is shown to everybody. Raises NotFound."""
    row = db.execute(_PROGRAMMES.where(programmes.c.id == programme_id, sites.c.state.in_(SHOWN))).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def programme_for(db: Connection, programme_id: UUID, *, actor: Actor, action: str) -> Row[Any]:
    """Return the programme's row when the actor may do `action` at its site. Raises NotFound, Forbidden."""
    row = db.execute(_PROGRAMMES.where(programmes.c.id == programme_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, site=row.managing_path)
    return row


def menu(db: Connection, asked: MenuAsked, *, actor: Actor) -> Page:
    """Return the site's whole menu, offered programmes first, to its keepers. Raises NotFound, Forbidden."""
    kept_site(db, asked.site_id, actor=actor, action="edit_programmes")
    wanted = _PROGRAMMES.where(programmes.c.site_id == asked.site_id)
    retired = func.not_(programmes.c.is_offered)
    if asked.cursor:
        after = key_in(asked.cursor, _truth, str, UUID)
        wanted = wanted.where(tuple_(retired, programmes.c.name, programmes.c.id) > after)
    rows = db.execute(wanted.order_by(retired, programmes.c.name, programmes.c.id).limit(asked.limit + 1)).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (not row.is_offered, row.name, row.id))


def history(db: Connection, asked: ProgrammeHistoryAsked, *, actor: Actor) -> Page:
    """Return what was done with a programme, newest first, to its site's keepers. Raises NotFound, Forbidden."""
    programme_for(db, asked.programme_id, actor=actor, action="edit_programmes")
    moves = programme_history.c
    wanted = select(programme_history).where(moves.programme_id == asked.programme_id)
    if asked.cursor:
        wanted = wanted.where(moves.id < key_in(asked.cursor, int)[0])
    rows = db.execute(wanted.order_by(moves.id.desc()).limit(asked.limit + 1)).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: ProgrammeMoveView(move=row.move, at=row.at, by=row.by_name, reason=row.reason),
        key=lambda row: (row.id,),
    )


def _truth(text: str) -> bool:
    return {"True": True, "False": False}[text] if text in ("True", "False") else bool(int(text))


def _view(row: Row[Any]) -> ProgrammeDetailView:
    plain = (
        *("id", "site_id", "site_name", "name", "theme", "minutes", "seats", "kind", "description", "bring"),
        *("audience", "party_min", "party_max", "needs_guide", "every_minutes", "notice_minutes", "confirmation"),
        *("is_offered", "newer_case_version_id", "version"),
    )
    case = None
    if row.case_version_id is not None:
        case = CaseRef(row.case_id, row.case_version_id, row.case_number, row.case_title, row.case_title_en)
    return ProgrammeDetailView(**{name: getattr(row, name) for name in plain}, languages=list(row.languages), case=case)
