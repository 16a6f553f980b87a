"""Acts that begin at the same time, each in a thread of its own with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chassis.refusals import Refusal


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do them in threads that begin together; return each one's result, or the code of its refusal."""
    together = threading.Barrier(len(acts), timeout=120)

    def begin(act: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))
