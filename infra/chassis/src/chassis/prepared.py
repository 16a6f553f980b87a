"""Reads that the server plans once for each connection: asked often, by a key, and dearer to plan than to do.

A statement is parsed and planned each time it is sent; for a dozen joined tables that takes several times as long as
the work. Here the first call of a connection sends PREPARE and EXECUTE in one message, each further one EXECUTE alone:
never a round trip more. The connection keeps what it prepared (in `Connection.info`) until it is closed.

A prepared statement names its columns: after `SELECT t.*` a column that a migration adds would break it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any, Final

import psycopg2
from sqlalchemy import BindParameter, Connection, CursorResult, Select, literal_column, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

_NAMED: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # as SQLAlchemy's text() finds them
_STATEMENTS, _NUMBERS = "prepared_statements", "prepared_numbers"

# InvalidSqlStatementName: the server forgot it. FeatureNotSupported: "cached plan must not change result type".
_OUTDATED: Final = {"26000", "0A000"}


def execute_prepared(
    db: Connection, sql: str, given: Mapping[str, Any], *, whatever_values: bool = False
) -> CursorResult[Any]:
    """Run the statement with its `:names` bound, planned at most a few times for each connection.

    The server goes on planning anew where a plan for these very values looks cheaper, as it does where it guesses how
    long an array is. `whatever_values` forbids that, from here to the end of the transaction.
    """
    statements = db.info.setdefault(_STATEMENTS, {})
    numbered, names = _numbered(sql)
    name, prepare = statements.get(sql), ""
    if name is None:
        # A number is never used twice: what failed half-way may stand on the server or not.
        name = f"prepared_{next(db.info.setdefault(_NUMBERS, count()))}"
        prepare = f"PREPARE {name} AS {numbered}; "
    setting = "SET LOCAL plan_cache_mode = force_generic_plan; " if whatever_values else ""
    values = f"({', '.join(f':{one}' for one in names)})" if names else ""
    try:
        result = db.execute(text(f"{prepare}{setting}EXECUTE {name}{values}"), {one: given[one] for one in names})
    except DBAPIError as error:
        if isinstance(error.orig, psycopg2.Error) and error.orig.pgcode in _OUTDATED:
            statements.pop(sql, None)
        raise
    statements[sql] = name
    return result


def in_words(asked: Select[Any]) -> str:
    """Return a SELECT as text: its constants written out, its values left as `:names`."""

    def name(element: Any, **_: Any) -> Any:
        return literal_column(f":{element.key}") if isinstance(element, BindParameter) and element.required else None

    said: Any = visitors.replacement_traverse(asked, {}, name)
    # This dialect writes a % once; psycopg2's would double it, as text() does again.
    dialect = postgresql.dialect(paramstyle="named")
    return str(said.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


@lru_cache(maxsize=256)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return the statement with `$1` for its first name, and so on, and the names in their sequence."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return _NAMED.sub(number, sql), tuple(names)
