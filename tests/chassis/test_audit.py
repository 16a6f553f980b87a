"""The audit: each command leaves its record, the chain shows what was changed, nothing goes before its time."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock
from chassis.actors import Grant
from chassis.audit import proofs, refused, retention, sealing, seals
from chassis.audit.records import place_of
from chassis.refusals import NotFound
from contracts.envelope import Outcome
from counters.running import Counters, Keys, Place
from local.databases import superuser
from local.testing import Servers
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SERVICE = "counters"


def a_record(db: Connection, *, at: datetime | None = None, **other: Any) -> None:
    record = {
        "at": (at or clock.now()).isoformat(),
        **{"door": "add", "outcome": "done", "person_id": str(uuid4()), "session_id": None, "place": "1.2"},
        **{"address": "203.0.113.7", "request_id": "abc", "command_id": None, "targets": [], "fields": []},
        **other,
    }
    db.execute(
        text("INSERT INTO audit_waiting (record) VALUES (CAST(:record AS jsonb))"), {"record": json.dumps(record)}
    )


def sealed(place: Place, count: int, *, at: datetime | None = None) -> None:
    with place.engine.begin() as db:
        for _ in range(count):
            a_record(db, at=at)
        sealing.seal(db, service=SERVICE)


def proof(place: Place) -> dict[str, Any]:
    with place.engine.connect() as db:
        return proofs.prove(db, service=SERVICE, progress=lambda done, total: None)


def records(place: Place) -> list[Any]:
    with place.engine.begin() as db:
        sealing.seal(db, service=SERVICE)
        return list(db.execute(text("SELECT * FROM audit_records ORDER BY number")))


class TestWhatIsKept:
    def test_a_command_leaves_one_record_with_who_whence_and_what(
        self, counters: Counters, keys: Keys, place: Place
    ) -> None:
        person, command_id = uuid4(), uuid4()
        for _ in range(2):
            answer = counters.caller.call(
                "counters",
                "add",
                b'{"counter":"a secret word","amount":3}',
                timeout_s=60,
                token=keys.token(person_id=person),
                command_id=str(command_id),
                request_id="request-0001",
                address="203.0.113.7",
            )
            assert answer.outcome == Outcome.OK
        (record,) = records(place)
        assert (record.door, record.outcome, record.person_id, record.place) == ("add", "done", person, "1.2")
        assert (record.address, record.request_id, record.command_id) == ("203.0.113.7", "request-0001", command_id)
        assert {"counter", "amount"} <= set(record.fields)
        assert "a secret word" not in str(record)  # what was typed is nowhere in it

    def test_what_is_undone_leaves_none_and_a_question_neither(self, counters: Counters, place: Place) -> None:
        counters.refusal("add", counter="full", amount=1000)
        counters.said("echo", text="hi")
        assert records(place) == []

    def test_the_place_of_a_record_is_where_all_roles_lie(self) -> None:
        def place(*paths: str) -> str | None:
            return place_of(tuple(Grant("member", path) for path in paths))

        assert place("1.2.3") == "1.2.3"
        assert place("1.2.3", "1.2.4") == "1.2"
        assert place("1.2", "1.20") == "1"
        assert place() is None


class TestRefusals:
    def test_are_counted_by_the_minute_and_never_fill_the_disk(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(refused, "KEYS_MAX", 5)
        at = clock.now()
        for number in range(40):
            for _ in range(2):
                refused.count(
                    place.engine,
                    NotFound(),
                    door="member",
                    actor=None,
                    at=at,
                    address=f"203.0.{number}.7",
                    request_id="x",
                )
        with place.engine.begin() as db:
            assert db.execute(text("SELECT count(*) FROM audit_refusals")).scalar_one() == 6
            assert refused.pass_on(db, at=at) == 0  # the minute is not over
            assert refused.pass_on(db, at=at + timedelta(minutes=3)) == 6
        kept = records(place)
        assert sum(record.times for record in kept) == 80
        assert {record.outcome for record in kept} == {"not-found", refused.OVERFLOW}

    def test_one_network_is_one_count(self) -> None:
        assert refused.network_of("203.0.113.7") == refused.network_of("203.0.113.99")
        assert refused.network_of("2001:db8:1:2::1") == refused.network_of("2001:db8:1:ffff::1")
        assert refused.network_of("no address") == ""

    def test_a_refused_call_is_kept_with_who_it_was(self, counters: Counters, keys: Keys, place: Place) -> None:
        person = uuid4()
        told = counters.refusal("audit", token=keys.token(person_id=person))  # a member reads no audit
        assert told["code"] == "forbidden"
        with place.engine.begin() as db:
            refused.pass_on(db, at=clock.now() + timedelta(minutes=3))
        (record,) = records(place)
        assert (record.door, record.outcome, record.person_id) == ("audit", "forbidden", person)


class TestTheChain:
    def test_is_right_as_long_as_nobody_touches_it(self, place: Place) -> None:
        sealed(place, 3)
        sealed(place, 2)
        found = proof(place)
        assert (found["is_right"], found["records"], found["until_number"]) == (True, 5, 5)

    def test_many_sealers_make_one_chain(self, place: Place) -> None:
        with place.engine.begin() as db:
            for _ in range(30):
                a_record(db)

        def seal() -> None:
            with place.engine.begin() as db:
                sealing.seal(db, service=SERVICE)

        threads = [threading.Thread(target=seal) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert proof(place)["records"] == 30

    @pytest.mark.parametrize(
        ("statement", "why", "number"),
        [
            ("UPDATE audit_records SET person_id = gen_random_uuid() WHERE number = 3", "changed", 3),
            ("UPDATE audit_records SET times = 2 WHERE number = 3", "changed", 3),
            ("UPDATE audit_records SET address = '::1' WHERE number = 1", "changed", 1),
            ("DELETE FROM audit_records WHERE number = 2", "missing", 2),
            ("DELETE FROM audit_records WHERE number > 3", "cut_off", 5),
            ("DELETE FROM audit_records", "cut_off", 5),
        ],
    )
    def test_shows_what_somebody_did_to_it(  # noqa: PLR0917
        self, place: Place, servers: Servers, database: str, statement: str, why: str, number: int
    ) -> None:
        sealed(place, 5)
        with place.engine.begin() as db:
            sealing.make_checkpoint(db, service=SERVICE, at=clock.now())
        with superuser(servers.postgres, database=database) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(statement)
        found = proof(place)
        assert (found["is_right"], found["fault"]) == (False, {"why": why, "number": number})

    def test_a_chain_that_goes_on_after_its_end_was_cut_off_does_not_meet_its_checkpoint(
        self, place: Place, servers: Servers, database: str
    ) -> None:
        sealed(place, 5)
        with place.engine.begin() as db:
            sealing.make_checkpoint(db, service=SERVICE, at=clock.now())
        with superuser(servers.postgres, database=database) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute("DELETE FROM audit_records WHERE number > 3")
        sealed(place, 4)
        assert proof(place)["fault"] == {"why": "checkpoint", "number": 5}

    def test_each_field_is_sealed(self) -> None:
        record = dict.fromkeys(seals.FIELDS)
        other = dict.fromkeys(seals.FIELDS, 1)
        seen = {seals.sealed(b"", {**record, name: other[name]}) for name in seals.FIELDS}
        assert len(seen) == len(seals.FIELDS)

    @pytest.mark.parametrize(
        "statement", ["UPDATE audit_records SET times = 2", "DELETE FROM audit_records", "TRUNCATE audit_records"]
    )
    def test_the_service_and_the_owner_change_nothing(
        self, place: Place, servers: Servers, database: str, statement: str
    ) -> None:
        sealed(place, 1)
        with place.engine.begin() as db, pytest.raises(DBAPIError, match=r"permission denied|only added"):
            db.execute(text(statement))
        with superuser(servers.postgres, database=database) as admin, pytest.raises(Exception, match="only added"):
            admin.execute(statement)


class TestRetention:
    def test_removes_what_is_older_and_leaves_a_chain_that_is_right(self, place: Place, keys: Keys) -> None:
        sealed(place, 4, at=LONG_AGO)
        sealed(place, 2)
        with place.engine.connect() as db:
            db.execute(
                text("INSERT INTO audit_rules VALUES ('2020-01-01', 6, 'x', now(), NULL) ON CONFLICT DO NOTHING")
            )
            assert retention.remove_old(db, at=clock.now()) == 4
            assert retention.remove_old(db, at=clock.now()) == 0
        with place.engine.connect() as db:
            gone = db.execute(text("SELECT from_number, until_number, kept_months FROM audit_removals")).one()
            assert gone == (1, 4, 6)
        assert proof(place) | {"hash": ""} == {
            **{"is_right": True, "records": 2, "from_number": 5, "until_number": 6, "hash": "", "fault": None}
        }
        sealed(place, 1)
        assert proof(place)["until_number"] == 7

    def test_goes_on_after_everything_was_removed(self, place: Place) -> None:
        sealed(place, 3, at=LONG_AGO)
        with place.engine.connect() as db:
            db.execute(
                text("INSERT INTO audit_rules VALUES ('2020-01-01', 6, 'x', now(), NULL) ON CONFLICT DO NOTHING")
            )
            assert retention.remove_old(db, at=clock.now()) == 3
        sealed(place, 1)
        assert proof(place)["from_number"] == 4

    def test_what_is_younger_than_six_months_goes_under_no_rule(self, place: Place) -> None:
        sealed(place, 1, at=clock.now() - timedelta(days=100))
        with place.engine.begin() as db, pytest.raises(DBAPIError, match="audit_rules_kept_months"):
            db.execute(text("INSERT INTO audit_rules VALUES ('2021-01-01', 5, 'x', now(), NULL)"))
        with place.engine.begin() as db:
            # Not even for somebody who says that it is much later.
            assert retention.remove_old(db, at=clock.now() + timedelta(days=4000)) == 0

    def test_the_owner_deletes_nothing_past_the_function(self, place: Place, servers: Servers, database: str) -> None:
        sealed(place, 1, at=LONG_AGO)
        with superuser(servers.postgres, database=database) as admin, pytest.raises(Exception, match="only added"):
            admin.execute("DELETE FROM audit_records")
