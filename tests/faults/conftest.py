"""The platform under kills and cuts; each test leaves it ready for the next."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest
from chassis.tokens import Signer
from local.keys import token_private_key
from local.testing import Platform, platform

from tests.journeys.actors import Person, Secretary


@pytest.fixture
def stack() -> Iterator[Platform]:
    started = platform()
    started.wait_until_ready()
    yield started
    started.wait_until_ready()


@pytest.fixture
def member(stack: Platform) -> Person:
    return Person(stack.base_url, "member")


@dataclass
class VillageSecretary(Secretary):
    """Leads a village branch that no other test knows, by a token signed with the platform's own key."""

    branch: str = ""

    @property
    def branch_id(self) -> str:
        return self.branch


@pytest.fixture
def secretary(stack: Platform) -> VillageSecretary:
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, path FROM organisations
             WHERE kind = 'branch' AND field = 'rural' AND path LIKE '3703.370302.%'
               AND NOT EXISTS (SELECT 1 FROM orders WHERE branch_id = organisations.id)
             ORDER BY code DESC LIMIT 1
            """
        )
        row = cursor.fetchone()
    assert row is not None
    token = Signer(token_private_key(stack.stack.folder)).sign(
        person_id=uuid.uuid4(),
        session_id=uuid.uuid4(),
        name="村支部书记",
        grants=[("secretary", row[1])],
        at=stack.now(),
    )
    return VillageSecretary(stack.base_url, "", token=token, branch=str(row[0]))
