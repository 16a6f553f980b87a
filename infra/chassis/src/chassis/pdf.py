"""Documents as PDF: A4, the Chinese font embedded as a subset, a foot that knows how many pages there are.

What stands on the pages is the caller's: a story of reportlab's flowables in styles whose font is FONT.
"""

import io
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from reportlab.lib import textsplit
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, paragraph

from chassis.refusals import Refusal

FONT: Final = "WenQuanYi"
FONT_FILE: Final = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
"""Of the Debian package fonts-wqy-zenhei, which the set-up installs; REPORT_FONT names another TrueType file."""

NEVER_FIRST: Final = "，；：？！”’》〉…"
"""Marks that begin no line in Chinese (GB/T 15834), beside those that reportlab knows."""

Told = Callable[[int], None]
Framed = Callable[[Canvas, int], None]
_registering = threading.Lock()


class FontMissing(Refusal):
    """The server has no Chinese font {path}, so no PDF can be made; its administrator installs fonts-wqy-zenhei."""


def take_font() -> None:
    """Have FONT known to reportlab, once a process. Raises FontMissing."""
    path = os.environ.get("REPORT_FONT") or FONT_FILE
    with _registering:
        if FONT in getRegisteredFontNames():
            return
        if not Path(path).is_file():
            raise FontMissing(path=path)
        for module in (textsplit, paragraph):
            module.ALL_CANNOT_START += NEVER_FIRST
        registerFont(TTFont(FONT, path, subfontIndex=0, asciiReadable=False))


def spaced(text: str) -> str:
    """Return the text with its wide spaces kept: reportlab takes any number of them for one narrow space."""
    return text.replace("\u3000", "\u00a0\u00a0")


class Cell(Paragraph):
    """A table's cell that is laid out once for a width: a table asks for its height, splits it and draws it."""

    def wrap(self, availWidth: float, availHeight: float) -> Any:
        # Where a cell could not be split, its lines are thrown away.
        if self.__dict__.get("_laid_for") != availWidth or "blPara" not in self.__dict__:
            self._laid_for = availWidth
            self._size = super().wrap(availWidth, availHeight)
        return self._size


def cells(rows: Iterable[Sequence[str]], style: ParagraphStyle) -> list[list[Flowable]]:
    """Return a table's cells of reportlab's markup; what stands in a column twice is one cell, laid out once."""
    kept: dict[tuple[int, str], Cell] = {}
    laid: list[list[Flowable]] = []
    for row in rows:
        for place in enumerate(row):
            if place not in kept:
                kept[place] = Cell(place[1], style)
        laid.append([kept[place] for place in enumerate(row)])
    return laid


def drawn(
    story: list[Flowable],
    *,
    title: str,
    size: tuple[float, float],
    margin: float,
    bottom: float = 16 * mm,
    framed: Framed,
    told: Told,
) -> bytes:
    """Lay the story out on pages of `size` (points) and return the file.

    `told` hears of every page that is laid out; `framed` draws head and foot of a page, given how many there are. The
    text stands between `bottom` and as much at the top. The font must have been taken before the story was made.
    """
    out = io.BytesIO()
    template = BaseDocTemplate(
        out, pagesize=size, title=title, author="", lang="zh-CN", leftMargin=margin, rightMargin=margin
    )
    width, height = size[0] - 2 * margin, size[1] - 2 * bottom
    frame = Frame(margin, bottom, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    template.addPageTemplates(PageTemplate("page", [frame], onPage=lambda _canvas, doc: told(doc.page)))
    template.build(story, canvasmaker=_numbered(framed))
    return out.getvalue()


def _numbered(framed: Framed) -> type[Canvas]:
    """Return the canvas that draws heads and feet once it knows how many pages there are."""

    class Numbered(Canvas):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **{**named, "initialFontName": FONT})
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page in self._kept:
                self.__dict__.update(page)
                self.setFont(FONT, 8)
                framed(self, len(self._kept))
                super().showPage()
            super().save()

    return Numbered
