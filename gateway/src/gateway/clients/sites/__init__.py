"""The doors of sites, by what they open on, as its own package `doors` has them."""

from gateway.clients.sites import (
    allocation,
    budgets,
    calendars,
    claims,
    funding,
    funds,
    ledger,
    orders,
    places,
    programmes,
    routes,
    settings,
    settlement,
    visits,
)

__all__ = [
    "allocation",
    "budgets",
    "calendars",
    "claims",
    "funding",
    "funds",
    "ledger",
    "orders",
    "places",
    "programmes",
    "routes",
    "settings",
    "settlement",
    "visits",
]
