"""How far two points are from each other, and how long the way takes when nobody measured it."""

from math import asin, ceil, cos, radians, sin, sqrt
from typing import Final

EARTH_RADIUS_M: Final = 6_371_008.8

Degrees = tuple[float, float]
"""Longitude and latitude."""


def distance_m(a: Degrees, b: Degrees) -> float:
    """Return the great-circle distance of two points of one datum, in metres (within 0.6 % of the ellipsoid's)."""
    half_lon, half_lat = radians(b[0] - a[0]) / 2, radians(b[1] - a[1]) / 2
    h = sin(half_lat) ** 2 + cos(radians(a[1])) * cos(radians(b[1])) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(h))


def travel_minutes(straight_m: float, *, detour_factor: float, speed_kmh: float) -> int:
    """Return how long a way takes: the straight line times a detour factor, at an average speed; rounded up."""
    return ceil(straight_m * detour_factor / 1000 / speed_kmh * 60)
