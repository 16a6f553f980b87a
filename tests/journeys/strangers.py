"""People whom the demonstration does not know: their tokens are signed with the platform's own key.

A test that orders as one of them shares neither quota, nor light, nor no-shows with any other test.
"""

import uuid

import psycopg2
from chassis.tokens import Signer
from local.keys import token_private_key
from local.testing import Platform

from tests.journeys.actors import Person, VillageSecretary


def village_secretaries(stack: Platform, *, count: int) -> list[VillageSecretary]:
    """Return the secretaries of so many village branches that have ordered nothing yet."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, path FROM organisations
             WHERE kind = 'branch' AND field = 'rural' AND path LIKE '3703.370302.%%'
               AND NOT EXISTS (SELECT 1 FROM orders WHERE branch_id = organisations.id)
               AND NOT EXISTS (SELECT 1 FROM waiting_entries WHERE branch_id = organisations.id)
             ORDER BY code DESC LIMIT %s
            """,
            (count,),
        )
        branches = cursor.fetchall()
    assert len(branches) == count
    return [
        VillageSecretary(
            stack.base_url, "", token=_token(stack, "村支部书记", ("secretary", path)), branch=str(branch_id)
        )
        for branch_id, path in branches
    ]


def a_member(stack: Platform) -> Person:
    """Return a member who has booked nothing yet."""
    return Person(stack.base_url, "", token=_token(stack, "某党员", ("member", "3703.370302")))


def _token(stack: Platform, name: str, grant: tuple[str, str]) -> str:
    signer = Signer(token_private_key(stack.stack.folder))
    return signer.sign(person_id=uuid.uuid4(), session_id=uuid.uuid4(), name=name, grants=[grant], at=stack.now())
