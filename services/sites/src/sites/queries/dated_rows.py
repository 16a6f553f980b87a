"""Rows that hold from a day on, as they are told: with their state, those that begin last first."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Row

from sites.domain.dated_rows import states_of

View = TypeVar("View")


def newest_first(rows: Sequence[Row[Any]], view: Callable[..., View], *, today: date) -> list[View]:
    """Return rows, given as they were entered, as views with their state; a replaced one after what replaced it."""
    names = {field.name for field in fields(view)} - {"state"}  # type: ignore[arg-type]
    states = states_of([row.active_from for row in rows], today=today)
    placed = sorted(enumerate(rows), key=lambda each: (each[1].active_from, each[0]), reverse=True)
    return [view(**{name: getattr(row, name) for name in names}, state=states[index]) for index, row in placed]
