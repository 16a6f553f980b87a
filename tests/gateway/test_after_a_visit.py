"""The end of a visit over HTTP: sent twice or by two it is one rating; a wrong picture is told at its field."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from flask import Flask
from PIL import Image
from sqlalchemy import text

from tests.gateway.conftest import STANDING, Keys, Standing, a_browser
from tests.races import at_once
from tests.sites.articles import an_order_in

pytestmark = STANDING

STARS = {"content": 5, "guide": 4, "facilities": 4, "order": 5}


@pytest.fixture
def visit(services: Standing) -> tuple[UUID, str, str]:
    """A closed visit of a branch: the order's id, and the paths of the branch and of the site."""
    with services.engines["sites"].begin() as db:
        order_id, slot, secretary = an_order_in(db, "used")
        db.execute(
            text(
                "INSERT INTO order_history (order_id, move, state, at, by_name)"
                " VALUES (:id, 'close', 'used', :at, '王管理员')"
            ),
            {"id": order_id, "at": clock.now()},
        )
        return order_id, secretary.grants[0].path, slot.site.path


@pytest.fixture
def send(app: Flask, keys: Keys) -> Callable[..., Any]:
    """Give a function that rates a visit as somebody of the branch."""

    def send(order_id: UUID, path: str, *, key: str, person_id: UUID | None = None, **changed: Any) -> Any:
        token = keys.token("secretary", path=path, person_id=person_id)
        return app.test_client().post(
            f"/api/v1/orders/{order_id}/rating",
            json={"stars": STARS, "feedback": "讲解生动"} | changed,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    return send


def kept(services: Standing, order_id: UUID) -> list[Any]:
    with services.engines["sites"].connect() as db:
        asked = "SELECT h.move FROM rating_history h JOIN ratings r ON r.id = h.rating_id WHERE r.order_id = :id"
        return list(db.execute(text(asked), {"id": order_id}).scalars())


def test_a_rating_sent_twice_is_one(send: Callable[..., Any], visit: Any, services: Standing) -> None:
    order_id, branch, _ = visit
    person = uuid4()
    first, again = (send(order_id, branch, key="k", person_id=person) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.data == first.data
    assert kept(services, order_id) == ["rate"]


def test_two_raters_at_once_make_one_rating(send: Callable[..., Any], visit: Any, services: Standing) -> None:
    order_id, branch, _ = visit
    answers = at_once([partial(send, order_id, branch, key=f"rater-{number}") for number in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"rating-changed"}
    assert kept(services, order_id) == ["rate"]


def test_everybody_reads_it_without_a_persons_name(
    app: Flask, send: Callable[..., Any], visit: Any, services: Standing
) -> None:
    order_id, branch, _ = visit
    rated = send(order_id, branch, key="k").json["rating"]
    seen = app.test_client().get(f"/api/v1/sites/{rated['site_id']}/ratings")
    assert (seen.status_code, seen.json["count"], seen.json["items"][0]["feedback"]) == (200, 1, "讲解生动")
    assert "王建国" not in seen.text  # whose token it was


def a_file(width: int = 40) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (width, 30), "red").save(file, "JPEG")
    return io.BytesIO(file.getvalue()), "visit.jpg"


class TestClosingWithPictures:
    @pytest.fixture
    def close(self, app: Flask, keys: Keys, services: Standing) -> Callable[..., Any]:
        """Give a function that closes a new visit on the desk's page."""
        with services.engines["sites"].begin() as db:
            order_id, slot, _ = an_order_in(db, "confirmed")
            db.execute(
                text(
                    "UPDATE orders SET checked_in = 18, starts_at = :at, ends_at = :at, visit_on = :day WHERE id = :id"
                ),
                {"at": clock.now(), "day": clock.today(clock.now()), "id": order_id},
            )
            db.execute(
                text(
                    "INSERT INTO check_ins (id, order_id, site_id, count, happened_at, recorded_at, by_id, by_name)"
                    " VALUES (:new, :id, :site, 18, :at, :at, :new, '王管理员')"
                ),
                {"new": uuid4(), "id": order_id, "site": slot.site.id, "at": clock.now()},
            )
        browser = a_browser(app, keys.token("steward", path=slot.site.path))

        def close(*files: Any, headcount: str = "17", key: str = "k") -> Any:
            form = {"headcount": headcount, "csrf_token": browser.csrf, "idempotency_key": key, "pictures": list(files)}
            answer = browser.client.post(
                f"/desk/orders/{order_id}/closure", data=form, content_type="multipart/form-data"
            )
            pictures = browser.client.get(f"/api/v1/orders/{order_id}/pictures")
            return answer, pictures.json["pictures"]

        return close

    def test_keeps_them_once(self, close: Callable[..., Any]) -> None:
        answer, pictures = close(a_file(40), a_file(50))
        assert (answer.status_code, [picture["width"] for picture in pictures]) == (303, [40, 50])
        again, pictures = close(a_file(40), a_file(50))
        assert (again.status_code, len(pictures)) == (303, 2)

    def test_needs_none(self, close: Callable[..., Any]) -> None:
        answer, pictures = close()
        assert (answer.status_code, pictures) == (303, [])

    @pytest.mark.parametrize(
        ("files", "status", "told"),
        [
            ([(io.BytesIO(b"%PDF-1.7 no picture"), "visit.jpg")], 415, "文件格式不符"),
            ([(io.BytesIO(b"\xff\xd8\xff no picture"), "visit.jpg")], 422, "图片无法读取"),
            ([(io.BytesIO(b"\xff\xd8\xff" + b"x" * (10 * 1024 * 1024)), "visit.jpg")], 413, "太大"),
            ([a_file(width) for width in (10, 20, 30, 40, 50)], 422, "最多选择 4 张"),
        ],
        ids=["another kind", "broken", "too large", "too many"],
    )
    def test_tells_a_wrong_file_at_its_field_and_keeps_what_was_typed(
        self, close: Callable[..., Any], files: Any, status: int, told: str
    ) -> None:
        answer, pictures = close(*files, headcount="16")
        assert (answer.status_code, pictures) == (status, [])
        assert told in answer.text.partition('id="pictures-error"')[2].partition("</p>")[0]
        assert 'value="16"' in answer.text
