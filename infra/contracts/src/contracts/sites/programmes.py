"""A site's menu: what it offers."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class ProgrammeView:
    """One line of a site's menu."""

    id: UUID
    site_id: UUID
    name: str
    theme: str
    minutes: int
    seats: int
