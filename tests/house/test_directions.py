"""Who may import whom. The directions stand in pyproject.toml under importlinter; here is what they cannot say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import CLONE, SERVICES, sources


def test_the_directions_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-logo", "--no-cache"], cwd=CLONE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def imported(path: Path) -> set[str]:
    """All modules that a file imports, by their full names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by dots; write where from"
            found.add(node.module or "")
    return found


# Formulas of others that neither read nor write anything: the datums of Chinese maps, Chinese amounts, ways, draws.
FORMULAS = {"prcoords", "chassis.amounts", "chassis.draws", "chassis.ways"}


@pytest.mark.parametrize("service", SERVICES)
def test_rules_stand_on_the_standard_library_and_refusals_alone(service: str) -> None:
    strangers = {
        f"{path.name}: {name}"
        for path in sources(f"{service}.domain")
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and name not in {"chassis.refusals", *FORMULAS}
        and not name.startswith(f"{service}.domain")
    }
    assert strangers == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_clock_is_read_at_the_doors_alone(service: str) -> None:
    readers = []
    for floor in ("domain", "operations", "queries"):
        for path in sources(f"{service}.{floor}"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                    ("datetime.now", "date.today", "clock.now", "time.time", "datetime.utcnow", "func.now")
                ):
                    readers.append(f"{path.relative_to(CLONE)}:{node.lineno} {ast.unparse(node.func)}")
    assert readers == []
