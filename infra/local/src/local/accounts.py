"""Who a server runs as.

PostgreSQL refuses to run as root, and no server of ours should. When root starts the stack, each server runs as the
user its Debian package made; anybody else runs the servers as themself.
"""

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.faults import StartFault


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int
    home: str


def server_account(name: str) -> Account | None:
    """Say which user a server runs as: None means as whoever starts it."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StartFault(f"There is no user '{name}' on this machine; its package is not installed.") from None
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, home=entry.pw_dir)


def switching(account: Account | None, *, dies_with_parent: signal.Signals | None = None) -> list[str]:
    """Give the words to put before a command so that it runs as this account.

    With `dies_with_parent` the kernel sends it that signal when the process that starts it is gone.
    """
    words: list[str] = []
    if account is not None:
        words += [f"--reuid={account.uid}", f"--regid={account.gid}", "--init-groups"]
    if dies_with_parent is not None:
        # setpriv sets it after the change of user, which would clear it.
        words += ["--pdeathsig", dies_with_parent.name.removeprefix("SIG")]
    if not words:
        return []
    setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
    return [setpriv, *words, "--"]


def can_pass(account: Account | None, folder: Path) -> bool:
    """Try whether the account may enter this folder (every parent must be passable)."""
    if account is None:
        return True
    tried = subprocess.run([*switching(account), "test", "-x", str(folder)], check=False, capture_output=True)
    return tried.returncode == 0


def make_folder(folder: Path, account: Account | None, *, mode: int = 0o700) -> None:
    """Make a folder that belongs to the account."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def make_file(path: Path, text: str, account: Account | None, *, mode: int = 0o600) -> None:
    """Write a small file that belongs to the account and that others cannot read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    if account is not None:
        os.chown(path, account.uid, account.gid)
