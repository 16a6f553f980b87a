"""At the door (S8): one check-in online, and many that a device recorded with no network."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.refusals import InvalidInput, Refusal, flatten
from chassis.signatures import is_signed
from contracts.envelope import load
from contracts.sites.visits import CheckIn, CheckInsAnswered, DoorCheckIn, RecordCheckIns
from marshmallow import ValidationError
from sqlalchemy import Connection, text

from sites.domain import voucher_tokens
from sites.domain.orders import unsubsidised
from sites.domain.visits import corrected
from sites.domain.voucher_keys import LEAKED, NEXT
from sites.domain.voucher_tokens import NotAVoucher, is_token
from sites.domain.vouchers import VoucherUnknown, read_code

_CHECK_IN: Final = """
SELECT check_in(
    p_command => %(command)s, p_body_hash => %(body_hash)s, p_door => %(door)s, p_caller => %(caller)s,
    p_check_in => %(check_in)s, p_code => %(code)s, p_order => %(order)s, p_revision => %(revision)s,
    p_kid => %(kid)s, p_public_key => %(public_key)s, p_paths => %(paths)s, p_site => %(site)s,
    p_count => %(count)s, p_members => %(members)s::uuid[], p_is_more => %(is_more)s, p_reason => %(reason)s,
    p_way => %(way)s, p_happened_at => %(happened_at)s, p_device_at => %(device_at)s, p_device => %(device)s,
    p_by => %(by)s, p_by_name => %(by_name)s, p_at => %(at)s, p_distance_m => %(distance_m)s,
    p_audit => %(audit)s
)
"""
_RECORD: Final = text(
    "SELECT record_check_ins(CAST(:items AS jsonb), :paths, :site, :device, CAST(:unsubsidised AS jsonb), :at)"
)
_KEYS: Final = "SELECT kid, public_key, state FROM voucher_keys"


@dataclass(frozen=True)
class Shown:
    """What was shown at the door: a short code, or what a token says and the key that signed it.

    The order alone: whoever checks in has proved otherwise that it is theirs.
    """

    code: str | None = None
    order_id: UUID | None = None
    revision: int | None = None
    kid: int | None = None
    public_key: bytes | None = None


# kid → public key: they never change, and the function asks the table whether the key is still believed.
_known_keys: dict[int, bytes] = {}


def check_in(cursor: DirectCursor, *, check_in: CheckIn, actor: Actor, at: datetime, command: Command) -> bytes:
    """Let the party in: use the voucher, once; with `is_more` let in more of a party that is inside already.

    One round trip; returns the CheckInView's JSON bytes. Raises VoucherUnknown, VoucherWithdrawn, VoucherSuperseded,
    VoucherForAnotherSite, VoucherUsed, VoucherCancelled, TooEarly, TooLate, OverParty.
    """
    heads_of(check_in)
    paths = actor.paths_for("check_in")
    if not paths:
        actor.must("check_in")
    shown = _shown(check_in.voucher, cursor)
    way = "token" if shown.code is None else "code"
    return admit(cursor, shown, check_in=check_in, way=way, paths=paths, actor=actor, at=at, command=command)


def admit(
    cursor: DirectCursor,
    shown: Shown,
    *,
    check_in: CheckIn,
    way: str,
    paths: Sequence[str],
    actor: Actor,
    at: datetime,
    command: Command,
) -> bytes:
    """Record one check-in, however the party came to it: the only way in for everybody who is online.

    `paths`: below which the order's site has to lie. Returns the CheckInView's JSON bytes.
    """
    cursor.execute(
        _CHECK_IN,
        {
            "command": command.id,
            "body_hash": command.body_hash,
            "door": command.door,
            "caller": command.caller,
            "check_in": check_in.check_in_id,
            "code": shown.code,
            "order": shown.order_id,
            "revision": shown.revision,
            "kid": shown.kid,
            "public_key": shown.public_key,
            "paths": list(paths),
            "site": check_in.site_id,
            "count": heads_of(check_in),
            "members": check_in.member_ids,
            "is_more": check_in.is_more,
            "reason": check_in.reason,
            "way": way,
            # A clock that runs ahead proves nothing; one that runs behind is a check-in sent late.
            "happened_at": min(check_in.happened_at or at, at),
            "device_at": check_in.happened_at,
            "device": check_in.device_id,
            "by": actor.person_id,
            "by_name": actor.name,
            "at": at,
            "distance_m": check_in.distance_m,
            "audit": command.told(),
        },
    )
    stored = cursor.fetchone()
    assert stored is not None
    return bytes(stored[0])


def record(db: Connection, *, asked: RecordCheckIns, actor: Actor, at: datetime) -> CheckInsAnswered:
    """Take what a steward's device recorded with no network; an answer per item, in their sequence."""
    paths = actor.paths_for("record_check_ins")
    if not paths:
        actor.must("record_check_ins")
    offset = at - asked.sent_at if asked.sent_at else timedelta(0)
    by = {"by_id": str(actor.person_id), "by_name": actor.name}
    return CheckInsAnswered(
        record_items(
            db, asked.items, paths=paths, site_id=asked.site_id, device=asked.device_id, by=by, offset=offset, at=at
        )
    )


def record_items(
    db: Connection,
    items: Sequence[dict[str, Any]],
    *,
    paths: Sequence[str],
    site_id: UUID | None,
    device: str | None,
    by: dict[str, str],
    offset: timedelta,
    at: datetime,
    shifts: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Judge and keep the items of one device; `offset` is our clock less the device's, for items that carry none.

    `shifts` are the names of those who may be on shift, by person id: an item that names another is told of `by`.
    """
    keys = {row.kid: row for row in db.execute(text(_KEYS))}
    answers: list[dict[str, Any]] = [{} for _ in items]
    taken: list[dict[str, Any]] = []
    for number, given in enumerate(items):
        try:
            item = load(DoorCheckIn, given)
            count = heads_of(item)
            shown, is_leaked = _claimed(item.voucher, keys)
        except ValidationError as fault:
            answers[number] = _refused(given, "invalid-input", errors=flatten(fault.messages))
        except Refusal as refusal:
            answers[number] = _refused(given, refusal.code, errors=refusal.errors)
        else:
            taken.append(
                {
                    "n": number,
                    "check_in_id": str(item.check_in_id),
                    "order_id": str(shown.order_id) if shown.order_id else None,
                    "code": shown.code,
                    "revision": shown.revision,
                    "is_leaked": is_leaked,
                    "count": count,
                    "member_ids": [str(member) for member in item.member_ids] if item.member_ids else None,
                    **corrected(item.happened_at, offset_ms=item.clock_offset_ms, fallback=offset, at=at),
                    "is_more": item.is_more,
                    "distance_m": item.distance_m,
                    "reason": item.reason,
                    "way": item.way or ("token" if shown.code is None else "code"),
                    **_who(item, by, shifts),
                }
            )
    told = db.execute(
        _RECORD,
        {
            "items": json.dumps(taken, ensure_ascii=False),
            "paths": list(paths),
            "site": site_id,
            "device": device,
            "unsubsidised": json.dumps(unsubsidised("month_used")),
            "at": at,
        },
    ).scalar_one()
    for item_taken, answer in zip(taken, told, strict=True):
        answers[item_taken["n"]] = answer
    return answers


def heads_of(check_in: CheckIn | DoorCheckIn) -> int:
    """Return how many came: the count, or the members by name. Raises InvalidInput."""
    named = len(set(check_in.member_ids or ()))
    if check_in.count is None and not named:
        raise InvalidInput({"count": ["Say how many came, or who."]})
    if check_in.count is not None and named and check_in.count != named:
        raise InvalidInput({"count": ["The count and the members named differ."]})
    return check_in.count or named


def _shown(voucher: str, cursor: DirectCursor) -> Shown:
    """Return what was shown, a token only if its signature is right. Raises VoucherUnknown."""
    if not is_token(voucher):
        return Shown(code=read_code(voucher))
    try:
        said, payload, signature = voucher_tokens.read(voucher)
    except NotAVoucher:
        raise VoucherUnknown() from None
    key = _known_keys.get(said.kid)
    if key is None or not is_signed(payload, signature, public_key=key):
        cursor.execute(f"{_KEYS} WHERE kid = %s", (said.kid,))
        row = cursor.fetchone()
        if row is None or not is_signed(payload, signature, public_key=bytes(row[1])):
            raise VoucherUnknown()
        key = _known_keys[said.kid] = bytes(row[1])
    return Shown(order_id=said.order_id, revision=said.revision, kid=said.kid, public_key=key)


def _claimed(voucher: str, keys: dict[int, Any]) -> tuple[Shown, bool]:
    """Return what a device was shown, and whether a key that strangers know had signed it. Raises VoucherUnknown."""
    if not is_token(voucher):
        return Shown(code=read_code(voucher)), False
    try:
        said, payload, signature = voucher_tokens.read(voucher)
    except NotAVoucher:
        raise VoucherUnknown() from None
    key = keys.get(said.kid)
    if key is None or key.state == NEXT or not is_signed(payload, signature, public_key=bytes(key.public_key)):
        raise VoucherUnknown()
    return Shown(order_id=said.order_id, revision=said.revision, kid=said.kid), key.state == LEAKED


def _who(item: DoorCheckIn, by: dict[str, str], shifts: dict[str, str] | None) -> dict[str, str]:
    person = str(item.by_id) if item.by_id else None
    if shifts and person in shifts:
        return {"by_id": person, "by_name": shifts[person]}
    return by


def _refused(given: dict[str, Any], code: str, *, errors: Any) -> dict[str, Any]:
    answer = {"check_in_id": given.get("check_in_id"), "state": "refused", "flag": None, "code": code}
    return answer | ({"errors": errors} if errors else {})
