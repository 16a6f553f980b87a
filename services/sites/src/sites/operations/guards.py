"""The guard of a move: the row is found by its key, its state only compared."""

from collections.abc import Collection

from sqlalchemy import ARRAY, ColumnElement, Text, any_, func, literal, select


def is_one_of(state: ColumnElement[str], states: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a row, asked for by its key, stands in one of these states.

    The states are the result of a sub-select, which the planner does not look into. Where it sees them it finds an
    index of just these states, thinks it empty by statistics of minutes ago, and reads all that wait in it for one row.
    """
    listed = select(func.unnest(literal(sorted(states), ARRAY(Text)))).scalar_subquery()
    return state == any_(func.array(listed, type_=ARRAY(Text)))
