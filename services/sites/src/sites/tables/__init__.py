"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""

from sites.tables import (
    admissions,
    calendars,
    devices,
    holds,
    money,
    orders,
    pictures,
    places,
    quotas,
    routes,
    vouchers,
    waiting,
)
from sites.tables.metadata import metadata

__all__ = [
    "admissions",
    "calendars",
    "devices",
    "holds",
    "metadata",
    "money",
    "orders",
    "pictures",
    "places",
    "quotas",
    "routes",
    "vouchers",
    "waiting",
]
