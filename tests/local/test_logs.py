"""Logs stay small."""

from pathlib import Path

from local import logs


def test_a_large_log_is_moved_aside_under_its_writer(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "clerk.log"
    with log.open("a") as writer:
        writer.write("old\n" * 100)
        writer.flush()
        logs.bound(tmp_path, bytes_max=300)
        writer.write("new\n")
    assert log.read_text() == "new\n"
    assert log.with_suffix(".log.1").read_text() == "old\n" * 100


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "clerk.log"
    log.write_text("old\n")
    logs.bound(tmp_path, bytes_max=300)
    assert log.read_text() == "old\n"


def test_the_last_lines_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "clerk.log"
    log.write_text("".join(f"line {number}\n" for number in range(5000)))
    assert logs.last_lines(log, count=2) == "line 4998\nline 4999"
    assert logs.last_lines(tmp_path / "none.log") == ""
