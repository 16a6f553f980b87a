"""The doors of sites, by what they open on, as its own package `doors` has them."""

from gateway.clients.sites import (
    allocation,
    calendars,
    claims,
    funding,
    funds,
    ledger,
    orders,
    places,
    programmes,
    routes,
    settlement,
    visits,
)

__all__ = [
    "allocation",
    "calendars",
    "claims",
    "funding",
    "funds",
    "ledger",
    "orders",
    "places",
    "programmes",
    "routes",
    "settlement",
    "visits",
]
