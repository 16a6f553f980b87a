"""A page's parts, each read from one service, read at the same time; a part whose service is down says so.

The rest of the page works. Nothing is written here: a page composes reads only.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final

from chassis.refusals import Refusal
from flask import copy_current_request_context

from gateway.clients import Answer

PASSING: Final = frozenset({"service-unavailable", "deadline-passed", "busy", "internal"})
"""Refusals that say nothing about what was asked, only that nobody could answer just now."""

READERS_MAX: Final = 64
"""More than the requests in hand at once: parts that wait for a service that is down must not hold up the others."""

_readers = ThreadPoolExecutor(max_workers=READERS_MAX, thread_name_prefix="part")


@dataclass(frozen=True)
class Part:
    """What one read gave; `data` is None when its service could not answer."""

    data: Any = None
    available: bool = True

    @property
    def rows(self) -> list[Any]:
        """The items of a list's page; none when it is not available."""
        return list(self.data["items"]) if self.data else []


Read = Callable[[], Any]


def part(read: Read) -> Part:
    """Read one part. Raises every refusal that is about what was asked."""
    try:
        return Part(read().data)
    except Refusal as refusal:
        if refusal.code not in PASSING:
            raise
        return Part(available=False)


def found_or_none(read: Callable[[], Answer], *codes: str) -> Answer:
    """Return what was read, or null where it is not there (or is refused with one of the codes)."""
    try:
        return read()
    except Refusal as refusal:
        if refusal.code not in ("not-found", *codes):
            raise
        return Answer(b"null")


def together(**reads: Read) -> dict[str, Part]:
    """Read all parts at the same time and return them by name."""
    if len(reads) == 1:
        return {name: part(read) for name, read in reads.items()}
    started = {
        name: _readers.submit(copy_context().run, copy_current_request_context(part), read)
        for name, read in reads.items()
    }
    return {name: future.result() for name, future in started.items()}
