"""Which worker of pytest-xdist runs which test: `-p local.workers`.

The tests of one file stay on one worker, so that a module's fixtures are made once. Files of a folder that say
`pytestmark = NAME` (or `[NAME, …]`) with the same NAME stay together as well: they share something that is dear to
start.

(xdist's `--dist loadgroup` is meant for this, but xdist 3.8 writes the group where pytest 9.2 no longer reads it, and
without a word every test goes anywhere.)
"""

import functools
import re
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

SHARED_BY = re.compile(r"^pytestmark = \[?(\w+)(?:,.*)?\]?$", re.MULTILINE)


class ByFile(LoadScopeScheduling):
    """Hands out whole files."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid.partition("::")[0], root=self.config.rootpath)


@functools.cache
def scope_of(file: str, *, root: Path) -> str:
    """Give the name of what a test file must stay together with."""
    shared = SHARED_BY.search((root / file).read_text())
    return f"{Path(file).parent}:{shared[1]}" if shared else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Answer xdist's question how to hand out the tests."""
    return ByFile(config, log)
