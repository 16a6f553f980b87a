"""The voucher as a QR code that a steward's camera reads."""

import io
from typing import Final

import segno

SVG: Final = "image/svg+xml"
PNG: Final = "image/png"
_MODULE_PIXELS: Final = 8


def qr(voucher: str, *, media_type: str) -> bytes:
    """Return the QR code of a voucher's token or short code as SVG or PNG, with the quiet zone that readers need."""
    code = segno.make(voucher, error="m", micro=False)
    out = io.BytesIO()
    if media_type == PNG:
        code.save(out, kind="png", scale=_MODULE_PIXELS, border=4)
    else:
        code.save(out, kind="svg", scale=_MODULE_PIXELS, border=4, xmldecl=False, light="#fff")
    return out.getvalue()
