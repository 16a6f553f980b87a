"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""

from sites.tables import (
    admissions,
    allocation,
    calendars,
    devices,
    guides,
    holds,
    money,
    orders,
    pictures,
    places,
    quotas,
    routes,
    training,
    vouchers,
    waiting,
)
from sites.tables.metadata import metadata

__all__ = [
    "admissions",
    "allocation",
    "calendars",
    "devices",
    "guides",
    "holds",
    "metadata",
    "money",
    "orders",
    "pictures",
    "places",
    "quotas",
    "routes",
    "training",
    "vouchers",
    "waiting",
]
