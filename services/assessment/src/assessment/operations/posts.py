"""The local copy of who holds posts, written only from what roster tells."""

from contracts.envelope import Event
from contracts.roster.posts import PostsChanged
from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects.postgresql import insert as insert_new

from assessment.tables.posts import post_holders, posts_told


def remember(db: Connection, *, event: Event) -> None:
    """Keep who holds posts of the organisation, unless something newer is known. A repeat changes nothing."""
    told: PostsChanged = event.data
    new = insert_new(posts_told).values(organisation_id=told.organisation_id, version=event.version)
    newer = new.on_conflict_do_update(
        index_elements=["organisation_id"],
        set_={"version": event.version},
        where=posts_told.c.version < event.version,
    )
    if db.execute(newer.returning(posts_told.c.organisation_id)).first() is None:
        return
    db.execute(delete(post_holders).where(post_holders.c.organisation_id == told.organisation_id))
    rows = [
        {
            "organisation_id": told.organisation_id,
            "post_id": holder.post_id,
            "post": holder.post,
            "member_id": holder.person_id,
            "name": holder.name,
            "from_day": holder.held_from,
            "until_day": holder.held_until,
        }
        for holder in told.holders
    ]
    if rows:
        db.execute(insert(post_holders), rows)
