"""The next subsidy policy, by the API alone: drafted, mended, tried on past months, adopted by another person (S9)."""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from tests.journeys.actors import WAIT_S, Approver, Person, Preparer, Refused

RULES: dict[str, Any] = {
    "name": "分档试行办法",
    "citation": "〔2029〕8号",
    "mode": "tiered",
    "per_visit_fen": 200_00,
    "per_head_fen": 0,
    "head_tiers": [{"heads_to": 20, "per_head_fen": 10_00}, {"per_head_fen": 5_00}],
    "heads_min": 5,
    "visit_cap_fen": 1000_00,
    "site_month_cap_fen": 5000_00,
}


def replayed(person: Person, replay_id: str) -> Any:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        found = person.get(f"/policy-replays/{replay_id}")
        if found["state"] in ("done", "failed"):
            return found
        time.sleep(0.2)
    raise AssertionError("the replay did not end")


def test_a_policy_is_drafted_tried_and_adopted(preparer: Preparer, approver: Approver, base_url: str) -> None:
    auditor = Person(base_url, "auditor")
    last = max(row["active_from"] for row in auditor.get("/policies", state="adopted")["items"])
    day = (max(date.fromisoformat(last), date(2030, 1, 1)) + timedelta(days=1)).isoformat()

    with pytest.raises(Refused) as refused:
        preparer.post("/policies", {**RULES, "active_from": day, "head_tiers": [], "last_spending_day": "13-40"})
    assert list(refused.value.problem["errors"]) == ["last_spending_day"]
    with pytest.raises(Refused, match="403"):
        approver.post("/policies", {**RULES, "active_from": day})
    draft = preparer.post("/policies", {**RULES, "active_from": day})
    address = f"/policies/{draft['id']}"

    seen = preparer.ask("GET", address)
    changed = {**RULES, "active_from": day, "visit_cap_fen": 900_00}
    assert preparer.ask("PUT", address, json=changed).status_code == 428
    told = preparer.ask("PUT", address, json=changed, headers={"If-Match": seen.headers["ETag"]})
    assert (told.status_code, told.json()["rules"]["visit_cap_fen"]) == (200, 900_00)
    stale = preparer.ask("PUT", address, json=changed, headers={"If-Match": seen.headers["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")

    asked = preparer.post(f"{address}/replays", {"first_month": "2026-01", "last_month": "2026-12"})
    found = replayed(auditor, asked["id"])
    assert found["state"] == "done"
    rows = auditor.ask("GET", f"/policy-replays/{asked['id']}/rows", params={"format": "csv"})
    assert len(rows.content.decode("utf-8-sig").splitlines()) == 1 + found["result"]["visits"]
    book = auditor.ask("GET", f"/policy-replays/{asked['id']}/rows", params={"format": "xlsx"})
    assert book.content.startswith(b"PK")

    with pytest.raises(Refused, match="403"):
        preparer.post(f"{address}/adoption")
    approver.refreshes_token()
    adopted = approver.post(f"{address}/adoption")
    assert (adopted["state"], adopted["active_from"]) == ("adopted", day)
    with pytest.raises(Refused) as refused:
        preparer.post(f"{address}/withdrawal", {"reason": "不再需要"})
    assert refused.value.code == "policy-not-movable"
    assert auditor.get("/subsidy-policy", on=day)["site_month_cap_fen"] == 5000_00
