"""The people of a journey, each with their own session, speaking to the platform through its HTTP API alone."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.gateway.conformity import conformity_at

Json = dict[str, Any]
WAIT_S = 300.0


class Refused(AssertionError):
    """The platform answered with a problem where the journey expected an effect."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.problem: Json = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        self.code = self.problem.get("code")
        super().__init__(f"{answer.request.method} {answer.url} → {answer.status_code} {answer.text[:500]}")


@dataclass
class Person:
    """Somebody signed in, or holding a token they were given; a fresh one is fetched before each act on money."""

    base_url: str
    username: str
    password: str = "demo"
    token: str | None = None
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.headers["Accept-Language"] = "en"
        if self.token is None:
            answer = self.post("/sessions", {"username": self.username, "password": self.password})
            self.token = str(answer["access_token"])
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def ask(self, method: str, path: str, **how: Any) -> requests.Response:
        answer = self.http.request(method, f"{self.base_url}/api/v1{path}", timeout=WAIT_S, **how)
        assert conformity_at(self.base_url).faults_of(answer) == []
        return answer

    def get(self, path: str, **params: Any) -> Any:
        return _body(self.ask("GET", path, params={k: v for k, v in params.items() if v is not None}))

    def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return _body(self.ask("POST", path, json=body if body is not None else {}, headers=headers))

    def refreshes_token(self) -> None:
        answer = self.post("/sessions/current/token")
        self.http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    @property
    def grants(self) -> list[Json]:
        return self.get("/me")["roles"]


class Secretary(Person):
    """Leads a branch: orders for it, confirms how many came, sees its light."""

    @property
    def branch_id(self) -> str:
        return str(next(grant["organisation_id"] for grant in self.grants if grant["role"] == "secretary"))

    def orders(self, *, site: str, party_size: int, slot_id: str | None = None, key: str | None = None) -> Json:
        return self.post(
            "/orders",
            {
                "slot_id": slot_id or next_slot(self, site=site, seats=party_size)["id"],
                "branch_id": self.branch_id,
                "party_size": party_size,
                "contact_name": "李书记",
                "contact_phone": "13853312345",
            },
            key=key,
        )

    def confirms_headcount(self, claim: Json) -> Json:
        return self.post(f"/claims/{claim['id']}/headcount-confirmation")

    def light(self) -> str:
        return str(self.get(f"/branches/{self.branch_id}/light")["light"])

    def theme_days(self) -> list[Json]:
        return [
            record
            for record in self.get("/activities", branch_id=self.branch_id)["items"]
            if record["kind"] == "theme_day" and record["state"] == "held"
        ]


@dataclass
class VillageSecretary(Secretary):
    """Leads a village branch, with a token that the test signed."""

    branch: str = ""

    @property
    def branch_id(self) -> str:
        return self.branch

    def writes(self, template: str, *, parts: dict[str, int] | None = None, **content: Any) -> Json:
        """Write a record down, with the whole roll present, and keep it; `parts`: how many came of others."""
        roll = self.get(f"/branches/{self.branch_id}/record-roll")["people"]
        others = [{"branch_id": branch, "attended": came} for branch, came in (parts or {}).items()]
        came = [{"person_id": person["person_id"], "state": "present"} for person in roll]
        body = {"template": template, "attendance": came, "parts": others, **content}
        draft = self.post(f"/branches/{self.branch_id}/records", body)
        return self.post(f"/records/{draft['id']}/recording")

    def adds_evidence(self, address: str) -> Json:
        """Add a file to what is mended; each time another one."""
        key = uuid.uuid4()
        files = {"file": ("签到表.pdf", b"%PDF-1.4\n%" + key.bytes, "application/pdf")}
        return _body(self.ask("POST", address, files=files, headers={"Idempotency-Key": str(key)}))

    def hands_in(self, address: str, report: str) -> Json:
        """Hand in one's report of the year, as a form without a file."""
        return _body(self.ask("POST", address, files={"report": (None, report)}))

    def tasks(self, month: str) -> list[Json]:
        return self.get("/tasks", branch_id=self.branch_id, month=month)["items"]

    def holds(self, template: str, *, year: int) -> list[Json]:
        """Return the records of a kind that count for the branch, its own and those of others it took part in."""
        return self.get(f"/branches/{self.branch_id}/records", template=template, year=year)["items"]


class Officer(Person):
    """Leads a part of the tree for the organisation department: adopts lists, signs, judges, rates."""

    def drafts_list(self, **words: Any) -> Json:
        return self.post("/task-lists", words)

    def drafts_version(self, task_list: Json, **words: Any) -> Json:
        """Draft the next version of a list; returns the draft."""
        return self._draft_of(self.post(f"/task-lists/{task_list['id']}/versions", words))

    def adopts(self, task_list: Json) -> Json:
        """Adopt what another officer drafted."""
        return self.post(f"/list-versions/{self._draft_of(task_list)['id']}/adoption")

    @staticmethod
    def _draft_of(task_list: Json) -> Json:
        return next(version for version in task_list["versions"] if version["state"] == "draft")


class Assessor(Person):
    """Visits branches in a round and writes down what is found."""


class Steward(Person):
    """Keeps a site: checks vouchers at the door, closes visits, submits claims."""

    def checks_in(self, voucher: str, *, count: int, check_in_id: str | None = None) -> Json:
        return self.post(
            "/check-ins",
            {
                "voucher": voucher,
                "count": count,
                "check_in_id": check_in_id or str(uuid.uuid4()),
                "device_id": "door-1",
            },
        )

    def closes(self, order: Json, *, headcount: int) -> Json:
        """Close the visit and submit its claim; returns the submitted claim."""
        closed = self.post(f"/orders/{order['id']}/closure", {"headcount": headcount})
        assert closed["state"] == "used"
        return self.post(f"/claims/{closed['claim_id']}/submission")


class Preparer(Person):
    """Checks claims, makes batches, fetches payment files, brings the bank's answer."""

    def approves(self, claim: Json) -> Json:
        self.refreshes_token()
        return self.post(f"/claims/{claim['id']}/approval")

    def settles(self, *claims: Json) -> Json:
        """Make a batch of just these claims."""
        self.refreshes_token()
        return self.post(
            "/settlement-batches", {"period": claims[0]["period"], "claim_ids": [claim["id"] for claim in claims]}
        )

    def payment_file(self, batch: Json, *, format: str) -> requests.Response:
        self.refreshes_token()
        answer = self.ask("GET", f"/settlement-batches/{batch['id']}/payment-file", params={"format": format})
        if answer.status_code != 200:
            raise Refused(answer)
        return answer

    def brings_bank_results(self, batch: Json, *, text: str) -> Json:
        files = {"file": ("results.csv", text.encode(), "text/csv")}
        return _body(self.ask("POST", f"/settlement-batches/{batch['id']}/bank-results", files=files))

    def fund(self) -> Json:
        return self.get("/funds")["items"][0]

    def trial_balance(self) -> int:
        """Return debits minus credits over all accounts; the kept balances agree with the entries."""
        balance = self.get("/ledger/trial-balance")
        assert balance["agrees_with_balances"]
        return int(balance["difference_fen"])


class Approver(Person):
    """Approves or rejects what another person prepared."""

    def approves(self, batch: Json) -> Json:
        self.refreshes_token()
        return self.post(f"/settlement-batches/{batch['id']}/approval")


def next_slot(person: Person, *, site: str, seats: int = 1) -> Json:
    """Return the first slot of the site that can still be ordered, has the seats and confirms by itself."""
    slots = person.get(f"/sites/{site_named(person, site)['id']}/slots")["items"]
    fitting = (slot for slot in slots if slot["bookable"] and slot["seats_left"] >= seats)
    return next(slot for slot in fitting if slot["confirmation"] == "automatic")


def site_named(person: Person, name: str) -> Json:
    feature = next(
        feature for feature in person.get("/sites", q=name)["features"] if feature["properties"]["name"] == name
    )
    return {"id": feature["id"], **feature["properties"]}


def eventually(ask: Callable[[], Any], *, equals: Any = None, wait_s: float = WAIT_S) -> Any:
    """Ask until the answer is true (or equals what is expected), at most `wait_s`; returns the last answer."""
    until = time.monotonic() + wait_s
    while True:
        answer = ask()
        if (answer == equals) if equals is not None else answer:
            return answer
        if time.monotonic() > until:
            return answer
        time.sleep(0.5)


def _body(answer: requests.Response) -> Any:
    if not answer.ok:
        raise Refused(answer)
    return answer.json()
