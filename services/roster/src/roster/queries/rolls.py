"""The rolls of branches, as they are told."""

from collections.abc import Iterable
from uuid import UUID

from contracts.roster.rolls import RollChanged, RollFact, RollMember
from sqlalchemy import Connection, text

from roster.domain.organisations import BRANCHES

_ROLLS = text("""
SELECT o.id, o.version, m.person_id, p.name, m.status, m.state, m.party_group, m.joined_on,
       f.fact, f.active_from, f.active_until
  FROM organisations o
  LEFT JOIN (members m JOIN people p ON p.id = m.person_id) ON m.branch_id = o.id
  LEFT JOIN member_facts f ON f.person_id = m.person_id
 WHERE o.id = ANY(:ids) AND o.kind = ANY(:kinds)
 ORDER BY o.id, m.person_id, f.active_from, f.fact
""")


def rolls(db: Connection, ids: Iterable[UUID]) -> list[tuple[int, RollChanged]]:
    """Return the whole roll of each branch among the organisations, with its version; one statement for all."""
    found: dict[UUID, tuple[int, RollChanged]] = {}
    for row in db.execute(_ROLLS, {"ids": sorted(ids), "kinds": sorted(BRANCHES)}):
        _, roll = found.setdefault(row.id, (row.version, RollChanged(row.id, [])))
        if row.person_id is None:
            continue
        if not roll.members or roll.members[-1].person_id != row.person_id:
            roll.members.append(
                RollMember(row.person_id, row.name, row.status, row.state, row.party_group, row.joined_on, [])
            )
        if row.fact is not None:
            roll.members[-1].facts.append(RollFact(row.fact, row.active_from, row.active_until))
    return list(found.values())
