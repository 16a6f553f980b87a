"""The private servers do what the services count on."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from local.testing import Servers, create_service_database, drop_database, test_servers


@pytest.fixture(scope="module")
def servers() -> Servers:
    return test_servers()


@pytest.fixture(scope="module")
def sites_database(servers: Servers, worker_id: str) -> Iterator[str]:
    name = create_service_database("sites", database=f"local_sites_{worker_id}")
    yield name
    drop_database(name)


@pytest.fixture(scope="module")
def roster_database(servers: Servers, worker_id: str) -> Iterator[str]:
    name = create_service_database("roster", database=f"local_roster_{worker_id}")
    yield name
    drop_database(name)


def answer(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


class TestPostgres:
    def test_finds_a_chinese_name_by_its_trigrams(self, servers: Servers, sites_database: str) -> None:
        url = servers.service_url("sites", database=sites_database)
        assert answer(url, "SELECT similarity('蒲松龄', '蒲松龄纪念馆')") == pytest.approx(0.375)
        assert answer(url, "SELECT similarity('蒲松龄', '王村镇')") == 0

    def test_knows_where_places_are(self, servers: Servers, sites_database: str) -> None:
        url = servers.service_url("sites", database=sites_database)
        metres = answer(
            url,
            "SELECT ST_Distance('POINT(117.96 36.64)'::geography, 'POINT(117.97 36.64)'::geography)",
        )
        assert metres == pytest.approx(894.6, abs=1)

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("server_encoding", "UTF8"),
            ("lc_collate", "C.UTF-8"),
            ("TimeZone", "UTC"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("password_encryption", "scram-sha-256"),
        ],
    )
    def test_is_set_up_as_the_services_expect(
        self, servers: Servers, sites_database: str, setting: str, value: str
    ) -> None:
        url = servers.superuser_url_of(sites_database)
        assert answer(url, f"SELECT current_setting('{setting}')") == value

    def test_its_log_quotes_neither_statements_nor_rows(self, servers: Servers, sites_database: str) -> None:
        url = servers.service_url("sites", database=sites_database)
        mark = uuid4().hex
        with pytest.raises(psycopg2.errors.RaiseException):
            answer(url, f"DO $$ BEGIN RAISE 'refused-{mark}' USING DETAIL = 'the row of {mark}'; END $$ -- {mark}")
        written = (servers.postgres.folder / "logs" / "postgres.log").read_text(errors="replace")
        assert [line.partition("ERROR:")[2].strip() for line in written.splitlines() if mark in line] == [
            f"refused-{mark}"
        ]

    def test_sorts_names_as_people_do_where_asked(self, servers: Servers, sites_database: str) -> None:
        url = servers.service_url("sites", database=sites_database)
        by_pinyin = answer(
            url,
            """SELECT string_agg(name, ' ' ORDER BY name COLLATE "zh-x-icu")
               FROM (VALUES ('张庄'), ('安上村'), ('蒲家庄')) AS villages (name)""",
        )
        assert by_pinyin == "安上村 蒲家庄 张庄"


class TestRoles:
    def test_a_service_cannot_connect_to_another_ones_database(
        self, servers: Servers, sites_database: str, roster_database: str
    ) -> None:
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(servers.service_url("sites", database=roster_database))
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(servers.owner_url("sites", database=roster_database))

    @pytest.mark.parametrize("database", ["postgres", "template1"])
    def test_a_service_has_no_business_in_the_clusters_own_databases(
        self, servers: Servers, sites_database: str, database: str
    ) -> None:
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            psycopg2.connect(servers.service_url("sites", database=database))

    @pytest.mark.parametrize("statement", ["CREATE TABLE x ()", "CREATE TEMPORARY TABLE x ()", "CREATE SCHEMA x"])
    def test_a_service_makes_no_tables(self, servers: Servers, sites_database: str, statement: str) -> None:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            answer(servers.service_url("sites", database=sites_database), statement)

    def test_the_owner_makes_tables_that_the_service_reads_only_when_granted(
        self, servers: Servers, sites_database: str
    ) -> None:
        owner = servers.owner_url("sites", database=sites_database)
        service = servers.service_url("sites", database=sites_database)
        answer(owner, "CREATE TABLE slots (seats integer)")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            answer(service, "SELECT count(*) FROM slots")
        answer(owner, "GRANT SELECT ON slots TO sites")
        assert answer(service, "SELECT count(*) FROM slots") == 0
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            answer(service, "INSERT INTO slots VALUES (1)")

    def test_a_copy_of_a_database_is_as_closed_as_the_first(
        self, servers: Servers, roster_database: str, worker_id: str
    ) -> None:
        copy = create_service_database("roster", database=f"local_copy_{worker_id}", template=roster_database)
        try:
            assert answer(servers.service_url("roster", database=copy), "SELECT current_user") == "roster"
            with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
                psycopg2.connect(servers.service_url("sites", database=copy))
        finally:
            drop_database(copy)

    def test_making_a_database_again_changes_nothing(self, servers: Servers, sites_database: str) -> None:
        answer(servers.owner_url("sites", database=sites_database), "CREATE TABLE kept ()")
        create_service_database("sites", database=sites_database)
        answer(servers.owner_url("sites", database=sites_database), "DROP TABLE kept")


def test_the_servers_listen_on_this_machine_alone(servers: Servers) -> None:
    listening = {
        (address, int(port, 16))
        for row in Path("/proc/net/tcp").read_text().splitlines()[1:]
        for address, _, port in [row.split()[1].partition(":")]
        if row.split()[3] == "0A"
    }
    for port in (servers.postgres.port, servers.rabbitmq.port):
        assert {address for address, listened in listening if listened == port} == {"0100007F"}


def test_asking_again_starts_nothing(servers: Servers) -> None:
    before = answer(servers.superuser_url, "SELECT pg_postmaster_start_time()")
    test_servers.cache_clear()
    assert answer(test_servers().superuser_url, "SELECT pg_postmaster_start_time()") == before
