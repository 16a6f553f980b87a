"""Changing the tree by a document (R1): found, rename, change the kind, move, merge, split, dissolve.

Few people change the tree, so they do it one at a time (`change_alone`), and who moves a member meanwhile waits. All
that hangs on an organisation that ends goes along in the same transaction, set by set: members and their groups,
applicants, posts, letters, grants. The preview does the change and undoes it, so it says what will be.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.roster.structure import (
    AffectedCounts,
    ChangeStructure,
    StructureChangeView,
    StructurePreview,
)
from sqlalchemy import Connection, Row, insert, text

from roster.domain.members import BeforeItBegan
from roster.domain.organisations import (
    BRANCHES,
    JOINT_BRANCH,
    check_place,
    path_under,
)
from roster.domain.structure import (
    RAISED,
    AsItIs,
    HasMembers,
    HasOrganisationsBelow,
    NotAlike,
    are_alike,
    check_children,
    check_effect,
)
from roster.operations import organisations as tree
from roster.operations.organisations import Founding, change_alone, found_all, node_of, stands
from roster.operations.structure_effects import Change, end, give_members
from roster.operations.units import record_units
from roster.queries import structure as queries
from roster.queries.findings import differences, open_of
from roster.tables.organisations import structure_change_parts, structure_changes


def change(db: Connection, *, asked: ChangeStructure, actor: Actor, at: datetime) -> StructureChangeView:
    """Make a change of the tree.

    Raises NotFound, Forbidden, NotYet, TooLongAgo, BeforeItBegan, OrganisationDissolved, NoPlaceInTree, CodeTaken,
    CodeNotUsable, HasMembers, HasOrganisationsBelow, NotAlike, AsItIs, and InvalidInput for what the verb asks for.
    """
    return queries.one(db, _make(db, asked=asked, actor=actor, at=at).id, actor=actor)


def preview(db: Connection, *, asked: ChangeStructure, actor: Actor, at: datetime) -> StructurePreview:
    """Say what a change would do: it is made and undone. Raises what `change` raises."""
    undone = db.begin_nested()
    try:
        made = _make(db, asked=asked, actor=actor, at=at)
        view = queries.one(db, made.id, actor=actor)
        after = open_of(db, made.touched)
    finally:
        undone.rollback()
    before = open_of(db, made.touched)
    return StructurePreview(
        change=view,
        opens=differences(after, before),
        closes=differences(before, after),
    )


def _make(db: Connection, *, asked: ChangeStructure, actor: Actor, at: datetime) -> Change:
    change_alone(db)
    today = clock.today(at)
    on = asked.on or today
    check_effect(on, today=today)
    made = Change(db, asked, actor, at, on)
    _VERBS[asked.verb](made)
    _keep(made)
    return made


# ---- the verbs ---------------------------------------------------------------------------------------------------


def _found(made: Change) -> None:
    asked = made.asked
    _must_give(asked, "name", "code", "kind", "field")
    parent = None
    if asked.parent_id is not None:
        parent = _taking_part(made, asked.parent_id)
        _stood_so(made, [parent])
    else:
        _must_give(asked, "parent_id")
    if (asked.division_code is None) != (asked.division_code_system is None):
        raise InvalidInput({"division_code_system": ["Say in which system the division's code is."]})
    founding = Founding(
        id=uuid4(),
        code=str(asked.code),
        name=str(asked.name),
        kind=str(asked.kind),
        field=str(asked.field),
        parent_id=asked.parent_id,
        division_code=asked.division_code,
        division_code_system=asked.division_code_system,
        is_external=bool(parent and parent.is_external),
    )
    _enter(made, [founding])
    if founding.kind == JOINT_BRANCH:
        record_units(made.db, founding.id, asked.units, on=made.on, by=made.actor.name)
    made.tell([founding.id])


def _rename(made: Change) -> None:
    node = _changing(made, _given(made.asked.organisation_id, "organisation_id"))
    _must_give(made.asked, "name")
    if node.name == made.asked.name:
        raise AsItIs()
    made.db.execute(_SET_NAME, {"id": node.id, "name": made.asked.name})
    made.tell([node.id])


def _change_kind(made: Change) -> None:
    node = _changing(made, _given(made.asked.organisation_id, "organisation_id"), exclusively=True)
    _must_give(made.asked, "kind")
    kind = str(made.asked.kind)
    if node.kind == kind:
        raise AsItIs()
    _check_kind(made, node, kind)
    if kind not in BRANCHES:
        _must_be_empty(made, node)
    made.db.execute(_SET_KIND, {"id": node.id, "kind": kind, "name": made.asked.name or node.name})
    if kind == JOINT_BRANCH:
        record_units(made.db, node.id, made.asked.units, on=made.on, by=made.actor.name)
    elif node.kind == JOINT_BRANCH:
        record_units(made.db, node.id, [], on=made.on, by=made.actor.name)
    made.tell([node.id])


def _move(made: Change) -> None:
    node = _taking_part(made, _given(made.asked.organisation_id, "organisation_id"))
    parent = _taking_part(made, _given(made.asked.parent_id, "parent_id"))
    _stood_so(made, [parent])
    if node.parent_id == parent.id:
        raise AsItIs()
    _put_under(made, node, parent, part="changed")


def _merge(made: Change) -> None:
    asked = made.asked
    into = _taking_part(made, _given(asked.organisation_id, "organisation_id"))
    _stood_so(made, [into])
    if not asked.source_ids:
        raise InvalidInput({"source_ids": ["Name the organisations that end."]})
    if into.id in asked.source_ids or len(set(asked.source_ids)) < len(asked.source_ids):
        raise InvalidInput({"source_ids": ["An organisation stands here twice."]})
    sources = [_changing(made, source, exclusively=True, part="ended") for source in sorted(asked.source_ids)]
    for source in sources:
        if not are_alike(into.kind, source.kind):
            raise NotAlike(organisation=source.name)
    made.note([into], "took_in")
    for source in sources:
        if source.kind in BRANCHES:
            continue
        for child in _children(made.db, source.id):
            _put_under(made, child, into, part="moved")
    end(made, sources, into=into if into.kind in BRANCHES else None)


def _dissolve(made: Change) -> None:
    node = _changing(made, _given(made.asked.organisation_id, "organisation_id"), exclusively=True, part="ended")
    below = len(_children(made.db, node.id))
    if below:
        raise HasOrganisationsBelow(organisation=node.name, count=below)
    into = None
    if made.asked.members_to is not None:
        into = _taking_part(made, made.asked.members_to)
        if into.id == node.id:
            raise InvalidInput({"members_to": ["It ends; name another branch."]})
        _stood_so(made, [into])
        if into.kind not in BRANCHES or node.kind not in BRANCHES:
            raise NotAlike(organisation=into.name)
        made.note([into], "took_in")
    else:
        _must_be_empty(made, node)
    end(made, [node], into=into)


def _split(made: Change) -> None:
    asked = made.asked
    node = _changing(made, _given(asked.organisation_id, "organisation_id"), exclusively=True, part="gave_out")
    if node.kind not in BRANCHES:
        raise NotAlike(organisation=node.name)
    if not asked.parts:
        raise InvalidInput({"parts": ["Name at least one branch that is made out of it."]})
    is_raised = asked.kind in RAISED
    if asked.kind is not None and not is_raised:
        raise InvalidInput(
            {"kind": ["A branch that is divided becomes a general branch or a committee, or stays one."]}
        )
    chosen = _chosen(made, node)
    if is_raised and sum(map(len, chosen)) < _count(made.db, "members", "branch_id", node.id):
        raise InvalidInput({"parts": ["Every member has to go into one of the parts."]})
    foundings = [
        Founding(
            id=uuid4(),
            code=part.code,
            name=part.name,
            kind=part.kind,
            field=node.field,
            parent_id=node.parent_id,
            is_external=node.is_external,
            synthetic=node.synthetic,
        )
        for part in asked.parts
    ]
    _enter(made, foundings)
    for founding, persons in zip(foundings, chosen, strict=True):
        give_members(made, [node], founding.id, persons=persons, keeps_posts=is_raised)
    if is_raised:
        kind = str(asked.kind)
        # Who applied goes into the first part: they are in no group yet, and may be moved on by the branch.
        applicants = made.db.execute(_MOVE_APPLICANTS, {"from": node.id, "into": foundings[0].id})
        made.counts["developments"] += applicants.rowcount
        _must_be_empty(made, node)
        _check_kind(made, node, kind)
        for founding in foundings:
            check_place(kind=founding.kind, path=path_under(node.path, founding.code), parent_kind=kind)
        made.db.execute(_SET_KIND, {"id": node.id, "kind": kind, "name": asked.name or node.name})
        made.db.execute(_STAND_UNDER, {"ids": [each.id for each in foundings], "parent": node.id, "path": node.path})
        if node.kind == JOINT_BRANCH:
            record_units(made.db, node.id, [], on=made.on, by=made.actor.name)
    made.tell([node.id, *(founding.id for founding in foundings)])


_VERBS: Final[dict[str, Callable[[Change], None]]] = {
    "found": _found,
    "rename": _rename,
    "change_kind": _change_kind,
    "move": _move,
    "merge": _merge,
    "split": _split,
    "dissolve": _dissolve,
}

_SET_NAME: Final = text("UPDATE organisations SET name = :name WHERE id = :id")
_SET_KIND: Final = text("UPDATE organisations SET kind = :kind, name = :name WHERE id = :id")
_MOVE_APPLICANTS: Final = text(
    "UPDATE developments SET branch_id = :into WHERE branch_id = :from AND stage NOT IN ('full', 'ended')"
)
_STAND_UNDER: Final = text(
    "UPDATE organisations SET parent_id = :parent, path = :path || '.' || code WHERE id = ANY(:ids)"
)


# ---- who takes part, and since when they stand as they do ---------------------------------------------------------


def _taking_part(made: Change, organisation_id: UUID) -> Row[Any]:
    """Return an organisation that stands and in whose part of the tree the actor may do this."""
    node = node_of(made.db, organisation_id)
    made.actor.must("change_structure", organisation=node.path)
    return stands(node)


def _changing(made: Change, organisation_id: UUID, *, part: str = "changed", exclusively: bool = False) -> Row[Any]:
    """Return an organisation that is changed itself; `exclusively` when nobody may enter members into it any more."""
    node = _taking_part(made, organisation_id)
    if exclusively:
        made.db.execute(text("SELECT FROM organisations WHERE id = :id FOR UPDATE"), {"id": node.id}).all()
    _not_before(made, [node.id])
    made.note([node], part)
    return node


def _not_before(made: Change, ids: Sequence[UUID]) -> None:
    """Raise BeforeItBegan when something was written down about one of these for a later day."""
    since = made.db.execute(
        text("SELECT max(effective_on) FROM organisation_history WHERE organisation_id = ANY(:ids)"), {"ids": list(ids)}
    ).scalar()
    if since is not None and since > made.on:
        raise BeforeItBegan(since=since.isoformat())


def _stood_so(made: Change, nodes: Sequence[Row[Any]]) -> None:
    """Raise BeforeItBegan unless these stood on the change's day where and as what they stand now."""
    for node in nodes:
        then = queries.as_at(made.db, node.id, on=made.on)
        if then is None or then.dissolved or (then.path, then.kind) != (node.path, node.kind):
            _not_before(made, [node.id])


def _children(db: Connection, organisation_id: UUID) -> list[Row[Any]]:
    return list(
        db.execute(
            text("SELECT * FROM organisations WHERE parent_id = :id AND dissolved_on IS NULL ORDER BY id"),
            {"id": organisation_id},
        )
    )


def _check_kind(made: Change, node: Row[Any], kind: str) -> None:
    parent_kind = node_of(made.db, node.parent_id).kind if node.parent_id else None
    check_place(kind=kind, path=node.path, parent_kind=parent_kind)
    check_children({child.kind for child in _children(made.db, node.id)}, under=kind)


def _must_be_empty(made: Change, node: Row[Any]) -> None:
    left = _count(made.db, "members", "branch_id", node.id) + int(
        made.db.execute(
            text("SELECT count(*) FROM developments WHERE branch_id = :id AND stage NOT IN ('full', 'ended')"),
            {"id": node.id},
        ).scalar_one()
    )
    if left:
        raise HasMembers(organisation=node.name, members=left)


def _count(db: Connection, table: str, column: str, value: UUID) -> int:
    counted = text(f"SELECT count(*) FROM {table} WHERE {column} = :value")  # noqa: S608 - made of constants
    return int(db.execute(counted, {"value": value}).scalar_one())


# ---- founding, moving, choosing ----------------------------------------------------------------------------------


def _enter(made: Change, foundings: Sequence[Founding]) -> None:
    """Found them, or refuse for a code that is taken."""
    known = set(found_all(made.db, foundings))
    for founding in foundings:
        if founding.id not in known:
            raise tree.CodeTaken(code=founding.code)
        made.parts[founding.id, "founded"] = (founding.name, founding.kind)
    made.counts["organisations"] += len(foundings)


def _put_under(made: Change, node: Row[Any], parent: Row[Any], *, part: str) -> None:
    """Move an organisation with all below it."""
    below = queries.below(made.db, node.path)
    _not_before(made, [row.id for row in below])
    made.note([node], part)
    made.note([row for row in below if row.id != node.id], "moved")
    ids = tree.move(
        made.db, node.id, parent_id=parent.id, at=made.at, by=made.actor.person_id, on=made.on, change=made.id
    )
    made.counts["organisations"] += len(ids)
    made.counts["members"] += sum(row.members_full + row.members_probationary for row in below)


def _chosen(made: Change, node: Row[Any]) -> list[list[UUID]]:
    """Return for each part the members that go into it: by their groups, and by name; nobody goes into two."""
    members = {
        row.person_id: row.party_group
        for row in made.db.execute(
            text("SELECT person_id, party_group FROM members WHERE branch_id = :id ORDER BY person_id"), {"id": node.id}
        )
    }
    taken: set[UUID] = set()
    chosen = []
    for number, part in enumerate(made.asked.parts):
        wanted = {person for person, group in members.items() if group is not None and group in part.groups}
        wanted |= set(part.person_ids)
        if wanted - set(members):
            raise InvalidInput({f"parts.{number}": ["Somebody named here is no member of the branch."]})
        if wanted & taken:
            raise InvalidInput({f"parts.{number}": ["Somebody would go into two parts."]})
        taken |= wanted
        chosen.append(sorted(wanted))
    return chosen


# ---- keeping it --------------------------------------------------------------------------------------------------


def _keep(made: Change) -> None:
    made.db.execute(
        insert(structure_changes).values(
            id=made.id,
            verb=made.asked.verb,
            effective_on=made.on,
            document_number=made.asked.document_number.strip(),
            reason=made.asked.reason,
            at=made.at,
            by_id=made.actor.person_id,
            by_name=made.actor.name,
            counts=asdict(AffectedCounts(**made.counts)),
        )
    )
    made.db.execute(
        insert(structure_change_parts),
        [
            {
                "change_id": made.id,
                "organisation_id": organisation_id,
                "part": part,
                "name": name,
                "kind": kind,
                "at": made.at,
            }
            for (organisation_id, part), (name, kind) in made.parts.items()
        ],
    )


def _must_give(asked: ChangeStructure, *names: str) -> None:
    missing = [name for name in names if getattr(asked, name) is None]
    if missing:
        raise InvalidInput({name: ["Missing data for required field."] for name in missing})


def _given(value: UUID | None, name: str) -> UUID:
    if value is None:
        raise InvalidInput({name: ["Missing data for required field."]})
    return value
