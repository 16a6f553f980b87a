"""Datums and links: the right place in each map programme."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.geography import Point, bd09, distance_m, gcj02, navigation_links, wgs84_of

MUSEUM = Point(lon=118.00952, lat=36.636288)  # 蒲松龄纪念馆
MUSEUM_GCJ02 = Point(lon=118.01546, lat=36.63658)  # as the map programme of its source draws it
points_in_shandong = st.builds(Point, lon=st.floats(114.8, 122.7), lat=st.floats(34.4, 38.4))


def two_numbers(pattern: str, link: str) -> tuple[float, float]:
    found = re.search(pattern, link)
    assert found, link
    return float(found[1]), float(found[2])


class TestDatums:
    def test_agrees_with_a_point_known_in_both(self) -> None:
        assert distance_m(gcj02(MUSEUM), MUSEUM_GCJ02) < 0.2

    def test_the_offset_at_zichuan_is_half_a_kilometre(self) -> None:
        assert 500 < distance_m(MUSEUM, gcj02(MUSEUM)) < 550

    @given(point=points_in_shandong)
    def test_there_and_back_is_exact_to_a_hundredth_of_a_millimetre(self, point: Point) -> None:
        assert distance_m(wgs84_of(gcj02(point), datum="GCJ-02"), point) < 1e-5
        assert distance_m(wgs84_of(bd09(point), datum="BD-09"), point) < 1e-5

    @pytest.mark.parametrize("datum", ["WGS-84", "CGCS2000"])
    def test_leaves_what_is_right_already(self, datum: str) -> None:
        assert wgs84_of(MUSEUM, datum=datum) == MUSEUM

    def test_does_not_guess_a_datum(self) -> None:
        with pytest.raises(KeyError):
            wgs84_of(MUSEUM, datum="Beijing 54")


class TestDistance:
    def test_of_one_degree_of_latitude(self) -> None:
        assert distance_m(Point(118, 36), Point(118, 37)) == pytest.approx(111_195, abs=1)

    def test_to_itself_is_nothing(self) -> None:
        assert distance_m(MUSEUM, MUSEUM) == 0


class TestNavigationLinks:
    def test_each_in_its_own_datum_and_axis_order(self) -> None:
        links = navigation_links(MUSEUM, name="蒲松龄纪念馆")
        lon, lat = two_numbers(r"to=([\d.]+),([\d.]+),", links["amap"])
        assert distance_m(Point(lon, lat), MUSEUM_GCJ02) < 0.3
        lat, lon = two_numbers(r"tocoord=([\d.]+),([\d.]+)&", links["tencent"])
        assert distance_m(Point(lon, lat), MUSEUM_GCJ02) < 0.3
        lat, lon = two_numbers(r"location=([\d.]+),([\d.]+)&", links["baidu"])
        assert distance_m(wgs84_of(Point(lon, lat), datum="BD-09"), MUSEUM) < 0.3
        assert "coord_type=bd09ll" in links["baidu"]
        assert links["geo"] == "geo:36.636288,118.009520"

    def test_a_name_cannot_break_out_of_its_link(self) -> None:
        name = '馆&mode=walk#"<'
        for program in ("amap", "baidu", "tencent"):
            link = navigation_links(MUSEUM, name=name)[program]
            assert "mode=walk" not in link
            assert name in unquote(link)
