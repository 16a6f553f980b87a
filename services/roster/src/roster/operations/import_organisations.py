"""Organisations as the subject of an import: founded with their parents first; of known ones name, field and division
are changed. Kind and place in the tree change by operations of their own, with a day."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from contracts.rights import lies_in
from sqlalchemy import Connection, text

from roster.domain.import_cells import Fault, nearest
from roster.domain.organisation_sheets import COLUMNS, KINDS, read_row
from roster.domain.organisations import NoPlaceInTree, check_place, path_under
from roster.operations.import_staging import Line, Staged, bad_by_register, forget_verdicts, tell_of, twice
from roster.operations.organisations import Founding, found_all, tell_changed

_HEADING: Final = {column.field: column.heading for column in COLUMNS}
_KIND_WORDS: Final = {code: word for word, code in reversed(list(KINDS.items()))}
COMPARED: Final = ("name", "field", "division_code", "division_code_system")


def stage(lines: Sequence[Line]) -> list[Staged]:
    """Read some rows."""
    staged = []
    for line in lines:
        row = read_row(line.cells)
        code = row.fields.get("code")
        key = code.encode() if code else None
        staged.append(Staged(line, row.fields.get("name", "—"), row.fields, key, None, row.faults))
    return staged


def judge(db: Connection, import_id: UUID, *, paths: Sequence[str]) -> None:
    """Ask the register about every row: which is new, what differs, where it would stand and whether it may."""
    forget_verdicts(db, import_id)
    db.execute(
        text(
            "UPDATE import_rows r SET target_id = o.id FROM organisations o"
            " WHERE r.import_id = :id AND o.code = r.fields ->> 'code'"
        ),
        {"id": import_id},
    )
    twice(db, import_id, field="code", heading=_HEADING["code"], found="r.fields ->> 'code'")
    bad_by_register(db, import_id)
    for fault_line, fault in _placed(db, import_id, paths=paths):
        tell_of(
            db,
            import_id,
            field=fault.field,
            heading=_HEADING[fault.field],
            code=fault.code,
            condition="r.line = :line",
            found=":found",
            params="CAST(:params AS jsonb)",
            values={
                "line": fault_line,
                "found": fault.found,
                "params": json.dumps(dict(fault.params), ensure_ascii=False),
            },
        )
    bad_by_register(db, import_id)
    differs = ", ".join(
        f"'{name}', CASE WHEN r.fields ->> '{name}' IS NOT NULL AND r.fields ->> '{name}' IS DISTINCT FROM o.{name}"
        f" THEN jsonb_build_array(o.{name}, r.fields ->> '{name}') END"
        for name in COMPARED
    )
    db.execute(
        text(
            "UPDATE import_rows r SET"  # noqa: S608 - made of constants
            f" changes = (SELECT jsonb_strip_nulls(jsonb_build_object({differs})) FROM organisations o"
            " WHERE o.id = r.target_id) WHERE r.import_id = :id AND r.verdict IS NULL"
        ),
        {"id": import_id},
    )
    db.execute(
        text(
            "UPDATE import_rows SET verdict = CASE WHEN changes IS NULL THEN 'new' WHEN changes = '{}' THEN 'unchanged'"
            " ELSE 'changed' END WHERE import_id = :id AND verdict IS NULL"
        ),
        {"id": import_id},
    )


def _placed(db: Connection, import_id: UUID, *, paths: Sequence[str]) -> list[tuple[int, Fault]]:
    """Find where each row would stand, and every row that cannot stand there. A tree is small: it is walked here."""
    rows = db.execute(
        text(
            "SELECT r.line, r.sheet, r.row, r.fields, r.target_id, r.new_id, r.verdict, o.path, o.kind,"
            " o.name AS known_as, o.dissolved_on,"
            " q.name AS parent_name, q.code AS parent_code"
            " FROM import_rows r LEFT JOIN organisations o ON o.id = r.target_id"
            " LEFT JOIN organisations q ON q.id = o.parent_id WHERE r.import_id = :id ORDER BY r.line"
        ),
        {"id": import_id},
    ).all()
    wanted = {row.fields.get(name) for row in rows for name in ("parent_code", "parent")} - {None}
    known = db.execute(
        text(
            "SELECT id, code, name, kind, path, dissolved_on FROM organisations"
            " WHERE code = ANY(:said) OR name = ANY(:said)"
        ),
        {"said": list(wanted)},
    ).all()
    finder = _Finder(rows, known, paths=paths, names=lambda: _own_names(db, paths))
    found: list[tuple[int, Fault]] = []
    for row in rows:
        fault = finder.known(row) if row.target_id else finder.new(row)
        if fault:
            found.append((row.line, fault))
    db.execute(
        text(
            "UPDATE import_rows r SET branch_id = p.parent FROM unnest(CAST(:lines AS integer[]),"
            " CAST(:parents AS uuid[])) AS p(line, parent) WHERE r.import_id = :id AND r.line = p.line"
        ),
        {"id": import_id, "lines": list(finder.parents), "parents": list(finder.parents.values())},
    )
    return found


def _own_names(db: Connection, paths: Sequence[str]) -> list[str]:
    rows = db.execute(
        text(
            "SELECT name, path FROM organisations WHERE kind NOT IN ('branch', 'joint_branch') AND dissolved_on IS NULL"
        )
    )
    return [row.name for row in rows if any(lies_in(row.path, path) for path in paths)]


class _Finder:
    """Where the rows of a file would stand in the tree."""

    def __init__(self, rows: Sequence[Any], known: Sequence[Any], *, paths: Sequence[str], names: Any) -> None:
        self._paths = paths
        self._names = names
        self._known_by_code = {row.code: row for row in known}
        self._known_by_name: dict[str, list[Any]] = {}
        for row in known:
            self._known_by_name.setdefault(row.name, []).append(row)
        new = [row for row in rows if row.target_id is None and "code" in row.fields]
        self._new_by_code = {row.fields["code"]: row for row in reversed(new)}
        self._new_by_name: dict[str, list[Any]] = {}
        for row in self._new_by_code.values():
            if "name" in row.fields:
                self._new_by_name.setdefault(row.fields["name"], []).append(row)
        self._paths_of: dict[int, tuple[str, str] | Fault] = {}
        self._ring: set[int] = set()
        self.parents: dict[int, UUID] = {}
        """The organisation above each new row, by line."""

    def known(self, row: Any) -> Fault | None:
        """Return why a row cannot change the organisation that it speaks of."""
        said = row.fields
        if not any(lies_in(row.path, path) for path in self._paths):
            return Fault("code", "outside", said["code"], {"name": row.known_as})
        if row.dissolved_on is not None:
            return Fault("code", "dissolved", said["code"], {"name": row.known_as})
        if "kind" in said and said["kind"] != row.kind:
            return Fault("kind", "kind-differs", _KIND_WORDS[said["kind"]], {"kind": _KIND_WORDS[row.kind]})
        for name, has in (("parent_code", row.parent_code), ("parent", row.parent_name)):
            if said.get(name) and said[name] != has and has is not None:
                return Fault(name, "parent-differs", said[name], {"parent": row.parent_name})
        return None

    def new(self, row: Any) -> Fault | None:
        """Return why a new organisation cannot stand where the row puts it."""
        if "kind" not in row.fields or "code" not in row.fields:
            return None  # told already
        place = self._place(row, ())
        return place if isinstance(place, Fault) else None

    def _place(self, row: Any, above: tuple[int, ...]) -> tuple[str, str] | Fault:
        """Return (path, kind) of where a new row would stand, or why it cannot."""
        if row.line in above:
            self._ring.update(above[above.index(row.line) :])
            return Fault("parent_code" if row.fields.get("parent_code") else "parent", "cycle", _parent_said(row))
        if row.line not in self._paths_of:
            self._paths_of[row.line] = self._judged(row, (*above, row.line))
        return self._paths_of[row.line]

    def _judged(self, row: Any, above: tuple[int, ...]) -> tuple[str, str] | Fault:
        parent = self._parent(row, above)
        if isinstance(parent, Fault):
            return parent
        path = path_under(parent[0], row.fields["code"])
        field = "parent_code" if row.fields.get("parent_code") else "parent"
        try:
            check_place(kind=row.fields["kind"], path=path, parent_kind=parent[1])
        except NoPlaceInTree as refusal:
            code = "too-deep" if refusal.params.get("reason") == "too-deep" else "wrong-parent"
            return Fault(field, code, _parent_said(row))
        except Refusal:
            return Fault("code", "code-format", row.fields["code"])
        return path, row.fields["kind"]

    def _parent(self, row: Any, above: tuple[int, ...]) -> tuple[str, str] | Fault:  # noqa: PLR0911
        code, name = row.fields.get("parent_code"), row.fields.get("parent")
        field, said = ("parent_code", code) if code else ("parent", name)
        if not said:
            return Fault("parent", "missing")
        if code:
            known = [self._known_by_code[code]] if code in self._known_by_code else []
            new = [self._new_by_code[code]] if code in self._new_by_code else []
        else:
            known = self._known_by_name.get(said, [])
            known = [each for each in known if each.dissolved_on is None] or known
            own = [each for each in known if self._is_inside(each.path)]
            known, new = own or known, self._new_by_name.get(said, [])
        if len(known) + len(new) > 1:
            return Fault(field, "parent-ambiguous", said, {"count": len(known) + len(new)})
        if known:
            if not self._is_inside(known[0].path):
                return Fault(field, "outside", said, {"name": known[0].name})
            if known[0].dissolved_on is not None:
                return Fault(field, "dissolved", said, {"name": known[0].name})
            self.parents[row.line] = known[0].id
            return known[0].path, known[0].kind
        if not new:
            like = None if code else nearest(said, [*self._names(), *self._new_by_name])
            return Fault(field, "parent-unknown", said, {"nearest": like} if like else {})
        parent = new[0]
        place = self._place(parent, above)
        if isinstance(place, Fault):
            if row.line in self._ring:
                return Fault(field, "cycle", said)
            return Fault(field, "parent-bad", said, {"sheet": parent.sheet, "row": parent.row})
        if parent.verdict == "bad":
            return Fault(field, "parent-bad", said, {"sheet": parent.sheet, "row": parent.row})
        self.parents[row.line] = parent.new_id
        return place

    def _is_inside(self, path: str) -> bool:
        return any(lies_in(path, own) for own in self._paths)


def _parent_said(row: Any) -> str:
    return str(row.fields.get("parent_code") or row.fields.get("parent") or "")


# ---- taking over -------------------------------------------------------------------------------------------------


def lock(db: Connection, import_id: UUID) -> None:
    """Let nobody else change the tree until the end."""
    db.execute(text("SELECT pg_advisory_xact_lock(hashtext('roster: imports'))"))
    db.execute(text("SELECT pg_advisory_xact_lock(hashtext('roster: the tree'))"))
    db.execute(
        text(
            "SELECT 1 FROM organisations o JOIN import_rows r ON r.target_id = o.id"
            " WHERE r.import_id = :id AND r.verdict <> 'bad' ORDER BY o.id FOR NO KEY UPDATE OF o"
        ),
        {"id": import_id},
    )


def take_over(
    db: Connection,
    import_id: UUID,
    *,
    lines: int,
    file_name: str,
    by: tuple[UUID, str],
    at: datetime,
    today: date,
    told: Callable[[int], None],
) -> None:
    """Found the new ones, parents first, and write what differs."""
    rows = db.execute(
        text("SELECT * FROM import_rows WHERE import_id = :id AND verdict = 'new' ORDER BY line"), {"id": import_id}
    ).all()
    found_all(db, _parents_first(rows))
    told(len(rows))
    db.execute(
        text(
            "UPDATE organisations o SET "  # noqa: S608 - made of constants
            + ", ".join(f"{name} = coalesce(r.fields ->> '{name}', o.{name})" for name in COMPARED)
            + " FROM import_rows r WHERE r.import_id = :id AND o.id = r.target_id AND r.verdict = 'changed'"
        ),
        {"id": import_id},
    )
    told(lines)


def _parents_first(rows: Sequence[Any]) -> list[Founding]:
    waiting = {row.new_id: row for row in rows}
    foundings: list[Founding] = []

    def found(row: Any) -> None:
        if (above := waiting.pop(row.branch_id, None)) is not None:
            found(above)
        given = {name: row.fields.get(name) for name in ("code", "kind", *COMPARED)}
        foundings.append(Founding(id=row.new_id, parent_id=row.branch_id, **given))

    while waiting:
        found(waiting.pop(next(iter(waiting))))
    return foundings


def tell(db: Connection, import_id: UUID, *, at: datetime, by: UUID) -> None:
    """Tell the other services of what was founded or changed."""
    ids = db.execute(
        text(
            "SELECT coalesce(target_id, new_id) FROM import_rows WHERE import_id = :id AND verdict IN ('new','changed')"
        ),
        {"id": import_id},
    ).scalars()
    tell_changed(db, ids, at=at, by=by)
