"""The files and modules of the house, as its tests walk them."""

import importlib
import pkgutil
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType

CLONE = Path(__file__).parent.parent.parent
PACKAGES = ("contracts", "chassis", "roster", "assessment", "sites", "gateway", "local", "demo")
SERVICES = ("roster", "assessment", "sites")

# What is not ours, or does something merely by being imported.
_FOREIGN = ("gateway/src/gateway/static/vendor/",)
_ACTS_ON_IMPORT = ("__main__", "chassis.eventlet_first", "chassis.alembic_environment")


@cache
def files(*suffixes: str) -> list[Path]:
    """Return our files with one of the suffixes, tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=CLONE,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    ours = [CLONE / name for name in listed if name.endswith(suffixes) and not name.startswith(_FOREIGN)]
    return [path for path in ours if path.is_file()]


@cache
def modules(package: str) -> list[ModuleType]:
    """Return all modules of a package, imported."""
    top = importlib.import_module(package)
    found = pkgutil.walk_packages(top.__path__, prefix=f"{package}.")
    names = [module.name for module in found if not any(part in module.name for part in _ACTS_ON_IMPORT)]
    return [top, *(importlib.import_module(name) for name in names)]


def sources(package: str) -> list[Path]:
    """Return the Python files of a package."""
    top = importlib.import_module(package)
    return sorted(path for folder in top.__path__ for path in Path(folder).rglob("*.py"))
