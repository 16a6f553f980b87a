"""The platform under kills and cuts; each test leaves it ready for the next."""

from collections.abc import Iterator

import pytest
from local.testing import Platform, platform

from tests.journeys.actors import Person
from tests.journeys.strangers import VillageSecretary, village_secretaries


@pytest.fixture
def stack() -> Iterator[Platform]:
    started = platform()
    started.wait_until_ready()
    yield started
    started.wait_until_ready()


@pytest.fixture
def member(stack: Platform) -> Person:
    return Person(stack.base_url, "member")


@pytest.fixture
def secretary(stack: Platform) -> VillageSecretary:
    return village_secretaries(stack, count=1)[0]
