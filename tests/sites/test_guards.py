"""A row that is moved is found by its key, whatever the planner thinks of how many wait in its state."""

import pytest
from sites.operations.guards import is_one_of
from sites.tables.money import claims
from sites.tables.orders import orders
from sqlalchemy import Connection, Table, select, text, update
from sqlalchemy.dialects import postgresql

from tests.sites.articles import money_in_the_fund
from tests.sites.money import a_visit, confirmed, the_id


def test_it_moves_what_stands_in_one_of_the_states_and_nothing_else(db: Connection) -> None:
    money_in_the_fund(db)
    visit = a_visit(db)
    confirmed(db, visit)
    for states, moved in (({"confirmed", "disputed"}, 1), ({"drafted"}, 0)):
        change = update(claims).where(claims.c.id == the_id(visit), is_one_of(claims.c.state, states))
        assert db.execute(change.values(version=claims.c.version + 1)).rowcount == moved


@pytest.mark.parametrize(
    ("table", "states", "index"),
    [(claims, ("confirmed", "disputed"), "claims_waiting_idx"), (orders, ("placed", "confirmed"), "orders_open_idx")],
)
def test_an_index_of_the_states_is_not_seen_by_it(
    db: Connection, table: Table, states: tuple[str, ...], index: str
) -> None:
    db.execute(text("SET LOCAL enable_seqscan = off"))  # so that any index is better than none
    plans = []
    for guard in (table.c.state.in_(states), is_one_of(table.c.state, states)):
        asked = select(table.c.id).where(guard)
        said = asked.compile(dialect=postgresql.dialect(paramstyle="named"), compile_kwargs={"literal_binds": True})
        plans.append("\n".join(db.execute(text(f"EXPLAIN {said}".replace("::", "\\:\\:"))).scalars()))
    seen, hidden = plans
    assert index in seen
    assert index not in hidden
