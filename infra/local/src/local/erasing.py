"""Deletes what a stack that does not run has stored, so that the next start begins with nothing."""

import shutil
from pathlib import Path

from local import processes
from local.faults import StartFault


def erase(folder: Path) -> None:
    """Delete databases, queues, files and secrets; ports and logs stay. Raises StartFault while anything runs."""
    running = processes.found(folder)
    if running:
        raise StartFault(f"{running[0].name} still runs (process {running[0].pid}); stop it first.")
    for server in ("postgres", "rabbitmq"):
        remembered = folder / f"{server}.folder"
        if remembered.exists():
            shutil.rmtree(remembered.read_text().strip(), ignore_errors=True)
            remembered.unlink()
    for name in ("data", "files", "secrets", "hold"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("demo", "token-public-keys.json"):
        (folder / name).unlink(missing_ok=True)
