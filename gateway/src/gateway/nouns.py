"""One noun of the JSON API: each call names its address, its door, its rights, what it takes and what it answers.

    orders = Noun("orders")
    orders.read("/orders/<uuid:order_id>", sites.order, needs=("read_order",), takes=OrderAsked, answers=OrderView)
    orders.act("/orders", sites.place_order, needs=("place_order",), takes=PlaceOrder, answers=OrderView, status=201)

The same lines make the OpenAPI document. The gateway reads the request (JSON or not, how deep, how large), merges the
ids of the address into the fields and passes them on; the service's door checks them against the message's schema.
So a hot call is validated once, and its answer passes as the bytes that the service wrote.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from chassis.refusals import BadRequest, NotFound, PreconditionFailed, Refusal
from flask import Blueprint, Response, request
from werkzeug.http import parse_etags

from gateway.clients import Answer
from gateway.idempotency import command_id
from gateway.identity import ANONYMOUS, PUBLIC, must
from gateway.languages import MALFORMED_DATES
from gateway.problems import Refused, UnsupportedMediaType

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
BASE: Final = "/api/v1"
DEPTH_MAX: Final = 16
FIELD_MAX_CHARACTERS: Final = 2000

Door = Callable[..., Answer]


@dataclass(frozen=True)
class Many:
    """A page of a list: `{"items": […], "next": …}`."""

    of: type


FEATURES: Final = "FeatureCollection"
"""The answer of a call that gives GeoJSON."""


@dataclass(frozen=True)
class Declared:
    """What a call is, for the rights walk and the OpenAPI document."""

    summary: str
    needs: frozenset[str]
    takes: type | None
    answers: Any
    status: int = 200
    refusals: Sequence[str] = ()
    media_types: Sequence[str] = (JSON,)
    query_names: Mapping[str, str] = field(default_factory=dict)  # as the address says it → as the message does
    takes_key: bool = False
    takes_file: Sequence[str] = ()
    is_versioned: bool = False


class Noun(Blueprint):
    """A blueprint of the JSON API."""

    def __init__(self, name: str) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=BASE)
        self.noun = name

    def read(
        self,
        rule: str,
        door: Door,
        *,
        needs: Sequence[str] = (),
        takes: type,
        answers: Any,
        refusals: Sequence[str] = (),
        media_type: str = JSON,
        query_names: Mapping[str, str] | None = None,
        versioned: bool = False,
    ) -> None:
        """Answer GET with what a query returns; without `needs` it is public, and asked as nobody in particular.

        The ETag of a `versioned` one names the version that `change` wants back.
        """
        names = dict(query_names or {})

        def view(**ids: Any) -> Response:
            who = must(*needs) if needs else ANONYMOUS
            fields = query_fields(names) | path_fields(ids)
            try:
                answer = door(fields, who=who) if needs else door(fields)
            except Refused as refused:
                raise _as_asked(refused, fields, names) from refused
            version = answer["version"] if versioned else None
            return resource(answer.body, media_type=media_type, is_public=not needs, version=version)

        self._add(
            rule,
            "GET",
            view,
            Declared(_summary(door), frozenset(needs), takes, answers, 200, refusals, (media_type,), names),
        )

    def act(
        self,
        rule: str,
        door: Door,
        *,
        needs: Sequence[str],
        takes: type,
        answers: Any,
        status: int = 200,
        refusals: Sequence[str] = (),
        located: bool = False,
    ) -> None:
        """Answer POST with what a command did; a repeated Idempotency-Key gets the same answer again."""

        def view(**ids: Any) -> Response:
            who = must(*needs)
            fields = body_fields() | ids
            try:
                answer = door(fields, who=who, command_id=command_id())
            except Refused as refused:
                raise _as_asked(refused, fields, {}) from refused
            response = never_stored(answer, status=status)
            if located:
                response.headers["Location"] = f"{request.path}/{answer['id']}"
            return response

        self._add(
            rule,
            "POST",
            view,
            Declared(_summary(door), frozenset(needs), takes, answers, status, refusals, takes_key=True),
        )

    def change(
        self, rule: str, door: Door, *, needs: Sequence[str], takes: type, answers: Any, refusals: Sequence[str] = ()
    ) -> None:
        """Answer PUT with the resource as it was written anew; the version of its If-Match goes along as `version`."""

        def view(**ids: Any) -> Response:
            who = must(*needs)
            fields = body_fields() | ids | {"version": version_asked()}
            answer = door(fields, who=who, command_id=command_id())
            response = never_stored(answer)
            response.headers["ETag"] = etag_of(answer.body, version=answer["version"])
            return response

        self._add(
            rule,
            "PUT",
            view,
            Declared(
                _summary(door), frozenset(needs), takes, answers, 200, refusals, takes_key=True, is_versioned=True
            ),
        )

    def own(self, rule: str, method: str, view: Callable[..., Response], declared: Declared) -> None:
        """Add a call that has a view of its own, which reads and guards for itself."""
        self._add(rule, method, view, declared)

    def _add(self, rule: str, method: str, view: Callable[..., Response], declared: Declared) -> None:
        view.declared = declared  # type: ignore[attr-defined]
        view.rights = declared.needs or PUBLIC  # type: ignore[attr-defined]
        name = re.sub(r"[^a-z_]+", "_", rule.replace("uuid:", ""))
        self.add_url_rule(rule, f"{method.lower()}{name}".strip("_"), view, methods=[method])


class PreconditionRequired(Refusal):
    """Send If-Match with the ETag of what you read."""


def etag_of(body: bytes, *, version: int | None = None) -> str:
    """Return the ETag of a resource; with a version it begins with that, and its body's digest follows."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def version_asked() -> int:
    """Return the version that If-Match names. Raises PreconditionRequired, PreconditionFailed for a tag not of ours."""
    tags = parse_etags(request.headers.get("If-Match"))
    if tags.star_tag or len(tags.as_set()) != 1:
        raise PreconditionRequired()
    version, _, _digest = next(iter(tags.as_set())).partition("-")
    if not (version.isascii() and version.isdecimal() and len(version) < 16):
        raise PreconditionFailed()
    return int(version)


def resource(body: bytes, *, media_type: str, is_public: bool, version: int | None = None) -> Response:
    """Return a resource with its ETag, or 304 when the asker has it."""
    etag = etag_of(body, version=version)
    known = request.headers.get("If-None-Match")
    if known and parse_etags(known).contains_weak(etag.strip('"')):
        response = Response(status=304)
    else:
        response = Response(body, content_type=media_type)
    headers = response.headers
    headers["ETag"] = etag
    headers["Cache-Control"] = "no-cache" if is_public else "private, no-cache"
    if not is_public:
        headers["Vary"] = "Authorization, Cookie"
    return response


def never_stored(answer: Answer, *, status: int = 200) -> Response:
    """Pass on what a service wrote; no cache keeps it."""
    response = Response(answer.body, status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def query_fields(names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the query's fields, without the empty ones, by the names of the message."""
    fields = {}
    for name, value in request.args.items():
        if not value:
            continue
        if "\x00" in value or len(value) > FIELD_MAX_CHARACTERS:
            raise BadRequest(reason="value", name=name[:50])
        fields[(names or {}).get(name, name)] = value
    return fields


def path_fields(ids: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the address; raises NotFound for one that nothing can be called."""
    for value in ids.values():
        if isinstance(value, str) and ("\x00" in value or len(value) > FIELD_MAX_CHARACTERS):
            raise NotFound()
    return dict(ids)


def body_fields() -> dict[str, Any]:
    """Return the fields of the body's JSON object; no body is an empty one.

    Raises BadRequest, PayloadTooLarge (by Werkzeug), UnsupportedMediaType.
    """
    raw = request.get_data(cache=False)
    if not raw:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType(media_type=request.mimetype or "-")
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(reason="not-json", line=error.lineno, column=error.colno) from error
    if not isinstance(fields, dict):
        raise BadRequest(reason="not-an-object")
    # Counting brackets is cheap; only a body with many of them is walked.
    if raw.count(b"{") + raw.count(b"[") > DEPTH_MAX or b"\\u0000" in raw:
        _walk(fields, depth=1)
    return fields


def _walk(value: Any, *, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise BadRequest(reason="too-deep", depth_max=DEPTH_MAX)
    if isinstance(value, str):
        if "\x00" in value:
            raise BadRequest(reason="nul")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _walk(name, depth=depth)
            _walk(inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, depth=depth + 1)


def _as_asked(refused: Refused, fields: Mapping[str, Any], names: Mapping[str, str]) -> Refusal:
    """Return the refusal with the fields as the asker named them; malformed dates are a bad request."""
    if refused.code != "invalid-input":
        return refused
    as_asked = {ours: theirs for theirs, ours in names.items()}
    errors = {as_asked.get(name, name): sentences for name, sentences in refused.errors.items()}
    if errors and all(
        isinstance(fields.get(name), str) and MALFORMED_DATES.issuperset(sentences)
        for name, sentences in refused.errors.items()
    ):
        return BadRequest(errors, reason="date")
    return Refused(refused.code, detail=refused.detail, params=refused.params, errors=errors)


def _summary(door: Door) -> str:
    return (door.__doc__ or "").split(" (")[0]
