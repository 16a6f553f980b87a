"""`make bench`: what the platform carries on this machine, in one run, on a stack of its own with durable storage.

Load generator, gateway, services, broker and database share the same cores, as they would on a district's one machine.
"""

import json
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import requests
from chassis import clock
from chassis.tokens import Signer
from local.keys import token_private_key
from local.platforms import Platform
from local.platforms import platform as start_platform

from tests.benchmarks import arrange, floor, load, settlement
from tests.benchmarks.load import Figures, Request

CLIENTS = 32
ORDERS = 40_000  # prepared for one load; more than any machine of two cores places in its seconds
BATCH = 200  # what a door's device sends at once when its network is back
DOORS = 4  # so many devices come back at the same moment
ONE_BY_ONE, OFFLINE = 8_000, 40_000
VISITS = 10_200  # one in a hundred fails at the bank and goes into a second batch
KINDS = ("gateway", "sites-serve", "sites-work", "assessment", "rabbitmq", "postgres")


def main() -> int:
    platform = start_platform()
    owner_url = platform.owner_url("sites")
    at = platform.now()
    ground = arrange.prepare(owner_url, at=at)
    rows: list[Figures] = []

    def measure(
        name: str, lines: Iterator[Request], *, who: str = "", duration_s: int = 8, clients: int = CLIENTS
    ) -> Figures:
        figures = load.run(
            name,
            lines,
            base_url=platform.base_url,
            token=_token(platform, who) if who else "",
            clients=clients,
            duration_s=duration_s,
            processes={kind: _pids_of(platform, kind) for kind in KINDS},
        )
        rows.append(figures)
        print(_line(figures), flush=True)
        if _has_failed(figures):
            print(
                f"  some answers were no success: {figures.statuses}, socket errors {figures.socket_errors}", flush=True
            )
        return figures

    print(f"{CLIENTS} clients, closed loop, everything on {load.cores()} cores\n\n{_head()}", flush=True)
    # Warm: connections, prepared plans, caches.
    load.run(
        "warm",
        _orders(ground, 4_000),
        base_url=platform.base_url,
        token=_token(platform, "secretary"),
        clients=CLIENTS,
        duration_s=3,
        processes={},
    )
    measure("static answer (/livez)", _repeated(Request("GET", "/livez"), 400_000))
    measure("sites in a bbox", _bboxes(100_000))
    _map_at_scale(platform, owner_url, measure)
    _terms_at_scale(platform, measure)
    one = measure("order, one fund", _orders(ground, ORDERS), who="secretary")
    hot = measure("order, one hot slot", _orders(ground, ORDERS, slot=ground.hot_slot), who="secretary")
    vouchers = arrange.more_vouchers(owner_url, ground.hot_slot, count=ONE_BY_ONE + OFFLINE)
    alone = measure("check-in", _check_ins(vouchers[:ONE_BY_ONE]), who="steward", duration_s=4)
    batch = measure(
        f"{BATCH} offline check-ins", _batches(vouchers[ONE_BY_ONE:], at=at), who="steward", duration_s=5, clients=DOORS
    )
    straight = {"one fund": floor.per_second(owner_url, ground, at=at.isoformat(), year=at.year, clients=8)}
    straight["one hot slot"] = floor.per_second(
        owner_url, ground, at=at.isoformat(), year=at.year, clients=8, hot_slot=True
    )
    funds = arrange.spread_funds(owner_url, at=at)
    many = measure(f"order, {funds} funds", _orders(ground, ORDERS), who="secretary")
    straight[f"{funds} funds"] = floor.per_second(owner_url, ground, at=at.isoformat(), year=at.year, clients=8)

    print("\nThe same order transaction straight through pgbench, 8 clients:")
    for (what, tps), through in zip(straight.items(), (one, hot, many), strict=True):
        print(
            f"  {what:<16} {tps:8.0f}/s   through HTTP and AMQP {through.per_second:6.0f}/s"
            f" = {through.per_second / tps:.0%}"
        )
    print(
        f"\nCheck-ins a second: {alone.per_second:.0f} one by one, {batch.per_second * BATCH:.0f} in batches of {BATCH}"
        f" = {batch.per_second * BATCH / alone.per_second:.1f} times as many"
    )
    print(f"\nOne fund against many, through HTTP and AMQP: {one.per_second / many.per_second:.0%}")
    balance = _trial_balance(platform)
    print(
        f"After all of it the ledger's difference is {balance['difference_fen']} fen; "
        f"kept balances agree with the entries: {balance['agrees_with_balances']}"
    )
    # A month with a batch of more than ten thousand claims, and the books of a fund with a million postings.
    settlement.run(visits_count=VISITS, months=1, postings=settlement.POSTINGS)
    failed = [row.name for row in rows if _has_failed(row)]
    if failed:
        print(f"\nSome answers were no success: {', '.join(failed)}")
    return 1 if failed or balance["difference_fen"] or not balance["agrees_with_balances"] else 0


def _has_failed(figures: Figures) -> bool:
    return bool(set(figures.statuses) - {"200", "201"} or figures.socket_errors)


def _map_at_scale(platform: Platform, owner_url: str, measure: Callable[..., Figures]) -> None:
    """Measure the map with 1 000 and with 100 000 sites: a town's box, the whole city's in clusters, a day's seats."""
    at = platform.now()
    tomorrow = clock.today(at) + timedelta(days=1)
    city = Request("GET", "/api/v1/sites?bbox=117.4,36.1,118.5,37.1&limit=500")
    free = Request("GET", f"/api/v1/sites?on={tomorrow}&seats=20&limit=100")
    for total in (1_000, 100_000):
        arrange.many_sites(owner_url, total=total, at=at)
        measure(f"town's box, {total} sites", _bboxes(100_000, width=0.03))
        measure(f"city in clusters, {total}", _repeated(city, 10_000), duration_s=5)
        if total == 1_000:
            measure("seats of a day, 1000 sites", _repeated(free, 10_000), duration_s=5)
            nearest = Request("GET", "/api/v1/sites?near=117.967,36.643&limit=50")
            measure("nearest 50, 1000 sites", _repeated(nearest, 10_000), duration_s=5)
    arrange.fewer_sites(owner_url)


def _terms_at_scale(platform: Platform, measure: Callable[..., Figures]) -> None:
    """Measure the list of terms, those that end soon and the counts: of a district's branches and of a province's."""
    for total in (1_800, 180_000):
        arrange.many_terms(platform.owner_url("roster"), total=total, at=platform.now())
        for name, path in (
            ("first terms", "terms?limit=100"),
            ("ending terms", "terms?status=ending&limit=100"),
            ("counts of terms", "term-counts"),
        ):
            lines = _repeated(Request("GET", f"/api/v1/{path}"), 10_000)
            measure(f"{name}, {total}", lines, who="officer", duration_s=4, clients=4)


def _pids_of(platform: Platform, kind: str) -> set[int]:
    """Return every process of a kind, once; assessment hears of each order, and shares the cores."""
    names = ("assessment-serve", "assessment-work") if kind == "assessment" else (kind,)
    return {pid for name in names for root in platform.pids_of(name) for pid in load.family(root)}


def _repeated(request: Request, times: int) -> Iterator[Request]:
    for _ in range(times):
        yield request


def _bboxes(count: int, *, width: float = 0.2) -> Iterator[Request]:
    """Boxes around places in Zibo, of about 20 km unless `width` says other degrees."""
    places = random.Random(370302)
    for _ in range(count):
        west, south = places.uniform(117.8, 118.1), places.uniform(36.4, 36.7)
        yield Request("GET", f"/api/v1/sites?bbox={west:.4f},{south:.4f},{west + width:.4f},{south + width:.4f}")


def _orders(ground: arrange.Ground, count: int, *, slot: str | None = None) -> Iterator[Request]:
    for number in range(count):
        yield Request("POST", "/api/v1/orders", arrange.order_body(ground, number, slot=slot))


def _check_ins(vouchers: list[str]) -> Iterator[Request]:
    for voucher in vouchers:
        body = {"voucher": voucher, "count": 8, "check_in_id": str(uuid.uuid4()), "device_id": "bench"}
        yield Request("POST", "/api/v1/check-ins", json.dumps(body))


def _batches(vouchers: list[str], *, at: datetime) -> Iterator[Request]:
    for first in range(0, len(vouchers), BATCH):
        items = [
            {"check_in_id": str(uuid.uuid4()), "voucher": voucher, "count": 8, "happened_at": at.isoformat()}
            for voucher in vouchers[first : first + BATCH]
        ]
        yield Request("POST", "/api/v1/check-ins/batch", json.dumps({"items": items, "device_id": "bench"}))


def _token(platform: Platform, who: str) -> str:
    """Sign a token with the bench stack's own key: the role over the whole city."""
    signer = Signer(token_private_key(platform.stack.folder))
    return signer.sign(
        person_id=uuid.uuid4(), session_id=uuid.uuid4(), name="bench", grants=[(who, "3703")], at=platform.now()
    )


def _trial_balance(platform: Platform) -> dict[str, int]:
    answer = requests.get(
        f"{platform.base_url}/api/v1/ledger/trial-balance",
        headers={"Authorization": f"Bearer {_token(platform, 'auditor')}"},
        timeout=60,
    )
    answer.raise_for_status()
    return dict(answer.json())


def _head() -> str:
    return f"{'':<26}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}   CPU-ms a request: " + " ".join(
        f"{kind:>11}" for kind in KINDS
    )


def _line(figures: Figures) -> str:
    return (
        f"{figures.name:<26}{figures.per_second:8.0f}{figures.p50_ms:8.1f}{figures.p99_ms:8.1f}   {'':<18}"
        + " ".join(f"{figures.cpu_ms[kind]:11.2f}" for kind in KINDS)
    )


if __name__ == "__main__":
    sys.exit(main())
