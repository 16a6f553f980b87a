"""A repeated request acts once: the key is scoped to the person and the route."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from chassis.refusals import BadRequest
from flask import Flask
from gateway.idempotency import command_id

from tests.assessment.articles import a_branch
from tests.gateway.conftest import STANDING, Keys, Standing

pytestmark = STANDING


class TestCommandId:
    @pytest.fixture
    def id_of(self, nobody_behind: Flask, keys: Keys) -> Callable[..., UUID]:
        def make(person_id: UUID, *, key: str | None, path: str = "/api/v1/orders", method: str = "POST") -> UUID:
            headers = {"Authorization": f"Bearer {keys.token('member', person_id=person_id)}"}
            if key is not None:
                headers["Idempotency-Key"] = key
            with nobody_behind.test_request_context(path, method=method, headers=headers):
                return command_id()

        return make

    def test_is_the_same_for_the_same_person_route_and_key(self, id_of: Callable[..., UUID]) -> None:
        person = uuid4()
        assert id_of(person, key="k") == id_of(person, key="k")

    def test_differs_by_person_route_and_key(self, id_of: Callable[..., UUID]) -> None:
        person = uuid4()
        ids = {
            id_of(person, key="k"),
            id_of(person, key="l"),
            id_of(uuid4(), key="k"),
            id_of(person, key="k", path="/api/v1/check-ins"),
            id_of(person, key="k", method="PUT"),
        }
        assert len(ids) == 5

    def test_is_new_each_time_without_a_key(self, id_of: Callable[..., UUID]) -> None:
        person = uuid4()
        assert id_of(person, key=None) != id_of(person, key=None)

    @pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 201, "tab\t"])
    def test_takes_no_other_key(self, id_of: Callable[..., UUID], key: str) -> None:
        with pytest.raises(BadRequest, match="1 to 200 visible ASCII"):
            id_of(uuid4(), key=key)

    def test_comes_from_a_forms_hidden_field_as_well(self, nobody_behind: Flask) -> None:
        def ids(key: str) -> UUID:
            with nobody_behind.test_request_context("/orders", method="POST", data={"idempotency_key": key}):
                return command_id()

        assert ids("k") == ids("k") != ids("l")


class TestARepeatedRequest:
    @pytest.fixture
    def post(self, app: Flask, keys: Keys, services: Standing) -> Callable[..., Any]:
        with services.engines["assessment"].begin() as db:
            branch_id = a_branch(db, path="3703.repeated", at=clock.now())
        token = keys.token("secretary", path="3703.repeated")

        def send(key: str, **fields: Any) -> Any:
            record = {
                "branch_id": str(branch_id),
                "kind": "lecture",
                "held_on": str(clock.today(clock.now())),
                "subject": "党课",
                "attended": 12,
            }
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            return app.test_client().post("/api/v1/activities", json=record | fields, headers=headers)

        return send

    def test_gets_the_same_answer(self, post: Callable[..., Any]) -> None:
        first, again, other = post("k1"), post("k1"), post("k2")
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.data == first.data
        assert other.json["id"] != first.json["id"]

    def test_with_another_body_is_refused(self, post: Callable[..., Any]) -> None:
        assert post("k3").status_code == 201
        reused = post("k3", attended=13)
        assert (reused.status_code, reused.json["code"]) == (422, "idempotency-key-reused")

    def test_after_a_refusal_is_judged_afresh(self, post: Callable[..., Any]) -> None:
        refused = post("k4", held_on="2199-01-01")
        assert (refused.status_code, refused.json["code"]) == (422, "activity-in-future")
        assert post("k4").status_code == 201
