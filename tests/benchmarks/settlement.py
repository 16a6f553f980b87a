"""Visits through to settlement on a PostgreSQL of their own: closed, claimed, approved, paid; the books proved.

    python -m tests.benchmarks.settlement 100000             a year's visits, as many as asked
    python -m tests.benchmarks.settlement 12000 --months 1   one month's, as `make bench` does

Orders with their check-ins and money are written set-wise; from the closing on everything goes through the operations
that the doors call, each in a transaction of its own, from several processes. The database is made anew and dropped.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg2
from chassis.database import connect
from contracts.sites.batches import BatchLinesAsked, BatchView, MakeBatch, MoveBatch
from contracts.sites.claims import MoveClaim, MoveClaims
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.proofs import JournalAsked
from cryptography.fernet import Fernet
from local import databases, processes
from local.clone import CLONE, TEST_RUN
from local.erasing import erase
from local.postgres import Postgres
from psycopg2.extras import execute_values
from sites.domain import subsidy
from sites.operations import batches, claims, proofs, seals, visits
from sites.queries import batches as batch_queries
from sites.queries import ledger, policies
from sites.queries import proofs as proof_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.benchmarks import load
from tests.sites.articles import DISTRICT, a_branch, a_site, money_in_the_fund
from tests.sites.money import a_bank_file, a_payee, a_preparer, an_approver, an_auditor, brings, fresh

FOLDER: Final = TEST_RUN / "settlement"
WORKERS: Final = 4
SITES, BRANCHES, DAYS_A_MONTH = 27, 1_800, 28
FIRST_VISIT: Final = datetime(2026, 1, 2, 1, tzinfo=UTC)
DECIDED: Final = datetime(2026, 12, 20, 2, tzinfo=UTC)
BY_ONE_MAX: Final = 1_000  # claims that are approved one by one, to see what the others are spared
AT_ONCE: Final = 500  # claims in one bulk approval
MINUTES: Final = "会议纪要〔2026〕12号"
FAILS_EVERY: Final = 100  # one payment in so many the bank cannot make
POSTINGS: Final = 1_000_000

Item = tuple[UUID, int, datetime]  # an order or a claim, its heads, and when it is acted on


@dataclass(frozen=True)
class Stage:
    """What one stage took. `cpu_ms` is for each item, by kind of process; `peak_mb` is all of a kind together."""

    name: str
    count: int
    seconds: float
    cpu_ms: dict[str, float]
    peak_mb: dict[str, float]


@dataclass
class Bench:
    """The server, the service's connections, and what was measured so far."""

    pid: int
    engine: Engine
    pool: Pool
    workers: list[int]
    stages: list[Stage] = field(default_factory=list)

    def kinds(self) -> dict[str, list[int]]:
        return {"python": [os.getpid(), *self.workers], "postgres": load.family(self.pid)}

    @contextmanager
    def stage(self, name: str, count: int) -> Iterator[None]:
        """Measure what is done inside for `count` items and print it."""
        stop, peaks = threading.Event(), dict.fromkeys(self.kinds(), 0.0)

        def watch() -> None:
            ended = False
            while not ended:
                ended = stop.wait(0.5)
                for kind, pids in self.kinds().items():
                    peaks[kind] = max(peaks[kind], sum(map(processes.memory_bytes, pids)) / 2**20)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        before, began = {kind: load.cpu_s(pids) for kind, pids in self.kinds().items()}, time.monotonic()
        yield
        seconds = time.monotonic() - began
        after = {kind: load.cpu_s(pids) for kind, pids in self.kinds().items()}
        stop.set()
        watcher.join()
        spent = {kind: (after[kind] - before[kind]) * 1000 / max(count, 1) for kind in before}
        self.stages.append(Stage(name, count, seconds, spent, peaks))
        print(
            f"{name:<34}{count:9}{seconds:9.1f}{count / seconds:10.0f}/s"
            + "".join(f"{spent[kind]:10.3f}" for kind in spent)
            + "".join(f"{peaks[kind]:9.0f}" for kind in peaks),
            flush=True,
        )

    def each(self, act: Callable[[Sequence[Item]], int], items: Sequence[Item], *, chunk: int = 50) -> int:
        """Do the act on all items in the worker processes; returns what its calls return, added up."""
        chunks = [items[at : at + chunk] for at in range(0, len(items), chunk)]
        return sum(self.pool.imap_unordered(act, chunks))


# ---- what the worker processes do ----------------------------------------------------------------------------------

_engine: Engine


def _begin(url: str) -> None:
    global _engine  # noqa: PLW0603 – each worker process has its own
    _engine = connect(url, service="sites", pool_size=1)


def _close(items: Sequence[Item]) -> int:
    steward = an_actor(("steward", DISTRICT), name="王管理员")
    for order_id, heads, at in items:
        with _engine.begin() as db:
            visits.close(db, order_id=order_id, headcount=heads, actor=steward, at=at)
    return len(items)


def _submit(items: Sequence[Item]) -> int:
    steward = an_actor(("steward", DISTRICT), name="王管理员")
    for claim_id, _, at in items:
        with _engine.begin() as db:
            claims.submit(db, asked=MoveClaim(claim_id), actor=steward, at=at)
    return len(items)


def _confirm(items: Sequence[Item]) -> int:
    secretary = an_actor(("secretary", DISTRICT), name="李书记")
    for claim_id, _, at in items:
        with _engine.begin() as db:
            claims.confirm_headcount(db, asked=MoveClaim(claim_id), actor=secretary, at=at)
    return len(items)


def _approve(items: Sequence[Item]) -> int:
    preparer = fresh(a_preparer(), DECIDED)
    for claim_id, _, at in items:
        with _engine.begin() as db:
            claims.approve(db, asked=MoveClaim(claim_id, reason="核对无误"), actor=preparer, at=at)
    return len(items)


def _approve_many(items: Sequence[Item]) -> int:
    with _engine.begin() as db:
        asked = MoveClaims([claim_id for claim_id, _, _ in items], reason="核对无误")
        answered = claims.approve_many(db, asked=asked, actor=fresh(a_preparer(), DECIDED), at=DECIDED)
    return answered.done


# ---- the stages ----------------------------------------------------------------------------------------------------


def settle(bench: Bench, *, count: int, months: int) -> None:
    """Take so many visits from their closing to the bank's last answer."""
    with bench.engine.begin() as db:
        ground(db, bench)
    with bench.stage("orders written set-wise", count), _owner() as cursor:
        write_orders(cursor, bench.engine, count=count, days=DAYS_A_MONTH * months)
    _vacuum()
    orders = _items(bench, "SELECT id, checked_in, ends_at + interval '10 minutes' FROM orders ORDER BY ends_at, id")
    with bench.stage("close a visit", count):
        bench.each(_close, orders)
    drafted = _items(bench, "SELECT id, headcount, moved_at + interval '1 hour' FROM claims ORDER BY visit_on, id")
    with bench.stage("submit a claim", count):
        bench.each(_submit, drafted)
    half = [(claim_id, heads, at + timedelta(days=1)) for claim_id, heads, at in drafted[::2]]
    with bench.stage("confirm by the branch", len(half)):
        bench.each(_confirm, half)
    with bench.stage("confirm by silence, the timer", count - len(half)):
        _until_none(bench, lambda db: claims.confirm_by_silence(db, at=DECIDED))
    waiting = _items(bench, "SELECT id, headcount, CAST(:at AS timestamptz) FROM claims ORDER BY visit_on, id", DECIDED)
    one_by_one = waiting[: min(BY_ONE_MAX, count // 10)]
    with bench.stage("approve a claim, one by one", len(one_by_one)):
        bench.each(_approve, one_by_one, chunk=10)
    rest = waiting[len(one_by_one) :]
    with bench.stage(f"approve claims, {AT_ONCE} at once", len(rest)):
        approved = bench.each(_approve_many, rest, chunk=AT_ONCE)
    if approved != len(rest):
        raise RuntimeError(f"{approved} of {len(rest)} claims were approved")
    pay_by_batches(bench)


def pay_by_batches(bench: Bench) -> None:
    """Make a batch of each month's claims, approve it, and hear the bank; what failed goes through once more."""
    files = FOLDER / "files"
    for fails in (True, False):
        with bench.engine.connect() as db:
            periods = db.execute(
                text("SELECT period, count(*) FROM claims WHERE state = 'approved' GROUP BY 1 ORDER BY 1")
            )
            waiting = {row[0]: row[1] for row in periods}
        named = "" if fails else ", failed ones again"
        made: list[BatchView] = []
        with bench.stage(f"make {len(waiting)} batches{named}", sum(waiting.values())):
            for period in waiting:
                with bench.engine.begin() as db:
                    made.append(
                        batches.make(db, asked=MakeBatch(period), actor=fresh(a_preparer(), DECIDED), at=DECIDED)
                    )
        with bench.stage("approve them", sum(waiting.values())):
            for batch in made:
                with bench.engine.begin() as db:
                    batches.approve(
                        db, asked=MoveBatch(batch.id, MINUTES), actor=fresh(an_approver(), DECIDED), at=DECIDED
                    )
        with bench.engine.connect() as db:
            made = [replace(batch, lines=all_lines(db, batch)) for batch in made]
        with bench.stage("read the bank's answers", sum(waiting.values())):
            for batch in made:
                failed = tuple(range(0, batch.count, FAILS_EVERY)) if fails else ()
                with bench.engine.begin() as db:
                    brings(db, files, batch, a_bank_file(batch, failed=failed), by=fresh(a_preparer(), DECIDED))

    with bench.engine.connect() as db:
        left = db.execute(text("SELECT count(*) FROM claims WHERE state <> 'paid'")).scalar_one()
    if left:
        raise RuntimeError(f"{left} claims were not paid")


def all_lines(db: Connection, batch: BatchView) -> list[Any]:
    """Return the batch's lines as its pages tell them."""
    lines: list[Any] = []
    asked = BatchLinesAsked(batch.id, limit=1000)
    while True:
        page = batch_queries.batch_lines(db, asked=asked, actor=an_auditor())
        lines += page.items
        if page.next is None:
            return lines
        asked = replace(asked, cursor=page.next)


def prove(bench: Bench) -> None:
    """Seal what was entered, prove it, and let hledger read it."""
    with bench.engine.connect() as db:
        count = db.execute(text("SELECT count(*) FROM ledger_unsealed")).scalar_one()
    with bench.stage("seal the entries", count), bench.engine.connect() as db:
        _seal_all(db)
    with bench.engine.begin() as db:
        seals.make_checkpoints(db, at=DECIDED)
    with bench.stage("prove every seal and sum", count), bench.engine.begin() as db:
        proved = proofs.prove(db, paths=[DISTRICT], progress=lambda done, total: None)
    if not proved["is_right"]:
        raise RuntimeError(f"the books are not right: {proved}")
    journal = FOLDER / "journal.hledger"
    with bench.stage("write the journal for hledger", count), bench.engine.connect() as db:
        after, parts = None, []
        with journal.open("w", encoding="utf-8") as written:
            while True:
                part = proof_queries.journal(db, JournalAsked(format="hledger", after=after), actor=an_auditor())
                written.write(part.text)
                parts.append(len(part.text))
                after = part.next
                if after is None:
                    break
    _hledger(bench, journal, count)


def _hledger(bench: Bench, journal: Path, count: int) -> None:
    if shutil.which("hledger") is None:
        print("hledger is not installed: nobody else has checked the journal")
        return
    with bench.stage("hledger check --strict", count):
        done = subprocess.run(["hledger", "-f", str(journal), "check", "--strict"], check=False)
    if done.returncode:
        raise RuntimeError("hledger finds the journal wrong")
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  hledger took {peak_mb:.0f} MB for {journal.stat().st_size / 2**20:.0f} MB of journal")
    journal.unlink()


def trial_balances(bench: Bench, *, postings: int = POSTINGS) -> None:
    """Add up a fund with so many postings over a year: all of it, as at a day, and with a second's entries unsealed."""
    with bench.engine.begin() as db:
        fund = money_in_the_fund(db, amount_fen=postings * 100_00, path=f"{DISTRICT}.bench")
    with bench.stage("postings written set-wise", postings), _owner() as cursor:
        write_postings(cursor, fund, count=postings)
    with bench.stage("seal the postings", postings), bench.engine.connect() as db:
        _seal_all(db)
    _vacuum()
    for name, asked in (
        (f"trial balance over {postings}", TrialBalanceAsked(fund_id=fund)),
        ("the same as at a day", TrialBalanceAsked(fund_id=fund, on=DECIDED.date() - timedelta(days=180))),
    ):
        _balance(bench, name, asked)
    with _owner() as cursor:
        write_postings(cursor, fund, count=seals.AT_ONCE_MAX // 5)
    _balance(bench, f"with {seals.AT_ONCE_MAX // 5} unsealed", TrialBalanceAsked(fund_id=fund))


def _balance(bench: Bench, name: str, asked: TrialBalanceAsked, *, times: int = 20) -> None:
    with bench.stage(name, times), bench.engine.connect() as db:
        for _ in range(times):
            balance = ledger.trial_balance(db, asked=asked, actor=an_auditor())
    if balance.difference_fen or not balance.agrees_with_balances:
        raise RuntimeError(f"the trial balance of the bench is wrong: {balance}")


def _seal_all(db: Connection) -> None:
    seals.seal_all(db)
    db.commit()


def _until_none(bench: Bench, act: Callable[[Connection], int]) -> None:
    while True:
        with bench.engine.begin() as db:
            if act(db) == 0:
                return


def _items(bench: Bench, statement: str, at: datetime | None = None) -> list[Item]:
    with bench.engine.connect() as db:
        return [(row[0], row[1], row[2]) for row in db.execute(text(statement), {"at": at} if at else {})]


# ---- what is there before -----------------------------------------------------------------------------------------


def ground(db: Connection, bench: Bench) -> None:
    """A fund deep enough, the district's sites with their accounts, and its branches."""
    money_in_the_fund(db, amount_fen=10**12)
    for _ in range(SITES):
        a_payee(db, a_site(db))
    for _ in range(BRANCHES):
        a_branch(db)


def write_orders(cursor: Any, engine: Engine, *, count: int, days: int) -> None:
    """Orders that came: each site has a slot a day, the orders go around sites, days and branches."""
    cursor.execute(
        """
        INSERT INTO slots (id, site_id, programme_id, starts_at, ends_at, visit_on, bookable_until, seats, confirmation)
        SELECT gen_random_uuid(), p.site_id, p.id, t.starts_at, t.starts_at + interval '1 hour',
               (t.starts_at AT TIME ZONE 'Asia/Shanghai')::date, t.starts_at, 10000000, 'automatic'
          FROM programmes p, generate_series(0, %s) AS day,
               LATERAL (SELECT %s::timestamptz + make_interval(days => day) AS starts_at) AS t
        """,
        (days - 1, FIRST_VISIT),
    )
    with engine.connect() as db:
        policy_id = db.execute(
            text("SELECT id FROM policies WHERE active_from <= :on ORDER BY active_from DESC LIMIT 1"),
            {"on": FIRST_VISIT.date()},
        ).scalar_one()
        policy = policies.policy(db, policy_id)
    assert policy is not None
    worth = [(heads, subsidy.estimate(policy, headcount=heads)) for heads in range(8, 21)]
    cursor.execute("CREATE TEMPORARY TABLE worth (party_size integer, amount_fen bigint, explanation jsonb)")
    rows = [(heads, one.amount_fen, psycopg2.extras.Json(one.explanation)) for heads, one in worth]
    execute_values(cursor, "INSERT INTO worth VALUES %s", rows)
    cursor.execute(
        """
        CREATE TEMPORARY TABLE ordered AS
        SELECT gen_random_uuid() AS id, s.id AS slot_id, s.site_id, s.programme_id, s.starts_at, s.ends_at, s.visit_on,
               b.id AS branch_id, w.*, n,
               CASE WHEN n %% 5 = 0 THEN w.party_size - 1 ELSE w.party_size END AS came
          FROM generate_series(0, %s) AS n
          JOIN (SELECT *, row_number() OVER (ORDER BY starts_at, site_id) - 1 AS place FROM slots) s
            ON s.place = n %% %s
          JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM organisations) b ON b.place = n %% %s
          JOIN worth w ON w.party_size = 8 + n %% 13
        """,
        (count - 1, SITES * days, BRANCHES),
    )
    cursor.execute(
        """
        INSERT INTO orders (id, slot_id, site_id, programme_id, branch_id, placed_by_id, placed_by, placed_at,
                            party_size, seats, starts_at, ends_at, visit_on, confirmation, state, voucher, contact_name,
                            contact_phone, contact_phone_masked, policy_id, fund_id, is_subsidised,
                            subsidy_estimate_fen, subsidy_explanation, checked_in)
        SELECT o.id, slot_id, site_id, programme_id, branch_id, gen_random_uuid(), '李书记',
               starts_at - interval '7 days', party_size, party_size, starts_at, ends_at, visit_on, 'automatic',
               'confirmed', 'BENCH' || n, '李书记', '\\x00', '138****2345', %s, f.id, true, amount_fen,
               explanation, came
          FROM ordered o, funds f
        """,
        (policy_id,),
    )
    cursor.execute(
        """
        INSERT INTO check_ins (id, order_id, site_id, count, happened_at, recorded_at, by_id, by_name, device_id)
        SELECT gen_random_uuid(), id, site_id, came, starts_at, starts_at, gen_random_uuid(), '王管理员',
               'device of ' || site_id FROM ordered;
        INSERT INTO encumbrances (order_id, fund_id, year, amount_fen, state, encumbered_at)
        SELECT o.id, f.id, 2026, amount_fen, 'pending', starts_at - interval '7 days' FROM ordered o, funds f;
        INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, order_id, at)
        SELECT f.id, 2026, 'available', 'encumbered', amount_fen, 'order_placed', o.id, starts_at - interval '7 days'
          FROM ordered o, funds f ORDER BY starts_at;
        UPDATE fund_years y SET available_fen = available_fen - o.fen, encumbered_fen = encumbered_fen + o.fen
          FROM (SELECT sum(amount_fen) AS fen FROM ordered) o;
        UPDATE slots s SET seats_taken = o.seats, groups_taken = o.orders
          FROM (SELECT slot_id, sum(party_size) AS seats, count(*) AS orders FROM ordered GROUP BY 1) o
         WHERE s.id = o.slot_id
        """
    )


def write_postings(cursor: Any, fund: UUID, *, count: int) -> None:
    """Orders placed and cancelled on each day of the year: two postings a time, nothing left encumbered."""
    cursor.execute(
        """
        INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, order_id, at)
        SELECT %(fund)s, 2026, e.debit, e.credit, 400_00, e.reason, t.id, t.at + e.after
          FROM (SELECT gen_random_uuid() AS id, timestamptz '2026-01-02' + n %% 350 * interval '1 day' AS at
                  FROM generate_series(1, %(count)s / 2) AS n) t,
               (VALUES ('available', 'encumbered', 'order_placed', interval '0'),
                       ('encumbered', 'available', 'order_cancelled', interval '1 hour'))
               AS e (debit, credit, reason, after)
         ORDER BY t.at
        """.replace("400_00", "40000"),
        {"fund": fund, "count": count},
    )


@contextmanager
def _owner() -> Iterator[Any]:
    connection = psycopg2.connect(_postgres().url(user=databases.owner_of("sites"), database="sites"))
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _vacuum() -> None:
    """Do what autovacuum does minutes after so many rows."""
    with databases.superuser(_postgres(), database="sites") as cursor:
        cursor.execute("VACUUM ANALYZE")


# ---- the server ----------------------------------------------------------------------------------------------------


def _postgres() -> Postgres:
    return Postgres(folder=FOLDER, durable=True)


@contextmanager
def a_bench() -> Iterator[Bench]:
    """A durable server with an empty, migrated sites database; all of it is gone afterwards."""
    server = _postgres()
    FOLDER.mkdir(parents=True, exist_ok=True)
    processes.stop([found.pid for found in processes.found(FOLDER)], first=signal.SIGINT, wait_s=60)
    erase(FOLDER)
    server.choose_port()
    server.prepare()
    started = processes.start(server.program(), dies_with_parent=True)
    try:
        while not server.is_ready():
            if started.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start; its log is {server.program().log}")
            time.sleep(0.2)
        databases.create_service_database(server, "sites")
        with databases.superuser(server, database="sites") as cursor:
            cursor.execute("CREATE EXTENSION pg_stat_statements")
            cursor.execute("ALTER DATABASE sites SET pg_stat_statements.track_planning = on")
        os.environ.setdefault("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
        os.environ.setdefault("VOUCHER_SECRET", "for this bench alone")
        subprocess.run(
            [sys.executable, "-m", "chassis.migrations", "upgrade", "sites"],
            cwd=CLONE,
            env={
                **os.environ,
                "MIGRATION_DATABASE_URL": server.url(user=databases.owner_of("sites"), database="sites"),
            },
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = server.url(user="sites", database="sites")
        with get_context("spawn").Pool(WORKERS, initializer=_begin, initargs=(url,)) as pool:
            workers = [process.pid for process in pool._pool]  # type: ignore[attr-defined]
            yield Bench(started.pid, connect(url, service="sites", pool_size=2), pool, workers)
        _say_where_time_went(server)
        _say_size(server)
    finally:
        processes.stop([started.pid], first=signal.SIGINT, wait_s=60)
        started.wait()
        erase(FOLDER)


def _say_where_time_went(server: Postgres) -> None:
    with databases.superuser(server, database="sites") as cursor:
        cursor.execute(
            r"""
            SELECT (total_plan_time + total_exec_time) / 1000, calls, mean_plan_time, mean_exec_time,
                   left(regexp_replace(query, '\s+', ' ', 'g'), 120)
              FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = 'sites')
             ORDER BY 1 DESC LIMIT 16
            """
        )
        print("\nWhere the database's time went:\n" + f"{'s':>9}{'calls':>9}{'ms to plan':>12}{'to do':>8}")
        for seconds, calls, plan_ms, exec_ms, statement in cursor:
            print(f"{seconds:9.1f}{calls:9}{plan_ms:12.3f}{exec_ms:8.3f}  {statement}")


def _say_size(server: Postgres) -> None:
    with databases.superuser(server, database="sites") as cursor:
        cursor.execute("SELECT pg_database_size('sites') / 2^20")
        (size_mb,) = cursor.fetchone() or (0,)
        cursor.execute(
            "SELECT relname, pg_total_relation_size(relid) / 2^20, pg_indexes_size(relid) / 2^20"
            " FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 8"
        )
        largest = ", ".join(f"{name} {mb:.0f} MB ({of_indexes:.0f} indexes)" for name, mb, of_indexes in cursor)
    print(f"\nThe database has {size_mb:.0f} MB: {largest}")


def run(*, visits_count: int, months: int, postings: int = 0) -> None:
    """Do all of it and print a line for each stage."""
    print(
        f"\n{visits_count} visits over {months} months to settlement: {WORKERS} processes, PostgreSQL beside them\n"
        f"{'':<43}{'':>19}   CPU-ms an item         peak MB\n"
        f"{'':<34}{'items':>9}{'s':>9}{'':>12}{'python':>10}{'postgres':>10}{'python':>9}{'postgres':>9}"
    )
    with a_bench() as bench:
        settle(bench, count=visits_count, months=months)
        settling = [stage for stage in bench.stages if not stage.name.startswith("orders written")]
        seconds = sum(stage.seconds for stage in settling)
        print(f"  closed to paid: {visits_count} visits in {seconds:.0f} s = {visits_count / seconds:.0f} a second")
        prove(bench)
        if postings:
            trial_balances(bench, postings=postings)


def main(arguments: Iterable[str] | None = None) -> int:
    """Read how many visits, and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("visits", type=int, nargs="?", default=100_000)
    parser.add_argument("--months", type=int, default=10, choices=range(1, 11))
    parser.add_argument("--postings", type=int, default=0, help="add up the books of a fund with so many, too")
    asked = parser.parse_args(None if arguments is None else list(arguments))
    run(visits_count=asked.visits, months=asked.months, postings=asked.postings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
