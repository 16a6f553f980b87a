"""Where a server keeps its data: in the stack's folder, or outside the clone when its user cannot get in there."""

import hashlib
import itertools
from pathlib import Path

from local.accounts import Account, can_pass

OUTSIDE = Path("/var/lib/zhendi")


def data_folder(folder: Path, name: str, account: Account | None) -> Path:
    """Give the data folder of a server; the first answer is remembered, so that data is never left behind."""
    remembered = folder / f"{name}.folder"
    if remembered.exists():
        return Path(remembered.read_text().strip())
    folder.mkdir(parents=True, exist_ok=True)
    if can_pass(account, folder):
        data = folder / "data" / name
    else:
        # /root is 0700, for example: a server that runs as another user cannot pass it.
        clone = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        data = OUTSIDE / clone / name
        _put_aside(data)
    data.parent.mkdir(parents=True, exist_ok=True)
    draft = remembered.with_suffix(".new")
    draft.write_text(f"{data}\n")
    draft.replace(remembered)
    return data


def _put_aside(data: Path) -> None:
    """Move away what a clone left that stood in the same place and is gone: its passwords went with it."""
    if not data.exists():
        return
    number = next(number for number in itertools.count(1) if not data.with_name(f"{data.name}.left-{number}").exists())
    data.rename(data.with_name(f"{data.name}.left-{number}"))
