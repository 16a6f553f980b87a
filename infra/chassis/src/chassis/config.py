"""What a process reads from its environment, checked at the start: one clear sentence per fault, all of them, exit 2.

A kind of process is a frozen dataclass; a field named `database_url` is read from DATABASE_URL.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]
from cryptography.fernet import Fernet

C = TypeVar("C")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigFaults(Exception):
    """The environment does not say what this process needs."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def setting(read: Callable[[str], Any], *, example: str, of_demo: bool = False, **default: Any) -> Any:
    """Make a dataclass field that `read` turns from text into its value, raising ValueError with what is wrong.

    One that is `of_demo` is refused unless DEMO=1: people's records are never given days that were not.
    """
    return field(**default, metadata={"read": read, "example": example, "of_demo": of_demo})


def url(*schemes: str) -> Callable[[str], str]:
    """Read a URL of one of the schemes that names a host."""

    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            raise ValueError("is not a URL") from None
        if parts.scheme not in schemes:
            raise ValueError(f"must begin with {' or '.join(scheme + '://' for scheme in schemes)}")
        if not parts.hostname:
            raise ValueError("names no host")
        return text

    return read


def number(low: int, high: int) -> Callable[[str], int]:
    """Read a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text.strip()) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Read a number of seconds from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("is not a number of seconds") from None
        if not low <= value <= high:
            raise ValueError(f"must lie between {low:g} and {high:g} seconds")
        return value

    return read


def readable_file(text: str) -> Path:
    """Read the path of a file that this process can read."""
    path = Path(text)
    if not path.is_file():
        raise ValueError("names no file")
    if not os.access(path, os.R_OK):
        raise ValueError("names a file that this process cannot read")
    return path


def writable_folder(text: str) -> Path:
    """Read the path of a folder that this process can write to."""
    path = Path(text)
    if not path.is_dir():
        raise ValueError("names no folder")
    if not os.access(path, os.W_OK | os.X_OK):
        raise ValueError("names a folder that this process cannot write to")
    return path


def fernet_keys(text: str) -> str:
    """Read Fernet keys separated by commas."""
    for place, key in enumerate(text.split(","), start=1):
        try:
            Fernet(key.strip())
        except ValueError:
            raise ValueError(f"holds no Fernet key in place {place} (32 bytes, urlsafe base64)") from None
    return text


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """Read one of the words, in upper case."""

    def read(text: str) -> str:
        if text.upper() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.upper()

    return read


def word(text: str) -> str:
    """Read a text as it is."""
    return text


_POSTGRES = "postgresql://user:password@127.0.0.1:5432/database"
_AMQP = "amqp://user:password@127.0.0.1:5672/vhost"


@dataclass(frozen=True)
class ProcessConfig:
    """What every process of a service reads."""

    database_url: str = setting(url("postgresql"), example=_POSTGRES)
    amqp_url: str = setting(url("amqp"), example=_AMQP)
    metrics_port: int = setting(number(1, 65535), example="9101")
    process_name: str = setting(word, example="sites-serve", default="")
    clock_offset_s: float = setting(seconds(-1e10, 1e10), example="0", default=0.0)
    clock_offset_file: Path | None = setting(  # noqa: RUF009
        readable_file, example="clock-offset", of_demo=True, default=None
    )
    log_level: str = setting(one_of(LOG_LEVELS), example="INFO", default="INFO")
    personal_data_keys: str = setting(fernet_keys, example="a Fernet key", default="")
    file_store: Path | None = setting(writable_folder, example="/var/lib/zhendi/files", default=None)  # noqa: RUF009
    token_private_key: Path | None = setting(readable_file, example="keys/2026.pem", default=None)  # noqa: RUF009


@dataclass(frozen=True)
class ServeConfig(ProcessConfig):
    """What `python -m chassis.serve` reads."""

    token_public_keys: Path = setting(readable_file, example="keys/public.json", kw_only=True)  # noqa: RUF009


@dataclass(frozen=True)
class WorkConfig(ProcessConfig):
    """What `python -m chassis.work` reads."""


@dataclass(frozen=True)
class MigrationsConfig:
    """What `python -m chassis.migrations` reads."""

    migration_database_url: str = setting(url("postgresql"), example=_POSTGRES)


def read(kind: type[C], environment: Mapping[str, str]) -> C:
    """Return the configuration of a kind of process; raises ConfigFaults with every fault."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for entry in fields(cast(Any, kind)):
        name = entry.name.upper()
        text = environment.get(name, "")
        if not text:
            if entry.default is MISSING and entry.default_factory is MISSING:
                faults.append(f"{name} is not set; give for example {name}={entry.metadata['example']}")
            continue
        if entry.metadata["of_demo"] and environment.get("DEMO") != "1":
            faults.append(f"{name} is for the demonstration alone, with DEMO=1")
            continue
        try:
            values[entry.name] = entry.metadata["read"](text)
        except ValueError as error:
            faults.append(f"{name} {error}; give for example {name}={entry.metadata['example']}")
    if faults:
        raise ConfigFaults(faults)
    return kind(**values)


def read_or_exit(kind: type[C]) -> C:
    """Return the configuration from the process's environment, or tell every fault and leave with status 2."""
    try:
        return read(kind, os.environ)
    except ConfigFaults as error:
        leave(error.faults)


def leave(faults: list[str]) -> NoReturn:
    """Tell every fault on a line of its own and leave with status 2."""
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(2)


def service_settings(path: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return a service's config.yml with ${NAME} and ${NAME:default} filled in from the environment.

    nameko's own loader lives in its command line, which needs setuptools; this is the part of it that we use.
    Raises ConfigFaults.
    """
    try:
        text = path.read_text()
    except OSError:
        raise ConfigFaults([f"{path} cannot be read; each service has one"]) from None
    faults: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        value = environment.get(name) or default
        if value is None:
            faults.append(f"{name} is not set; {path} asks for it")
            return ""
        return value

    text = re.sub(r"\$\{(?P<name>[A-Za-z_][A-Za-z_0-9]*)(?::(?P<default>[^}]*))?\}", fill, text)
    if faults:
        raise ConfigFaults(faults)
    try:
        settings = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigFaults([f"{path} is not YAML: {' '.join(str(error).split())}"]) from None
    if not isinstance(settings, dict):
        raise ConfigFaults([f"{path} must hold names and values"])
    return settings
