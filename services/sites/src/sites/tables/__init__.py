"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""

from sites.tables import (
    admissions,
    calendars,
    holds,
    money,
    orders,
    pictures,
    places,
    routes,
)
from sites.tables.metadata import metadata

__all__ = [
    "admissions",
    "calendars",
    "holds",
    "metadata",
    "money",
    "orders",
    "pictures",
    "places",
    "routes",
]
