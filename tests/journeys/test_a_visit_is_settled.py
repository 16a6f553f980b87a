"""The main chain, told by its people: from the map to the payment, and back to the branch's light (S1–S12, A2, A3)."""

import csv
import io
import uuid

import pytest

from tests.journeys.actors import Approver, Preparer, Refused, Secretary, Steward, eventually, next_slot

SITE = "蒲松龄纪念馆"


def test_a_branch_visits_a_site_and_the_month_is_settled(
    secretary: Secretary, steward: Steward, other_steward: Steward, preparer: Preparer, approver: Approver
) -> None:
    before = preparer.fund()
    assert secretary.light() == "yellow"  # the platform's day is the 22nd, and the month has no theme day yet

    order = secretary.orders(site=SITE, party_size=20)
    assert order["state"] == "confirmed"
    assert order["subsidy_estimate_fen"] == 400_00
    assert order["voucher"]
    assert preparer.fund()["encumbered_fen"] == before["encumbered_fen"] + 400_00
    assert preparer.trial_balance() == 0

    with pytest.raises(Refused) as elsewhere:
        other_steward.checks_in(order["voucher"], count=18)
    assert (elsewhere.value.status, elsewhere.value.code) == (409, "voucher-for-another-site")

    steward.checks_in(order["voucher"], count=18)
    with pytest.raises(Refused) as again:
        steward.checks_in(order["voucher"], count=18)
    assert (again.value.status, again.value.code) == (409, "voucher-used")
    assert SITE in again.value.problem["detail"]

    claim = steward.closes(order, headcount=18)
    assert claim["state"] == "submitted"
    assert claim["asked_fen"] == 380_00
    claim = secretary.confirms_headcount(claim)
    assert claim["state"] == "confirmed"

    claim = preparer.approves(claim)
    assert (claim["state"], claim["approved_fen"]) == ("approved", 380_00)
    fund = preparer.fund()
    assert fund["encumbered_fen"] == before["encumbered_fen"]
    assert fund["payable_fen"] == before["payable_fen"] + 380_00
    assert fund["available_fen"] == before["available_fen"] - 380_00
    assert preparer.trial_balance() == 0

    batch = preparer.settles(claim)
    assert (batch["state"], batch["count"], batch["total_fen"]) == ("prepared", 1, 380_00)
    with pytest.raises(Refused) as own:
        Approver.approves(preparer, batch)  # type: ignore[arg-type]
    assert own.value.status == 403
    assert approver.approves(batch)["state"] == "approved"

    rows = list(csv.DictReader(io.StringIO(preparer.payment_file(batch, format="csv").content.decode("utf-8-sig"))))
    assert len(rows) == 1
    assert preparer.payment_file(batch, format="xlsx").content.startswith(b"PK")
    assert b"pain.001.001.09" in preparer.payment_file(batch, format="pain.001").content

    line = batch["lines"][0]
    results = f"line_id,result,amount,reference,reason\n{line['id']},paid,380.00,{uuid.uuid4().hex[:12]},\n"
    batch = preparer.brings_bank_results(batch, text=results)
    assert (batch["state"], batch["paid_fen"]) == ("settled", 380_00)
    assert preparer.brings_bank_results(batch, text=results)["paid_fen"] == 380_00  # the same file changes nothing

    claim = preparer.get(f"/claims/{claim['id']}")
    assert (claim["state"], claim["paid_fen"]) == ("paid", 380_00)
    after = preparer.fund()
    assert after["paid_fen"] == before["paid_fen"] + 380_00
    assert after["payable_fen"] == before["payable_fen"]
    assert preparer.trial_balance() == 0

    record = eventually(secretary.theme_days)[0]
    assert (record["order_id"], record["attended"], record["place"]) == (order["id"], 18, SITE)
    assert eventually(secretary.light, equals="green") == "green"


def test_a_retried_order_is_one_order(other_secretary: Secretary) -> None:
    key = str(uuid.uuid4())
    slot = next_slot(other_secretary, site=SITE, seats=6)
    first = other_secretary.orders(site=SITE, party_size=6, slot_id=slot["id"], key=key)
    again = other_secretary.orders(site=SITE, party_size=6, slot_id=slot["id"], key=key)
    assert again == first
    with pytest.raises(Refused) as reused:
        other_secretary.orders(site=SITE, party_size=7, slot_id=slot["id"], key=key)
    assert (reused.value.status, reused.value.code) == (422, "idempotency-key-reused")
    cancelled = other_secretary.post(f"/orders/{first['id']}/cancellation", {"reason": "时间有变"})
    assert cancelled["state"] == "cancelled"
