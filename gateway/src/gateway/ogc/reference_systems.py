"""Coordinate reference systems by their OGC names: which number PostGIS knows them by, which axis comes first.

CRS84 and EPSG:4326 are both WGS-84; the first writes longitude first, the second latitude first. EPSG:4490 is CGCS2000,
China's own, latitude first; it differs from WGS-84 by centimetres, and a box in it is taken as one in WGS-84.
"""

from dataclasses import dataclass
from math import atan, degrees, pi, sinh
from typing import Final

MERCATOR_RADIUS_M: Final = 6_378_137.0
MERCATOR_EDGE_M: Final = pi * MERCATOR_RADIUS_M


@dataclass(frozen=True)
class ReferenceSystem:
    """One system; `uri` is its name in addresses and headers."""

    uri: str
    srid: int
    latitude_first: bool = False

    def box(self, numbers: list[float]) -> list[float]:
        """Return a box of this system (its axis order) in WGS-84 degrees, west, south, east, north.

        Raises ValueError when it is none.
        """
        first_low, second_low, first_high, second_high = numbers
        west, south, east, north = numbers
        if self.latitude_first:
            west, south, east, north = second_low, first_low, second_high, first_high
        if self.srid == 3857:
            if any(abs(number) > MERCATOR_EDGE_M + 1 for number in numbers):
                raise ValueError
            west, east = (max(-180.0, min(180.0, degrees(x / MERCATOR_RADIUS_M))) for x in (west, east))
            south, north = (degrees(atan(sinh(y / MERCATOR_RADIUS_M))) for y in (south, north))
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
        return [west, south, east, north]


CRS84: Final = ReferenceSystem("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326)
SYSTEMS: Final = {
    system.uri: system
    for system in (
        CRS84,
        ReferenceSystem("http://www.opengis.net/def/crs/EPSG/0/4326", 4326, latitude_first=True),
        ReferenceSystem("http://www.opengis.net/def/crs/EPSG/0/3857", 3857),
        ReferenceSystem("http://www.opengis.net/def/crs/EPSG/0/4490", 4490, latitude_first=True),
    )
}
