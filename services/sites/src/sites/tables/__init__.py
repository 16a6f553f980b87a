"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""

from sites.tables import money, orders, places
from sites.tables.metadata import metadata

__all__ = ["metadata", "money", "orders", "places"]
