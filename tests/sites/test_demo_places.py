"""The demonstration's places with slots, and its visits with their claims: loaded once."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from chassis import clock
from chassis.database import connect
from chassis.files import FileStore
from demo import money, places, visits
from demo.calendars import LESSON
from demo.organisations import foundings, site_code
from demo.places import MINE, MUSEUM, hours_of, sites
from sites.domain.calendars import Hours
from sqlalchemy import Connection, Engine, text

from tests.conftest import TestDatabase
from tests.sites.articles import NOON
from tests.sites.money import books


class TestTheSites:
    def test_twenty_seven_lie_in_zichuan_in_four_categories(self) -> None:
        in_zichuan = [site for site in sites() if site.district == "淄川区"]
        assert len(in_zichuan) == 27
        assert len({site.category for site in in_zichuan}) == 4
        assert sum(site.synthetic for site in in_zichuan) == 25
        assert len(sites()) == 37

    def test_what_is_made_up_says_so(self) -> None:
        for site in sites():
            assert site.name.startswith("演示·") == site.synthetic == (site.point_source == "made up")

    def test_no_two_are_mistaken_for_each_other(self) -> None:
        assert Counter(site.name for site in sites()).most_common(1)[0][1] == 1
        assert Counter(site.code for site in sites()).most_common(1)[0][1] == 1
        assert Counter(site.point for site in sites()).most_common(1)[0][1] == 1

    def test_points_are_the_same_each_time(self) -> None:
        assert sites.__wrapped__() == sites()

    def test_each_offers_two_or_three_programmes(self) -> None:
        assert {len(site.programmes) for site in sites() if site.kind != "training_base"} <= {2, 3}

    def test_the_training_bases_offer_the_nine_cases(self) -> None:
        bases = [site for site in sites() if site.kind == "training_base"]
        assert bases
        for base in bases:
            assert sum(programme.kind == "training_case" for programme in base.programmes) == 9

    def test_no_programme_has_more_seats_than_its_site(self) -> None:
        for site in sites():
            assert all(programme.seats <= site.capacity for programme in site.programmes)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("1-2 09:00-17:00", (Hours(1, 540, 1020), Hours(2, 540, 1020))),
        ("7-7 00:00-24:00", (Hours(7, 0, 1440),)),
        ("6-6 09:00-11:00 13:30-16:30", (Hours(6, 540, 660), Hours(6, 810, 990))),
    ],
)
def test_hours_are_read_as_the_data_writes_them(written: Any, hours: Any) -> None:
    assert hours_of(written) == hours


@pytest.fixture(scope="module")
def loaded(clone_of: Callable[[str], TestDatabase]) -> Iterator[Engine]:
    """A database with all the places in it."""
    engine = connect(clone_of("sites").url, service="sites")
    with engine.begin() as db:
        assert places.load(db, at=NOON) > 37
    yield engine
    engine.dispose()


class TestLoading:
    @pytest.fixture
    def db(self, loaded: Engine) -> Iterator[Connection]:
        with loaded.connect() as connection:
            yield connection

    def test_a_second_run_changes_nothing(self, db: Connection) -> None:
        before = db.execute(text("SELECT count(*), sum(seats) FROM slots")).one()
        assert places.load(db, at=NOON) == 0
        assert db.execute(text("SELECT count(*), sum(seats) FROM slots")).one() == before

    def test_the_next_day_makes_one_more_day_of_slots(self, db: Connection) -> None:
        # The lesson can be ordered further ahead than the rest.
        furthest = text(
            "SELECT max(visit_on) FROM slots JOIN programmes ON programmes.id = programme_id WHERE name <> :lesson"
        )
        last = db.execute(furthest, {"lesson": LESSON}).scalar_one()
        assert last == (NOON + timedelta(weeks=4)).date()
        assert places.load(db, at=NOON + timedelta(days=1)) > 0
        assert db.execute(furthest, {"lesson": LESSON}).scalar_one() == last + timedelta(days=1)

    def test_the_made_up_points_lie_in_the_real_outline(self, db: Connection) -> None:
        ring = ", ".join(f"{point.lon} {point.lat}" for point in places.zichuan_outline())
        outside = db.execute(
            text(
                "SELECT code FROM sites WHERE district = '淄川区'"
                " AND NOT ST_Contains(ST_GeomFromText(:outline, 4326), point)"
            ),
            {"outline": f"POLYGON(({ring}))"},
        ).all()
        assert outside == []

    def test_the_museum_can_be_visited_at_any_moment(self, db: Connection) -> None:
        for minutes in (0, 1, 29, 30, 31, 24 * 60 - 1, 20 * 24 * 60):
            at = NOON + timedelta(minutes=minutes)
            slot = db.execute(
                text(
                    "SELECT s.* FROM slots s WHERE s.site_id = :museum AND bookable_until > :at"
                    " ORDER BY starts_at, id LIMIT 1"
                ),
                {"museum": places.site_id(MUSEUM), "at": at},
            ).one()
            assert slot.starts_at - at <= timedelta(minutes=30)
            assert (slot.confirmation, slot.seats) == ("automatic", 60)
            assert slot.ends_at - slot.starts_at == timedelta(minutes=60)

    def test_the_museums_lessons_open_only_with_a_guide(self, db: Connection) -> None:
        places.load(db, at=NOON)
        led = db.execute(
            text(
                "SELECT count(a.slot_id) FILTER (WHERE closed_reason IS NULL), count(a.slot_id)"
                " FROM slots s LEFT JOIN guide_assignments a ON a.slot_id = s.id WHERE s.needs_guide"
            )
        ).one()
        assert led[0] == led[1] > 20

    def test_one_programme_is_confirmed_by_hand_and_one_has_few_seats(self, db: Connection) -> None:
        kinds = db.execute(
            text("SELECT DISTINCT confirmation, seats FROM slots WHERE site_id = :mine"), {"mine": places.site_id(MINE)}
        ).all()
        assert ("manual", 40) in kinds
        assert ("automatic", 10) in kinds

    def test_slots_keep_the_hours_of_the_data(self, db: Connection) -> None:
        rows = db.execute(
            text(
                "SELECT DISTINCT extract(isodow FROM starts_at AT TIME ZONE 'Asia/Shanghai')::int AS day,"
                " min((starts_at AT TIME ZONE 'Asia/Shanghai')::time)::text,"
                " max((ends_at AT TIME ZONE 'Asia/Shanghai')::time)::text"
                " FROM slots WHERE site_id = :id GROUP BY 1 ORDER BY 1"
            ),
            {"id": places.site_id("zhuyanfu")},
        ).all()
        assert [tuple(row) for row in rows] == [(day, "09:00:00", "16:30:00") for day in range(2, 8)]

    def test_each_site_is_kept_by_an_organisation_of_the_tree(self) -> None:
        tree = {founding.id: founding for founding in foundings()}
        for site in sites():
            keeper = tree[site.managing_organisation_id]
            path = [keeper.code]
            while keeper.parent_id:
                keeper = tree[keeper.parent_id]
                path.insert(0, keeper.code)
            assert site.managing_path == ".".join(path)
            assert tree[site.managing_organisation_id].name == site.managing_organisation

    def test_the_steward_keeps_the_museum(self) -> None:
        museum = next(site for site in sites() if site.code == MUSEUM)
        assert museum.managing_path == f"3703.370302.{site_code(MUSEUM)}"


@pytest.fixture(scope="module")
def walked(loaded: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The places with the fund and the visits, in a transaction that is rolled back."""
    files = FileStore(tmp_path_factory.mktemp("files"))
    with loaded.connect() as db:
        money.load(db, at=NOON)
        know_the_branches(db)
        assert visits.load(db, files, at=NOON) == len(visits.STORIES)
        assert visits.load(db, files, at=NOON + timedelta(days=40)) == 0
        yield db


class TestVisits:
    def test_claims_stand_at_every_step(self, walked: Connection) -> None:
        states = Counter(walked.scalars(text("SELECT state FROM claims")))
        wanted = Counter({"paid": "paid", "failed": "approved"}.get(s.ends, s.ends) for s in visits.STORIES)
        assert states == {state: n for state, n in wanted.items() if state not in ("missed", "cancelled")}

    def test_the_month_before_is_paid_but_for_what_the_bank_sent_back(self, walked: Connection) -> None:
        assert Counter(walked.scalars(text("SELECT state FROM batch_lines"))) == {"paid": 6, "failed": 1}
        assert walked.execute(text("SELECT DISTINCT period FROM batches")).scalar_one() == "2026-10"

    def test_the_books_agree(self, walked: Connection) -> None:
        balances = books(walked)
        paid = walked.execute(text("SELECT sum(paid_fen)::bigint FROM claims")).scalar_one()
        assert sum(fen for account, fen in balances.items() if account.startswith("paid:")) == paid > 0

    def test_nothing_is_written_of_the_future(self, walked: Connection) -> None:
        for table in ("ledger_entries", "order_history"):
            last = walked.execute(text(f"SELECT max(at) FROM {table}")).scalar_one()  # noqa: S608
            assert last <= NOON

    @pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 3, 31), date(2027, 12, 31)])
    def test_every_day_of_the_year_has_a_month_before(self, today: date) -> None:
        at = datetime(today.year, today.month, today.day, 12, tzinfo=clock.SHANGHAI)
        for story in visits.STORIES:
            assert visits.starts_at(story, at=at) < at - timedelta(days=1)


def know_the_branches(db: Connection) -> None:
    """Let sites know every organisation that founds the demonstration, as roster would have told."""
    paths: dict[Any, str] = {}
    for founding in foundings():
        above = paths.get(founding.parent_id)
        paths[founding.id] = f"{above}.{founding.code}" if above else founding.code
        db.execute(
            text(
                "INSERT INTO organisations (id, code, name, kind, field, path, parent_id, version)"
                " VALUES (:id, :code, :name, :kind, :field, :path, :parent_id, 1)"
            ),
            {
                "id": founding.id,
                "code": founding.code,
                "name": founding.name,
                "kind": founding.kind,
                "field": founding.field,
                "path": paths[founding.id],
                "parent_id": founding.parent_id,
            },
        )
