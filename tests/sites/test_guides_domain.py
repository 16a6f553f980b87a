"""Who can lead which visit: the rules alone, and what holds of any rota and any bookings."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.days import midnight
from sites.domain.guides import Guide, Visit, can_lead, hours_on, is_away, match

MONDAY = date(2026, 11, 23)
ZH, EN = frozenset({"zh"}), frozenset({"en"})


def a_guide(number: int = 1, **fields: Any) -> Guide:
    given = {
        "languages": ZH,
        "visits_a_day_max": 4,
        "party_max": 40,
        "buffer_minutes": 15,
        "weekly": {day: [(540, 720), (780, 1020)] for day in range(1, 6)},
        **fields,
    }
    return Guide(id=UUID(int=number), **given)


def a_visit(number: int, begins: int, ends: int, *, day: date = MONDAY, **fields: Any) -> Visit:
    starts_at = midnight(day) + timedelta(minutes=begins)
    ends_at = midnight(day) + timedelta(minutes=ends)
    given = {"languages": ZH, "seats": 30, **fields}
    return Visit(slot_id=UUID(int=1000 + number), starts_at=starts_at, ends_at=ends_at, visit_on=day, **given)


@pytest.mark.parametrize(
    ("guide", "visit", "can"),
    [
        (a_guide(), a_visit(1, 540, 600), True),
        (a_guide(), a_visit(1, 660, 720), True),
        (a_guide(), a_visit(1, 700, 760), False),  # over the noon break
        (a_guide(), a_visit(1, 540, 600, day=MONDAY + timedelta(days=5)), False),
        (a_guide(), a_visit(1, 540, 600, seats=41), False),
        (a_guide(languages=EN), a_visit(1, 540, 600), False),
        (a_guide(active_from=MONDAY + timedelta(days=1)), a_visit(1, 540, 600), False),
        (a_guide(active_until=MONDAY), a_visit(1, 540, 600), True),
        (a_guide(dated={MONDAY: []}), a_visit(1, 540, 600), False),
        (a_guide(dated={MONDAY: [(1140, 1260)]}), a_visit(1, 1140, 1200), True),
        (a_guide(dated={MONDAY: [(1140, 1260)]}), a_visit(1, 540, 600), False),
        (a_guide(weekly={1: [(0, 1440)], 2: [(0, 1440)]}), a_visit(1, 1400, 1500), True),
        (a_guide(weekly={1: [(0, 1440)]}), a_visit(1, 1400, 1500), False),
        (a_guide(weekly={1: [(540, 600), (600, 720)]}), a_visit(1, 560, 660), True),
    ],
)
def test_a_guide_leads_within_hours_languages_and_party(guide: Guide, visit: Visit, can: bool) -> None:
    assert can_lead(guide, visit) is can


def test_by_hand_outweighs_the_week_but_not_an_absence() -> None:
    sunday = MONDAY + timedelta(days=6)
    visit = a_visit(1, 540, 600, day=sunday, guide_id=UUID(int=1), by_hand=True)
    assert can_lead(a_guide(), visit)
    assert not can_lead(a_guide(dated={sunday: []}), visit)
    assert is_away(a_guide(dated={sunday: []}), sunday)


def test_dated_hours_stand_instead_of_the_weeks() -> None:
    guide = a_guide(dated={MONDAY: [(600, 660)]})
    assert hours_on(guide, MONDAY) == [(600, 660)]
    assert hours_on(guide, MONDAY + timedelta(days=1)) == [(540, 720), (780, 1020)]


class TestMatching:
    def test_leaves_who_leads_now(self) -> None:
        visits = [a_visit(1, 540, 600, guide_id=UUID(int=2))]
        assert match(visits, [a_guide(1), a_guide(2)]) == {visits[0].slot_id: UUID(int=2)}

    def test_moves_a_visit_whose_guide_drops_out(self) -> None:
        visits = [a_visit(1, 540, 600, guide_id=UUID(int=2))]
        assert match(visits, [a_guide(1), a_guide(2, dated={MONDAY: []})]) == {visits[0].slot_id: UUID(int=1)}

    def test_serves_those_with_orders_first(self) -> None:
        early, ordered = a_visit(1, 540, 600), a_visit(2, 570, 630, has_orders=True)
        assert match([early, ordered], [a_guide()]) == {ordered.slot_id: UUID(int=1), early.slot_id: None}

    def test_keeps_the_buffer_between_two_visits(self) -> None:
        close, far = a_visit(2, 610, 640), a_visit(3, 615, 645)
        first = a_visit(1, 540, 600)
        assert match([first, close], [a_guide()])[close.slot_id] is None
        assert match([first, far], [a_guide()])[far.slot_id] == UUID(int=1)

    def test_keeps_the_limit_of_a_day(self) -> None:
        visits = [a_visit(n, 540 + 60 * n, 570 + 60 * n) for n in range(3)]
        led = match(visits, [a_guide(visits_a_day_max=2)])
        assert [led[visit.slot_id] is not None for visit in visits] == [True, True, False]

    def test_prefers_the_guide_with_fewer_visits_then_the_smaller_one(self) -> None:
        guides = [a_guide(1, party_max=100), a_guide(2, party_max=40)]
        visits = [a_visit(1, 540, 570), a_visit(2, 600, 630)]
        assert match(visits, guides) == {visits[0].slot_id: UUID(int=2), visits[1].slot_id: UUID(int=1)}

    def test_takes_nothing_from_a_visit_that_has_begun(self) -> None:
        begun = a_visit(1, 540, 600, guide_id=UUID(int=1), has_begun=True)
        later = a_visit(2, 605, 660)
        led = match([begun, later], [a_guide(dated={MONDAY: [(600, 720)]})])
        assert led == {begun.slot_id: UUID(int=1), later.slot_id: None}


spans = st.tuples(st.integers(0, 1380), st.integers(15, 300)).map(lambda s: (s[0], min(s[0] + s[1], 1440)))
guides = st.lists(
    st.builds(
        dict,
        languages=st.sampled_from([ZH, EN, ZH | EN]),
        visits_a_day_max=st.integers(1, 4),
        party_max=st.integers(10, 60),
        buffer_minutes=st.integers(0, 60),
        weekly=st.dictionaries(st.integers(1, 7), st.lists(spans, max_size=3), max_size=7),
        dated=st.dictionaries(st.integers(0, 2).map(lambda n: MONDAY + timedelta(days=n)), st.lists(spans, max_size=2)),
    ),
    max_size=4,
)
visits = st.lists(
    st.tuples(
        st.integers(0, 1400),
        st.integers(15, 180),
        st.integers(0, 2),
        st.integers(5, 70),
        st.sampled_from([ZH, EN, ZH | EN]),
        st.booleans(),
        st.none() | st.integers(0, 3),
    ),
    max_size=14,
)


@given(guides, visits)
def test_any_rota_and_any_bookings_keep_every_limit(drawn: Any, wanted: Any) -> None:
    found = [a_guide(number, **fields) for number, fields in enumerate(drawn)]
    by_id = {guide.id: guide for guide in found}
    asked = [
        a_visit(
            number,
            begins,
            begins + length,
            day=MONDAY + timedelta(days=day),
            seats=seats,
            languages=languages,
            has_orders=has_orders,
            guide_id=UUID(int=now) if now is not None and now < len(found) else None,
        )
        for number, (begins, length, day, seats, languages, has_orders, now) in enumerate(wanted)
    ]
    led = match(asked, found)
    assert set(led) == {visit.slot_id for visit in asked}
    for guide_id, guide in by_id.items():
        mine = [visit for visit in asked if led[visit.slot_id] == guide_id]
        assert all(can_lead(guide, visit) for visit in mine)
        for day in {visit.visit_on for visit in mine}:
            assert sum(visit.visit_on == day for visit in mine) <= guide.visits_a_day_max
        for one, other in combinations(sorted(mine, key=lambda visit: visit.starts_at), 2):
            assert one.ends_at + timedelta(minutes=guide.buffer_minutes) <= other.starts_at
