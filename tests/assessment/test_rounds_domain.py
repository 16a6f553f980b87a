"""The rules of rounds: the draw by properties, the score by steps, the days of a team, the states of a visit."""

from collections import Counter
from datetime import date, time
from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from assessment.domain import round_visits, rounds
from assessment.domain.day_routes import Place, in_order, spread, timed, workdays
from assessment.domain.round_scores import Heading, Item, score_of
from assessment.domain.rounds import Entrant, draw, prefix_of
from hypothesis import given
from hypothesis import strategies as st

KEY = UUID(int=7)
PREFIX = prefix_of("2026-11-10 川组发〔2026〕31号", KEY)


def ids(many: int, *, of: int) -> list[UUID]:
    return [UUID(int=of * 10_000 + number) for number in range(1, many + 1)]


@st.composite
def draws(ask: st.DrawFn) -> dict[str, object]:
    teams = ids(ask(st.integers(1, 5)), of=1)
    towns = [None, *ids(3, of=3)]
    entrants = [Entrant(one, ask(st.sampled_from(towns))) for one in ids(ask(st.integers(1, 25)), of=2)]
    pairs = [(team, entrant.id) for team in teams for entrant in entrants]
    return {
        "entrants": entrants,
        "teams": teams,
        "excluded": set(ask(st.lists(st.sampled_from(pairs), max_size=40))),
        "is_stratified": ask(st.booleans()),
        "sample_percent": ask(st.sampled_from([1, 30, 50, 100])),
    }


class TestDraw:
    @given(draws(), st.randoms())
    def test_keeps_every_exclusion_and_depends_on_nothing_but_the_seed(self, made, random) -> None:  # type: ignore[no-untyped-def]
        entrants, teams, excluded = made["entrants"], made["teams"], made["excluded"]
        rule = {name: made[name] for name in ("excluded", "is_stratified", "sample_percent")}
        placed = draw(PREFIX, entrants, teams, **rule)
        shuffled = random.sample(entrants, len(entrants)), random.sample(teams, len(teams))
        assert draw(PREFIX, *shuffled, **rule) == placed
        assert [one.digest for one in placed] == sorted(one.digest for one in placed)
        assert {one.id for one in placed} == {one.id for one in entrants}
        for one in placed:
            allowed = [team for team in teams if (team, one.id) not in excluded]
            assert (one.team in allowed) if one.is_sampled and allowed else one.team is None
        strata = Counter(one.town if made["is_stratified"] else None for one in entrants)
        town = {one.id: one.town if made["is_stratified"] else None for one in entrants}
        sampled = Counter(town[one.id] for one in placed if one.is_sampled)
        assert sampled == {key: -(-count * made["sample_percent"] // 100) for key, count in strata.items()}

    @given(st.integers(1, 5), st.integers(1, 40))
    def test_without_exclusions_the_teams_differ_by_one_visit(self, teams: int, organisations: int) -> None:
        placed = draw(PREFIX, [Entrant(one) for one in ids(organisations, of=2)], ids(teams, of=1), excluded=())
        visits = Counter(one.team for one in placed)
        assert max(visits.values()) - min([*visits.values(), *[0] * (teams - len(visits))]) <= 1

    def test_stratified_every_team_comes_to_every_town(self) -> None:
        towns = ids(3, of=3)
        entrants = [Entrant(one, towns[place % 3]) for place, one in enumerate(ids(12, of=2))]
        placed = draw(PREFIX, entrants, ids(2, of=1), excluded=(), is_stratified=True)
        town = {one.id: one.town for one in entrants}
        assert set(Counter((town[one.id], one.team) for one in placed).values()) == {2}

    def test_another_seed_gives_another_order(self) -> None:
        entrants = [Entrant(one) for one in ids(12, of=2)]
        first, second = (draw(prefix_of(seed, KEY), entrants, ids(2, of=1), excluded=()) for seed in ("a", "b"))
        assert [one.id for one in first] != [one.id for one in second]


class TestScore:
    HEADINGS = (Heading(1, "组织生活", 60), Heading(2, "阵地", 40))
    ITEMS = (Item("a", 1, Decimal(8)), Item("b", 1, Decimal(4)), Item("c", 2, Decimal(5)))

    def test_each_heading_gives_its_share_of_its_weight(self) -> None:
        score = score_of(self.HEADINGS, self.ITEMS, {"a": Decimal(7), "b": Decimal(2), "c": Decimal("4.5")})
        assert score is not None
        assert [step.given for step in score.steps] == [Decimal(45), Decimal(36)]
        assert (score.score, score.weight) == (Decimal("81.00"), 100)

    def test_what_does_not_apply_leaves_points_and_full_marks(self) -> None:
        score = score_of(self.HEADINGS, self.ITEMS, {"a": Decimal(4), "b": None, "c": None})
        assert score is not None
        assert (score.score, score.weight, score.steps[1].given) == (Decimal("50.00"), 60, None)

    def test_only_the_end_is_rounded(self) -> None:
        thirds = [Item(str(number), number, Decimal(3)) for number in (1, 2, 3)]
        headings = [Heading(1, "一", 33), Heading(2, "二", 33), Heading(3, "三", 34)]
        score = score_of(headings, thirds, dict.fromkeys("123", Decimal(1)))
        assert score is not None
        assert score.score == Decimal("33.33")

    def test_of_nothing_there_is_none(self) -> None:
        assert score_of(self.HEADINGS, self.ITEMS, dict.fromkeys("abc")) is None


class TestDays:
    def test_the_way_goes_on_to_the_nearest_and_what_is_nowhere_comes_last(self) -> None:
        west, mid, east, nowhere = ids(4, of=2)
        places = [
            Place(east, (118.2, 36.6)),
            Place(nowhere, None),
            Place(west, (118.0, 36.6)),
            Place(mid, (118.1, 36.6)),
        ]
        assert [place.id for place in in_order(places)] == [west, mid, east, nowhere]

    def test_the_way_takes_the_straight_line_times_1_3_at_40_km_an_hour(self) -> None:
        a, b = ids(2, of=2)
        stops = timed([Place(a, (118.0, 36.6)), Place(b, (118.1, 36.6))], departs=time(9), visit_minutes=60)
        assert (stops[1].distance_m, stops[1].travel_minutes) == (8927, 18)
        assert [stop.starts for stop in stops] == [540, 620]  # 9:00; 9:00 + 60 + 18, up to five minutes

    def test_the_last_day_takes_what_no_day_has_room_for(self) -> None:
        days = workdays(date(2026, 11, 20), date(2026, 11, 24))
        assert days == [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)]
        planned = spread([Place(one, None) for one in ids(9, of=2)], days, a_day=2)
        assert [len(places) for _, places in planned] == [2, 2, 5]

    def test_a_weekend_alone_is_worked(self) -> None:
        assert workdays(date(2026, 11, 21), date(2026, 11, 22)) == [date(2026, 11, 21), date(2026, 11, 22)]


@pytest.mark.parametrize(("state", "move"), list(product(round_visits.STATES, round_visits.MOVES)))
def test_a_visit_moves_as_it_is_drawn(state: str, move: str) -> None:
    drawn = {
        ("listed", "place"): "assigned",
        ("listed", "leave"): "not_sampled",
        ("listed", "block"): "unplaced",
        ("assigned", "finish"): "finished",
        ("finished", "reopen"): "assigned",
        ("finished", "close"): "closed",
        ("closed", "send"): "sent",
        ("sent", "acknowledge"): "acknowledged",
        **{(done, "open_anew"): "assigned" for done in ("closed", "sent", "acknowledged", "disputed", "settled")},
        ("sent", "dispute"): "disputed",
        ("disputed", "settle"): "settled",
    }
    sources, target = round_visits.MOVES[move]
    assert (target if state in sources else None) == drawn.get((state, move))


@pytest.mark.parametrize(("state", "move"), list(product(rounds.ROUND_STATES, rounds.MOVES)))
def test_a_round_moves_as_it_is_drawn(state: str, move: str) -> None:
    drawn = {
        ("planned", "announce"): "announced",
        ("announced", "draw"): "drawn",
        ("drawn", "close"): "closed",
        ("planned", "withdraw"): "withdrawn",
        ("announced", "withdraw"): "withdrawn",
    }
    sources, target = rounds.MOVES[move]
    assert (target if state in sources else None) == drawn.get((state, move))
