"""What the setting rules look at, gathered for many organisations in one pass.

Each of GATHERERS answers for all the organisations it is given: a part that adds rules about something else adds a
function here whose answer stands in `Facts.told`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from roster.domain.setting_rules import Facts
from roster.queries import terms

Told = Mapping[UUID, Mapping[str, Any]]
Gatherer = Callable[..., Told]
"""`(db, ids, *, on)` → what is told of each organisation, by its id."""

GATHERERS: Final[tuple[Gatherer, ...]] = (terms.told,)


@dataclass(frozen=True)
class Standing:
    """An organisation's facts, and where it stands."""

    path: str
    field: str
    is_dissolved: bool
    facts: Facts


# The counts of a branch stand in its row (`tell_changed` counts them), those of a general branch are what lies below.
_FACTS: Final = text(
    """
    SELECT o.id, o.kind, o.name, o.path, o.field, o.dissolved_on IS NOT NULL AS is_dissolved,
           coalesce(below.members_full, o.members_full) AS members_full,
           coalesce(below.members_probationary, o.members_probationary) AS members_probationary,
           coalesce(s.seats, 0) AS committee_seats, coalesce(s.has_secretary, false) AS has_secretary,
           coalesce(g.groups, '{}') AS groups, coalesce(g.ungrouped, 0) AS ungrouped,
           coalesce(u.units, '{}') AS units, coalesce(v.rules, '{}') AS overridden
    FROM organisations o
    LEFT JOIN LATERAL (
        SELECT sum(b.members_full) AS members_full, sum(b.members_probationary) AS members_probationary
        FROM organisations b
        WHERE o.kind = 'general_branch' AND b.path > o.path || '.' AND b.path < o.path || '/'
    ) below ON true
    LEFT JOIN (
        SELECT organisation_id, count(DISTINCT person_id) AS seats, bool_or(post = 'secretary') AS has_secretary
        FROM posts WHERE held_until IS NULL AND organisation_id = ANY(:ids) GROUP BY organisation_id
    ) s ON s.organisation_id = o.id
    LEFT JOIN (
        SELECT branch_id, array_agg(size ORDER BY size) FILTER (WHERE party_group IS NOT NULL) AS groups,
               sum(size) FILTER (WHERE party_group IS NULL) AS ungrouped
        FROM (
            SELECT branch_id, party_group, count(*) AS size FROM members WHERE branch_id = ANY(:ids)
            GROUP BY branch_id, party_group
        ) grouped GROUP BY branch_id
    ) g ON g.branch_id = o.id
    LEFT JOIN (
        SELECT organisation_id, array_agg(name ORDER BY name) AS units
        FROM joint_units WHERE active_until IS NULL AND organisation_id = ANY(:ids) GROUP BY organisation_id
    ) u ON u.organisation_id = o.id
    LEFT JOIN (
        SELECT t.organisation_id, array_agg(t.rule) AS rules
        FROM name_overrides t JOIN organisations n ON n.id = t.organisation_id AND n.name = t.name
        WHERE t.withdrawn_at IS NULL AND t.organisation_id = ANY(:ids) GROUP BY t.organisation_id
    ) v ON v.organisation_id = o.id
    WHERE o.id = ANY(:ids)
    """
)


def facts_of_all(db: Connection, ids: Sequence[UUID], *, on: date) -> dict[UUID, Standing]:
    """Return what the rules look at of each organisation, as it stands now."""
    told: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for gather in GATHERERS:
        for organisation_id, said in gather(db, ids, on=on).items():
            told[organisation_id] |= said
    return {
        row.id: Standing(
            path=row.path,
            field=row.field,
            is_dissolved=row.is_dissolved,
            facts=Facts(
                kind=row.kind,
                members_full=int(row.members_full),
                members_probationary=int(row.members_probationary),
                committee_seats=row.committee_seats,
                has_secretary=row.has_secretary,
                groups=tuple(row.groups),
                name=row.name,
                ungrouped=int(row.ungrouped),
                units=tuple(row.units),
                overridden=frozenset(row.overridden),
                told=told.get(row.id, {}),
            ),
        )
        for row in db.execute(_FACTS, {"ids": list(ids)})
    }
