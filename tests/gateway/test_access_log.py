"""The access log's writer sleeps until a line comes, and misses none."""

import json
import threading
import time

import pytest
from gateway import telemetry
from gateway.telemetry import AccessLog

from tests.gateway.conftest import eventually

THREADS, LINES = 4, 500


def test_each_line_of_many_threads_is_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(telemetry, "WRITE_EVERY_S", 0.001)  # so that lines come while others are written
    log, written = AccessLog(process="test"), []

    def note_many() -> None:
        for number in range(LINES):
            log.note("answered", number=number)
            if number % 7 == 0:
                time.sleep(0.0005)

    threads = [threading.Thread(target=note_many) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def all_written() -> bool:
        written.extend(json.loads(line)["number"] for line in capsys.readouterr().err.splitlines())
        return len(written) == THREADS * LINES

    eventually(all_written)
    assert sorted(written) == sorted(list(range(LINES)) * THREADS)
