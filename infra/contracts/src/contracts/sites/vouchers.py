"""Vouchers that verify with no network: the proof shown at the door, and the public keys that devices keep."""

from dataclasses import dataclass
from typing import Annotated

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line

VOUCHER_KEY_STATES = ("next", "signing", "retired", "leaked")


@dataclass(frozen=True)
class VoucherKeysAsked:
    """The keys with which vouchers are verified, newest first."""

    limit: Limit = 100


@dataclass(frozen=True)
class VoucherKeyView:
    """The public half of an Ed25519 key (`public_key`: 32 bytes, base64url), and whether what it signed is believed."""

    kid: int
    state: str
    public_key: str
    published_at: Instant
    signs_from: Instant
    last_voucher_ends_at: Instant | None
    leaked_at: Instant | None


@dataclass(frozen=True)
class LeakVoucherKey:
    """Declare that strangers know a key."""

    kid: Annotated[int, fields.Integer(required=True, validate=validate.Range(1, 65535))]
    reason: Line


@dataclass(frozen=True)
class VoucherKeyLeaked:
    """A key that is believed no more; `reissued` open orders got a new revision of their voucher."""

    kid: int
    reissued: int
