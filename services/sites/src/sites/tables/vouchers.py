"""The keys that sign vouchers; devices know the public halves."""

from chassis.definitions import INSTANT, one_of
from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text

from sites.domain.voucher_keys import STATES
from sites.tables.metadata import metadata

voucher_keys = Table(
    "voucher_keys",
    metadata,
    Column("kid", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("published_at", INSTANT, nullable=False),
    Column("signs_from", INSTANT, nullable=False),
    Column("retired_at", INSTANT),
    Column("last_voucher_ends_at", INSTANT),  # a retired key stays on the devices until then
    Column("leaked_at", INSTANT),
    Column("leaked_by", Text),
    Column("leak_reason", Text),
    CheckConstraint("kid BETWEEN 1 AND 65535", name="kid"),
    CheckConstraint("length(public_key) = 32", name="public_key"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("(state = 'leaked') = (leaked_at IS NOT NULL)", name="leaked_says_why"),
    Index("voucher_keys_one_signs_idx", "state", unique=True, postgresql_where=text("state IN ('next', 'signing')")),
)
