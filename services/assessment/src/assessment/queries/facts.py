"""What is known of branches and members when their lights are read, gathered for many of them set-wise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from sqlalchemy import Connection, Row, text

from assessment.domain.activities import THEME_DAY
from assessment.domain.checks import Check, Meeting
from assessment.domain.facts import ActivityOfBranch, BranchFacts, Held, MemberFacts, TaskOfBranch
from assessment.domain.months import Month

RUN_MONTHS: Final = 12
"""How far back a run of months is looked for in which somebody missed something."""


def facts_of(
    db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime, checks: Iterable[Check] = ()
) -> dict[UUID, BranchFacts]:
    """Return the facts of each branch (rows of `organisations`) for the month, as they stand at `at`.

    A month that is over is seen as it ended: on its last day, without what was recorded later. What a branch held
    with others counts for it once it has confirmed its part, by word or by silence.
    """
    today = min(clock.today(at), month.last)
    names = {
        "ids": [branch.id for branch in branches],
        "month": str(month),
        "first": month.first,
        "last": month.last,
        "ends_at": month.ends_at,
    }
    theme_days = defaultdict(list)
    for row in db.execute(_THEME_DAYS, {**names, "kind": THEME_DAY}):
        theme_days[row.branch_id].append(ActivityOfBranch(THEME_DAY, row.state, row.held_on, row.place))
    held: dict[UUID, dict[str, Held]] = defaultdict(dict)
    if meetings := [check for check in checks if isinstance(check, Meeting)]:
        windows = {
            "codes": [type(check).__name__ for check in meetings],
            "kinds": [check.kind for check in meetings],
            "starts": [check.period(month)[0].first for check in meetings],
            "leasts": [check.numbers["least"] for check in meetings],
        }
        for row in db.execute(_HELD, {**names, **windows}):
            held[row.branch_id][row.code] = Held(row.meetings, row.enough_on)
    tasks = defaultdict(list)
    for row in db.execute(_TASKS, names):
        tasks[row.branch_id].append(TaskOfBranch(row.text, row.state, row.due_on, row.done_on))
    known = {row.branch_id: row for row in db.execute(_KNOWN, names)}
    return {
        branch.id: BranchFacts(
            today=today,
            has_secretary=branch.secretary_id is not None,
            members_full=branch.members_full,
            activities=tuple(theme_days[branch.id]),
            members=known[branch.id].members,
            groups=known[branch.id].groups,
            known_on=clock.today(branch.known_since),
            tasks=tuple(tasks[branch.id]),
            held=held[branch.id],
            dues_unpaid=known[branch.id].dues_unpaid,
            breaches=known[branch.id].breaches,
        )
        for branch in branches
    }


def members_of(db: Connection, branch_id: UUID, *, month: Month, at: datetime) -> list[tuple[Row[Any], MemberFacts]]:
    """Return whom a branch's roll names (person_id, name, exempt_until), by name, with their facts at `at`."""
    names = _names_for([branch_id], month=month, at=at)
    return [(row, _facts_of(row, names["day"], month)) for row in db.execute(_MEMBERS, names)]


def members_alike(
    db: Connection, branch_ids: Sequence[UUID], *, month: Month, at: datetime
) -> list[tuple[Row[Any], MemberFacts]]:
    """Return who stands on the branches' rolls, those of whom the same is known together, with the facts they share.

    A row has `persons` and `branches`, two arrays of ids of one length as PostgreSQL writes them, to be handed back as
    they are: of a district's 48 000 members some hundred rows are read and judged. Who stands in two rolls for a moment
    is found once.
    """
    names = _names_for(branch_ids, month=month, at=at)
    return [(row, _facts_of(row, names["day"], month)) for row in db.execute(_ALIKE, names)]


def _names_for(branch_ids: Sequence[UUID], *, month: Month, at: datetime) -> dict[str, Any]:
    return {
        "ids": list(branch_ids),
        "month": str(month),
        "first": month.first,
        "day": min(clock.today(at), month.last),
        "from": _back(month, RUN_MONTHS - 1).first,
    }


def _facts_of(row: Row[Any], today: date, month: Month) -> MemberFacts:
    missed = row.missed or []
    return MemberFacts(
        today=today,
        state=row.state,
        is_in_group=row.is_in_group,
        is_joining_known=row.is_joining_known,
        branch_members=row.branch_members,
        dues_unpaid=tuple(Month.named(one) for one in row.unpaid) if row.unpaid else () if row.told else None,
        missed=min((day for day in missed if day >= month.first), default=None),
        missed_months=_running({Month.of(day) for day in missed}, month),
    )


def exempt_in(db: Connection, branch_ids: Sequence[UUID], *, month: Month) -> dict[UUID, Row[Any]]:
    """Return the exemptions of these branches that are in force in the month, by branch."""
    rows = db.execute(_EXEMPT, {"ids": list(branch_ids), "first": month.first})
    return {row.branch_id: row for row in rows}


def _running(months: set[Month], month: Month) -> int:
    count = 0
    while month in months:
        count, month = count + 1, month.previous
    return count


def _back(month: Month, count: int) -> Month:
    for _ in range(count):
        month = month.previous
    return month


_THEME_DAYS = text(
    """
SELECT branch_id, state, held_on, place FROM branch_activities
WHERE branch_id = ANY (:ids) AND kind = :kind AND held_on BETWEEN :first AND :last AND recorded_at < :ends_at"""
)

_HELD = text(
    """
SELECT a.branch_id, w.code, count(*) AS meetings, (array_agg(a.held_on ORDER BY a.held_on))[w.least] AS enough_on
FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:starts AS date[]), CAST(:leasts AS integer[]))
     AS w (code, kind, starts_on, least)
JOIN branch_activities a ON a.kind = w.kind AND a.state = 'held' AND a.held_on BETWEEN w.starts_on AND :last
     AND a.recorded_at < :ends_at
WHERE a.branch_id = ANY (:ids)
GROUP BY a.branch_id, w.code, w.least"""
)

_TASKS = text(
    """
SELECT t.branch_id, i.text, t.state, t.due_on, t.done_on
FROM tasks t JOIN list_items i ON i.id = t.item_id
WHERE t.month = :month AND t.branch_id = ANY (:ids) AND t.is_required AND t.state <> 'exempt'
ORDER BY t.due_on, i.position"""
)

_KNOWN = text(
    """
SELECT b.branch_id, coalesce(m.members, 0) AS members, coalesce(m.groups, 0) AS groups, s.breaches,
       CASE WHEN s.branch_id IS NOT NULL THEN coalesce(u.unpaid, 0) END AS dues_unpaid
FROM unnest(CAST(:ids AS uuid[])) AS b (branch_id)
LEFT JOIN (SELECT branch_id, count(*) AS members, count(DISTINCT party_group) AS groups
           FROM members WHERE branch_id = ANY (:ids) GROUP BY branch_id) m USING (branch_id)
LEFT JOIN standings s USING (branch_id)
LEFT JOIN (SELECT branch_id, count(*) AS unpaid FROM unpaid_dues
           WHERE branch_id = ANY (:ids) AND month = :month GROUP BY branch_id) u USING (branch_id)"""
)

# A row for each place on a roll; `missed` are the days of what the person missed and has not made up.
_KNOWN_OF_MEMBERS: Final = """
WITH missed AS (
    SELECT a.person_id, array_agg(h.held_on ORDER BY h.held_on) AS days
      FROM record_attendance a JOIN activities h ON h.id = a.activity_id
     WHERE a.branch_id = ANY (:ids) AND a.state IN ('leave', 'absent') AND a.make_up_by IS NOT NULL
       AND (a.made_up_on IS NULL OR a.made_up_on > :day) AND h.state = 'held' AND h.held_on BETWEEN :from AND :day
     GROUP BY a.person_id
), unpaid AS (
    SELECT person_id, array_agg(month ORDER BY month) AS months
      FROM unpaid_dues
     WHERE month <= :month AND person_id IN (SELECT person_id FROM members WHERE branch_id = ANY (:ids))
     GROUP BY person_id
), known AS (
    SELECT m.branch_id, m.person_id, m.name, m.state, m.party_group IS NOT NULL AS is_in_group,
           m.joined_on IS NOT NULL AS is_joining_known, count(*) OVER (PARTITION BY m.branch_id) AS branch_members,
           u.months AS unpaid, s.branch_id IS NOT NULL AS told, d.days AS missed, e.active_until AS exempt_until
      FROM members m
      LEFT JOIN standings s ON s.branch_id = m.branch_id
      LEFT JOIN unpaid u ON u.person_id = m.person_id
      LEFT JOIN missed d ON d.person_id = m.person_id
      LEFT JOIN exemptions e ON e.subject_id = m.person_id AND e.person_id IS NOT NULL
           AND e.state IN ('approved', 'ended') AND e.active_from <= :first AND e.active_until > :first
     WHERE m.branch_id = ANY (:ids)
)"""
_MEMBERS = text(_KNOWN_OF_MEMBERS + " TABLE known ORDER BY name, person_id")

_ALIKE = text(
    _KNOWN_OF_MEMBERS  # noqa: S608 - constants
    + """
SELECT state, is_in_group, is_joining_known, branch_members, unpaid, told, missed, exempt_until,
       CAST(array_agg(person_id) AS text) AS persons, CAST(array_agg(branch_id) AS text) AS branches
  FROM (SELECT DISTINCT ON (person_id) * FROM known ORDER BY person_id, branch_id DESC) one
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"""
)

_EXEMPT = text(
    """
SELECT branch_id, active_until FROM exemptions
WHERE state IN ('approved', 'ended') AND active_from <= :first AND active_until > :first
  AND person_id IS NULL AND branch_id = ANY (:ids)"""
)
