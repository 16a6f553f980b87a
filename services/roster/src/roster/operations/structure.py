"""Changing the tree by a document (R1): found, rename, change the kind, move, merge, split, dissolve.

Few people change the tree, so they do it one at a time (`change_alone`), and who moves a member meanwhile waits. All
that hangs on an organisation that ends goes along in the same transaction, set by set: members and their groups,
applicants, posts, letters, grants. The preview does the change and undoes it, so it says what will be.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
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

from roster.domain.elections import OPEN
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
from roster.operations.organisations import Founding, change_alone, found_all, node_of, stands, tell_changed
from roster.operations.units import record_units
from roster.queries import structure as queries
from roster.queries.findings import differences, open_of
from roster.tables.organisations import structure_change_parts, structure_changes

GROUP_MAX: Final = 50


@dataclass
class _Change:
    """A change in the making."""

    db: Connection
    asked: ChangeStructure
    actor: Actor
    at: datetime
    on: date
    id: UUID = field(default_factory=uuid4)
    parts: dict[tuple[UUID, str], tuple[str, str]] = field(default_factory=dict)
    left: set[UUID] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AffectedCounts.__dataclass_fields__, 0))

    def note(self, nodes: Iterable[Row[Any]], part: str) -> None:
        """Note who took part, as they are called before the change."""
        for node in nodes:
            self.parts.setdefault((node.id, part), (node.name, node.kind))

    @property
    def touched(self) -> list[UUID]:
        """Everyone who took part."""
        return sorted({organisation_id for organisation_id, _ in self.parts})

    def tell(self, ids: Iterable[UUID]) -> None:
        """Tell of those that changed, as of the change's day."""
        tell_changed(self.db, ids, at=self.at, by=self.actor.person_id, on=self.on, change=self.id)


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


def _make(db: Connection, *, asked: ChangeStructure, actor: Actor, at: datetime) -> _Change:
    change_alone(db)
    today = clock.today(at)
    on = asked.on or today
    check_effect(on, today=today)
    made = _Change(db, asked, actor, at, on)
    _VERBS[asked.verb](made)
    _keep(made)
    return made


# ---- the verbs ---------------------------------------------------------------------------------------------------


def _found(made: _Change) -> None:
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


def _rename(made: _Change) -> None:
    node = _changing(made, _given(made.asked.organisation_id, "organisation_id"))
    _must_give(made.asked, "name")
    if node.name == made.asked.name:
        raise AsItIs()
    made.db.execute(_SET_NAME, {"id": node.id, "name": made.asked.name})
    made.tell([node.id])


def _change_kind(made: _Change) -> None:
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


def _move(made: _Change) -> None:
    node = _taking_part(made, _given(made.asked.organisation_id, "organisation_id"))
    parent = _taking_part(made, _given(made.asked.parent_id, "parent_id"))
    _stood_so(made, [parent])
    if node.parent_id == parent.id:
        raise AsItIs()
    _put_under(made, node, parent, part="changed")


def _merge(made: _Change) -> None:
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
    _end(made, sources, into=into if into.kind in BRANCHES else None)


def _dissolve(made: _Change) -> None:
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
    _end(made, [node], into=into)


def _split(made: _Change) -> None:
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
        _give_members(made, [node], founding.id, persons=persons, keeps_posts=is_raised)
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


_VERBS: Final[dict[str, Callable[[_Change], None]]] = {
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
_STAND_UNDER: Final = text(
    "UPDATE organisations SET parent_id = :parent, path = :path || '.' || code WHERE id = ANY(:ids)"
)


# ---- who takes part, and since when they stand as they do ---------------------------------------------------------


def _taking_part(made: _Change, organisation_id: UUID) -> Row[Any]:
    """Return an organisation that stands and in whose part of the tree the actor may do this."""
    node = node_of(made.db, organisation_id)
    made.actor.must("change_structure", organisation=node.path)
    return stands(node)


def _changing(made: _Change, organisation_id: UUID, *, part: str = "changed", exclusively: bool = False) -> Row[Any]:
    """Return an organisation that is changed itself; `exclusively` when nobody may enter members into it any more."""
    node = _taking_part(made, organisation_id)
    if exclusively:
        made.db.execute(text("SELECT FROM organisations WHERE id = :id FOR UPDATE"), {"id": node.id}).all()
    _not_before(made, [node.id])
    made.note([node], part)
    return node


def _not_before(made: _Change, ids: Sequence[UUID]) -> None:
    """Raise BeforeItBegan when something was written down about one of these for a later day."""
    since = made.db.execute(
        text("SELECT max(effective_on) FROM organisation_history WHERE organisation_id = ANY(:ids)"), {"ids": list(ids)}
    ).scalar()
    if since is not None and since > made.on:
        raise BeforeItBegan(since=since.isoformat())


def _stood_so(made: _Change, nodes: Sequence[Row[Any]]) -> None:
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


def _check_kind(made: _Change, node: Row[Any], kind: str) -> None:
    parent_kind = node_of(made.db, node.parent_id).kind if node.parent_id else None
    check_place(kind=kind, path=node.path, parent_kind=parent_kind)
    check_children({child.kind for child in _children(made.db, node.id)}, under=kind)


def _must_be_empty(made: _Change, node: Row[Any]) -> None:
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


# ---- what goes along ---------------------------------------------------------------------------------------------


def _enter(made: _Change, foundings: Sequence[Founding]) -> None:
    """Found them, or refuse for a code that is taken."""
    known = set(found_all(made.db, foundings))
    for founding in foundings:
        if founding.id not in known:
            raise tree.CodeTaken(code=founding.code)
        made.parts[founding.id, "founded"] = (founding.name, founding.kind)
    made.counts["organisations"] += len(foundings)


def _put_under(made: _Change, node: Row[Any], parent: Row[Any], *, part: str) -> None:
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


def _chosen(made: _Change, node: Row[Any]) -> list[list[UUID]]:
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


def _give_members(
    made: _Change,
    sources: Sequence[Row[Any]],
    into: UUID,
    *,
    persons: Sequence[UUID] | None = None,
    keeps_posts: bool = False,
) -> None:
    """Move members (all, or `persons`) with groups and applications; their letters end, and their posts there and in
    what stands above them no longer."""
    given = {
        "from": [source.id for source in sources],
        "into": into,
        "persons": None if persons is None else list(persons),
        **_by(made),
    }
    since = made.db.execute(_LATEST, given).scalar()
    if since is not None and since > made.on:
        raise BeforeItBegan(since=since.isoformat())
    if not keeps_posts:
        left = list(made.db.execute(_LEAVE_POSTS, given).scalars())
        made.counts["posts"] += len(left)
        made.left |= set(left)
    moved = list(made.db.execute(_MOVE_MEMBERS, given).scalars())
    given["moved"] = moved
    made.db.execute(_KEEP_MOVES, given)
    made.counts["members"] += len(moved)
    made.counts["developments"] += made.db.execute(_MOVE_DEVELOPMENTS, given).rowcount
    _withdraw_letters(made, moved=moved, ended=[])
    made.counts["people_with_account"] += made.db.execute(_ACCOUNTS, given).scalar_one()


def _end(made: _Change, nodes: Sequence[Row[Any]], *, into: Row[Any] | None) -> None:
    """Dissolve organisations that nothing stands under, what they have going into another branch."""
    ids = [node.id for node in nodes]
    if into is not None:
        _give_members(made, nodes, into.id)
    given = {"ended": ids, **_by(made)}
    # Elections first: whoever brings one to its end at this moment has put somebody into office, or finds it cancelled.
    made.db.execute(_CANCEL_ELECTIONS, given)
    made.db.execute(_WITHDRAW_SHIFTS, given)
    made.db.execute(_END_TERMS, given)
    made.counts["posts"] += made.db.execute(_END_POSTS, given).rowcount
    made.counts["grants"] += made.db.execute(_END_GRANTS, given).rowcount
    _withdraw_letters(made, moved=[], ended=ids)
    for node in nodes:
        if node.kind == JOINT_BRANCH:
            record_units(made.db, node.id, [], on=made.on, by=made.actor.name)
    made.db.execute(text("UPDATE organisations SET dissolved_on = :on WHERE id = ANY(:ended)"), given)
    made.counts["organisations"] += len(ids)
    made.tell({*ids, *made.left, *([into.id] if into is not None else [])})


def _withdraw_letters(made: _Change, *, moved: Sequence[UUID], ended: Sequence[UUID]) -> None:
    """Withdraw the letters of members who were moved, and those out of and into what ends; both sides are told."""
    given = {"moved": list(moved), "ended": list(ended), **_by(made)}
    made.counts["letters"] += len(made.db.execute(_WITHDRAW, given).all())


def _by(made: _Change) -> dict[str, Any]:
    asked = made.asked
    return {
        "on": made.on,
        "today": clock.today(made.at),
        "open": sorted(OPEN),
        "at": made.at,
        "by_id": made.actor.person_id,
        "by": made.actor.name,
        "verb": {"split": "split_off"}.get(asked.verb, "moved_with_branch"),
        "reason": asked.reason,
        "document": asked.document_number,
        "ground": f"{asked.document_number} {asked.reason}"[:300],
    }


_LATEST: Final = text(
    "SELECT max(since) FROM (SELECT since FROM members WHERE branch_id = ANY(:from)"
    " AND (CAST(:persons AS uuid[]) IS NULL OR person_id = ANY(:persons)) ORDER BY person_id FOR UPDATE) locked"
)
# A group keeps its name unless two would be called the same; then it is led by the branch it came from.
_MOVE_MEMBERS: Final = text(
    f"""
    WITH named AS (
        SELECT party_group FROM (
            SELECT DISTINCT branch_id, party_group FROM members
            WHERE branch_id = ANY(CAST(:from AS uuid[]) || CAST(:into AS uuid)) AND party_group IS NOT NULL
        ) each GROUP BY party_group HAVING count(*) > 1
    )
    UPDATE members m
       SET branch_id = :into, since = :on,
           party_group = CASE WHEN m.party_group IN (SELECT party_group FROM named)
                              THEN right(o.name || m.party_group, {GROUP_MAX}) ELSE m.party_group END
      FROM organisations o
     WHERE o.id = m.branch_id AND m.branch_id = ANY(:from)
       AND (CAST(:persons AS uuid[]) IS NULL OR m.person_id = ANY(:persons))
    RETURNING m.person_id
    """  # noqa: S608 - made of constants
)
_KEEP_MOVES: Final = text(
    "INSERT INTO member_moves (person_id, branch_id, verb, happened_on, reason, document_number, at, by_id, by_name)"
    " SELECT person, :into, :verb, :on, :reason, :document, :at, :by_id, :by FROM unnest(CAST(:moved AS uuid[])) person"
)
_MOVE_DEVELOPMENTS: Final = text(
    "UPDATE developments SET branch_id = :into WHERE branch_id = ANY(:from)"
    " AND (person_id = ANY(:moved) OR CAST(:persons AS uuid[]) IS NULL)"
)
_MOVE_APPLICANTS: Final = text(
    "UPDATE developments SET branch_id = :into WHERE branch_id = :from AND stage NOT IN ('full', 'ended')"
)
# As `members.leave_posts` does for one who moves: what stands above the branch and not above the other one is left.
_LEAVE_POSTS: Final = text(
    """
    UPDATE posts h SET held_until = greatest(:on, h.held_from), ended_by = 'moved'
      FROM organisations o, members m, organisations b, organisations n
     WHERE o.id = h.organisation_id AND h.held_until IS NULL AND m.person_id = h.person_id AND b.id = m.branch_id
       AND m.branch_id = ANY(:from) AND (CAST(:persons AS uuid[]) IS NULL OR m.person_id = ANY(:persons))
       AND n.id = :into AND starts_with(b.path || '.', o.path || '.') AND NOT starts_with(n.path || '.', o.path || '.')
    RETURNING h.organisation_id
    """
)
_END_POSTS: Final = text(
    "UPDATE posts SET held_until = greatest(:on, held_from), ended_by = 'term_ended'"
    " WHERE organisation_id = ANY(:ended) AND held_until IS NULL"
)
_END_TERMS: Final = text(
    "UPDATE terms SET ended_on = greatest(:on, active_from) WHERE organisation_id = ANY(:ended) AND ended_on IS NULL"
)
_WITHDRAW_SHIFTS: Final = text(
    "UPDATE term_shifts SET state = 'withdrawn', decided_at = :at, decided_by_id = :by_id, decided_by = :by,"
    " decision = :ground WHERE state = 'asked'"
    " AND term_id IN (SELECT id FROM terms WHERE organisation_id = ANY(:ended))"
)
_CANCEL_ELECTIONS: Final = text(
    """
    WITH cancelled AS (
        UPDATE elections SET state = 'cancelled', last_on = greatest(last_on, :today), waits_since = :at,
               version = version + 1
         WHERE organisation_id = ANY(:ended) AND state = ANY(:open) RETURNING id
    )
    INSERT INTO election_steps (election_id, step, happened_on, at, by_id, by_name, note)
    SELECT id, 'cancel', :today, :at, :by_id, :by, :ground FROM cancelled
    """
)
_END_GRANTS: Final = text(
    "UPDATE grants SET ended_at = :at, ended_by = :by_id, ended_reason = :ground"
    " WHERE organisation_id = ANY(:ended) AND ended_at IS NULL AND (active_until IS NULL OR active_until > :today)"
)
_ACCOUNTS: Final = text("SELECT count(*) FROM accounts WHERE person_id = ANY(:moved) AND state <> 'closed'")
_WITHDRAW: Final = text(
    """
    WITH withdrawn AS (
        UPDATE transfers SET state = 'withdrawn', decided_at = :at, decided_by_id = :by_id, decided_by = :by,
               decision = :ground, version = version + 1
         WHERE state = 'issued' AND (person_id = ANY(CAST(:moved AS uuid[]))
               OR from_branch_id = ANY(CAST(:ended AS uuid[])) OR to_branch_id = ANY(CAST(:ended AS uuid[])))
        RETURNING id, from_branch_id, to_branch_id
    ), told AS (
        INSERT INTO transfer_notices (transfer_id, branch_id, kind, told_at)
        SELECT w.id, branch, 'withdrawn', :at FROM withdrawn w
        CROSS JOIN LATERAL unnest(ARRAY[w.from_branch_id, w.to_branch_id]) branch WHERE branch IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM withdrawn
    """
)


# ---- keeping it --------------------------------------------------------------------------------------------------


def _keep(made: _Change) -> None:
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
