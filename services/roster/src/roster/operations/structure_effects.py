"""What goes along when the tree changes, set by set: members and their groups, applicants, posts, letters, grants,
elections and terms; and the change in the making that counts them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from contracts.roster.structure import AffectedCounts, ChangeStructure
from sqlalchemy import Connection, Row, text

from roster.domain.elections import OPEN
from roster.domain.members import BeforeItBegan
from roster.domain.organisations import JOINT_BRANCH
from roster.operations.organisations import tell_changed
from roster.operations.units import record_units

GROUP_MAX: Final = 50


@dataclass
class Change:
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


def give_members(
    made: Change,
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


def end(made: Change, nodes: Sequence[Row[Any]], *, into: Row[Any] | None) -> None:
    """Dissolve organisations that nothing stands under, what they have going into another branch."""
    ids = [node.id for node in nodes]
    if into is not None:
        give_members(made, nodes, into.id)
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


def _withdraw_letters(made: Change, *, moved: Sequence[UUID], ended: Sequence[UUID]) -> None:
    """Withdraw the letters of members who were moved, and those out of and into what ends; both sides are told."""
    given = {"moved": list(moved), "ended": list(ended), **_by(made)}
    made.counts["letters"] += len(made.db.execute(_WITHDRAW, given).all())


def _by(made: Change) -> dict[str, Any]:
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
