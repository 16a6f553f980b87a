"""A site's keepers write its record: who may, what is kept of it, who wins of two; what is released to who comes."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.envelope import dump, load
from contracts.sites.records import EditSite, KeptSitesAsked, SiteHistoryAsked
from marshmallow import ValidationError
from sites.domain.geography import Point, distance_m, gcj02
from sites.operations.site_records import OrganisationUnknown, edit
from sites.queries import site_records as queries
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    Site,
    a_branch,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    an_order_in,
    checked_in,
)

OFFICER = an_actor(("officer", DISTRICT), name="李干部")


def the_edit(db: Connection, site: Site, **changed: Any) -> EditSite:
    """The record as it stands, written back with what is changed."""
    kept = queries.record(db, site.id, actor=OFFICER)
    names = ("name", "capacity", "visit_minutes", "town", "address", "hours_text", "facilities", "facilities_text")
    names += ("accessibility_text", "contact_name", "arrival_text", "parking_text", "bring_text", "version")
    same = {name: getattr(kept, name) for name in names}
    origin = kept.point_origin
    fields = {
        "site_id": str(site.id),
        "reason": "核对资料",
        "point": kept.point["coordinates"],
        "point_datum": "WGS-84",
        "point_source": origin.source,
        "point_accuracy_m": origin.accuracy_m,
        "point_checked_on": str(origin.checked_on) if origin.checked_on else None,
        "entrance": kept.entrance["coordinates"] if kept.entrance else None,
    }
    asked: EditSite = load(EditSite, {**same, **fields, **changed})
    return asked


def edited(db: Connection, site: Site, *, actor: Actor | None = None, **changed: Any) -> Any:
    return edit(db, asked=the_edit(db, site, **changed), actor=actor or a_steward(site), at=NOON)


def newest(db: Connection, site: Site) -> Any:
    asked = load(SiteHistoryAsked, {"site_id": str(site.id), "limit": 1})
    return queries.history(db, asked, actor=OFFICER).items[0]


class TestEdit:
    def test_writes_the_facts_and_says_what_changed(self, db: Connection) -> None:
        site = a_site(db, name="旧名")
        view = edited(db, site, name="新名", capacity=80, facilities=["toilet", "lift", "lift"], bring_text="党徽")
        assert (view.name, view.capacity, view.facilities, view.version) == ("新名", 80, ["lift", "toilet"], 2)
        change = newest(db, site)
        assert (change.move, change.by, change.reason) == ("edit", "王管理员", "核对资料")
        assert change.changes == {
            "name": ["旧名", "新名"],
            "capacity": [500, 80],
            "facilities": [[], ["lift", "toilet"]],
            "bring_text": [None, "党徽"],
        }
        assert db.execute(text("SELECT initials FROM sites WHERE id = :id"), {"id": site.id}).scalar_one() == "xm"

    def test_of_nothing_writes_nothing(self, db: Connection) -> None:
        site = a_site(db)
        assert edited(db, site).version == 1
        assert db.execute(text("SELECT count(*) FROM site_history WHERE site_id = :id"), {"id": site.id}).scalar() == 0

    def test_of_an_older_version_is_refused(self, db: Connection) -> None:
        site = a_site(db)
        read = the_edit(db, site, name="甲")
        edited(db, site, name="乙")
        with pytest.raises(PreconditionFailed):
            edit(db, asked=read, actor=a_steward(site), at=NOON)

    @pytest.mark.parametrize("field", ["category", "kind", "managing_organisation_id"])
    def test_what_takes_an_officer_is_refused_to_a_steward(self, db: Connection, field: str) -> None:
        site, branch = a_site(db), a_branch(db)
        changed = {"category": "rural", "kind": "service_centre", "managing_organisation_id": str(branch.id)}[field]
        with pytest.raises(Forbidden):
            edited(db, site, **{field: changed})
        view = edited(db, site, actor=OFFICER, **{field: changed})
        assert str(getattr(view, field)) == changed

    def test_a_new_keeper_is_known_and_within_the_officers_tree(self, db: Connection) -> None:
        site, elsewhere = a_site(db), a_branch(db, path="3799.there")
        with pytest.raises(OrganisationUnknown):
            edited(db, site, actor=OFFICER, managing_organisation_id=str(uuid4()))
        with pytest.raises(Forbidden):
            edited(db, site, actor=OFFICER, managing_organisation_id=str(elsewhere.id))

    @pytest.mark.parametrize(
        "somebody",
        [
            an_actor(("steward", f"{DISTRICT}.another")),
            an_actor(("officer", "3799")),
            an_actor(("secretary", DISTRICT)),
            an_actor(("member", DISTRICT)),
        ],
    )
    def test_strangers_see_no_record(self, db: Connection, somebody: Actor) -> None:
        site = a_site(db)
        with pytest.raises(NotFound):
            edited(db, site, actor=somebody, name="改")
        with pytest.raises(NotFound):
            queries.record(db, site.id, actor=somebody)

    def test_an_auditor_reads_and_does_not_write(self, db: Connection) -> None:
        site, auditor = a_site(db), an_actor(("auditor", DISTRICT))
        assert queries.record(db, site.id, actor=auditor).id == site.id
        with pytest.raises(Forbidden):
            edited(db, site, actor=auditor, name="改")


class TestThePoint:
    def test_is_taken_in_its_datum_and_kept_in_wgs84(self, db: Connection) -> None:
        site, there = a_site(db), Point(lon=118.00952, lat=36.636288)
        given = gcj02(there)
        view = edited(
            db,
            site,
            point=[given.lon, given.lat],
            point_datum="GCJ-02",
            point_accuracy_m=5,
            point_checked_on="2026-11-09",
        )
        lon, lat = view.point["coordinates"]
        assert distance_m(Point(lon=lon, lat=lat), there) < 0.1  # six decimals
        origin = view.point_origin
        assert (origin.datum, origin.accuracy_m, origin.checked_on) == ("GCJ-02", 5, date(2026, 11, 9))
        assert origin.checked_by == "王管理员"

    def test_given_back_as_it_was_shown_has_not_moved(self, db: Connection) -> None:
        site = a_site(db, lon=118.0095212345, lat=36.6362881234)
        assert edited(db, site).version == 1

    def test_has_an_entrance_that_can_be_taken_away(self, db: Connection) -> None:
        site = a_site(db)
        assert edited(db, site, entrance=[117.97, 36.64]).entrance["coordinates"] == [117.97, 36.64]
        assert edited(db, site, entrance=None).entrance is None

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"point": [36.6, 18.0]}, "point"),
            ({"entrance": [2.35, 48.85]}, "entrance"),
            ({"point_checked_on": "2026-11-11"}, "point_checked_on"),
            ({"contact_phone": "13853312345"}, "contact_name"),
        ],
    )
    def test_and_the_rest_are_refused_at_their_field(self, db: Connection, changed: dict[str, Any], field: str) -> None:
        site = a_site(db)
        with pytest.raises(InvalidInput) as refused:
            edited(db, site, **changed)
        assert set(refused.value.errors) == {field}

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"point": "118"}, "point"),
            ({"point": [200, 0]}, "point"),
            ({"point_datum": "EPSG:4326"}, "point_datum"),
            ({"capacity": 0}, "capacity"),
            ({"capacity": 100_001}, "capacity"),
            ({"visit_minutes": 1441}, "visit_minutes"),
            ({"facilities": ["helipad"]}, "facilities"),
            ({"facilities": ["lift"] * 200}, "facilities"),
            ({"name": ""}, "name"),
            ({"name": "名" * 101}, "name"),
            ({"reason": " "}, "reason"),
            ({"arrival_text": "字" * 2001}, "arrival_text"),
            ({"contact_phone": "call me"}, "contact_phone"),
            ({"point_accuracy_m": 0}, "point_accuracy_m"),
        ],
    )
    def test_bad_input_names_its_field(self, db: Connection, changed: dict[str, Any], field: str) -> None:
        site = a_site(db)
        with pytest.raises(ValidationError) as refused:
            the_edit(db, site, **changed)
        assert set(refused.value.messages_dict) == {field}


class TestTheContact:
    def test_number_is_sealed_and_told_masked(self, db: Connection) -> None:
        site = a_site(db)
        view = edited(db, site, contact_name="周文静", contact_phone="13853312345")
        assert view.contact_phone_masked == "138****2345"
        assert b"13853312345" not in dump(view) + dump(newest(db, site))
        stored = db.execute(text("SELECT contact_phone FROM sites WHERE id = :id"), {"id": site.id}).scalar_one()
        assert b"2345" not in bytes(stored)

    def test_number_stays_with_its_contact_and_goes_with_it(self, db: Connection) -> None:
        site = a_site(db)
        edited(db, site, contact_name="周文静", contact_phone="13853312345")
        assert edited(db, site, capacity=7).contact_phone_masked == "138****2345"
        assert edited(db, site, contact_name=None).contact_phone_masked is None


class TestArrival:
    @pytest.fixture
    def site(self, db: Connection) -> Site:
        site = a_site(db)
        edited(db, site, contact_name="周文静", contact_phone="13853312345", parking_text="东门外")
        return site

    def test_is_released_at_confirmation_and_who_saw_the_number_is_kept(self, db: Connection, site: Site) -> None:
        order_id, secretary = a_placed_order(db, slot=a_slot(db, site=site))
        view = queries.arrival(db, order_id, actor=secretary, at=NOON)
        assert (view.contact_name, view.contact_phone, view.parking_text) == ("周文静", "13853312345", "东门外")
        seen = db.execute(text("SELECT by_id, order_id FROM contact_views WHERE site_id = :id"), {"id": site.id}).one()
        assert seen == (secretary.person_id, order_id)

    def test_stays_open_after_the_visit(self, db: Connection, site: Site) -> None:
        slot = a_slot(db, site=site)
        order_id, secretary = a_placed_order(db, slot=slot)
        checked_in(db, order_id, slot=slot)
        assert queries.arrival(db, order_id, actor=secretary, at=slot.ends_at).contact_phone

    @pytest.mark.parametrize("state", ["placed", "refused", "expired", "cancelled", "no_show"])
    def test_is_not_released_otherwise(self, db: Connection, state: str) -> None:
        order_id, _, secretary = an_order_in(db, state)
        with pytest.raises(queries.NotConfirmedYet):
            queries.arrival(db, order_id, actor=secretary, at=NOON)

    def test_is_nobody_elses(self, db: Connection, site: Site) -> None:
        order_id, _ = a_placed_order(db, slot=a_slot(db, site=site))
        with pytest.raises(NotFound):
            queries.arrival(db, order_id, actor=an_actor(("secretary", f"{DISTRICT}.other")), at=NOON)


class TestTheList:
    def test_shows_every_state_within_ones_tree_page_by_page(self, db: Connection) -> None:
        sites = [a_site(db, state=state) for state in ("proposed", "open", "suspended", "withdrawn")]
        first = queries.kept(db, load(KeptSitesAsked, {"limit": 3}), actor=OFFICER)
        rest = queries.kept(db, load(KeptSitesAsked, {"limit": 3, "cursor": first.next}), actor=OFFICER)
        assert {site.id for site in first.items + rest.items} == {site.id for site in sites}
        assert rest.next is None
        (mine,) = queries.kept(db, load(KeptSitesAsked, {}), actor=a_steward(sites[0])).items
        assert mine.id == sites[0].id

    def test_is_searched_without_wildcards(self, db: Connection) -> None:
        a_site(db, name="百分之百")
        named = a_site(db, name="100%红色")
        asked = load(KeptSitesAsked, {"q": "0%红"})
        assert [site.id for site in queries.kept(db, asked, actor=OFFICER).items] == [named.id]
        assert queries.kept(db, load(KeptSitesAsked, {"q": "%"}), actor=OFFICER).items != []
        assert len(queries.kept(db, load(KeptSitesAsked, {"q": "%"}), actor=OFFICER).items) == 1

    def test_is_for_keepers_alone(self, db: Connection) -> None:
        with pytest.raises(Forbidden):
            queries.kept(db, load(KeptSitesAsked, {}), actor=an_actor(("member", DISTRICT)))


def test_of_two_editors_of_one_version_one_wins(database: Engine) -> None:
    with database.begin() as db:
        site = a_site(db)
    with database.connect() as db:
        asked = [the_edit(db, site, name=f"第{number}稿") for number in range(8)]

    def write(one: EditSite) -> str:
        with database.begin() as db:
            edit(db, asked=one, actor=replace(a_steward(site), person_id=UUID(int=1)), at=NOON)
        return "written"

    answers = at_once([partial(write, one) for one in asked])
    assert sorted(answers) == [*["precondition-failed"] * (len(asked) - 1), "written"]
    with database.connect() as db:
        assert db.execute(text("SELECT version FROM sites")).scalar_one() == 2
        assert db.execute(text("SELECT count(*) FROM site_history")).scalar_one() == 1
