"""The code that a door shows (S8): its secret is made when a steward first opens the screen, and never leaves here."""

import base64
import secrets
from datetime import datetime
from uuid import UUID

from chassis.actors import Actor
from chassis.personal import seal, unseal
from contracts.sites.places import SiteRef
from contracts.sites.self_check_ins import DoorCodeView
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_or_keep

from sites.domain.door_codes import SECRET_BYTES, STEP, TRIES_WITHIN, code_at, step_began
from sites.queries.sites import kept_site
from sites.tables.arrivals import door_code_tries, door_secrets


def show(db: Connection, site_id: UUID, *, actor: Actor, at: datetime) -> DoorCodeView:
    """Return the code of now for the screen at the site's door. Raises NotFound, Forbidden."""
    site = kept_site(db, site_id, actor=actor, action="show_door_code")
    sealed = seal(base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode())
    made = insert_or_keep(door_secrets).values(site_id=site.id, secret=sealed, made_at=at)
    kept = select(door_secrets.c.secret).where(door_secrets.c.site_id == site.id)
    if (found := db.execute(kept).scalar_one_or_none()) is None:
        # Two screens that are opened at once show the same code: the one that comes second keeps the first's.
        db.execute(made.on_conflict_do_nothing())
        found = db.execute(kept).scalar_one()
    return DoorCodeView(
        site=SiteRef(site.id, site.name),
        code=code_at(secret_of(found), at),
        shown_at=at,
        changes_at=step_began(at) + STEP,
    )


def secret_of(sealed: bytes | memoryview) -> bytes:
    """Return the secret that stands sealed in its row."""
    return base64.b64decode(unseal(sealed))


def forget_tries(db: Connection, *, at: datetime) -> int:
    """Forget who typed which wrong codes once it counts no more; returns how many."""
    return db.execute(delete(door_code_tries).where(door_code_tries.c.since <= at - TRIES_WITHIN)).rowcount
