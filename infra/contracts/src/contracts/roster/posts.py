"""Who holds which post of an organisation's committee, and who did, as roster tells it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class PostHolder:
    """Somebody holds a post (`contracts.roster.terms.POSTS`) from a day until before another, or until further notice.

    `post_id` is roster's number of this holding: the same person may come back to the same post.
    """

    post_id: int
    person_id: UUID
    name: str
    post: str
    held_from: date
    held_until: date | None = None


@dataclass(frozen=True)
class PostsChanged:
    """All posts of an organisation, held now or formerly, after a change of any; its version is the organisation's."""

    organisation_id: UUID
    holders: list[PostHolder]
