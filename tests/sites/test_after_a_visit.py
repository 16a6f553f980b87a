"""After a visit: pictures at its closure, stars and words, the site's reply, the log of incidents, who is inside."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.files import FileStore
from chassis.pictures import FOLDER
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import StoredPicture, load
from contracts.sites.incidents import FollowUpIncident, IncidentsAsked, RecordIncident
from contracts.sites.ratings import JudgeRating, RateVisit, RatingsAsked, ReplyToRating, SiteRatingsAsked
from contracts.sites.visits import CloseOrder, InsideAsked
from marshmallow import ValidationError
from sites.domain import capacity
from sites.domain.incidents import IncidentClosed
from sites.domain.ratings import (
    MOVES,
    STATES,
    KeepersDoNotRate,
    NotVisited,
    RatingAnswered,
    RatingChanged,
    RatingNotMovable,
    RatingOver,
)
from sites.domain.visits import NotCheckedIn
from sites.operations import incidents, ratings, visits
from sites.operations.pictures import PictureRepeated
from sites.queries import incidents as incident_queries
from sites.queries import pictures as picture_queries
from sites.queries import ratings as rating_queries
from sites.queries.inside import inside
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    Slot,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    an_order,
    checked_in,
    place,
    the_order,
)

OFFICER = an_actor(("officer", DISTRICT), name="李干部")
GOOD = {"content": 5, "guide": 4, "facilities": 4, "order": 5}
DAY = timedelta(days=1)


def a_picture(letter: str = "a") -> StoredPicture:
    fields = {"sha256": letter * 64, "thumbnail_sha256": "0" * 64, "media_type": "image/webp"}
    return load(StoredPicture, {**fields, "width": 1600, "height": 1200, "size": 90_000})


def a_store(folder: Path, *names: str) -> FileStore:
    """A file store that holds pictures of these names, told by their first letter, and the thumbnail of each."""
    for letter in ("0", *names):
        place = folder / FOLDER / (letter * 2) / (letter * 64)
        place.parent.mkdir(parents=True)
        place.touch()
    return FileStore(folder)


def a_visit(
    db: Connection,
    *,
    slot: Slot | None = None,
    pictures: tuple[StoredPicture, ...] = (),
    files: FileStore | None = None,
) -> tuple[Any, Actor]:
    """Return the order of a visit that its steward closed, and the branch's secretary."""
    slot = slot or a_slot(db)
    order_id, secretary = a_placed_order(db, slot=slot)
    checked_in(db, order_id, slot=slot, count=18)
    visits.close(
        db,
        order_id=order_id,
        headcount=17,
        actor=a_steward(slot.site),
        at=slot.ends_at,
        pictures=pictures,
        files=files,
    )
    return the_order(db, order_id), secretary


def rated(db: Connection, order: Any, *, actor: Actor, at: Any = None, stars: Any = GOOD, **said: Any) -> Any:
    asked: RateVisit = load(RateVisit, {"order_id": str(order.id), "stars": stars, **said})
    return ratings.rate(db, asked=asked, actor=actor, at=at or order.ends_at)


def steward_of(db: Connection, order: Any) -> Actor:
    path = db.execute(text("SELECT managing_path FROM sites WHERE id = :id"), {"id": order.site_id}).scalar_one()
    return an_actor(("steward", path), name="王管理员")


def replied(db: Connection, rating: Any, *, actor: Actor, reply: str = "谢谢，已增设座椅") -> Any:
    asked = ReplyToRating(rating_id=rating.id, reply=reply, version=rating.version)
    return ratings.reply(db, asked=asked, actor=actor, at=NOON + 3 * DAY)


def judged(db: Connection, rating_id: UUID, move: str, *, actor: Actor = OFFICER) -> Any:
    return ratings.judge(db, asked=JudgeRating(rating_id, move, "与事实不符"), actor=actor, at=NOON + 4 * DAY)


def of_site(db: Connection, site_id: UUID, **asked: Any) -> Any:
    return rating_queries.of_site(db, load(SiteRatingsAsked, {"site_id": str(site_id), **asked}), at=NOON)


class TestPicturesOfAClosure:
    def test_are_seen_by_branch_site_and_finance_and_nobody_else(self, db: Connection, tmp_path: Path) -> None:
        pictures = (a_picture("a"), a_picture("b"))
        order, secretary = a_visit(db, pictures=pictures, files=a_store(tmp_path, "a", "b"))
        steward = steward_of(db, order)
        for actor in (secretary, steward):
            seen = picture_queries.of_visit(db, order.id, actor=actor, at=NOON)
            assert [picture.url[-69:-64] for picture in seen.pictures] == ["aaaaa", "bbbbb"]
        stranger = an_actor(("secretary", f"{DISTRICT}.elsewhere"), ("preparer", "3799"))
        with pytest.raises(NotFound):
            picture_queries.of_visit(db, order.id, actor=stranger, at=NOON)

    def test_are_not_for_a_member_who_only_booked(self, db: Connection) -> None:
        slot = a_slot(db)
        member = an_actor(("member", f"{DISTRICT}.town"))
        placed = place(db, an_order(slot, party_size=1), actor=member)
        with pytest.raises(Forbidden):
            picture_queries.of_visit(db, UUID(placed["id"]), actor=member, at=NOON)

    def test_none_has_to_be(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        assert picture_queries.of_visit(db, order.id, actor=secretary, at=NOON).pictures == []

    def test_are_in_the_file_store_or_refused(self, db: Connection, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput) as refused:
            a_visit(db, pictures=(a_picture("a"), a_picture("b")), files=a_store(tmp_path, "a"))
        assert list(refused.value.errors) == ["pictures.1.sha256"]

    def test_nothing_of_them_stays_when_the_visit_cannot_be_closed(self, db: Connection, tmp_path: Path) -> None:
        slot = a_slot(db)
        order_id, _ = a_placed_order(db, slot=slot)
        by = a_steward(slot.site)
        close = partial(
            visits.close, db, files=a_store(tmp_path, "a"), order_id=order_id, headcount=0, actor=by, at=slot.ends_at
        )
        savepoint = db.begin_nested()
        with pytest.raises(NotCheckedIn):
            close(pictures=(a_picture(),))
        savepoint.rollback()
        checked_in(db, order_id, slot=slot)
        with pytest.raises(PictureRepeated):
            close(pictures=(a_picture(), a_picture()))

    def test_are_four_at_the_most(self) -> None:
        picture = {"thumbnail_sha256": "0" * 64, "width": 1, "height": 1, "size": 1, "media_type": "image/webp"}
        body = {"order_id": str(uuid4()), "headcount": 3}
        assert load(CloseOrder, body).pictures == []
        with pytest.raises(ValidationError) as told:
            load(CloseOrder, {**body, "pictures": [{**picture, "sha256": letter * 64} for letter in "abcde"]})
        assert list(told.value.messages) == ["pictures"]


class TestRating:
    def test_is_seen_by_everybody_with_the_branchs_name_and_no_persons(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        view = rated(db, order, actor=secretary, feedback="讲解生动", summary="十七人参加")
        assert (view.rating.average, view.rating.version, view.may_rate) == (4.5, 1, True)
        seen = of_site(db, order.site_id)
        assert (seen.count, seen.average, seen.hidden) == (1, 4.5, 0)
        assert {line.code: line.stars for line in seen.criteria} == GOOD
        assert seen.years == [{"year": 2026, "count": 1, "average": 4.5}]
        (said,) = seen.items
        assert (said.feedback, said.branch_name) == ("讲解生动", view.rating.branch_name)
        assert "李书记" not in repr(seen)
        assert "李书记" not in repr(view)
        assert "十七人参加" not in repr(seen)

    def test_is_one_and_changes_with_the_version_that_was_read(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        rated(db, order, actor=secretary)
        with pytest.raises(RatingChanged):
            rated(db, order, actor=secretary)
        view = rated(db, order, actor=secretary, stars=dict.fromkeys(GOOD, 3), version=1)
        assert (view.rating.average, view.rating.version) == (3.0, 2)
        with pytest.raises(RatingChanged):
            rated(db, order, actor=secretary, version=1)
        kept = db.execute(text("SELECT move, said -> 'stars' ->> 'guide' FROM rating_history ORDER BY id"))
        assert list(kept) == [("rate", "4"), ("change_rating", "3")]

    def test_rests_when_the_site_has_replied_and_the_reply_can_change(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        view = rated(db, order, actor=secretary)
        steward = steward_of(db, order)
        record = replied(db, view.rating, actor=steward)
        assert (record.rating.reply, record.replied_by) == ("谢谢，已增设座椅", "王管理员")
        with pytest.raises(RatingChanged):
            replied(db, view.rating, actor=steward)
        again = replied(db, record.rating, actor=steward, reply="谢谢")
        assert [step.move for step in again.history] == ["rate", "reply", "change_reply"]
        assert [step.by for step in again.history] == [view.rating.branch_name, "王管理员", "王管理员"]
        with pytest.raises(RatingAnswered):
            rated(db, order, actor=secretary, version=3)
        assert not rating_queries.of_order(db, order.id, actor=secretary, at=order.ends_at).may_rate
        assert of_site(db, order.site_id).items[0].reply == "谢谢"

    def test_is_open_for_thirty_days_after_the_closing(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        open_until = rating_queries.of_order(db, order.id, actor=secretary, at=order.ends_at).open_until
        assert open_until is not None
        assert (open_until.astimezone(NOON.tzinfo) - order.ends_at) // DAY == 30
        with pytest.raises(RatingOver):
            rated(db, order, actor=secretary, at=open_until)
        assert rated(db, order, actor=secretary, at=open_until - timedelta(seconds=1)).rating

    def test_waits_for_the_closing(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, secretary = a_placed_order(db, slot=slot)
        with pytest.raises(NotVisited):
            rated(db, the_order(db, order_id), actor=secretary)

    @pytest.mark.parametrize("stars", [{"content": 5}, {**GOOD, "beauty": 5}])
    def test_takes_every_criterion_and_no_other(self, db: Connection, stars: dict[str, int]) -> None:
        order, secretary = a_visit(db)
        with pytest.raises(InvalidInput):
            rated(db, order, actor=secretary, stars=stars)

    @pytest.mark.parametrize("number", [0, 6, 4.5, "5", None])
    def test_takes_one_to_five_stars(self, number: Any) -> None:
        with pytest.raises(ValidationError):
            load(RateVisit, {"order_id": str(uuid4()), "stars": {**GOOD, "guide": number}})

    def test_who_may(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        branch = secretary.grants[0].path
        with pytest.raises(NotFound):
            rated(db, order, actor=an_actor(("secretary", f"{DISTRICT}.elsewhere")))
        # Whoever placed the order for the branch is the branch's secretary no more.
        with pytest.raises(Forbidden):
            rated(db, order, actor=an_actor(("member", branch), person=order.placed_by_id))
        site = db.execute(text("SELECT managing_path FROM sites WHERE id = :id"), {"id": order.site_id}).scalar_one()
        with pytest.raises(KeepersDoNotRate):
            rated(db, order, actor=an_actor(("secretary", branch), ("steward", site)))
        assert rated(db, order, actor=an_actor(("administrator", branch))).rating

    def test_of_a_members_own_booking_names_nobody(self, db: Connection) -> None:
        slot = a_slot(db)
        member = an_actor(("member", f"{DISTRICT}.town"), name="赵六")
        order_id = UUID(place(db, an_order(slot, party_size=1), actor=member)["id"])
        checked_in(db, order_id, slot=slot, count=1)
        visits.close(db, order_id=order_id, headcount=1, actor=a_steward(slot.site), at=slot.ends_at)
        assert rated(db, the_order(db, order_id), actor=member, feedback="好").rating.branch_name is None
        seen = of_site(db, slot.site.id)
        assert (seen.items[0].branch_name, seen.items[0].feedback) == (None, "好")

    def test_a_sites_page_turns_over(self, db: Connection) -> None:
        site = a_site(db)
        for hour in range(3):
            slot = a_slot(db, site=site, starts_at=NOON + DAY + timedelta(hours=hour))
            order, secretary = a_visit(db, slot=slot)
            rated(db, order, actor=secretary, feedback=f"第{hour}次")
        first = of_site(db, site.id, limit=2)
        rest = of_site(db, site.id, limit=2, cursor=first.next)
        assert [one.feedback for one in (*first.items, *rest.items)] == ["第2次", "第1次", "第0次"]
        assert (rest.next, first.count) == (None, 3)


class TestJudging:
    @pytest.mark.parametrize("verb", MOVES)
    @pytest.mark.parametrize("state", STATES)
    def test_every_move_from_every_state(self, db: Connection, state: str, verb: str) -> None:
        order, secretary = a_visit(db)
        rating_id = rated(db, order, actor=secretary).rating.id
        if state != "shown":
            judged(db, rating_id, {"flagged": "flag", "hidden": "hide"}[state])
        sources, target = MOVES[verb]
        if state in sources:
            record = judged(db, rating_id, verb)
            assert (record.rating.state, record.history[-1].reason) == (target, "与事实不符")
            assert record.rating.state_reason == (None if target == "shown" else "与事实不符")
        else:
            with pytest.raises(RatingNotMovable, match=f"The rating is {state} now"):
                judged(db, rating_id, verb)

    def test_flagged_words_wait_and_hidden_stars_do_not_count(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        rating_id = rated(db, order, actor=secretary, feedback="不实之词").rating.id
        judged(db, rating_id, "flag")
        seen = of_site(db, order.site_id)
        assert (seen.count, seen.items[0].feedback, seen.items[0].is_flagged) == (1, None, True)
        judged(db, rating_id, "hide")
        seen = of_site(db, order.site_id)
        assert (seen.count, seen.average, seen.hidden, seen.items) == (0, None, 1, [])
        kept = rating_queries.records(db, RatingsAsked(order.site_id), actor=OFFICER)
        assert [record.rating.feedback for record in kept.items] == ["不实之词"]

    def test_is_the_officers_and_replying_the_stewards(self, db: Connection) -> None:
        order, secretary = a_visit(db)
        rating = rated(db, order, actor=secretary).rating
        with pytest.raises(Forbidden):
            judged(db, rating.id, "hide", actor=steward_of(db, order))
        with pytest.raises(Forbidden):
            replied(db, rating, actor=OFFICER)
        with pytest.raises(NotFound):
            judged(db, rating.id, "hide", actor=secretary)


def test_of_two_who_rate_at_once_one_does(database: Engine) -> None:
    with database.begin() as db:
        order, secretary = a_visit(db)

    def rate(stars: int) -> Any:
        with database.begin() as db:
            return rated(db, order, actor=secretary, stars=dict.fromkeys(GOOD, stars)).rating.average

    results = at_once([partial(rate, stars) for stars in (1, 2, 3, 4, 5, 5)])
    assert results.count("rating-changed") == 5
    with database.connect() as db:
        (kept,) = db.execute(text("SELECT average::float8 FROM ratings")).scalars()
        assert kept in results
        assert db.execute(text("SELECT count(*) FROM rating_history")).scalar_one() == 1


def test_a_rating_is_answered_or_changed_first_and_never_unread(database: Engine) -> None:
    with database.begin() as db:
        order, secretary = a_visit(db)
        rating = rated(db, order, actor=secretary).rating
        steward = steward_of(db, order)

    def change() -> Any:
        with database.begin() as db:
            rated(db, order, actor=secretary, version=1)
            return "changed"

    def answer() -> Any:
        with database.begin() as db:
            replied(db, rating, actor=steward)
            return "answered"

    results = at_once([change, answer])
    assert results in (["changed", "rating-changed"], ["rating-answered", "answered"])


class TestIncidents:
    def recorded(self, db: Connection, slot: Slot, **told: Any) -> Any:
        fields = {"site_id": str(slot.site.id), "happened_at": NOON.isoformat(), "kind": "damage", "what": "展柜玻璃裂"}
        asked: RecordIncident = load(RecordIncident, {**fields, **told})
        actor = told.pop("actor", None) or a_steward(slot.site)
        return incidents.record(db, asked=asked, actor=actor, at=NOON)

    def followed(self, db: Connection, incident_id: UUID, *, actor: Actor, closed_on: date | None = None) -> Any:
        asked = FollowUpIncident(incident_id, "已换新玻璃", closed_on)
        return incidents.follow_up(db, asked=asked, actor=actor, at=NOON + DAY)

    def test_are_written_followed_up_and_closed_once(self, db: Connection) -> None:
        slot = a_slot(db)
        order_id, _ = a_placed_order(db, slot=slot)
        steward = a_steward(slot.site)
        view = self.recorded(db, slot, order_id=str(order_id), done="已拉警戒线")
        assert (view.kind, view.order_id, view.closed_on, view.follow_ups) == ("damage", order_id, None, [])
        self.followed(db, view.id, actor=steward)
        closed = self.followed(db, view.id, actor=steward, closed_on=date(2026, 11, 11))
        assert (closed.closed_on, len(closed.follow_ups)) == (date(2026, 11, 11), 2)
        with pytest.raises(IncidentClosed, match="2026-11-11"):
            self.followed(db, view.id, actor=steward, closed_on=date(2026, 11, 11))
        assert len(self.followed(db, view.id, actor=steward).follow_ups) == 3

        def listed(**asked: Any) -> list[UUID]:
            page = incident_queries.incidents(db, IncidentsAsked(slot.site.id, **asked), actor=OFFICER)
            return [each.id for each in page.items]

        other = self.recorded(db, slot, kind="injury", happened_at=(NOON - DAY).isoformat())
        assert listed() == [view.id, other.id]
        assert (listed(is_open=True), listed(is_open=False), listed(kind="damage")) == (
            [other.id],
            [view.id],
            [view.id],
        )

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"happened_at": (NOON + DAY).isoformat()}, "happened_at"),
            ({"space_id": str(uuid4())}, "space_id"),
            ({"order_id": str(uuid4())}, "order_id"),
        ],
    )
    def test_faults_stand_at_their_field(self, db: Connection, told: dict[str, str], field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            self.recorded(db, a_slot(db), **told)
        assert list(refused.value.errors) == [field]

    @pytest.mark.parametrize("closed_on", [date(2026, 11, 9), date(2026, 11, 12)])
    def test_are_closed_between_their_day_and_today(self, db: Connection, closed_on: date) -> None:
        slot = a_slot(db)
        view = self.recorded(db, slot)
        with pytest.raises(InvalidInput):
            self.followed(db, view.id, actor=a_steward(slot.site), closed_on=closed_on)

    def test_name_the_space_as_it_was_called(self, db: Connection) -> None:
        slot = a_slot(db)
        space_id = uuid4()
        db.execute(
            text("INSERT INTO spaces (id, site_id, name) VALUES (:id, :site, '二号厅')"),
            {"id": space_id, "site": slot.site.id},
        )
        assert self.recorded(db, slot, space_id=str(space_id)).space == "二号厅"

    def test_who_may(self, db: Connection) -> None:
        slot = a_slot(db)
        view = self.recorded(db, slot)
        with pytest.raises(Forbidden):
            self.followed(db, view.id, actor=OFFICER)
        stranger = an_actor(("steward", f"{DISTRICT}.elsewhere"), ("auditor", DISTRICT))
        with pytest.raises(NotFound):
            self.followed(db, view.id, actor=stranger)
        with pytest.raises(Forbidden):
            incident_queries.incidents(db, IncidentsAsked(slot.site.id), actor=stranger)

    @pytest.mark.parametrize("table", ["incidents", "incident_follow_ups", "rating_history"])
    def test_nothing_written_is_changed(self, db: Connection, table: str) -> None:
        granted = "SELECT has_table_privilege(:table, 'UPDATE') OR has_table_privilege(:table, 'DELETE')"
        assert db.execute(text(granted), {"table": table}).scalar_one() is False


class TestInside:
    def seen(self, db: Connection, slot: Slot, *, at: Any) -> Any:
        (view,) = inside(db, InsideAsked(), actor=a_steward(slot.site), at=at).items
        return view

    def test_counts_who_was_let_in_until_the_visit_is_closed_or_over(self, db: Connection) -> None:
        slot = a_slot(db, site=a_site(db, capacity=20))
        order_id, _ = a_placed_order(db, slot=slot)
        assert self.seen(db, slot, at=slot.starts_at).heads == 0
        checked_in(db, order_id, slot=slot, count=18)
        now = self.seen(db, slot, at=slot.starts_at)
        assert (now.heads, now.parties, now.capacity, now.level) == (18, 1, 20, "near")
        assert self.seen(db, slot, at=slot.ends_at).heads == 0
        visits.close(db, order_id=order_id, headcount=18, actor=a_steward(slot.site), at=slot.starts_at)
        assert self.seen(db, slot, at=slot.starts_at).heads == 0

    def test_a_visit_past_midnight_is_still_inside(self, db: Connection) -> None:
        late = NOON + timedelta(hours=11, minutes=30)  # 23:30 in Shanghai
        slot = a_slot(db, starts_at=late)
        order_id, _ = a_placed_order(db, slot=slot)
        checked_in(db, order_id, slot=slot)
        assert self.seen(db, slot, at=late + timedelta(minutes=45)).heads == 20

    @pytest.mark.parametrize(
        ("heads", "level"), [(0, "calm"), (89, "calm"), (90, "near"), (99, "near"), (100, "full"), (120, "full")]
    )
    def test_warns_from_ninety_and_alarms_at_a_hundred_percent(self, heads: int, level: str) -> None:
        assert capacity.level(heads, capacity=100, warn_percent=90, alarm_percent=100) == level

    def test_is_for_who_keeps_or_oversees_the_site(self, db: Connection) -> None:
        slot = a_slot(db)
        of = InsideAsked(slot.site.id)
        assert len(inside(db, of, actor=OFFICER, at=NOON).items) == 1
        assert inside(db, of, actor=a_steward(a_site(db)), at=NOON).items == []
        with pytest.raises(Forbidden):
            inside(db, of, actor=an_actor(("secretary", DISTRICT)), at=NOON)
