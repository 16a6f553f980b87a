"""The clock: months and days are Shanghai's, and the platform's date can be moved."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from chassis import clock

LATE = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)  # half past midnight on 1 March in Shanghai


def test_days_and_months_are_shanghais() -> None:
    assert clock.today(LATE) == date(2026, 3, 1)
    assert clock.month_of(LATE) == "2026-03"
    assert clock.first_of_month(LATE) == date(2026, 3, 1)
    assert clock.month_of(LATE - timedelta(hours=1)) == "2026-02"


def test_the_platforms_date_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_OFFSET_S", str(40 * 86_400))

    ahead = clock.now() - datetime.now(UTC)

    assert timedelta(days=39) < ahead < timedelta(days=41)
    assert clock.now().tzinfo is UTC


def test_the_date_of_a_running_process_follows_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "clock-offset"
    monkeypatch.setenv("CLOCK_OFFSET_S", "0")
    monkeypatch.setenv("CLOCK_OFFSET_FILE", str(file))

    ahead = []
    for days in (40, -40):
        file.write_text(str(days * 86_400))
        ahead.append(round((clock.now() - datetime.now(UTC)) / timedelta(days=1)))

    assert ahead == [40, -40]
