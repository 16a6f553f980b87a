"""The access log's writer sleeps until a line comes, and misses none."""

import collections
import json
import threading
from typing import Any

import pytest
from gateway.telemetry import AccessLog

from tests.gateway.conftest import eventually


class ComingLate(collections.deque[dict[str, Any]]):
    """Lets the writer take all that is there before a line that was begun meanwhile is there too."""

    def append(self, line: dict[str, Any]) -> None:
        eventually(lambda: not self)
        super().append(line)


def test_a_line_that_comes_while_others_are_written_is_written_too(capsys: pytest.CaptureFixture[str]):
    log, written = AccessLog(process="test"), []
    log._lines = ComingLate()

    def note_two() -> None:
        for number in range(2):
            log.note("answered", number=number)

    def both_written() -> bool:
        written.extend(json.loads(line)["number"] for line in capsys.readouterr().err.splitlines())
        return written == [0, 1]

    threading.Thread(target=note_two, daemon=True).start()
    eventually(both_written, wait_s=60)
