"""The same order transaction without HTTP and AMQP: pgbench calls the SQL function straight, on the same servers."""

import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2

from tests.benchmarks.arrange import Ground

SCRIPT = r"""
\set n random(1, {branches})
SELECT place_order(
    p_command => gen_random_uuid(), p_body_hash => '\x00', p_door => 'place_order', p_caller => gen_random_uuid(),
    p_order => gen_random_uuid(), p_slot => s.id, p_site => s.site_id, p_programme => s.programme_id,
    p_starts_at => s.starts_at, p_ends_at => s.ends_at, p_visit_on => s.visit_on, p_branch => b.branch,
    p_by => gen_random_uuid(), p_by_name => 'bench', p_at => '{at}'::timestamptz, p_party_size => 8,
    p_contact_name => 'bench', p_contact_phone => '\x00', p_contact_phone_masked => '138****2345',
    p_confirmation => s.confirmation, p_state => 'confirmed', p_answer_by => NULL,
    p_voucher => gen_random_uuid()::text, p_policy => b.policy, p_fund => b.fund, p_fund_year => {year},
    p_amount_fen => 28000, p_explanation => '[]', p_explanation_unsubsidised => '[]',
    p_open_orders_max => 1000000, p_subsidised_a_month_max => 1000000,
    p_answer => '\x00', p_answer_unsubsidised => '\x00', p_event => '{{}}', p_traceparent => NULL,
    p_route_order => NULL)
  FROM bench_branches b JOIN slots s ON s.id = b.slot
 WHERE b.n = :n;
"""


def per_second(
    owner_url: str, ground: Ground, *, at: str, year: int, clients: int, hot_slot: bool = False, duration_s: int = 5
) -> float:
    """Return placed orders per second through pgbench. Its rows are real orders of the bench stack."""
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_branches")
        cursor.execute(
            """
            CREATE TABLE bench_branches AS
            SELECT row_number() OVER () AS n, o.id AS branch, %s::uuid[] AS slots, NULL::uuid AS slot,
                   (SELECT id FROM policies ORDER BY active_from DESC LIMIT 1) AS policy,
                   (SELECT f.id FROM funds f WHERE starts_with(o.path || '.', f.path || '.')
                     ORDER BY length(f.path) DESC LIMIT 1) AS fund
              FROM organisations o WHERE o.id = ANY(%s::uuid[])
            """,
            ([ground.hot_slot] if hot_slot else ground.slots, ground.branches),
        )
        cursor.execute("UPDATE bench_branches SET slot = slots[1 + (n * 7) % array_length(slots, 1)]")
        cursor.execute("ALTER TABLE bench_branches DROP COLUMN slots, ADD PRIMARY KEY (n)")
    parts = urlsplit(owner_url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT.format(branches=len(ground.branches), at=at, year=year))
        script.flush()
        done = subprocess.run(
            [
                *("pgbench", "-n", "-M", "prepared", "-f", script.name),
                *("-c", str(clients), "-j", "2", "-T", str(duration_s)),
                *("-h", parts.hostname or "", "-p", str(parts.port), "-U", parts.username or "", Path(parts.path).name),
            ],
            env={"PATH": "/usr/lib/postgresql/15/bin:/usr/bin:/bin", "PGPASSWORD": unquote(parts.password or "")},
            capture_output=True,
            text=True,
            check=False,
            timeout=duration_s + 60,
        )
    if done.returncode:
        raise RuntimeError(f"pgbench failed:\n{done.stdout}\n{done.stderr}")
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pgbench said nothing of its speed:\n{done.stdout}")
    return float(found.group(1))
