import itertools
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from assessment.operations import posts
from assessment.queries.post_holders import secretaries_on, secretary_on
from contracts.roster.posts import PostHolder, PostsChanged
from sqlalchemy import Connection

from tests.assessment.articles import an_event

MAY = date(2026, 5, 1)
ONE = PostHolder(1, uuid4(), "蒲一", "secretary", date(2026, 1, 1), MAY)
TWO = PostHolder(2, uuid4(), "蒲二", "secretary", MAY)
DEPUTY = PostHolder(3, uuid4(), "蒲三", "deputy_secretary", date(2026, 1, 1))


def leader(db: Connection, organisation: UUID, day: date) -> str | None:
    row = secretary_on(db, organisation, day)
    return row.name if row else None


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), "蒲一"),
        (MAY - timedelta(days=1), "蒲一"),
        (MAY, "蒲二"),
        (date(2027, 1, 1), "蒲二"),
    ],
)
def test_one_leads_on_a_day(db: Connection, day: date, name: str | None) -> None:
    organisation = uuid4()
    posts.remember(db, event=an_event(PostsChanged(organisation, [ONE, TWO, DEPUTY])))
    assert leader(db, organisation, day) == name


def test_the_newest_stays_whatever_came_first(db: Connection) -> None:
    organisation = uuid4()
    told = [
        an_event(PostsChanged(organisation, [DEPUTY]), version=1),
        an_event(PostsChanged(organisation, [ONE, DEPUTY]), version=4),
        an_event(PostsChanged(organisation, [ONE, TWO]), version=7),
    ]
    for arrival in itertools.permutations(told):
        undone = db.begin_nested()
        for event in [*arrival, arrival[0]]:
            posts.remember(db, event=event)
        assert leader(db, organisation, MAY) == "蒲二"
        undone.rollback()


def test_an_organisation_without_posts_has_no_secretary(db: Connection) -> None:
    organisation = uuid4()
    posts.remember(db, event=an_event(PostsChanged(organisation, [ONE, TWO])))
    posts.remember(db, event=an_event(PostsChanged(organisation, []), version=2))
    assert secretaries_on(db, [organisation, uuid4()], MAY) == {}
