"""Many buyers for few seats: each asks again with the same Idempotency-Key until it has an answer."""

import itertools
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg2
import requests
from local.testing import Platform

from tests.journeys.actors import Person

GIVES_UP_AFTER_S = 900


@dataclass(frozen=True)
class Outcome:
    """What one buyer was told in the end, and how often the platform could not say."""

    status: int
    body: dict[str, Any]
    unanswered: int


def a_slot_with(stack: Platform, person: Person, *, seats: int) -> str:
    """Choose an empty slot in the coming weeks and leave it only so many seats."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE slots SET seats = %s
             WHERE id = (SELECT id FROM slots
                          WHERE seats_taken = 0 AND closed_reason IS NULL AND confirmation = 'automatic'
                            AND starts_at > %s::timestamptz + interval '10 days' AND bookable_until > %s
                          ORDER BY random() LIMIT 1)
            RETURNING id
            """,
            (seats, stack.now(), stack.now()),
        )
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def seats_taken(stack: Platform, slot_id: str) -> int:
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT seats_taken FROM slots WHERE id = %s", (slot_id,))
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def orders_of(stack: Platform, slot_id: str) -> set[str]:
    """Return the ids of the slot's live orders."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders WHERE slot_id = %s AND state IN ('placed', 'confirmed')", (slot_id,))
        return {str(row[0]) for row in cursor}


def buy_in_parallel(
    person: Person,
    slot_id: str,
    *,
    buyers: int,
    threads: int = 64,
    acts: Mapping[int, Callable[[], None]] | None = None,
) -> list[Outcome]:
    """Let so many buyers book one seat each at the same time; `acts` are done when so many have been answered."""
    answered = itertools.count(1)

    def buy(_: int) -> Outcome:
        outcome = _buy(person, slot_id)
        if act := (acts or {}).get(next(answered)):
            act()
        return outcome

    with ThreadPoolExecutor(max_workers=min(buyers, threads)) as pool:
        return list(pool.map(buy, range(buyers)))


def _buy(person: Person, slot_id: str) -> Outcome:
    key = str(uuid.uuid4())
    body = {"slot_id": slot_id, "party_size": 1, "contact_name": "王平", "contact_phone": "13853300000"}
    unanswered = 0
    until = time.monotonic() + GIVES_UP_AFTER_S
    while True:
        try:
            answer = requests.post(
                f"{person.base_url}/api/v1/orders",
                json=body,
                headers={"Authorization": person.http.headers["Authorization"], "Idempotency-Key": key},
                timeout=120,
            )
            if answer.status_code < 500:
                return Outcome(answer.status_code, answer.json(), unanswered)
            assert answer.status_code in (503, 504), answer.text
        except requests.ConnectionError:  # the gateway itself was away
            pass
        unanswered += 1
        if time.monotonic() > until:
            return Outcome(0, {}, unanswered)
        time.sleep(0.3)
