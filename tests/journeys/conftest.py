"""One started platform for all journeys; each person signs in anew."""

import pytest
from local.testing import Platform, platform

from tests.journeys.actors import Approver, Preparer, Secretary, Steward


@pytest.fixture(scope="session")
def stack() -> Platform:
    return platform()


@pytest.fixture
def base_url(stack: Platform) -> str:
    return stack.base_url


@pytest.fixture
def secretary(base_url: str) -> Secretary:
    return Secretary(base_url, "secretary")


@pytest.fixture
def other_secretary(base_url: str) -> Secretary:
    return Secretary(base_url, "secretary2")


@pytest.fixture
def steward(base_url: str) -> Steward:
    return Steward(base_url, "steward")


@pytest.fixture
def other_steward(base_url: str) -> Steward:
    return Steward(base_url, "steward2")


@pytest.fixture
def preparer(base_url: str) -> Preparer:
    return Preparer(base_url, "preparer")


@pytest.fixture
def approver(base_url: str) -> Approver:
    return Approver(base_url, "approver")
