"""Distances, and the datums of Chinese maps (S2, S3). Stored is WGS-84; the others are made only at the edge.

GCJ-02 is what Amap and Tencent draw, BD-09 what Baidu draws; at Zichuan GCJ-02 lies about 520 m to the east.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import prcoords
from chassis.ways import distance_m as distance_between_m

_INVERSE_STEPS: Final = 8  # each step leaves less than a hundredth of the error


@dataclass(frozen=True)
class Point:
    """Degrees; which datum, the name of the variable or function says."""

    lon: float
    lat: float


def gcj02(wgs84: Point) -> Point:
    """Return the WGS-84 point in the datum of Amap and Tencent."""
    moved = prcoords.wgs_gcj((wgs84.lat, wgs84.lon))
    return Point(lon=moved.lon, lat=moved.lat)


def bd09(wgs84: Point) -> Point:
    """Return the WGS-84 point in Baidu's datum."""
    moved = prcoords.wgs_bd((wgs84.lat, wgs84.lon))
    return Point(lon=moved.lon, lat=moved.lat)


def wgs84_of(given: Point, *, datum: str) -> Point:
    """Return a point given in `datum` (WGS-84, CGCS2000, GCJ-02, BD-09) in WGS-84, exact to 0.01 mm.

    CGCS2000 differs from WGS-84 by centimetres and is taken as it is. The other two have no inverse in closed form:
    the point sought is moved by what it misses, until it misses nothing. A one-step inverse errs by metres.
    """
    if datum in ("WGS-84", "CGCS2000"):
        return given
    move = {"GCJ-02": gcj02, "BD-09": bd09}[datum]
    sought = given
    for _ in range(_INVERSE_STEPS):
        reached = move(sought)
        sought = Point(lon=sought.lon + given.lon - reached.lon, lat=sought.lat + given.lat - reached.lat)
    return sought


def in_datum(wgs84: Point, *, datum: str) -> Point:
    """Return the WGS-84 point in a datum (WGS-84, CGCS2000, GCJ-02, BD-09); `wgs84_of` leads back."""
    return wgs84 if datum in ("WGS-84", "CGCS2000") else {"GCJ-02": gcj02, "BD-09": bd09}[datum](wgs84)


def lies_in_china(wgs84: Point) -> bool:
    """Say whether the point lies in the box around China; one that does not was mistyped, or its axes swapped."""
    return 73.4 <= wgs84.lon <= 135.1 and 3.8 <= wgs84.lat <= 53.6


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance of two points of one datum, in metres (within 0.6 % of the ellipsoid's)."""
    return distance_between_m((a.lon, a.lat), (b.lon, b.lat))


def navigation_links(wgs84: Point, *, name: str) -> dict[str, str]:
    """Return links that open a map programme at the place: amap, baidu, tencent, geo.

    Amap writes longitude first, Baidu and Tencent latitude first; `geo:` (RFC 5870) is WGS-84, latitude first.
    """
    title = quote(name, safe="")
    amap, baidu = gcj02(wgs84), bd09(wgs84)
    return {
        "amap": f"https://uri.amap.com/navigation?to={amap.lon:.6f},{amap.lat:.6f},{title}"
        "&mode=car&src=zhendi&callnative=1",
        "baidu": f"https://api.map.baidu.com/marker?location={baidu.lat:.6f},{baidu.lon:.6f}&title={title}"
        f"&content={title}&coord_type=bd09ll&output=html&src=webapp.zhendi.zhendi",
        "tencent": f"https://apis.map.qq.com/uri/v1/routeplan?type=drive&to={title}"
        f"&tocoord={amap.lat:.6f},{amap.lon:.6f}&coord_type=2&referer=zhendi",
        "geo": f"geo:{wgs84.lat:.6f},{wgs84.lon:.6f}",
    }
