"""The page of statistics with figures on it: what the service counted stands there, with shades, bars and changes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from chassis import clock
from flask import Flask
from gateway.clients import Answer, sites

from tests.gateway.conftest import Keys, a_browser

FIRST, SECOND = UUID(int=1), UUID(int=2)


def figures(visits: int, **rest: Any) -> dict[str, Any]:
    return {
        **{"visits": visits, "bookings": 3, "heads": visits * 27, "persons": 40, "branches_inside": visits},
        **{"branches_outside": 12, "no_shows": 5, "late_cancellations": 2, "ended": visits + 9, "ratings": 17},
        **{"rating": 4.62, "seats": visits * 60, "claims": visits, "asked_fen": visits * 40_000},
        **{"approved_fen": visits * 38_000, "paid_fen": visits * 30_000, "cost_per_head_fen": 1407},
        **rest,
    }


def counted(by: str = "site") -> dict[str, Any]:
    names = ("蒲松龄纪念馆", "淄川区昆仑镇马棚村乡村振兴党性教育实训基地（含红色驿站）")
    shares = zip((FIRST, SECOND), names, (1300, 500), strict=True)
    return {
        **{"from_day": "2026-01-01", "to_day": "2026-11-22", "by": by, "counted_at": clock.now().isoformat()},
        "total": figures(1800, heads=48_000),
        "before": figures(900),
        "year_before": figures(0, heads=0, rating=None, seats=None, cost_per_head_fen=None, ended=0),
        "rows": [{"key": str(key), "name": name, "figures": figures(visits)} for key, name, visits in shares],
        "hours": [
            {"weekday": day, "hour": hour, "visits": day * (hour - 7), "heads": 20 * day}
            for day in range(1, 8)
            for hour in range(8, 18)
        ],
        "sites": [
            {"id": str(FIRST), "name": names[0], "lon": 118.04, "lat": 36.64, "visits": 1300, "heads": 35_100},
            {"id": str(SECOND), "name": names[1], "lon": 117.93, "lat": 36.55, "visits": 500, "heads": 13_500},
        ],
    }


@pytest.fixture(autouse=True)
def what_was_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(fields: dict[str, Any], *, who: object) -> Answer:
        return Answer(orjson.dumps(counted(fields.get("by", "site"))))

    monkeypatch.setattr(sites.funds, "statistics", answer)


def the_page(app: Flask, keys: Keys, address: str = "/statistics", *, language: str = "zh-CN") -> str:
    browser = a_browser(app, keys.token("steward"))
    answer = browser.client.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def test_the_districts_own_figures_stand_first(nobody_behind: Flask, keys: Keys) -> None:
    page = the_page(nobody_behind, keys)
    served = page[page.index('id="served"') :]
    assert served.index("1,812") < served.index("48,000")  # branches inside and outside, heads
    assert "+100%" in page  # twice as many visits as in the period before
    assert 'class="heat-5">70</td>' in page.replace(' title="140人"', "")
    assert page.count("figure-bar") == 2
    assert f"site_id={FIRST}" in page  # a row leads to its months


def test_it_asks_for_a_report_of_what_is_shown(nobody_behind: Flask, keys: Keys) -> None:
    page = the_page(nobody_behind, keys, "/statistics?by=category&town=昆仑镇")
    for name, value in (("kind", "statistics"), ("from_day", "2026-01-01"), ("by", "category"), ("town", "昆仑镇")):
        assert f'name="{name}" value="{value}"' in page


def test_in_english_too(nobody_behind: Flask, keys: Keys) -> None:
    page = the_page(nobody_behind, keys, language="en")
    for sentence in ("Branches and members served", "Compared with the period before", "Where visits went"):
        assert sentence in page


def test_the_periods_asked_for_most_are_one_click_away(nobody_behind: Flask, keys: Keys) -> None:
    today = clock.today(clock.now())
    page = the_page(nobody_behind, keys)
    assert f"from={today.year - 1}-01-01&amp;to={today.year - 1}-12-31" in page
    last = today.replace(day=1) - timedelta(days=1)
    assert f"to={last.isoformat()}" in page
