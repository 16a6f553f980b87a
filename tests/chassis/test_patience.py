"""The factor on the waits: a number from 1 to 100, and 1 where nothing is said."""

import subprocess
import sys

import pytest
from chassis.patience import patience_of


@pytest.mark.parametrize(("said", "factor"), [(None, 1), ("", 1), ("1", 1), ("2.5", 2.5), ("100", 100)])
def test_what_is_said_is_the_factor(said: str | None, factor: float) -> None:
    assert patience_of(said) == factor


@pytest.mark.parametrize("said", ["0", "0.5", "-3", "101", "nan", "inf", "much"])
def test_anything_else_is_told(said: str) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 100, not '{said}'"):
        patience_of(said)


def test_the_waits_are_so_many_times_as_long() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from chassis import database as d; print(d.POOL_WAIT_S, d.CONNECT_S, d.LOCK_TIMEOUT_MS)",
        ],
        env={"PATIENCE": "2.5"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["7.5", "8", "7500"]


def test_a_process_that_cannot_read_it_ends_with_a_sentence() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import chassis.database"],
        env={"PATIENCE": "much"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (2, "PATIENCE is a number from 1 to 100, not 'much'.\n")
