"""Logs of the processes, bounded: each is a file that is moved aside when it grows large, and one older is kept."""

import shutil
from pathlib import Path

BYTES_MAX = 20_000_000


def bound(folder: Path, *, bytes_max: int = BYTES_MAX) -> None:
    """Move logs aside that have grown too large.

    The processes hold their logs open for appending, so the text is copied and the file emptied under them; lines
    written between the two are lost.
    """
    for log in (folder / "logs").glob("*.log"):
        if log.stat().st_size > bytes_max:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            with log.open("r+b") as file:
                file.truncate(0)


def last_lines(log: Path, *, count: int = 20) -> str:
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 16_384))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])
