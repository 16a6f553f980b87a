"""Training cases are written and published (S4): the bundled nine, drafts, new versions, editors.

    draft ──publish──▶ published

A published version is frozen (triggers of the database say so too); editing begins a draft from the newest one.
"""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.envelope import NAMESPACE_ZHENDI
from contracts.sites.training import (
    CaseHistoryView,
    CaseRole,
    CaseStep,
    CaseVersionView,
    CreateCase,
    NameCaseEditor,
    PublishCase,
    RemoveCaseEditor,
    SaveDraft,
)
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.training import CaseIncomplete, NoDraft, what_lacks
from sites.queries.scopes import must_oversee_all
from sites.queries.training_cases import case_history, draft_of, must_edit, published, version_view
from sites.tables.training import case_editors, case_roles, case_steps, case_versions, training_cases

BUNDLED_BY: Final = "Zhendi"
BUNDLED_WHY: Final = "随软件提供的第一版"


def bundled() -> Iterator[dict[str, Any]]:
    """Yield the nine cases as their files write them, in the files' order."""
    files = resources.files("sites").joinpath("cases").iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield tomllib.loads(file.read_text(encoding="utf-8"))


def bundled_version_id(code: str) -> UUID:
    """Return the id that version 1 of a bundled case has everywhere."""
    return uuid5(NAMESPACE_ZHENDI, f"case-version:{code}:1")


def register_bundled(db: Connection, *, at: datetime) -> int:
    """Register the bundled cases that are not known yet, published as version 1; returns how many were new."""
    new = 0
    for case in bundled():
        case_id = uuid5(NAMESPACE_ZHENDI, f"case:{case['code']}")
        written = insert_new(training_cases).values(id=case_id, code=case["code"], created_at=at)
        if db.execute(written.on_conflict_do_nothing(index_elements=["code"])).rowcount != 1:
            continue
        version_id = bundled_version_id(case["code"])
        told = ("kind", "title", "title_en", "summary", "summary_en", "citation", "minutes")
        db.execute(
            insert(case_versions).values(
                id=version_id, case_id=case_id, number=1, state="draft", **{name: case[name] for name in told}
            )
        )
        _write_script(
            db,
            version_id,
            roles=[CaseRole(**role) for role in case["roles"]],
            steps=[CaseStep(**step) for step in case["steps"]],
        )
        _publish(db, version_id, at=at, by_id=None, by=BUNDLED_BY, reason=BUNDLED_WHY)
        new += 1
    return new


def create(db: Connection, *, asked: CreateCase, actor: Actor, at: datetime) -> CaseVersionView:
    """Begin a case of one's own with an empty draft; the actor is its first editor. Raises Forbidden."""
    must_oversee_all(db, "create_case", actor=actor)
    case_id, version_id = uuid4(), uuid4()
    db.execute(insert(training_cases).values(id=case_id, code=f"case-{case_id.hex[:10]}", created_at=at))
    db.execute(
        insert(case_editors).values(
            case_id=case_id, person_id=actor.person_id, name=actor.name, named_at=at, named_by=actor.name
        )
    )
    db.execute(
        insert(case_versions).values(
            id=version_id, case_id=case_id, number=1, state="draft", kind=asked.kind, title=asked.title.strip()
        )
    )
    return version_view(db, version_id)


def begin_draft(db: Connection, *, case_id: UUID, actor: Actor) -> CaseVersionView:
    """Begin a draft from the newest published version; one that is begun already is returned. Raises NotFound."""
    must_edit(db, case_id, actor=actor)
    newest = published(db, case_id)
    if newest is None:
        return version_view(db, _draft(db, case_id).id)
    version_id = uuid4()
    told = ("kind", "title", "title_en", "summary", "summary_en", "citation", "minutes")
    written = insert_new(case_versions).values(
        id=version_id,
        case_id=case_id,
        # Published numbers only grow, and a case has one draft: two who begin at once meet at the index.
        number=select(func.max(case_versions.c.number) + 1).where(case_versions.c.case_id == case_id).scalar_subquery(),
        state="draft",
        **{name: getattr(newest, name) for name in told},
    )
    if db.execute(written.on_conflict_do_nothing()).rowcount != 1:
        return version_view(db, _draft(db, case_id).id)
    source = version_view(db, newest.id)
    _write_script(db, version_id, roles=source.roles, steps=source.steps)
    return version_view(db, version_id)


def save_draft(db: Connection, *, asked: SaveDraft, actor: Actor) -> CaseVersionView:
    """Write the draft anew where it is still of the version that was read; its length is its steps'.

    Raises NotFound, Forbidden, NoDraft, PreconditionFailed; InvalidInput for a step whose role is none of the case's.
    """
    must_edit(db, asked.case_id, actor=actor)
    _fits_together(asked)
    written = db.execute(
        update(case_versions)
        .where(
            case_versions.c.case_id == asked.case_id,
            case_versions.c.state == "draft",
            case_versions.c.version == asked.version,
        )
        .values(
            title=asked.title.strip(),
            title_en=asked.title_en,
            summary=asked.summary,
            summary_en=asked.summary_en,
            citation=asked.citation,
            kind=asked.kind,
            minutes=sum(step.minutes for step in asked.steps),
            version=case_versions.c.version + 1,
        )
        .returning(case_versions.c.id)
    ).scalar_one_or_none()
    if written is None:
        _draft(db, asked.case_id)
        raise PreconditionFailed()
    db.execute(delete(case_steps).where(case_steps.c.version_id == written))
    db.execute(delete(case_roles).where(case_roles.c.version_id == written))
    _write_script(db, written, roles=asked.roles, steps=asked.steps)
    return version_view(db, written)


def publish(db: Connection, *, asked: PublishCase, actor: Actor, at: datetime) -> CaseVersionView:
    """Publish the draft of the version that was read. Raises NoDraft, PreconditionFailed, CaseIncomplete."""
    must_edit(db, asked.case_id, actor=actor)
    draft = _draft(db, asked.case_id, lock=True)
    if draft.version != asked.version:
        raise PreconditionFailed()
    seen = version_view(db, draft.id)
    lacks = what_lacks([role.code for role in seen.roles], seen.steps, citation=seen.citation)
    if lacks is not None:
        raise CaseIncomplete(lacks=lacks)
    _publish(db, draft.id, at=at, by_id=actor.person_id, by=actor.name, reason=asked.reason)
    return version_view(db, draft.id)


def name_editor(db: Connection, *, asked: NameCaseEditor, actor: Actor, at: datetime) -> CaseHistoryView:
    """Let a person edit the case. Raises NotFound, Forbidden."""
    must_oversee_all(db, "name_case_editor", actor=actor)
    _must_exist(db, asked.case_id)
    named = insert_new(case_editors).values(
        case_id=asked.case_id, person_id=asked.person_id, name=asked.name, named_at=at, named_by=actor.name
    )
    db.execute(named.on_conflict_do_nothing())
    return case_history(db, asked.case_id, actor=actor)


def remove_editor(db: Connection, *, asked: RemoveCaseEditor, actor: Actor) -> CaseHistoryView:
    """Take the right to edit the case from a person; it is gone already: nothing happens. Raises NotFound."""
    must_oversee_all(db, "name_case_editor", actor=actor)
    _must_exist(db, asked.case_id)
    these = (case_editors.c.case_id == asked.case_id) & (case_editors.c.person_id == asked.person_id)
    db.execute(delete(case_editors).where(these))
    return case_history(db, asked.case_id, actor=actor)


def _draft(db: Connection, case_id: UUID, *, lock: bool = False) -> Any:
    found = draft_of(db, case_id, lock=lock)
    if found is None:
        raise NoDraft()
    return found


def _must_exist(db: Connection, case_id: UUID) -> None:
    if db.execute(select(training_cases.c.id).where(training_cases.c.id == case_id)).first() is None:
        raise NotFound()


def _fits_together(asked: SaveDraft) -> None:
    codes = [role.code for role in asked.roles]
    errors = {
        f"roles.{number}.code": ["Two roles have the same code."]
        for number, code in enumerate(codes)
        if code in codes[:number]
    }
    errors |= {
        f"steps.{number}.role": ["No role of this case has this code."]
        for number, step in enumerate(asked.steps)
        if step.role not in codes
    }
    if errors:
        raise InvalidInput(errors)


def _write_script(db: Connection, version_id: UUID, *, roles: list[CaseRole], steps: list[CaseStep]) -> None:
    if roles:
        rows = [{"version_id": version_id, "number": n, **role.__dict__} for n, role in enumerate(roles, start=1)]
        db.execute(insert(case_roles), rows)
    if steps:
        rows = [{"version_id": version_id, "number": n, **step.__dict__} for n, step in enumerate(steps, start=1)]
        db.execute(insert(case_steps), rows)


def _publish(db: Connection, version_id: UUID, *, at: datetime, by_id: UUID | None, by: str, reason: str) -> None:
    db.execute(
        update(case_versions)
        .where(case_versions.c.id == version_id, case_versions.c.state == "draft")
        .values(state="published", published_at=at, published_by_id=by_id, published_by=by, reason=reason)
    )
