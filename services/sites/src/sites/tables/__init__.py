"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""

from sites.tables import (
    admissions,
    arrivals,
    calendars,
    devices,
    guides,
    holds,
    incidents,
    money,
    orders,
    pictures,
    places,
    quotas,
    ratings,
    routes,
    training,
    vouchers,
    waiting,
)
from sites.tables.metadata import metadata

__all__ = [
    "admissions",
    "arrivals",
    "calendars",
    "devices",
    "guides",
    "holds",
    "incidents",
    "metadata",
    "money",
    "orders",
    "pictures",
    "places",
    "quotas",
    "ratings",
    "routes",
    "training",
    "vouchers",
    "waiting",
]
