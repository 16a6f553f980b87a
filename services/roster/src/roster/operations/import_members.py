"""Members as the subject of an import: their numbers are sealed row by row, all else is asked and written set-wise."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.personal import index_key, mask_phone, seal, sealing_key
from contracts.rights import lies_in
from sqlalchemy import Connection, text

from roster.domain.identity_numbers import masked
from roster.domain.import_cells import Fault, nearest, shown
from roster.domain.member_sheets import COLUMNS, read_row
from roster.domain.organisations import BRANCHES
from roster.operations.import_staging import Line, Staged, bad_by_register, forget_verdicts, tell_of, twice
from roster.operations.organisations import keep_the_tree, tell_changed
from roster.operations.people import identity_index, phone_index
from roster.queries.organisations import in_part

PART: Final = 4_000
PLAIN: Final = ("name", "sex", "ethnicity", "born_on", "education", "native_place", "work_unit", "file_place")
"""What an import compares and writes of a person as it is."""

_HEADING: Final = {column.field: column.heading for column in COLUMNS}


# ---- what the file says ------------------------------------------------------------------------------------------


class Branches:
    """The branches that a file names, looked up once each."""

    def __init__(self, db: Connection, paths: Sequence[str]) -> None:
        self._db = db
        self._paths = paths
        self._found: dict[tuple[str, str], tuple[UUID | None, Fault | None]] = {}
        self._names: list[str] | None = None

    def look_up(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Ask for all that these rows name and that is not known yet, in one question."""
        wanted = {self._said(fields) for fields in lines} - self._found.keys()
        if not wanted:
            return
        rows = self._db.execute(
            text(
                "SELECT id, code, name, kind, path, dissolved_on FROM organisations"
                " WHERE code = ANY(:codes) OR name = ANY(:names) ORDER BY path"
            ),
            {"codes": [code for code, _ in wanted if code], "names": [name for _, name in wanted if name]},
        ).all()
        by_code = {row.code: row for row in rows}
        by_name: dict[str, list[Any]] = {}
        for row in rows:
            by_name.setdefault(row.name, []).append(row)
        for code, name in wanted:
            self._found[code, name] = self._judged(code, name, by_code.get(code), by_name.get(name, []))

    def of(self, fields: Mapping[str, Any]) -> tuple[UUID | None, Fault | None]:
        """Return the branch that a row names, or why there is none."""
        code, name = self._said(fields)
        return self._found[code, name] if code or name else (None, None)

    @staticmethod
    def _said(fields: Mapping[str, Any]) -> tuple[str, str]:
        return fields.get("branch_code", ""), fields.get("branch", "")

    def _judged(self, code: str, name: str, coded: Any, named: list[Any]) -> tuple[UUID | None, Fault | None]:
        where, said = ("branch_code", code) if code else ("branch", name)
        if not code:
            # A name that is ambiguous in the whole register may be the only one in one's own part of the tree.
            named = [row for row in named if row.dissolved_on is None] or named
            own = [row for row in named if row.kind in BRANCHES and self._is_inside(row.path)]
            named = own or [row for row in named if row.kind in BRANCHES] or named
            if len(named) > 1:
                return None, Fault(where, "branch-ambiguous", shown(said), {"count": len(named)})
            coded = named[0] if named else None
        if coded is None:
            like = nearest(said, self._own_names()) if name else None
            return None, Fault(where, "branch-unknown", shown(said), {"nearest": like} if like else {})
        if not self._is_inside(coded.path):
            return None, Fault(where, "outside", shown(said), {"name": coded.name})
        if code and name and coded.name != name:
            return None, Fault("branch", "branch-code-differs", shown(name), {"name": coded.name})
        if coded.kind not in BRANCHES:
            return None, Fault(where, "not-a-branch", shown(said), {"name": coded.name})
        return coded.id, None

    def _is_inside(self, path: str) -> bool:
        return any(lies_in(path, own) for own in self._paths)

    def _own_names(self) -> list[str]:
        if self._names is None:
            rows = self._db.execute(
                text("SELECT name, path FROM organisations WHERE kind = ANY(:kinds) AND dissolved_on IS NULL"),
                {"kinds": sorted(BRANCHES)},
            )
            self._names = [row.name for row in rows if self._is_inside(row.path)]
        return self._names


def stage(lines: Sequence[Line], *, branches: Branches, today: date) -> list[Staged]:
    """Read some rows: what each says, its branch, its numbers sealed."""
    read = [(line, read_row(line.cells, today=today)) for line in lines]
    branches.look_up([row.fields for _, row in read])
    staged = []
    for line, row in read:
        branch_id, fault = branches.of(row.fields)
        faults = [*row.faults, *([fault] if fault else [])]
        fields = {name: value for name, value in row.fields.items() if name not in ("branch", "branch_code")}
        key = None
        if row.number is not None:
            key = identity_index(row.number)
            fields |= {"identity_number": seal(row.number).decode(), "identity_masked": masked(row.number)}
        elif row.number_masked is not None:
            fields["identity_masked"] = row.number_masked
        if row.phone is not None:
            fields |= {
                "phone": seal(row.phone).decode(),
                "phone_index": phone_index(row.phone).hex(),
                "phone_masked": mask_phone(row.phone),
            }
        staged.append(Staged(line, row.fields.get("name", "—"), fields, key, branch_id, faults))
    return staged


# ---- what the register says --------------------------------------------------------------------------------------

_TARGETS: Final = (
    "UPDATE import_rows r SET target_id = p.id FROM people p"
    " WHERE r.import_id = :id AND r.key IS NOT NULL AND p.identity_index = r.key",
    # A row with a masked number, or with none, is its person's by the system's id when nothing speaks against it.
    "UPDATE import_rows r SET target_id = p.id FROM people p"
    " WHERE r.import_id = :id AND r.key IS NULL AND NOT r.is_bad AND r.fields ? 'person_id'"
    " AND p.id = CAST(r.fields ->> 'person_id' AS uuid)"
    " AND coalesce(r.fields ->> 'identity_masked', p.identity_masked) IS NOT DISTINCT FROM p.identity_masked",
)

_WAS: Final = """
LEFT JOIN people p ON p.id = r.target_id
LEFT JOIN members m ON m.person_id = r.target_id
LEFT JOIN organisations o ON o.id = m.branch_id
"""
_NAMED: Final = "JOIN organisations o ON o.id = r.branch_id"


def _inside(paths: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return the condition that the organisation `o` lies in one of the parts of the tree."""
    return (
        f"EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS part(path) WHERE {in_part('o.path', 'part.path')})",
        {"paths": list(paths)},
    )


def _differs(field: str, new: str, old: str) -> str:
    return (
        f"'{field}', CASE WHEN {new} IS NOT NULL AND {new} IS DISTINCT FROM {old}"
        f" THEN jsonb_build_array({old}, {new}) END"
    )


_CHANGES: Final = (
    "jsonb_strip_nulls(jsonb_build_object("
    + ", ".join(
        [
            *(_differs(name, f"(r.fields ->> '{name}')", f"p.{name}::text") for name in PLAIN),
            *(
                _differs(name, f"(r.fields ->> '{name}')", f"m.{name}::text")
                for name in ("status", "state", "joined_on", "full_on", "party_group")
            ),
            "'phone', CASE WHEN r.fields ? 'phone' AND"
            " decode(r.fields ->> 'phone_index', 'hex') IS DISTINCT FROM p.phone_index"
            " THEN jsonb_build_array(p.phone_masked, r.fields ->> 'phone_masked') END",
        ]
    )
    + "))"
)
# A null in an array is what the register had: strip_nulls takes only the fields that do not differ.

_VERDICTS: Final = (
    f"UPDATE import_rows r SET changes = c.changes FROM (SELECT r.line, {_CHANGES} AS changes FROM import_rows r"  # noqa: S608
    f" JOIN people p ON p.id = r.target_id JOIN members m ON m.person_id = r.target_id"
    " WHERE r.import_id = :id AND r.verdict IS NULL) c WHERE r.import_id = :id AND r.line = c.line",
    "UPDATE import_rows r SET verdict = CASE WHEN changes IS NULL THEN 'new' WHEN changes = '{}' THEN 'unchanged'"
    " ELSE 'changed' END WHERE import_id = :id AND verdict IS NULL",
)


def judge(db: Connection, import_id: UUID, *, paths: Sequence[str]) -> None:
    """Ask the register about every row: whom it means, what is new, what differs, what cannot be."""
    forget_verdicts(db, import_id)
    for statement in _TARGETS:
        db.execute(text(statement), {"id": import_id})
    twice(
        db,
        import_id,
        field="identity_number",
        heading=_HEADING["identity_number"],
        found="coalesce(r.fields ->> 'identity_masked', '')",
    )
    inside, values = _inside(paths)
    values["branches"] = sorted(BRANCHES)
    number = "coalesce(r.fields ->> 'identity_masked', '')"

    def tell(
        field: str,
        code: str,
        condition: str,
        *,
        found: str = number,
        params: str = "'{}'::jsonb",
        source: str = _WAS,
    ) -> None:
        tell_of(
            db,
            import_id,
            field=field,
            heading=_HEADING[field],
            code=code,
            source=source,
            condition=condition,
            found=found,
            params=params,
            values={name: value for name, value in values.items() if f":{name}" in condition},
        )

    said = "(r.fields ->> '{}')".format
    mine = "m.branch_id = r.branch_id"
    standing = "CASE r.fields ->> 'status' WHEN 'full' THEN '正式党员' ELSE '预备党员' END"
    # The branch that was named when the rows were read may have moved, become something else or ended since, and the
    # right to import into it may have.
    for code, condition in (
        ("dissolved", f"{inside} AND o.dissolved_on IS NOT NULL"),
        ("not-a-branch", f"{inside} AND o.dissolved_on IS NULL AND o.kind <> ALL(:branches)"),
        ("outside", f"NOT {inside}"),
    ):
        tell(
            "branch",
            code,
            f"NOT r.is_bad AND {condition}",
            found="o.name",
            params="jsonb_build_object('name', o.name)",
            source=_NAMED,
        )
    tell(
        "person_id",
        "person-unknown",
        "r.fields ? 'person_id' AND NOT r.is_bad"
        f" AND (r.target_id IS NULL OR r.target_id <> CAST({said('person_id')} AS uuid))",
        found=said("person_id"),
    )
    elsewhere = f"m.person_id IS NOT NULL AND r.branch_id IS NOT NULL AND NOT {mine} AND {{}} {inside}"
    tell(
        "identity_number",
        "member-elsewhere",
        elsewhere.format(""),
        params="jsonb_build_object('branch', o.name)",
    )
    tell("identity_number", "member-elsewhere-unnamed", elsewhere.format("NOT"))
    tell(
        "identity_number",
        "number-taken",
        "r.target_id IS NOT NULL AND m.person_id IS NULL AND NOT r.is_bad AND (p.name IS DISTINCT FROM r.name"
        " OR EXISTS (SELECT FROM developments d WHERE d.person_id = p.id AND d.stage NOT IN ('full', 'ended')))",
    )
    tell(
        "name",
        "name-differs",
        f"{mine} AND NOT r.is_bad AND p.name <> r.name",
        found="r.name",
        params="jsonb_build_object('name', p.name)",
    )
    tell(
        "status",
        "status-back",
        f"{mine} AND m.status = 'full' AND {said('status')} = 'probationary'",
        found=standing,
    )
    becomes_full = f"{mine} AND m.status = 'probationary' AND {said('status')} = 'full'"
    in_steps = "EXISTS (SELECT FROM developments d WHERE d.person_id = r.target_id AND d.stage = 'probationary')"
    tell("status", "status-by-steps", f"{becomes_full} AND {in_steps}", found=standing)
    tell(
        "full_on",
        "status-without-day",
        f"{becomes_full} AND NOT {in_steps} AND NOT r.fields ? 'full_on'",
    )
    # What the file says and what the register keeps together must be possible: either may come from the other.
    tell(
        "full_on",
        "full-before-joined",
        f"{mine} AND NOT (r.fields ? 'joined_on' AND r.fields ? 'full_on')"
        f" AND coalesce({said('full_on')}::date, m.full_on) < coalesce({said('joined_on')}::date, m.joined_on)",
        found=f"coalesce({said('full_on')}, {said('joined_on')})",
    )
    bad_by_register(db, import_id)
    for statement in _VERDICTS:
        db.execute(text(statement), {"id": import_id})


# ---- taking over -------------------------------------------------------------------------------------------------

_LOCKS: Final = (
    # One at a time: two files of the same members would otherwise both be right about what they show, and wait in a
    # ring for each other's rows. Who edits one of these members meanwhile waits, or is waited for.
    "SELECT pg_advisory_xact_lock(hashtext('roster: imports'))",
    "SELECT 1 FROM people p JOIN import_rows r ON r.target_id = p.id WHERE r.import_id = :id AND r.verdict <> 'bad'"
    " ORDER BY p.id FOR UPDATE OF p",
    "SELECT 1 FROM members m JOIN import_rows r ON r.target_id = m.person_id"
    " WHERE r.import_id = :id AND r.verdict <> 'bad' ORDER BY m.person_id FOR UPDATE OF m",
)

_TEXT: Final = "r.fields ->> '{}'".format
_PART: Final = "r.import_id = :id AND r.line > :after AND r.line <= :to"
_WHO: Final = "coalesce(r.target_id, r.new_id)"

_SEALED: Final = """
    convert_to(r.fields ->> 'identity_number', 'UTF8'), r.key, r.fields ->> 'identity_masked',
    convert_to(r.fields ->> 'phone', 'UTF8'), decode(r.fields ->> 'phone_index', 'hex'), r.fields ->> 'phone_masked'
"""

_NEW_PEOPLE: Final = f"""
INSERT INTO people (id, name, sex, ethnicity, born_on, education, native_place, work_unit, file_place,
                    identity_number, identity_index, identity_masked, phone, phone_index, phone_masked,
                    sealed_with, indexed_with)
SELECT r.new_id, r.name, {_TEXT("sex")}, {_TEXT("ethnicity")}, CAST({_TEXT("born_on")} AS date),
       {_TEXT("education")}, {_TEXT("native_place")}, {_TEXT("work_unit")}, {_TEXT("file_place")},
       {_SEALED}, :sealing, :indexing
FROM import_rows r WHERE {_PART} AND r.verdict = 'new' AND r.target_id IS NULL
"""  # noqa: S608
_CHANGED_PEOPLE: Final = f"""
UPDATE people p SET
    name = r.name,
    {", ".join(f"{name} = coalesce({_TEXT(name)}, p.{name})" for name in PLAIN if name not in ("name", "born_on"))},
    born_on = coalesce(CAST({_TEXT("born_on")} AS date), p.born_on),
    phone = CASE WHEN r.changes ? 'phone' OR r.verdict = 'new' THEN coalesce(
        convert_to(r.fields ->> 'phone', 'UTF8'), p.phone) ELSE p.phone END,
    phone_index = CASE WHEN r.changes ? 'phone' OR r.verdict = 'new' THEN coalesce(
        decode(r.fields ->> 'phone_index', 'hex'), p.phone_index) ELSE p.phone_index END,
    phone_masked = CASE WHEN r.changes ? 'phone' OR r.verdict = 'new' THEN coalesce(
        r.fields ->> 'phone_masked', p.phone_masked) ELSE p.phone_masked END,
    -- What stays sealed with an older key keeps that mark, so that sealing anew finds it.
    sealed_with = coalesce(p.sealed_with, CASE WHEN r.fields ? 'phone' THEN :sealing END),
    indexed_with = coalesce(p.indexed_with, CASE WHEN r.fields ? 'phone' THEN :indexing END),
    version = p.version + 1
FROM import_rows r
WHERE {_PART} AND p.id = r.target_id AND r.verdict IN ('new', 'changed')
"""  # noqa: S608
_NEW_MEMBERS: Final = f"""
INSERT INTO members (person_id, branch_id, status, state, since, joined_on, full_on, party_group)
SELECT {_WHO}, r.branch_id, {_TEXT("status")}, coalesce({_TEXT("state")}, 'active'),
       greatest(coalesce(CAST({_TEXT("since")} AS date), :today),
                (SELECT max(active_until) FROM membership_periods t WHERE t.person_id = r.target_id)),
       CAST({_TEXT("joined_on")} AS date), CAST({_TEXT("full_on")} AS date), {_TEXT("party_group")}
FROM import_rows r WHERE {_PART} AND r.verdict = 'new'
"""  # noqa: S608
_CHANGED_MEMBERS: Final = f"""
UPDATE members m SET
    status = {_TEXT("status")}, state = coalesce({_TEXT("state")}, m.state),
    joined_on = coalesce(CAST({_TEXT("joined_on")} AS date), m.joined_on),
    full_on = coalesce(CAST({_TEXT("full_on")} AS date), m.full_on),
    party_group = coalesce({_TEXT("party_group")}, m.party_group),
    since = CASE WHEN r.changes ? 'state' THEN greatest(m.since, :today)
                 WHEN r.changes ? 'status' THEN greatest(m.since, CAST({_TEXT("full_on")} AS date))
                 ELSE m.since END
FROM import_rows r
WHERE {_PART} AND m.person_id = r.target_id AND r.verdict = 'changed'
  AND r.changes ?| ARRAY['status', 'state', 'joined_on', 'full_on', 'party_group']
"""  # noqa: S608
_MOVES: Final = f"""
INSERT INTO member_moves (person_id, branch_id, verb, happened_on, reason, at, by_id, by_name)
SELECT {_WHO}, r.branch_id, CASE r.verdict WHEN 'new' THEN 'imported' ELSE 'edited_by_import' END,
       CASE r.verdict WHEN 'new' THEN (SELECT since FROM members m WHERE m.person_id = {_WHO}) ELSE :today END,
       :file, :at, :by_id, :by_name
FROM import_rows r WHERE {_PART} AND r.verdict IN ('new', 'changed') ORDER BY r.line
"""  # noqa: S608
_TOUCHED: Final = """
SELECT DISTINCT branch_id FROM import_rows
WHERE import_id = :id AND (verdict = 'new' OR (verdict = 'changed'
      AND changes ?| ARRAY['status', 'state', 'party_group', 'joined_on']))
"""


def lock(db: Connection, import_id: UUID) -> None:
    """Hold what the file speaks of until the end: nobody else writes it meanwhile, and no branch of it ends."""
    alone, *rows = _LOCKS
    db.execute(text(alone))
    keep_the_tree(db)
    for statement in rows:
        db.execute(text(statement), {"id": import_id})


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
    """Write the new and the changed, part by part in the one transaction; `told` hears of the lines that are done."""
    given: dict[str, Any] = {
        "id": import_id,
        "file": file_name,
        "at": at,
        "today": today,
        "by_id": by[0],
        "by_name": by[1],
        "sealing": sealing_key(),
        "indexing": index_key(),
    }
    statements = [text(part) for part in (_NEW_PEOPLE, _CHANGED_PEOPLE, _NEW_MEMBERS, _CHANGED_MEMBERS, _MOVES)]
    for after in range(0, lines, PART):
        for statement in statements:
            db.execute(statement, {**given, "after": after, "to": after + PART})
        told(min(after + PART, lines))


def tell(db: Connection, import_id: UUID, *, at: datetime, by: UUID) -> None:
    """Tell the other services of the branches whose numbers, groups or rolls changed, once each."""
    tell_changed(db, db.execute(text(_TOUCHED), {"id": import_id}).scalars(), at=at, by=by)
