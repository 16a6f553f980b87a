"""The auditor takes the books home and proves them with nothing but a script; and has the platform prove them (S10)."""

import json
import runpy
import uuid
from pathlib import Path

import pytest

from gateway import static
from tests.journeys.actors import Approver, Person, Preparer, Refused, eventually

SCRIPT = Path(next(iter(static.__path__))) / "verify_ledger.py"


def test_what_was_granted_is_sealed_exported_proved_and_reversed(
    base_url: str, preparer: Preparer, approver: Approver
) -> None:
    auditor = Person(base_url, "auditor")
    fund = preparer.fund()
    number = f"川财〔2026〕{uuid.uuid4().hex[:6]}号"
    preparer.refreshes_token()
    preparer.post(f"/funds/{fund['id']}/appropriations", {"amount_fen": 1_00, "document_number": number})

    assert eventually(lambda: auditor.get("/ledger/proof")["funds"][0]["unsealed"] == 0)
    journal = auditor.ask("GET", "/ledger/journal", params={"format": "json"}).text.splitlines()
    proof = auditor.get("/ledger/proof")
    verify = runpy.run_path(str(SCRIPT))["verify"]
    assert verify(journal, proof) is None
    granted = next(json.loads(line) for line in journal if json.loads(line)["document_number"] == number)
    changed = [line.replace(number, "川财〔2026〕另号") for line in journal]
    assert f"entry {granted['number']} " in verify(changed, proof)

    for format, begins in (("hledger", "decimal-mark"), ("beancount", "option")):
        assert auditor.ask("GET", "/ledger/journal", params={"format": format}).text.startswith(begins)

    asked = auditor.post("/ledger/verifications")
    found = eventually(lambda: _ended(auditor, asked["id"]))
    assert (found["state"], found["result"]["is_right"]) == ("done", True)
    assert found["result"]["entries"] >= len(journal)

    approver.refreshes_token()
    reversal = approver.post(f"/ledger/entries/{granted['id']}/reversal", {"reason": "金额录错"})
    assert (reversal["reverses"], reversal["amount_fen"]) == (granted["sequence"], 1_00)
    assert preparer.fund()["appropriated_fen"] == fund["appropriated_fen"]
    assert preparer.trial_balance() == 0

    month = auditor.get(f"/funds/{fund['id']}/open-period")
    assert month["agrees"]
    with pytest.raises(Refused) as refused:
        approver.post(f"/funds/{fund['id']}/closed-periods", {"period": "2026-11"})
    assert refused.value.code == "period-not-over"


def _ended(auditor: Person, proof_id: str) -> dict[str, object] | None:
    found = auditor.get(f"/ledger/verifications/{proof_id}")
    return found if found["state"] in ("done", "failed") else None
