"""Secrets of a stack: made once, kept in `secrets/` of its folder, readable by nobody else."""

import os
import secrets as random_secrets
from collections.abc import Callable
from pathlib import Path


def secret(folder: Path, name: str) -> str:
    """Give the named password, making it the first time."""
    return kept(folder, name, lambda: random_secrets.token_hex(20))


def kept(folder: Path, name: str, make: Callable[[], str]) -> str:
    """Give the text kept under this name, made the first time by `make`."""
    path = secrets_folder(folder) / name
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(make())
    try:
        os.link(draft, path)  # the first to come decides, whole or not at all
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()


def secrets_folder(folder: Path) -> Path:
    place = folder / "secrets"
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    return place
