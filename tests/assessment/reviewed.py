"""A town whose branches' secretaries are reviewed: name only what matters, the rest is ordinary."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from assessment.operations import posts, review_meetings, reviews
from assessment.tables.reviews import reviews as table
from chassis.actors import Actor
from chassis.files import FileStore
from contracts.assessment.reviews import (
    CallReviewMeeting,
    CastReviewVote,
    CountReviewMeeting,
    DecideGrade,
    HandInReview,
    OpenReviews,
    PaperVotes,
    ProposeGrade,
    PublishReview,
    RecordReviewCheck,
    ReviewView,
    SendReviewUp,
)
from contracts.envelope import NAMESPACE_ZHENDI
from contracts.roster.posts import PostHolder, PostsChanged
from sqlalchemy import Connection, select, text

from tests import articles
from tests.assessment.articles import NOON, a_branch, an_event

TOWN = "3703.370302.t1"
FILES = FileStore("/nonexistent")
DECEMBER = date(2026, 12, 20)


def branch_path(number: int) -> str:
    return f"{TOWN}.b{number}"


def person(path: str, nth: int = 0) -> UUID:
    return uuid5(NAMESPACE_ZHENDI, f"secretary of {path} {nth}")


def leads(
    db: Connection,
    organisation_id: UUID,
    path: str,
    *,
    holders: list[tuple[UUID, date, date | None]] | None = None,
    version: int = 1,
) -> None:
    """Let roster tell who led the organisation."""
    held = holders or [(person(path), date(2022, 3, 1), None)]
    told = [
        PostHolder(number, who, f"书记{path[-2:]}", "secretary", since, until)
        for number, (who, since, until) in enumerate(held, start=hash(path) % 10**9)
    ]
    posts.remember(db, event=an_event(PostsChanged(organisation_id, told), version=version))


@dataclass
class Town:
    """A town with branches, its officer, and the secretary of each."""

    db: Connection
    id: UUID
    branches: list[UUID]
    officer: Actor

    def secretary(self, number: int) -> Actor:
        return articles.an_actor(
            ("secretary", branch_path(number)), name=f"书记{number}", person=person(branch_path(number)), at=NOON
        )

    def open(self, year: int = 2026, at: datetime = NOON) -> None:
        reviews.open_year(self.db, asked=OpenReviews(self.id, year), actor=self.officer, at=at)

    def review(self, number: int, year: int = 2026) -> UUID:
        of = table.c
        this = select(of.id).where(of.organisation_id == self.branches[number], of.year == year)
        found: UUID = self.db.execute(this).scalar_one()
        return found

    def hand_in(self, number: int, year: int = 2026, at: datetime = NOON) -> UUID:
        asked = HandInReview(review_id=self.review(number, year), report="一年来，本支部……")
        reviews.hand_in(self.db, FILES, asked=asked, actor=self.secretary(number), at=at)
        return asked.review_id

    def check(self, number: int, *, score: int = 90, year: int = 2026, at: datetime = NOON) -> None:
        asked = RecordReviewCheck(
            review_id=self.review(number, year),
            checked_on=at.date(),
            place="村党群服务中心",
            checkers="李建平、郭海峰",
            superior_joined=True,
            found="台账齐全",
            score=score,
        )
        reviews.check(self.db, asked=asked, actor=self.officer, at=at)

    def vote(self, *numbers: int, votes: dict[str, int] | None = None, year: int = 2026, at: datetime = NOON) -> None:
        """Have a meeting of ten vote on paper."""
        votes = votes or {"good": 10}
        review_ids = [self.review(number, year) for number in numbers]
        called = review_meetings.call(
            self.db,
            asked=CallReviewMeeting(
                organisation_id=self.id,
                year=year,
                held_on=at.date(),
                review_ids=review_ids,
                person_ids=self.voters(10),
            ),
            actor=self.officer,
            at=at,
        )
        paper = [PaperVotes(review_id=one, **votes) for one in review_ids]
        asked = CountReviewMeeting(meeting_id=called.id, paper=paper)
        review_meetings.count(self.db, asked=asked, actor=self.officer, at=at)

    def voters(self, number: int) -> list[UUID]:
        """Members of the first branch who may be asked to vote."""
        found = self.db.execute(
            text("SELECT person_id FROM members WHERE branch_id = :id ORDER BY name LIMIT :number"),
            {"id": self.branches[0], "number": number},
        )
        return list(found.scalars())

    def propose(self, number: int, *, score: int = 95, year: int = 2026, at: datetime = NOON) -> ReviewView:
        asked = ProposeGrade(self.review(number, year), score, "抓得实")
        return reviews.propose(self.db, asked=asked, actor=self.officer, at=at)

    def decide(self, number: int, grade: str, *, year: int = 2026, at: datetime = NOON) -> ReviewView:
        asked = DecideGrade(self.review(number, year), grade, "会议研究决定")
        return reviews.decide(self.db, asked=asked, actor=self.officer, at=at)

    def publish(self, number: int, *, year: int = 2026, at: datetime = NOON) -> ReviewView:
        review_id = self.review(number, year)
        sent = SendReviewUp(review_id, at.date(), "昆委〔2026〕9号")
        reviews.send_up(self.db, asked=sent, actor=self.officer, at=at)
        return reviews.publish(self.db, asked=PublishReview(review_id), actor=self.officer, at=at)

    def grade(self, number: int, grade: str, *, year: int = 2026, at: datetime = NOON) -> ReviewView:
        """Walk one review from its beginning to the published grade."""
        self.open(year, at=at)
        self.hand_in(number, year, at=at)
        self.check(number, year=year, at=at)
        self.vote(number, year=year, at=at)
        self.propose(number, year=year, at=at)
        self.decide(number, grade, year=year, at=at)
        return self.publish(number, year=year, at=at)


def a_town(db: Connection, *, branches: int = 3, **state: Any) -> Town:
    """A town of village branches, the first with twelve members who may vote."""
    a_branch(db, path="3703.370302", kind="committee", field="government", name="中共淄川区委员会")
    town = a_branch(db, path=TOWN, kind="committee", field="government", name="昆仑镇党委")
    ids = []
    for number in range(branches):
        path = branch_path(number)
        ids.append(a_branch(db, path=path, parent_id=town, name=f"第{number}村党支部", **state))
        leads(db, ids[-1], path)
    db.execute(text("INSERT INTO rolls (branch_id, version) VALUES (:id, 1)"), {"id": ids[0]})
    for number in range(12):
        db.execute(
            text(
                "INSERT INTO members (branch_id, person_id, name, status, state, facts)"
                " VALUES (:branch, :person, :name, 'full', 'active', '[]')"
            ),
            {"branch": ids[0], "person": uuid4(), "name": f"党员{number:02}"},
        )
    officer = articles.an_actor(("officer", "3703.370302"), name="李建平", at=NOON)
    return Town(db, town, ids, officer)


def voter(town: Town, person_id: UUID) -> Actor:
    return articles.an_actor(("member", branch_path(0)), name="党员", person=person_id, at=NOON)


def casts(db: Connection, town: Town, person_id: UUID, review_id: UUID, vote: str = "good") -> None:
    asked = CastReviewVote(review_id=review_id, vote=vote, salt=uuid4().hex)
    review_meetings.cast(db, asked=asked, actor=voter(town, person_id))


def a_card(
    db: Connection,
    organisation_id: UUID,
    colour: str,
    *,
    on: date,
    secretary_id: UUID | None = None,
    cleared: bool = True,
) -> None:
    """A card that reached the colour on a day, and was cleared since."""
    problem, card = uuid4(), uuid4()
    db.execute(
        text(
            "INSERT INTO problems (id, organisation_id, kind, text, found_on, source, source_id, state, registered_at)"
            " VALUES (:id, :organisation, 'records', '台账不全', :on, 'superior_inspection', :source, 'mended', :at)"
        ),
        {"id": problem, "organisation": organisation_id, "on": on, "source": uuid4(), "at": NOON},
    )
    db.execute(
        text(
            "INSERT INTO cards (id, problem_id, source, organisation_id, first_colour, colour, state, secretary_id,"
            " secretary_name, given_on, deadline, ended_on)"
            " VALUES (:id, :problem, 'superior_inspection', :organisation, 'yellow', 'yellow', :state, :secretary,"
            " '王书记', :on, :on, :ended)"
        ),
        {
            "id": card,
            "problem": problem,
            "organisation": organisation_id,
            "state": "cleared" if cleared else "standing",
            "secretary": secretary_id,
            "on": on,
            "ended": on if cleared else None,
        },
    )
    db.execute(
        text(
            "INSERT INTO card_steps (card_id, version, move, colour, state, ground, text, on_day, deadline, at, by_id,"
            " by_name) VALUES (:card, 2, 'escalate', :colour, 'standing', 'perfunctory', '敷衍整改', :on, :on, :at,"
            " :by, '李建平')"
        ),
        {"card": card, "colour": colour, "on": on, "at": NOON, "by": uuid4()},
    )
