"""A town whose months pass: its villages and their people on the platform whose clock a test moves forward."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg2
from chassis.tokens import Signer
from demo.organisations import ORGANS
from local.keys import token_private_key
from local.testing import Platform

from tests.journeys.actors import WAIT_S, Assessor, Json, Officer, Person, VillageSecretary

SHANGHAI = ZoneInfo("Asia/Shanghai")
CITY, DISTRICT = "3703", "370302"
GUEST, GUEST_NAME = uuid.uuid5(uuid.NAMESPACE_OID, "评估组长"), "评估组长"
SIGNED_IN = timedelta(minutes=8)  # a token lives for ten
LOOK_S = 0.2
LOOKS = 10

P = TypeVar("P", bound=Person)


@dataclass(frozen=True)
class Village:
    """A branch of the town and who leads it, as the roster has them."""

    id: str
    name: str
    path: str
    secretary_id: uuid.UUID
    secretary_name: str
    members_full: int


@dataclass
class Town:
    """One town of the real divisions; whoever acts in it is signed in, anew when time has moved on."""

    stack: Platform
    code: str
    id: str = ""
    organs_id: str = ""
    villages: list[Village] = field(default_factory=list)
    _signed_in: dict[str, tuple[datetime, Person]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with psycopg2.connect(self.stack.service_url("roster")) as connection, connection.cursor() as cursor:
            codes = [self.code, ORGANS]
            cursor.execute("SELECT code, id::text FROM organisations WHERE code = ANY(%s)", (codes,))
            ids = dict(cursor.fetchall())
            self.id, self.organs_id = (ids[code] for code in codes)
            cursor.execute(
                """
                SELECT b.id::text, b.name, b.path, p.id::text, p.name, b.members_full FROM organisations b
                JOIN posts s ON s.organisation_id = b.id AND s.post = 'secretary' AND s.held_until IS NULL
                JOIN people p ON p.id = s.person_id
                WHERE b.parent_id = %s ORDER BY b.code
                """,
                (self.id,),
            )
            self.villages = [
                Village(one, name, path, uuid.UUID(person), person_name, full)
                for one, name, path, person, person_name, full in cursor
            ]

    # -- its people ----------------------------------------------------------------------------------------------------

    def officer(self, username: str = "officer") -> Officer:
        """Give an officer of the district, who signs in with a password."""
        return self._somebody(username, lambda: Officer(self.stack.base_url, username))

    def assessor(self, person_id: str | None = None) -> Assessor:
        """Give one of the two assessors: the demonstration's, or the one whom only the round knows."""
        if person_id == str(GUEST):
            sign_in = self._token(GUEST, GUEST_NAME, f"{CITY}.{DISTRICT}", role="assessor")
            return self._somebody(GUEST_NAME, lambda: Assessor(self.stack.base_url, "", token=sign_in))
        return self._somebody("assessor", lambda: Assessor(self.stack.base_url, "assessor"))

    def assessors(self) -> list[Json]:
        """Return the two assessors as a round's teams name them."""
        me = self.assessor().get("/me")
        home = {"organisation_id": self.organs_id}  # neither in the town nor above it
        return [
            {"person_id": me["person_id"], "name": me["name"], **home},
            {"person_id": str(GUEST), "name": GUEST_NAME, **home},
        ]

    def city_officer(self, name: str) -> Officer:
        """Give an officer of the city, whom the demonstration does not know."""
        person = uuid.uuid5(uuid.NAMESPACE_OID, name)
        return self._somebody(name, lambda: Officer(self.stack.base_url, "", token=self._token(person, name, CITY)))

    def secretary_of(self, village: Village) -> VillageSecretary:
        """Give the secretary of a village, whoever the roster says it is."""

        def sign_in() -> VillageSecretary:
            token = self._token(village.secretary_id, village.secretary_name, village.path, role="secretary")
            return VillageSecretary(self.stack.base_url, "", token=token, branch=village.id)

        return self._somebody(village.id, sign_in)

    def _somebody(self, key: str, sign_in: Callable[[], P]) -> P:
        since, person = self._signed_in.get(key, (None, None))
        if since is None or self.stack.now() - since > SIGNED_IN:
            since, person = self.stack.now(), sign_in()
            self._signed_in[key] = since, person
        return person  # type: ignore[return-value]

    def _token(self, person_id: uuid.UUID, name: str, path: str, *, role: str = "officer") -> str:
        signer = Signer(token_private_key(self.stack.stack.folder))
        grants = [(role, path)]
        return signer.sign(person_id=person_id, session_id=uuid.uuid4(), name=name, grants=grants, at=self.stack.now())

    # -- its time ------------------------------------------------------------------------------------------------------

    def moves_to(self, day: str, *, hour: int = 9) -> None:
        """Let it be that hour of that day in Shanghai."""
        self.stack.moves_clock_to(datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=SHANGHAI))

    def waits_for(self, ask: Callable[[], Any], *, equals: Any = None) -> Any:
        """Ask until the answer is true, or equals what is expected; minutes of the platform pass meanwhile.

        A timer may have run before what it looks for was there, and runs again a minute later.
        """
        until, looks = time.monotonic() + WAIT_S, 0
        while True:
            answer = ask()
            if (answer == equals) if equals is not None else answer:
                return answer
            assert time.monotonic() < until, f"still {answer!r}"
            time.sleep(LOOK_S)
            looks += 1
            if looks % LOOKS == 0:
                self.stack.moves_clock_to(self.stack.now() + timedelta(seconds=61))

    # -- what is seen of it --------------------------------------------------------------------------------------------

    def lights(self, month: str) -> dict[str, str]:
        """Return the light of each village in a month, by the village's name."""
        found = self.officer().get("/lights", organisation_id=self.id, month=month, limit=200)["items"]
        return {light["branch_name"]: light["light"] for light in found}

    def light_of(self, village: Village, month: str | None = None) -> Json:
        return self.officer().get(f"/branches/{village.id}/light", month=month)
