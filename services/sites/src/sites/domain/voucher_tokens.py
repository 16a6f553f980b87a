"""What a voucher's QR code holds (S8): who may come where, when, and how many, signed so that no network is needed.

    byte    0        1       3        19          21       37          41         43
            version  key id  order    revision    site     starts at   minutes    party     64 bytes
            1        2       16       2           16       4           2          2         Ed25519 signature

109 bytes, no name. Numbers are big-endian, the start is in seconds since 1970. As text it is Base45 (RFC 9285), whose
signs a QR code stores as alphanumeric, after a prefix that tells it from a short code.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

PREFIX: Final = "ZD1:"
VERSION: Final = 1
SIGNATURE_BYTES: Final = 64
_LAYOUT: Final = struct.Struct(">BH16sH16sIHH")
TOKEN_BYTES: Final = _LAYOUT.size + SIGNATURE_BYTES
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE: Final = {sign: value for value, sign in enumerate(_SIGNS)}


class NotAVoucher(Exception):
    """This is no voucher's token."""


@dataclass(frozen=True)
class Voucher:
    """What a token says."""

    kid: int
    order_id: UUID
    revision: int
    site_id: UUID
    starts_at: datetime
    ends_at: datetime
    party_size: int


def payload_of(voucher: Voucher) -> bytes:
    """Return what is signed; times are kept to the second, the length of the visit to the minute."""
    return _LAYOUT.pack(
        VERSION,
        voucher.kid,
        voucher.order_id.bytes,
        voucher.revision,
        voucher.site_id.bytes,
        int(voucher.starts_at.timestamp()),
        min(int((voucher.ends_at - voucher.starts_at) / timedelta(minutes=1)), 0xFFFF),
        voucher.party_size,
    )


def token_of(payload: bytes, signature: bytes) -> str:
    """Return the token as it stands in the QR code."""
    return PREFIX + base45(payload + signature)


def is_token(text: str) -> bool:
    """Say whether the text is meant as a token rather than as a short code."""
    return text.upper().startswith(PREFIX)


def read(token: str) -> tuple[Voucher, bytes, bytes]:
    """Return what the token claims, what was signed, and the signature, not yet verified. Raises NotAVoucher."""
    if not is_token(token):
        raise NotAVoucher
    raw = from_base45(token[len(PREFIX) :].upper())
    if len(raw) != TOKEN_BYTES or raw[0] != VERSION:
        raise NotAVoucher
    _, kid, order, revision, site, starts, minutes, party = _LAYOUT.unpack_from(raw)
    starts_at = datetime.fromtimestamp(starts, UTC)
    ends_at = starts_at + timedelta(minutes=minutes)
    voucher = Voucher(kid, UUID(bytes=order), revision, UUID(bytes=site), starts_at, ends_at, party)
    return voucher, raw[: _LAYOUT.size], raw[_LAYOUT.size :]


def base45(raw: bytes) -> str:
    """Return the bytes in Base45: three signs for two bytes, two for a last one."""
    signs = []
    for place in range(0, len(raw), 2):
        pair = raw[place : place + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, rest = divmod(value, 45)
            signs.append(_SIGNS[rest])
    return "".join(signs)


def from_base45(text: str) -> bytes:
    """Return the bytes of a Base45 text. Raises NotAVoucher for what is none."""
    raw = bytearray()
    for place in range(0, len(text), 3):
        group = text[place : place + 3]
        if len(group) == 1 or not all(sign in _VALUE for sign in group):
            raise NotAVoucher
        value = sum(_VALUE[sign] * 45**power for power, sign in enumerate(group))
        size = len(group) - 1
        if value >= 256**size:
            raise NotAVoucher
        raw += value.to_bytes(size, "big")
    return bytes(raw)
