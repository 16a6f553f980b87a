"""Which branches stand otherwise than the other services were told: dues that are owed, setting rules that are broken.

Whatever changes either raises the branch's version and unsets `is_told`; *work* tells it as it then stands.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, text

from roster.tables.metadata import identifier, metadata

standings = Table(
    "standings",
    metadata,
    identifier("branch_id", ForeignKey("organisations.id"), key=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("is_told", Boolean, nullable=False, server_default=text("false")),
    Index("standings_untold_idx", "branch_id", postgresql_where=text("NOT is_told")),
)
