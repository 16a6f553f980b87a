"""Placeholder pictures for the real sites, drawn by us: hills and a house in the site's own colours; said to be so."""

import hashlib
import io
from datetime import datetime
from typing import Final

from chassis.files import FileStore
from chassis.pictures import keep
from PIL import Image, ImageDraw
from sites.tables.pictures import pictures
from sqlalchemy import Connection, insert, select

from demo.places import real_site_names, site_id

SIZE: Final = (960, 600)


def load(db: Connection, store: FileStore, *, at: datetime) -> int:
    """Give each real site one picture; returns how many are new. A second run makes none."""
    made = 0
    # No ON CONFLICT: a position may be taken twice until the transaction ends, so it can be no arbiter.
    drawn_before = set(db.execute(select(pictures.c.subject_id).where(pictures.c.purpose == "site")).scalars())
    for code, name in real_site_names():
        if site_id(code) in drawn_before:
            continue
        kept = keep(store, io.BytesIO(drawn(code)))
        row = {
            "id": site_id(f"picture:{code}"),
            "site_id": site_id(code),
            "purpose": "site",
            "subject_id": site_id(code),
            "position": 1,
            "sha256": kept.sha256,
            "thumbnail_sha256": kept.thumbnail_sha256,
            "width": kept.width,
            "height": kept.height,
            "size": kept.size,
            "alt": f"{name}：占位示意图（演示绘制，非实景）",
            "at": at,
            "by_id": None,
            "by_name": "import",
        }
        made += db.execute(insert(pictures).values(row)).rowcount
    return made


def drawn(code: str) -> bytes:
    """Draw a sky, two ridges and a house; the site's code chooses heights and colours."""
    draw_from = hashlib.sha256(code.encode()).digest()
    width, height = SIZE
    hue = draw_from[0] * 360 // 256
    picture = Image.new("RGB", SIZE, f"hsl({hue}, 35%, 88%)")
    pen = ImageDraw.Draw(picture)
    sun = 120 + draw_from[1] * 2
    pen.ellipse((sun, 60, sun + 110, 170), fill="hsl(35, 80%, 75%)")
    for ridge, lightness in ((0, 66), (1, 52)):
        tops = [(x * width // 6, 220 + ridge * 110 + draw_from[2 + ridge * 8 + x] * 130 // 256) for x in range(7)]
        pen.polygon([(0, height), *tops, (width, height)], fill=f"hsl({(hue + 30 * ridge) % 360}, 28%, {lightness}%)")
    left, top, wide = 330 + draw_from[20], 330, 300
    pen.rectangle((left, top, left + wide, height - 60), fill="hsl(35, 30%, 93%)")
    pen.polygon([(left - 36, top), (left + wide // 2, top - 96), (left + wide + 36, top)], fill="hsl(1, 60%, 36%)")
    for column in range(4):
        pen.rectangle(
            (left + 22 + column * 72, top + 40, left + 62 + column * 72, height - 60), fill="hsl(1, 30%, 62%)"
        )
    pen.rectangle((0, height - 60, width, height), fill="hsl(100, 18%, 60%)")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
