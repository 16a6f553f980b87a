"""Dues of the demonstration: what each made-up member's are reckoned from, the current month of every branch, and two
months before it in the towns of those who sign in, most of them paid. No month is closed, so that closing can be shown.

Everything is written set-wise: a base for each member from the hash of their id, a month in one statement, the receipts
and payments of a month in two.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from chassis import clock
from roster.domain.periods import months_after
from roster.operations.dues import assess_all, mark_assessed
from roster.operations.organisations import Founding
from sqlalchemy import Connection, text

from demo.organisations import DAKUNLUN, PUJIA

MONTHS: Final = 3
BEFORE: Final = 8
"""Bases hold for so many months before the current one, so that a branch may enter older arrears."""

# Rural branches farm, others earn; who is old has a pension; a few have nothing entered yet.
_BASES: Final = text(
    """
    INSERT INTO dues_bases (person_id, kind, amount_fen, active_from, ground, entered_at, entered_by)
    SELECT m.person_id, k.kind,
           CASE k.kind WHEN 'wage' THEN 250000 + d.draw % 1000 * 1000 WHEN 'pension' THEN 200000 + d.draw % 500 * 1000
                WHEN 'farmer' THEN 20 + d.draw % 9 * 10 ELSE 20 END,
           :since, '演示数据', :at, '演示'
    FROM members m JOIN people p ON p.id = m.person_id JOIN organisations o ON o.id = m.branch_id
    CROSS JOIN LATERAL (SELECT hashtext(m.person_id::text) & 2147483647 AS draw) d
    CROSS JOIN LATERAL (
        SELECT CASE WHEN d.draw % 211 = 7 THEN NULL WHEN o.field = 'rural' AND d.draw % 4 > 0 THEN 'farmer'
                    WHEN p.born_on < :retired THEN 'pension' WHEN d.draw % 25 = 3 THEN 'minimum' ELSE 'wage' END AS kind
    ) k
    WHERE m.synthetic AND k.kind IS NOT NULL AND m.branch_id = ANY(:branches)
      AND NOT EXISTS (SELECT FROM dues_bases b WHERE b.person_id = m.person_id)
    """
)
# In the months before the current one 1 in 60 has not paid, in the current one 1 in 3 so far.
_RECEIPTS: Final = text(
    """
    INSERT INTO dues_receipts (id, branch_id, year, number, person_id, method, paid_on, issued_on, issued_at, issued_by)
    SELECT gen_random_uuid(), o.branch_id, :year,
           coalesce((SELECT max(r.number) FROM dues_receipts r WHERE r.branch_id = o.branch_id AND r.year = :year), 0)
           + row_number() OVER (PARTITION BY o.branch_id ORDER BY o.person_id),
           o.person_id, 'cash', :paid_on, :paid_on, :at, '演示'
    FROM dues_obligations o
    WHERE o.branch_id = ANY(:branches) AND o.month = :month AND o.payment_id IS NULL AND o.due_fen > 0
      AND (hashtext(o.person_id::text || :month) & 2147483647) % :of > 0
    """
)
_PAYMENTS: Final = text(
    """
    INSERT INTO dues_payments (receipt_id, person_id, month, branch_id, amount_fen, paid_on, recorded_at, by_name)
    SELECT r.id, o.person_id, o.month, o.branch_id, o.due_fen, r.paid_on, :at, '演示'
    FROM dues_receipts r JOIN dues_obligations o ON o.person_id = r.person_id AND o.month = :month
    WHERE r.branch_id = ANY(:branches) AND r.issued_by = '演示' AND r.paid_on = :paid_on AND o.payment_id IS NULL
    """
)


def load(db: Connection, branches: Sequence[Founding], *, at: datetime) -> int:
    """Load bases and months for the branches that have none yet; returns how many members got a base."""
    today = clock.today(at)
    current = today.replace(day=1)
    known = set(db.execute(text("SELECT branch_id FROM dues_books")).scalars())
    new = [branch for branch in branches if branch.id not in known]
    if not new:
        return 0
    everywhere = [branch.id for branch in new]
    entered = db.execute(
        _BASES,
        {
            "since": months_after(current, -BEFORE),
            "retired": date(today.year - 60, 1, 1),
            "at": at,
            "branches": everywhere,
        },
    ).rowcount
    towns = {branch.parent_id for branch in branches if branch.code in (PUJIA, DAKUNLUN)}
    shown = [branch.id for branch in new if branch.parent_id in towns]
    for back in range(MONTHS - 1, -1, -1):
        month = months_after(current, -back)
        assess_all(db, shown if back else everywhere, month=month, at=at)
        paid = {
            "branches": shown,
            "month": month,
            "year": month.year,
            "paid_on": today if back == 0 else month.replace(day=20),
            "of": 3 if back == 0 else 60,
            "at": at,
        }
        db.execute(_RECEIPTS, paid)
        db.execute(_PAYMENTS, paid)
    mark_assessed(db, everywhere, month=current)
    return int(entered)
