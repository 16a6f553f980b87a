"""Tests that share a fixture dear to make run on one worker."""

from pathlib import Path

from local.workers import scope_of


def test_a_file_stays_together(tmp_path: Path) -> None:
    (tmp_path / "test_slots.py").write_text("import pytest\n")
    assert scope_of("test_slots.py", root=tmp_path) == "test_slots.py"


def test_files_that_share_something_stay_together(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "roster").mkdir()
    for file in ("sites/test_a.py", "sites/test_b.py", "roster/test_a.py"):
        (tmp_path / file).write_text("import pytest\n\npytestmark = STANDING\n")
    assert scope_of("sites/test_a.py", root=tmp_path) == scope_of("sites/test_b.py", root=tmp_path)
    assert scope_of("sites/test_a.py", root=tmp_path) != scope_of("roster/test_a.py", root=tmp_path)


def test_what_is_shared_may_stand_in_a_list(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("pytestmark = STANDING\n")
    (tmp_path / "test_b.py").write_text('pytestmark = [STANDING, pytest.mark.filterwarnings("ignore")]\n')
    (tmp_path / "test_c.py").write_text('pytestmark = pytest.mark.xdist_group("alone")\n')
    assert scope_of("test_a.py", root=tmp_path) == scope_of("test_b.py", root=tmp_path)
    assert scope_of("test_c.py", root=tmp_path) == "test_c.py"
