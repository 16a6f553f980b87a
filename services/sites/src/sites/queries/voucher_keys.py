"""The public halves of the vouchers' keys, as devices keep them."""

import base64
from datetime import datetime

from contracts.envelope import Page
from contracts.sites.vouchers import VoucherKeysAsked, VoucherKeyView
from sqlalchemy import Connection, or_, select

from sites.domain.voucher_keys import RETIRED
from sites.tables.vouchers import voucher_keys


def keys(db: Connection, asked: VoucherKeysAsked, *, at: datetime) -> Page:
    """Return the keys a device needs: those that will sign, sign, or signed what is still valid, and leaked ones."""
    needed = or_(voucher_keys.c.state != RETIRED, voucher_keys.c.last_voucher_ends_at >= at)
    found = db.execute(select(voucher_keys).where(needed).order_by(voucher_keys.c.kid.desc()).limit(asked.limit))
    return Page(
        items=[
            VoucherKeyView(
                kid=row.kid,
                state=row.state,
                public_key=base64.urlsafe_b64encode(bytes(row.public_key)).rstrip(b"=").decode(),
                published_at=row.published_at,
                signs_from=row.signs_from,
                last_voucher_ends_at=row.last_voucher_ends_at,
                leaked_at=row.leaked_at,
            )
            for row in found
        ]
    )
