"""The OpenAPI 3.1 document, made from what the nouns declare and the contracts' schemas.

flask-smorest would load and dump every body in the gateway as well as
at the service's door; so only its foundation, apispec, is used, and the document says of each call what the call's
declaration says.
"""

import re
from collections import defaultdict
from dataclasses import is_dataclass
from typing import Any, Final, get_args, get_type_hints

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from contracts.envelope import schema_of
from contracts.refusals import REFUSALS
from contracts.rights import NEEDS_FRESH_TOKEN, RIGHTS
from contracts.token_scopes import BY_TOKEN
from flask import Flask
from werkzeug.routing import Rule

from gateway.nouns import BASE, FEATURES, JSON, Declared, Many
from gateway.openapi_parts import IDEMPOTENCY_KEY, IF_MATCH, LANGUAGE, SCHEMAS, SECURITY

ANY_CALL: Final = ("bad-request", "internal", "service-unavailable", "busy", "deadline-passed", "too-many-requests")
SIGNED_IN_CALL: Final = ("not-signed-in", "session-ended", "forbidden", "token-refused", "token-outside")
READING: Final = ("invalid-input",)
ACTING: Final = (
    "invalid-input",
    "idempotency-key-reused",
    "csrf-failed",
    "payload-too-large",
    "unsupported-media-type",
)

CHANGING: Final = ("precondition-failed", "precondition-required")


def document_of(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of the app's calls."""
    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        title="Zhendi 阵地",
        version="1",
        openapi_version="3.1.0",
        plugins=[marshmallow],
        info={
            "description": (
                "Open organisational-life sites: map, orders, visits, subsidy settlement; rosters; assessments.\n\n"
                "Money is integer fen in fields that end in `_fen`. Instants are RFC 3339 with offset, days "
                "`YYYY-MM-DD`, months `YYYY-MM`. Points are GeoJSON, WGS-84, longitude first. Lists answer `items` and "
                "`next`; give `next` back as `cursor`. What is refused is answered as `application/problem+json`."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": "/"}],
    )
    _add_converters(marshmallow)
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    spec.components.parameter("Idempotency-Key", "header", IDEMPOTENCY_KEY)
    spec.components.parameter("If-Match", "header", IF_MATCH)
    spec.components.parameter("Accept-Language", "header", LANGUAGE)
    for name, scheme in SECURITY.items():
        spec.components.security_scheme(name, scheme)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    meant: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        declared: Declared | None = getattr(app.view_functions[rule.endpoint], "declared", None)
        if declared is not None:
            method = next(iter((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})).lower()
            paths[_address(rule)][method] = _operation(marshmallow, rule, method, declared)
            answers = declared.answers.of if isinstance(declared.answers, Many) else declared.answers
            _explain(meant, declared.takes, answers)
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
    document: dict[str, Any] = spec.to_dict()
    for name, schema in document["components"]["schemas"].items():
        if name not in SCHEMAS:
            _say_all(schema)
            schema["description"] = meant[name]
    _spell_patterns(document)
    return document


def _explain(meant: dict[str, str], *messages: Any) -> None:
    """Add what the messages, and those inside them, say of themselves: their docstrings, by their names."""
    for message in messages:
        if is_dataclass(message) and isinstance(message, type):
            if message.__name__ not in meant:
                meant[message.__name__] = " ".join((message.__doc__ or "").split())
                _explain(meant, *get_type_hints(message).values())
        else:
            _explain(meant, *get_args(message))


def _say_all(schema: dict[str, Any]) -> None:
    """A view is answered with all its fields; those that can be empty are null."""
    schema["required"] = list(schema.get("properties", {}))
    for told in schema.get("properties", {}).values():
        told.pop("default", None)


def _spell_patterns(node: Any) -> None:
    """JSON Schema's regular expressions are ECMA's, whose end of text is `$`."""
    if isinstance(node, list):
        for inner in node:
            _spell_patterns(inner)
    elif isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            node["pattern"] = node["pattern"].replace("\\Z", "$")
        for inner in node.values():
            _spell_patterns(inner)


def _add_converters(marshmallow: MarshmallowPlugin) -> None:
    """Say what the contracts' own fields look like; points and boxes come as comma-separated numbers."""
    converter = marshmallow.converter
    assert converter is not None

    def numbers(_: Any, field: Any, **_more: Any) -> dict[str, Any]:
        length = {"Bbox": 4, "_LonLat": 2}.get(type(field).__name__)
        if length is None:
            return {}
        return {"type": "array", "items": {"type": "number"}, "minItems": length, "maxItems": length}

    converter.add_attribute_function(numbers)


def _address(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(marshmallow: MarshmallowPlugin, rule: Rule, method: str, declared: Declared) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.partition(".")[2],
        "tags": [rule.rule.removeprefix(BASE).split("/")[1]],
        "summary": declared.summary,
        "description": _description(declared),
        "parameters": [*_parameters(marshmallow, rule, method, declared), "Accept-Language"],
        "responses": _responses(rule, method, declared),
        "security": [{"token": []}, {"browser": []}] if declared.needs else [],
    }
    if declared.takes_key:
        operation["parameters"].append("Idempotency-Key")
    if declared.is_versioned:
        operation["parameters"].append("If-Match")
    if declared.takes_file:
        content: dict[str, Any] = {media_type: {"schema": {}} for media_type in declared.takes_file}
        content["multipart/form-data"] = {"schema": _form_schema(marshmallow, rule, declared)}
        operation["requestBody"] = {"required": True, "content": content}
    elif method in ("post", "put") and declared.takes is not None:
        body = _body_schema(marshmallow, rule, declared)
        if body["properties"]:
            operation["requestBody"] = {
                "required": bool(body.get("required")),
                "content": {JSON: {"schema": body}},
            }
    return operation


def _description(declared: Declared) -> str:
    said = [" ".join((declared.takes.__doc__ or "").split())] if declared.takes else []
    if not declared.needs:
        said.append("Open to everybody.")
    else:
        roles = sorted({role for action in declared.needs for role in RIGHTS[action]})
        said.append("For " + ", ".join(roles) + ", each in their part of the tree.")
    if not NEEDS_FRESH_TOKEN.isdisjoint(declared.needs):
        said.append("Takes only a token younger than 60 seconds.")
    if declared.needs and declared.needs.isdisjoint(BY_TOKEN):
        said.append("Not open to a program's access token.")
    return " ".join(said)


def _parameters(marshmallow: MarshmallowPlugin, rule: Rule, method: str, declared: Declared) -> list[Any]:
    converters = rule._converters
    found: list[Any] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"}
            if type(converters[name]).__name__ == "UUIDConverter"
            else {"type": "string"},
        }
        for name in sorted(rule.arguments)
    ]
    if method != "get" or declared.takes is None:
        return found
    theirs = {ours: name for name, ours in declared.query_names.items()}
    converter = marshmallow.converter
    assert converter is not None
    for parameter in converter.schema2parameters(schema_of(declared.takes), location="query"):
        if parameter["name"] in rule.arguments:
            continue
        schema = _without_null(parameter["schema"])
        found.append({**parameter, "name": theirs.get(parameter["name"], parameter["name"]), "schema": schema})
        if schema.get("type") == "array":
            found[-1] |= {"style": "form", "explode": False}
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of something in a query, where nothing is null: it is left out."""
    told = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    if isinstance(told.get("type"), list):
        types = [kind for kind in told["type"] if kind != "null"]
        told["type"] = types[0] if len(types) == 1 else types
    if "enum" in told:
        told["enum"] = [choice for choice in told["enum"] if choice is not None]
    return told


def _body_schema(marshmallow: MarshmallowPlugin, rule: Rule, declared: Declared) -> dict[str, Any]:
    """Return the schema of the body: the message without what the address and If-Match already say."""
    converter = marshmallow.converter
    assert converter is not None
    assert declared.takes is not None
    whole = converter.schema2jsonschema(schema_of(declared.takes))
    said = {*rule.arguments, *(("version",) if declared.is_versioned else ())}
    properties = {name: told for name, told in whole.get("properties", {}).items() if name not in said}
    required = [name for name in whole.get("required", ()) if name not in said]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _form_schema(marshmallow: MarshmallowPlugin, rule: Rule, declared: Declared) -> dict[str, Any]:
    """Return the schema of a form with a file: beside it stands what is plain text of the message."""
    body = _body_schema(marshmallow, rule, declared) if declared.takes else {"properties": {}}
    beside = {name: told for name, told in body["properties"].items() if told.get("type") == "string"}
    required = [name for name in body.get("required", ()) if name in beside]
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    return {"type": "object", "required": ["file", *required], "properties": {"file": file, **beside}}


def _responses(rule: Rule, method: str, declared: Declared) -> dict[str, Any]:
    responses: dict[str, Any] = {str(declared.status): _success(declared)}
    if method == "get":
        responses["304"] = {"description": "The asker has it already (If-None-Match)."}
    refusals: set[str] = {*ANY_CALL, *declared.refusals}
    if declared.needs:
        refusals.update(SIGNED_IN_CALL)
    if not NEEDS_FRESH_TOKEN.isdisjoint(declared.needs):
        refusals.add("token-too-old")
    if rule.arguments:
        refusals.add("not-found")
    refusals.update(ACTING if method != "get" else READING)
    if declared.is_versioned:
        refusals.update(CHANGING)
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in sorted(refusals):
        by_status[REFUSALS[code].status].append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": ", ".join(f"`{code}`" for code in codes),
            "content": {"application/problem+json": {"schema": "Problem"}},
        }
    return responses


def _success(declared: Declared) -> dict[str, Any]:
    told: dict[str, Any] = {"description": declared.summary}
    if declared.status == 204:
        return told
    told["content"] = {
        media_type: {"schema": _answer_schema(declared, media_type)} for media_type in declared.media_types
    }
    return told


def _answer_schema(declared: Declared, media_type: str) -> Any:
    answers = declared.answers
    if answers == FEATURES:
        return "SiteFeatures"
    if answers is None or not media_type.endswith("json"):
        return {}
    if isinstance(answers, Many):
        return {
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": {"type": "array", "items": schema_of(answers.of)},
                "next": {"type": ["string", "null"]},
            },
        }
    return schema_of(answers)
