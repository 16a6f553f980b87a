"""Who listens on a port, read from /proc (the machine may have neither ss nor lsof)."""

import os
import pwd
from pathlib import Path

LISTENING = "0A"


def listener_of(port: int) -> str | None:
    """Name the process that listens on a port; None when nobody does."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            words = row.split()
            if words[3] == LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                return _holder_of(inode=words[9]) or f"a process of user {_user(int(words[7]))}"
    return None


def _holder_of(*, inode: str) -> str | None:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            handles = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        for handle in handles:
            try:
                if os.readlink(f"/proc/{pid}/fd/{handle}") == f"socket:[{inode}]":
                    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    return f"process {pid} ({command.strip()[:80]})"
            except OSError:
                continue
    return None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
