"""The OpenAPI document is valid, complete, and what the services answer keeps it."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import task_making
from chassis import clock
from contracts.envelope import NAMESPACE_ZHENDI, schema_of
from contracts.refusals import REFUSALS
from flask import Flask
from gateway.nouns import Declared
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY
from marshmallow import fields
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.schemas import schema_v31
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from referencing.jsonschema import DRAFT202012

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.gateway.conformity import Conformity
from tests.gateway.conftest import STANDING, Keys, Standing
from tests.roster.factories import a_branch, a_committee, an_account, path_of

pytestmark = STANDING


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


OPENAPI = dict(schema_v31)
KNOWN = REGISTRY.with_resource(OPENAPI["$id"], DRAFT202012.create_resource(OPENAPI)).crawl()


class Validator(OpenAPIV31SpecValidator):
    """The same judge, who has read OpenAPI's own schema once: else it is searched anew at every dynamic reference."""

    schema_validator = Draft202012Validator(OPENAPI, _resolver=KNOWN.resolver(base_uri=OPENAPI["$id"]))


def test_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document, cls=Validator)


@pytest.mark.parametrize(
    "broken",
    [
        {"info": {"title": "without its version"}},
        {"paths": {"/x": {"get": {"responses": {"200": {}}}}}},
        {"paths": {"/x/{y}": {"get": {"responses": {"200": {"description": "its y is not told"}}}}}},
        {"components": {"schemas": {"X": {"type": "strin"}}}},
    ],
)
def test_what_is_not_valid_is_found(broken: dict[str, Any]) -> None:
    sound = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}
    validate(sound, cls=Validator)
    with pytest.raises(OpenAPIValidationError):
        validate({**sound, **broken}, cls=Validator)


def test_tells_of_every_call_of_the_api(nobody_behind: Flask, document: dict[str, Any]) -> None:
    told = {(method.upper(), path) for method, path, _ in operations(document)}
    there = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in nobody_behind.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == there


def test_tells_every_call_in_full(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for method, path, operation in operations(document):
        assert operation["summary"], path
        assert not operation["summary"].endswith("."), path
        named = {parameter["name"] for parameter in operation["parameters"] if parameter.get("in") == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        if method == "post":
            has_key = {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]
            assert has_key == ("/sessions" not in path and "/device-" not in path), path


def test_tells_what_each_message_is(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        told = schema.get("description", "")
        # A dataclass without a docstring has its signature for one.
        assert told, name
        assert not told.startswith(f"{name}("), name


def test_names_only_refusals_that_there_are(nobody_behind: Flask) -> None:
    for view in nobody_behind.view_functions.values():
        declared: Declared | None = getattr(view, "declared", None)
        for code in declared.refusals if declared else ():
            assert code in REFUSALS


def test_bodies_do_not_repeat_the_address(document: dict[str, Any]) -> None:
    closure = document["paths"]["/api/v1/orders/{order_id}/closure"]["post"]
    assert set(closure["requestBody"]["content"]["application/json"]["schema"]["properties"]) == {
        "headcount",
        "pictures",
    }
    assert "requestBody" not in document["paths"]["/api/v1/orders/{order_id}/confirmation"]["post"]
    slots = document["paths"]["/api/v1/sites/{site_id}/slots"]["get"]["parameters"]
    assert {"from", "to", "limit"} <= {parameter.get("name") for parameter in slots}


class TestBrowsing:
    def test_the_page_loads_nothing_from_elsewhere(self, nobody_behind: Flask) -> None:
        answer = nobody_behind.test_client().get("/api/docs")
        assert answer.status_code == 200
        assert "http" not in answer.text.replace("https://spec.openapis.org", "")
        assert "<script>" not in answer.text
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]

    def test_its_assets_are_there(self, nobody_behind: Flask) -> None:
        client = nobody_behind.test_client()
        for part in client.get("/api/docs").text.split('"'):
            if part.startswith("/static/"):
                assert client.get(part).status_code == 200
                assert "immutable" in client.get(part).headers["Cache-Control"]


@pytest.fixture(scope="module")
def branch(services: Standing) -> tuple[UUID, str]:
    """A branch with members in roster, which assessment knows too; its id and path."""
    with services.engines["roster"].begin() as db:
        branch_id = a_branch(db, parent=a_committee(db, code="3703"), full=4, secretary=True)
        path = path_of(db, branch_id)
    with services.engines["assessment"].begin() as db:
        a_branch_of_assessment(db, id=branch_id, path=path, at=clock.now())
    return branch_id, path


class TestConformity:
    """The judge can find somebody guilty."""

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            ({"status": 418}, "which the document does not name"),
            ({"content_type": "text/html"}, "the document says application/json"),
            ({"body": {"items": [], "next": 5}}, "5 is not of type"),
            ({"body": {"items": [{"id": "x"}], "next": None}}, "'party_size' is a required property"),
            (
                {"status": 403, "content_type": "application/problem+json", "body": {"code": "moon-too-bright"}},
                "moon-too-bright",
            ),
            ({"path": "/api/v1/nowhere"}, "does not stand in the document"),
        ],
    )
    def test_finds(self, document: dict[str, Any], answer: dict[str, Any], fault: str) -> None:
        sound = {"path": "/api/v1/orders", "status": 200, "content_type": "application/json"}
        sound["body"] = {"items": [], "next": None}
        conformity = Conformity(document)
        path = answer.get("path", sound["path"])
        assert conformity.faults("GET", sound.pop("path"), **sound) == []
        faults = conformity.faults("GET", path, **{**sound, **{k: v for k, v in answer.items() if k != "path"}})
        assert any(fault in found for found in faults), faults


Ask = Callable[..., Any]


@pytest.fixture
def ask(app: Flask, document: dict[str, Any], keys: Keys, branch: tuple[UUID, str]) -> Ask:
    """Give a function that asks the real services as the branch's secretary, and checks the answer's conformity."""
    conformity = Conformity(document)
    client = app.test_client()
    token = keys.token("secretary", "officer", "preparer", "assessor", path=branch[1].partition(".")[0])

    def asking(method: str, path: str, *, status: int = 200, **how: Any) -> Any:
        answer = client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **how)
        faults = conformity.faults(
            method,
            f"/api/v1{path.partition('?')[0]}",
            status=answer.status_code,
            content_type=answer.content_type or "",
            body=answer.get_json(silent=True, force=True) if answer.data else None,
        )
        assert faults == []
        assert answer.status_code == status, answer.text
        return answer.get_json(silent=True, force=True)

    return asking


class TestRealAnswers:
    """The journeys check the answers of the whole chain; these are the ones that empty services can give."""

    def test_signing_in(self, ask: Ask, services: Standing) -> None:
        with services.engines["roster"].begin() as db:
            an_account(db, username="zhou", password="right")
        assert ask("POST", "/sessions", status=201, json={"username": "zhou", "password": "right"})["access_token"]
        assert ask("POST", "/sessions", status=401, json={"username": "zhou", "password": "wrong"})

    def test_organisations(self, ask: Ask, branch: tuple[UUID, str]) -> None:
        assert ask("GET", "/organisations?limit=1")["next"]
        assert ask("GET", f"/organisations/{branch[0]}")["id"] == str(branch[0])
        assert ask("GET", f"/organisations/{branch[0]}/members")["items"]
        ask("GET", f"/organisations/{branch[0]}/findings")
        ask("GET", f"/organisations/{uuid4()}", status=404)

    def test_activities_and_lights(self, ask: Ask, branch: tuple[UUID, str]) -> None:
        record = {
            "branch_id": str(branch[0]),
            "kind": "theme_day",
            "held_on": str(clock.today(clock.now())),
            "subject": "重温入党誓词",
            "attended": 12,
        }
        made = ask("POST", "/activities", status=201, json=record)
        assert ask("GET", f"/activities?branch_id={branch[0]}")["items"] == [made]
        assert ask("GET", f"/branches/{branch[0]}/light")["light"] in ("green", "yellow", "red")
        assert ask("GET", "/lights")["items"]

    def test_lists_and_tasks(self, ask: Ask, branch: tuple[UUID, str], services: Standing) -> None:
        with services.engines["assessment"].begin() as db:
            task_making.make(db, at=clock.now())
        task = ask("GET", f"/tasks?branch_id={branch[0]}&state=open&limit=1")["items"][0]
        assert ask("GET", f"/tasks/{task['id']}")["state"] == "open"
        assert ask("GET", f"/branches/{branch[0]}/task-burden")["lists"]
        assert ask("GET", f"/task-overview?organisation_id={branch[0]}")["whole"]["branches"] == 1
        (first,) = ask("GET", "/task-lists?limit=1")["items"]
        assert ask("GET", f"/task-lists/{first['id']}")["versions"] == [first["in_force"]]
        assert ask("POST", f"/tasks/{task['id']}/notes", status=201, json={"text": "已提醒"})["notes"]
        ask("POST", f"/tasks/{task['id']}/acceptance", status=409)
        assert ask("POST", f"/tasks/{task['id']}/exemption", json={"reason": "停"})["colour"] is None

    def test_empty_lists(self, ask: Ask) -> None:
        nobody = uuid4()
        for path in (f"/orders?branch_id={nobody}", f"/claims?branch_id={nobody}", "/settlement-batches", "/funds"):
            assert ask("GET", path)["items"] == []
        for nowhere in ("q=没有这样的展馆", "bbox=100,20,101,21&limit=1"):
            assert ask("GET", f"/sites?{nowhere}")["features"] == []
        ask("GET", "/ledger/trial-balance")

    def test_unknown_ids(self, ask: Ask) -> None:
        unknown = uuid4()
        for path in (
            f"/sites/{unknown}",
            f"/sites/{unknown}/slots",
            f"/sites/{unknown}/programmes",
            f"/sites/{unknown}/navigation",
            f"/orders/{unknown}",
            f"/orders/{unknown}/voucher",
            f"/orders/{unknown}/calendar.ics",
            f"/claims/{unknown}",
            f"/settlement-batches/{unknown}",
            f"/settlement-batches/{unknown}/payment-file",
            f"/branches/{unknown}/light",
            "/ledger/accounts/nix/statement",
        ):
            ask("GET", path, status=404)


class TestMalformedInput:
    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("/sites?on=2026-02-30", "on"),
            ("/sites?on=tomorrow", "on"),
            ("/orders?on=x", "on"),
            ("/lights?month=2026-13", "month"),
            ("/ledger/trial-balance?on=2026", "on"),
            (f"/sites/{NAMESPACE_ZHENDI}/slots?from=x", "from"),
            (f"/sites/{NAMESPACE_ZHENDI}/slots?to=2026-1-1", "to"),
        ],
    )
    def test_dates_are_a_bad_request_that_names_the_field(self, ask: Ask, path: str, field: str) -> None:
        problem = ask("GET", path, status=400)
        assert problem["code"] == "bad-request"
        assert set(problem["errors"]) == {field}

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("/sites?bbox=1,2,3", "bbox"),
            ("/sites?bbox=118,37,117,36,1", "bbox"),
            ("/sites?near=200,36", "near"),
            ("/sites?seats=many", "seats"),
            ("/sites?category=nice", "category"),
            ("/orders?branch_id=x", "branch_id"),
            ("/orders?limit=0", "limit"),
            ("/orders?mine=perhaps", "mine"),
            ("/funds?year=x", "year"),
        ],
    )
    def test_wrong_types_are_told_at_their_field(self, ask: Ask, path: str, field: str) -> None:
        problem = ask("GET", path, status=422)
        assert problem["code"] == "invalid-input"
        assert field in problem["errors"]

    def test_a_body_of_wrong_types(self, ask: Ask) -> None:
        problem = ask(
            "POST",
            "/orders",
            status=422,
            json={"slot_id": 5, "party_size": "many", "contact_name": "", "contact_phone": "call me"},
        )
        assert set(problem["errors"]) == {"slot_id", "party_size", "contact_name", "contact_phone"}

    def test_dates_in_a_body(self, ask: Ask, branch: tuple[UUID, str]) -> None:
        record = {"branch_id": str(branch[0]), "kind": "theme_day", "subject": "x", "attended": 1}
        assert ask("POST", "/activities", status=400, json=record | {"held_on": "2026-02-30"})["errors"]["held_on"]
        assert ask("POST", "/activities", status=422, json=record | {"held_on": 5})["errors"]["held_on"]
        both = record | {"held_on": "x", "attended": "x"}
        assert set(ask("POST", "/activities", status=422, json=both)["errors"]) == {"held_on", "attended"}

    def test_empty_query_fields_are_as_good_as_none(self, ask: Ask) -> None:
        ask("GET", "/sites?bbox=&category=&kind=&town=&on=&seats=&near=&q=")


def test_whatever_is_asked_in_an_address_may_be_written_as_text(nobody_behind: Flask) -> None:
    """An address holds text alone: a number that is taken only as a number of JSON could never be asked for."""
    deaf = {
        f"{rule.rule} {name}"
        for rule in nobody_behind.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and (declared := getattr(nobody_behind.view_functions[rule.endpoint], "declared", None))
        and declared.takes
        for name, field in schema_of(declared.takes).fields.items()
        if isinstance(field, fields.Integer) and field.strict and name not in rule.arguments
    }
    assert deaf == set()
