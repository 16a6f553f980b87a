"""Training cases (S4): the library as everybody reads it, one version with roles and steps, history for its editors."""

from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.training import (
    CaseEditorView,
    CaseHistoryView,
    CaseRole,
    CasesAsked,
    CaseStep,
    CaseSummaryView,
    CaseVersionAsked,
    CaseVersionRef,
    CaseVersionView,
)
from sqlalchemy import Connection, Row, func, select, tuple_

from sites.domain.training import NoDraft
from sites.queries.scopes import oversees_all
from sites.tables.training import case_editors, case_roles, case_steps, case_versions, training_cases

PUBLISHED: Final = "published"

_newest = case_versions.alias("newest")
_IS_NEWEST: Final = (
    case_versions.c.number
    == select(func.max(_newest.c.number))
    .where(_newest.c.case_id == case_versions.c.case_id, _newest.c.state == PUBLISHED)
    .scalar_subquery()
)


def cases(db: Connection, asked: CasesAsked) -> Page:
    """Return the newest published version of each case, by code."""
    steps = case_steps.c
    counted = (
        select(
            steps.version_id,
            func.count().label("steps"),
            func.count().filter(steps.key).label("key_steps"),
            func.count(steps.role.distinct()).label("roles"),
        )
        .group_by(steps.version_id)
        .subquery()
    )
    wanted = (
        select(case_versions, training_cases.c.code, counted.c.steps, counted.c.key_steps, counted.c.roles)
        .join(training_cases, training_cases.c.id == case_versions.c.case_id)
        .join(counted, counted.c.version_id == case_versions.c.id)
        .where(case_versions.c.state == PUBLISHED, _IS_NEWEST)
    )
    if asked.kind:
        wanted = wanted.where(case_versions.c.kind == asked.kind)
    if asked.cursor:
        after = key_in(asked.cursor, str, UUID)
        wanted = wanted.where(tuple_(training_cases.c.code, case_versions.c.case_id) > after)
    rows = db.execute(wanted.order_by(training_cases.c.code, case_versions.c.case_id).limit(asked.limit + 1)).all()
    return page_of(rows, limit=asked.limit, view=_summary, key=lambda row: (row.code, row.case_id))


def newest(db: Connection, case_id: UUID) -> CaseVersionView:
    """Return a case's newest published version. Raises NotFound."""
    found = published(db, case_id)
    if found is None:
        raise NotFound()
    return version_view(db, found.id)


def version(db: Connection, asked: CaseVersionAsked) -> CaseVersionView:
    """Return one published version of a case. Raises NotFound."""
    these = (case_versions.c.case_id == asked.case_id) & (case_versions.c.number == asked.number)
    found = db.execute(select(case_versions.c.id).where(these, case_versions.c.state == PUBLISHED)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return version_view(db, found)


def draft(db: Connection, case_id: UUID, *, actor: Actor) -> CaseVersionView:
    """Return a case's draft to those who may edit it. Raises NotFound, Forbidden, NoDraft."""
    must_edit(db, case_id, actor=actor)
    found = draft_of(db, case_id)
    if found is None:
        raise NoDraft()
    return version_view(db, found.id)


def version_view(db: Connection, version_id: UUID) -> CaseVersionView:
    """Return a version with its roles and steps in order."""
    row = db.execute(
        select(case_versions, training_cases.c.code)
        .join(training_cases, training_cases.c.id == case_versions.c.case_id)
        .where(case_versions.c.id == version_id)
    ).one()
    told = (
        *("id", "case_id", "code", "number", "state", "kind", "title", "title_en", "summary", "summary_en"),
        *("citation", "minutes", "published_at", "published_by", "reason", "version"),
    )
    return CaseVersionView(
        **{name: getattr(row, name) for name in told},
        roles=roles_of(db, version_id),
        steps=steps_of(db, version_id),
    )


def roles_of(db: Connection, version_id: UUID) -> list[CaseRole]:
    """Return a version's roles in order."""
    roles = case_roles.c
    rows = db.execute(select(case_roles).where(roles.version_id == version_id).order_by(roles.number))
    return [
        CaseRole(code=row.code, name=row.name, name_en=row.name_en, colour=row.colour, duty=row.duty) for row in rows
    ]


def steps_of(db: Connection, version_id: UUID) -> list[CaseStep]:
    """Return a version's steps in order."""
    steps = case_steps.c
    rows = db.execute(select(case_steps).where(steps.version_id == version_id).order_by(steps.number))
    told = ("title", "title_en", "role", "minutes", "key", "does", "says", "rule")
    return [CaseStep(**{name: getattr(row, name) for name in told}, materials=list(row.materials)) for row in rows]


def case_history(db: Connection, case_id: UUID, *, actor: Actor) -> CaseHistoryView:
    """Return a case's versions, newest first, and editors, to those who may edit it. Raises NotFound, Forbidden."""
    must_edit(db, case_id, actor=actor)
    code = db.execute(select(training_cases.c.code).where(training_cases.c.id == case_id)).scalar_one()
    versions = select(case_versions).where(case_versions.c.case_id == case_id).order_by(case_versions.c.number.desc())
    editors = select(case_editors).where(case_editors.c.case_id == case_id)
    return CaseHistoryView(
        id=case_id,
        code=code,
        versions=[
            CaseVersionRef(
                id=row.id,
                number=row.number,
                state=row.state,
                published_at=row.published_at,
                published_by=row.published_by,
                reason=row.reason,
            )
            for row in db.execute(versions)
        ],
        editors=[
            CaseEditorView(person_id=row.person_id, name=row.name, named_at=row.named_at, named_by=row.named_by)
            for row in db.execute(editors.order_by(case_editors.c.named_at, case_editors.c.person_id))
        ],
    )


def published(db: Connection, case_id: UUID) -> Row[Any] | None:
    """Return the case's newest published version, or None."""
    these = (case_versions.c.case_id == case_id) & (case_versions.c.state == PUBLISHED)
    return db.execute(select(case_versions).where(these).order_by(case_versions.c.number.desc()).limit(1)).one_or_none()


def draft_of(db: Connection, case_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    """Return the case's draft, or None; locked against other writers when it is to be published."""
    wanted = select(case_versions).where(case_versions.c.case_id == case_id, case_versions.c.state == "draft")
    return db.execute(wanted.with_for_update() if lock else wanted).one_or_none()


def may_edit(db: Connection, case_id: UUID, *, actor: Actor) -> bool:
    """Say whether the actor may edit the case: an officer over all branches, or one of its named editors."""
    these = (case_editors.c.case_id == case_id) & (case_editors.c.person_id == actor.person_id)
    named = db.execute(select(case_editors.c.person_id).where(these)).scalar_one_or_none()
    if named is not None:
        return actor.may("edit_case", person=named)
    return oversees_all(db, "edit_case", actor=actor)


def must_edit(db: Connection, case_id: UUID, *, actor: Actor) -> None:
    """Raise NotFound for a case that is not there, Forbidden unless the actor may edit it."""
    if db.execute(select(training_cases.c.id).where(training_cases.c.id == case_id)).first() is None:
        raise NotFound()
    if not may_edit(db, case_id, actor=actor):
        raise Forbidden()


def _summary(row: Row[Any]) -> CaseSummaryView:
    told = (
        *("code", "kind", "number", "title", "title_en", "summary", "summary_en", "minutes", "roles", "steps"),
        *("key_steps", "published_at"),
    )
    return CaseSummaryView(id=row.case_id, version_id=row.id, **{name: getattr(row, name) for name in told})
