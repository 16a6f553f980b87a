"""Refusals that matter: no right here, a wrong password or code, an id that is not one's to see.

They are counted by the minute, door, code, person and network, and at most KEYS_MAX such counts stand at a time; what
goes beyond counts together. So the record says that somebody knocked and how often, and knocking costs no disk.
"""

import ipaddress
import logging
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from contracts.refusals import WATCHED
from sqlalchemy import Connection, Engine, text

from chassis.actors import Actor
from chassis.audit.records import Record, place_of
from chassis.refusals import Refusal

log = logging.getLogger(__name__)

KEYS_MAX: Final = 2000
OVERFLOW: Final = "overflow"

_COUNT: Final = text("""
INSERT INTO audit_refusals AS kept (minute, key, record)
SELECT date_trunc('minute', CAST(:at AS timestamptz)),
       CASE WHEN room.is_left THEN :key ELSE '' END,
       CAST(CASE WHEN room.is_left THEN :record ELSE :overflow END AS jsonb)
  FROM (SELECT count(*) < :most AS is_left FROM audit_refusals) AS room
ON CONFLICT (minute, key) DO UPDATE SET times = kept.times + 1
""")
_PASS_ON: Final = text("""
WITH over AS (DELETE FROM audit_refusals WHERE minute < CAST(:at AS timestamptz) - interval '1 minute'
              RETURNING record || jsonb_build_object('times', times) AS record)
INSERT INTO audit_waiting (record) SELECT record FROM over
""")


def is_watched(refusal: Refusal) -> bool:
    """Say whether a refusal is kept."""
    return refusal.code in WATCHED


def count(
    engine: Engine,
    refusal: Refusal,
    *,
    door: str,
    actor: Actor | None,
    at: datetime,
    address: str,
    request_id: str,
) -> None:
    """Count a refusal in a transaction of its own; it never stands in the way of the answer."""
    about: tuple[UUID, ...] = (refusal.about,) if refusal.about else ()
    record = Record(
        door=door,
        outcome=refusal.code,
        at=at,
        person_id=actor.person_id if actor else None,
        session_id=actor.session_id if actor else None,
        place=place_of(actor.grants) if actor else refusal.place,
        address=address[:100],
        request_id=request_id,
        command_id="",
        targets=about,
        fields=(),
    )
    who = actor.person_id if actor else network_of(address)
    given: dict[str, Any] = {
        "at": at,
        "key": f"{door} {refusal.code} {who} {refusal.about or ''}",
        "record": record.text(),
        "overflow": orjson.dumps(
            {"at": at, "door": "", "outcome": OVERFLOW, "address": "", "request_id": "", "targets": [], "fields": []}
        ).decode(),
        "most": KEYS_MAX,
    }
    try:
        with engine.begin() as db:
            db.execute(_COUNT, given)
    except Exception as error:
        log.warning("A refusal of %s could not be kept: %s.", door, type(error).__name__)


def pass_on(db: Connection, *, at: datetime) -> int:
    """Pass the counts of the minutes that are over on to be sealed; returns how many."""
    return db.execute(_PASS_ON, {"at": at}).rowcount


def network_of(address: str) -> str:
    """Return the network of an address (24 bits, 48 of IPv6): who changes within it knocks on under one count."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
