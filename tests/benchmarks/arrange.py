"""What the benchmarks need in the sites database of their own stack: wide quotas, deep funds, roomy slots."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg2
from chassis import clock
from psycopg2.extensions import connection as Connection
from sites.domain.vouchers import new_code

DEEP_FEN = 10**12
ROOMY_SEATS = 500_000
BRANCHES_A_TOWN = 1_500


@dataclass(frozen=True)
class Ground:
    """The ids that the loads use."""

    branches: list[str]
    slots: list[str]
    hot_slot: str


def prepare(owner_url: str, *, at: datetime) -> Ground:
    """Lift the quotas, fill the district's fund and widen the slots."""
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO quota_rules (effective_from, open_orders_max, subsidised_a_month_max, citation)
            SELECT max(effective_from) + 1, 1000000, 1000000, 'benchmark' FROM quota_rules
            HAVING NOT bool_or(citation = 'benchmark')
            """
        )
        cursor.execute("SELECT id FROM funds WHERE path = '3703.370302'")
        (district_fund,) = _one(cursor)
        _fill(connection, district_fund, year=at.year, at=at)
        # In a year's last weeks some slots lie in the next one, whose fund has no money: they are left out.
        cursor.execute(
            """
            UPDATE slots SET seats = %s
             WHERE confirmation = 'automatic' AND closed_reason IS NULL AND bookable_until > %s
               AND starts_at < make_timestamptz(%s, 12, 31, 0, 0, 0, 'Asia/Shanghai')
            RETURNING id
            """,
            (ROOMY_SEATS, at, at.year),
        )
        slots = [str(row[0]) for row in cursor]
        # The hot slot is moved to where it can be ordered and, in the half hour before it begins, checked in at once.
        hot_slot, begins_at = slots.pop(), at + timedelta(minutes=20)
        cursor.execute(
            "UPDATE slots SET starts_at = %s, ends_at = %s, bookable_until = %s, visit_on = %s WHERE id = %s",
            (begins_at, begins_at + timedelta(hours=1), begins_at, clock.today(begins_at), hot_slot),
        )
        # A branch orders a few times a year; were it a hundred times a minute, counting its orders would be measured.
        cursor.execute(
            """
            INSERT INTO organisations (id, code, name, kind, field, path, parent_id, version)
            SELECT gen_random_uuid(), town.code || '-bench-' || n, 'bench ' || n, 'branch', 'rural',
                   town.path || '.' || town.code || '-bench-' || n, town.id, 1
              FROM organisations town, generate_series(1, %s) AS n
             WHERE town.path LIKE '3703.370302.%%' AND town.kind IN ('committee', 'working_committee')
               AND NOT EXISTS (SELECT 1 FROM organisations WHERE name = 'bench 1')
            """,
            (BRANCHES_A_TOWN,),
        )
        cursor.execute("SELECT id FROM organisations WHERE name LIKE 'bench %' ORDER BY id")
        branches = [str(row[0]) for row in cursor]
    return Ground(branches=branches, slots=slots, hot_slot=hot_slot)


def spread_funds(owner_url: str, *, at: datetime) -> int:
    """Give each town a fund of its own, so that orders no longer meet in one row; returns how many there are now."""
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO funds (id, code, name, path, payer_name, payer_account, payer_bank, payer_bank_code)
            SELECT gen_random_uuid(), 'BENCH' || row_number() OVER (ORDER BY town.code), town.name, town.path,
                   payer_name, payer_account, payer_bank, payer_bank_code
              FROM organisations town, funds district
             WHERE town.path LIKE '3703.370302.%' AND town.kind IN ('committee', 'working_committee')
               AND district.path = '3703.370302'
            ON CONFLICT DO NOTHING
            """
        )
        cursor.execute(
            """
            INSERT INTO fund_settings (fund_id, active_from, separate_payer, publicity_days, citation)
            SELECT f.id, '2000-01-01', false, 0, 'bench' FROM funds f
             WHERE f.code LIKE 'BENCH%' AND NOT EXISTS (SELECT 1 FROM fund_settings s WHERE s.fund_id = f.id)
            """
        )
        cursor.execute("SELECT id FROM funds WHERE code LIKE 'BENCH%'")
        funds = [row[0] for row in cursor]
        for fund in funds:
            _fill(connection, fund, year=at.year, at=at)
    return len(funds)


def more_vouchers(owner_url: str, slot_id: str, *, count: int) -> list[str]:
    """Copy one of the slot's orders so many times, as no branch's, to be checked in; returns their vouchers."""
    vouchers = list({new_code() for _ in range(count)})
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders
            SELECT copied.*
              FROM orders o, unnest(%s) AS code,
                   jsonb_populate_record(o, jsonb_build_object(
                       'id', gen_random_uuid(), 'branch_id', NULL, 'voucher', code, 'is_subsidised', false,
                       'subsidy_estimate_fen', 0, 'policy_id', NULL, 'fund_id', NULL, 'checked_in', NULL)) AS copied
             WHERE o.id = (SELECT id FROM orders WHERE slot_id = %s AND state = 'confirmed' LIMIT 1)
            """,
            (vouchers, slot_id),
        )
        cursor.execute(
            "UPDATE slots s SET (seats_taken, groups_taken) = (SELECT sum(seats), count(branch_id) FROM orders"
            " WHERE slot_id = s.id AND state IN ('placed', 'confirmed', 'used')) WHERE id = %s",
            (slot_id,),
        )
    _vacuum(owner_url, "orders")
    return vouchers


def order_body(ground: Ground, number: int, *, slot: str | None = None) -> str:
    """Return the JSON of one order; branches and slots take turns at different speeds."""
    return json.dumps(
        {
            "slot_id": slot or ground.slots[number * 7 % len(ground.slots)],
            "branch_id": ground.branches[number % len(ground.branches)],
            "party_size": 8,
            "contact_name": "李书记",
            "contact_phone": "13853312345",
        },
        ensure_ascii=False,
    )


def _fill(connection: Connection, fund: str, *, year: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT available_fen FROM fund_years WHERE fund_id = %s AND year = %s", (fund, year))
        row = cursor.fetchone()
        if row is None or row[0] < DEEP_FEN // 2:
            cursor.execute(
                "SELECT appropriate(%s, %s, %s, %s, %s, %s, 'benchmark')",
                (fund, year, DEEP_FEN, f"bench-{uuid.uuid4()}", at, str(uuid.UUID(int=0))),
            )


def _one(cursor: object) -> tuple[str, ...]:
    row = cursor.fetchone()  # type: ignore[attr-defined]
    if row is None:
        raise RuntimeError("the bench stack holds no demo")
    return tuple(row)


def many_terms(owner_url: str, *, total: int, at: datetime) -> None:
    """Fill the roster up to `total` branches below the district, nine in ten with a term; ends lie over five years."""
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            WITH district AS (SELECT id, path FROM organisations WHERE code = '370302'), founded AS (
                INSERT INTO organisations (id, code, name, kind, field, path, parent_id, synthetic)
                SELECT gen_random_uuid(), 'bench-' || n, 'bench ' || n, 'branch', 'rural', d.path || '.bench-' || n,
                       d.id, true
                  FROM district d, generate_series((SELECT count(*) FROM organisations) + 1, %s) AS n
                RETURNING id
            )
            INSERT INTO terms (id, organisation_id, active_from, ends_on, regular_ends_on, years, seats, made_by)
            SELECT gen_random_uuid(), id, day - 1825, day, day, 5, 3, 'recorded'
              FROM founded, LATERAL (SELECT %s::date - 60 + (random() * 1800)::int) AS drawn (day)
             WHERE random() < 0.9
            """,
            (total, clock.today(at)),
        )
    _vacuum(owner_url, "organisations", "terms")


def many_sites(owner_url: str, *, total: int, at: datetime) -> None:
    """Fill the catalogue up to `total` open sites around Zibo; those of the first thousand have slots tomorrow."""
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO sites (id, code, name, pinyin, initials, category, kind, district, town, point, point_datum,
                               point_source, capacity, visit_minutes, managing_organisation_id, managing_organisation,
                               managing_path, state, synthetic)
            SELECT gen_random_uuid(), 'bench-' || n, 'bench ' || n, 'bench ' || n, 'b' || n,
                   (ARRAY['rural', 'urban', 'new_economy_and_social', 'comprehensive'])[1 + n %% 4],
                   'service_centre', '淄川区', 'bench ' || n %% 13,
                   ST_SetSRID(ST_MakePoint(117.5 + 0.9 * random(), 36.2 + 0.8 * random()), 4326), 'WGS-84', 'bench',
                   60, 60, gen_random_uuid(), 'bench', '3703.bench', 'open', true
              FROM generate_series((SELECT count(*) FROM sites) + 1, %s) AS n
            ON CONFLICT (code) DO NOTHING
            """,
            (total,),
        )
        tomorrow = clock.today(at) + timedelta(days=1)
        cursor.execute(
            """
            WITH benched AS (
                SELECT id FROM sites s WHERE code LIKE 'bench-%%'
                   AND NOT EXISTS (SELECT 1 FROM programmes p WHERE p.site_id = s.id)
                 ORDER BY code LIMIT greatest(0, 1000 - (SELECT count(*) FROM programmes WHERE name = 'bench'))
            ), offered AS (
                INSERT INTO programmes (id, site_id, name, theme, minutes, every_minutes, seats, notice_minutes,
                                        confirmation)
                SELECT gen_random_uuid(), id, 'bench', 'visiting', 60, 60, 60, 0, 'automatic' FROM benched
                RETURNING id, site_id
            )
            INSERT INTO slots (site_id, programme_id, starts_at, ends_at, visit_on, bookable_until, seats, confirmation)
            SELECT o.site_id, o.id, start, start + interval '1 hour', %s, start, 60, 'automatic'
              FROM offered o, generate_series(9, 16) AS hour,
                   LATERAL (SELECT (%s::date + make_interval(hours => hour)) AT TIME ZONE 'Asia/Shanghai') AS t (start)
            """,
            (tomorrow, tomorrow),
        )
    _vacuum(owner_url, "sites", "slots")


def _vacuum(owner_url: str, *tables: str) -> None:
    """Do what autovacuum does minutes after so many rows; it runs in no transaction, and `with` would begin one."""
    connection = psycopg2.connect(owner_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")
    connection.close()


def fewer_sites(owner_url: str) -> None:
    """Take the made-up sites away again."""
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM slots USING programmes p WHERE p.id = programme_id AND p.name = 'bench'")
        cursor.execute("DELETE FROM programmes WHERE name = 'bench'")
        cursor.execute("DELETE FROM sites WHERE code LIKE 'bench-%'")
