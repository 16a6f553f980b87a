"""Actors: a grant reaches its place in the tree and what lies below, for what the rights table says, no further."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from chassis.actors import Actor, Forbidden, Grant, TokenTooOld
from contracts.rights import RIGHTS

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ME, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights of our own, so that these tests know no domain word."""
    table = {
        "paint": {"painter": "branch", "owner": "person", "inspector": "anywhere", "keeper": "site"},
        "count": {"counter": "fund", "clerk": "organisation"},
    }
    monkeypatch.setattr("chassis.actors.RIGHTS", table)
    assert table is not RIGHTS


def actor(*grants: tuple[str, str]) -> Actor:
    return Actor(ME, UUID(int=9), "Ada", tuple(Grant(*grant) for grant in grants), AT)


@pytest.mark.parametrize(
    ("grants", "subject", "allowed"),
    [
        ([("painter", "1.2")], {"branch": "1.2"}, True),
        ([("painter", "1.2")], {"branch": "1.2.3"}, True),
        ([("painter", "1.2")], {"branch": "1.20"}, False),
        ([("painter", "1.2")], {"branch": "1"}, False),
        ([("painter", "1.2")], {"site": "1.2"}, False),
        ([("painter", "1.2")], {}, False),
        ([("keeper", "1.2")], {"branch": "9", "site": "1.2.3"}, True),
        ([("owner", "1")], {"person": ME}, True),
        ([("owner", "1")], {"person": OTHER}, False),
        ([("owner", "1")], {"branch": "1"}, False),
        ([("inspector", "9")], {}, True),
        ([("stranger", "1")], {"branch": "1"}, False),
        ([], {"branch": "1", "person": ME}, False),
        ([("owner", "1"), ("painter", "1.2")], {"branch": "1.2", "person": OTHER}, True),
    ],
)
def test_paint(grants: list[tuple[str, str]], subject: dict[str, str | UUID], allowed: bool) -> None:
    who = actor(*grants)

    assert who.may("paint", **subject) is allowed  # type: ignore[arg-type]
    if allowed:
        who.must("paint", **subject)  # type: ignore[arg-type]
    else:
        with pytest.raises(Forbidden):
            who.must("paint", **subject)  # type: ignore[arg-type]


def test_each_scope_is_compared_with_its_own_subject() -> None:
    assert actor(("counter", "1")).may("count", fund="1.1")
    assert actor(("clerk", "1")).may("count", organisation="1.1")
    assert not actor(("clerk", "1")).may("count", fund="1.1")


def test_an_action_nobody_declared_is_a_fault() -> None:
    with pytest.raises(KeyError):
        actor(("painter", "1")).may("fly", branch="1")


def test_a_fresh_token_is_at_most_a_minute_old() -> None:
    who = actor()

    who.must_be_fresh(AT + timedelta(seconds=60))
    with pytest.raises(TokenTooOld):
        who.must_be_fresh(AT + timedelta(seconds=61))
    replace(who, issued_at=AT + timedelta(seconds=50)).must_be_fresh(AT + timedelta(seconds=61))


def test_paths_of_roles() -> None:
    who = actor(("painter", "1.2"), ("owner", "3"), ("clerk", "4"))
    assert who.paths("painter") == ["1.2"]
    assert (who.paths_for("paint"), who.paths_for("count")) == (["1.2", "3"], ["4"])
    # What a program's token does not reach is nowhere.
    assert replace(who, only=frozenset({"count"})).paths_for("paint") == []
