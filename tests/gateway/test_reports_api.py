"""Statistics and reports through the gateway, with the real services behind it (S13); *work* makes none here."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from chassis import clock
from flask.testing import FlaskClient

from tests.gateway.conftest import STANDING, Standing

pytestmark = STANDING

Headers = Callable[..., dict[str, str]]


def test_a_period_is_counted(services: Standing, client: FlaskClient, bearer: Headers) -> None:
    asked = "/api/v1/statistics?from=2026-01-01&to=2026-01-31&by=month"
    answer = client.get(asked, headers=bearer("officer"))
    assert answer.status_code == 200
    assert answer.json["total"]["visits"] == 0
    assert (answer.json["from_day"], answer.json["to_day"], answer.json["rows"]) == ("2026-01-01", "2026-01-31", [])


def test_a_fault_is_told_by_the_name_in_the_address(services: Standing, client: FlaskClient, bearer: Headers) -> None:
    answer = client.get("/api/v1/statistics?from=2026-02-01&to=2026-01-31", headers=bearer("officer"))
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"to"})


def test_a_report_is_asked_for_once_and_is_ones_own(services: Standing, client: FlaskClient, bearer: Headers) -> None:
    person = uuid4()
    who, asked = bearer("officer", person_id=person), {"kind": "statistics", "format": "xlsx"}
    first = client.post("/api/v1/reports", json=asked, headers={**who, "Idempotency-Key": str(person)})
    again = client.post("/api/v1/reports", json=asked, headers={**who, "Idempotency-Key": str(person)})
    assert (first.status_code, first.json["state"]) == (202, "waiting")
    assert again.json == first.json
    address = first.headers["Location"]
    assert client.get(address, headers=who).json["id"] == first.json["id"]
    assert client.get(address, headers=bearer("officer")).status_code == 404
    assert client.get(f"{address}/file", headers=who).json["code"] == "report-not-ready"
    assert [one["id"] for one in client.get("/api/v1/reports", headers=who).json["items"]] == [first.json["id"]]
    with services.engines["sites"].begin() as db:
        gone = clock.now() - timedelta(seconds=1)
        db.exec_driver_sql(
            "UPDATE reports SET asked_at = %(at)s::timestamptz - interval '7 days', expires_at = %(at)s", {"at": gone}
        )
    assert client.get(address, headers=who).status_code == 404


def test_what_is_missing_is_named(services: Standing, client: FlaskClient, bearer: Headers) -> None:
    answer = client.post("/api/v1/reports", json={"kind": "settlement_statement"}, headers=bearer("auditor"))
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"fund_id", "period"})
