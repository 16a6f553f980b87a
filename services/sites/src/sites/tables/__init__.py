"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""

from sites.tables import calendars, holds, money, orders, places, routes
from sites.tables.metadata import metadata

__all__ = ["calendars", "holds", "metadata", "money", "orders", "places", "routes"]
