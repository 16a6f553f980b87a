"""The rooms of a site (S5): a tree whose leaves are what is really occupied.

hall ─┬─ room A      a slot in the hall occupies A and B,
      └─ room B      a slot in A leaves B free
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Space:
    """A hall or a room; one without rooms of its own is a leaf."""

    id: UUID
    name: str
    parent_id: UUID | None = None


def leaves_of(spaces: Iterable[Space]) -> dict[UUID, frozenset[UUID]]:
    """Return, for every space, the leaves that it consists of; a leaf consists of itself."""
    parents = {space.id: space.parent_id for space in spaces}
    inner = set(parents.values())
    leaves: dict[UUID, set[UUID]] = {space: set() for space in parents}
    for leaf in parents.keys() - inner:
        space: UUID | None = leaf
        while space is not None:
            leaves[space].add(leaf)
            space = parents[space]
    return {space: frozenset(found) for space, found in leaves.items()}


def is_a_tree(spaces: Iterable[Space]) -> bool:
    """Say whether every space leads up to a root through spaces of the same list, and none to itself."""
    parents = {space.id: space.parent_id for space in spaces}
    for space in parents:
        seen = set()
        above: UUID | None = space
        while above is not None:
            if above in seen or above not in parents:
                return False
            seen.add(above)
            above = parents[above]
    return True
