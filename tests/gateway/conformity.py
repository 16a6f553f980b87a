"""Does an answer keep what the OpenAPI document promises?"""

import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

PROBLEM = "application/problem+json"


class Conformity:
    """Checks answers against one OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(document))
        self._addresses = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operations)
            for path, operations in sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
        ]

    def faults(self, method: str, path: str, *, status: int, content_type: str, body: Any) -> list[str]:
        """Say what an answer to `path` (without its query) keeps of the document's promises, and what not.

        `body` is the decoded JSON, or None for an answer that is no JSON.
        """
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} does not stand in the document"]
        promised = operation["responses"].get(str(status))
        if promised is None:
            return [f"{method} {path} answers {status}, which the document does not name"]
        content = promised.get("content", {})
        media_type = content_type.partition(";")[0]
        if not content:
            return []
        if media_type not in content:
            return [f"{method} {path} answers {status} as {media_type}; the document says {', '.join(content)}"]
        if body is None or not media_type.endswith("json"):
            return []
        faults = self._broken(content[media_type]["schema"], body)
        if media_type == PROBLEM and f"`{body['code']}`" not in promised["description"]:
            faults.append(f"{method} {path} is refused with {body['code']}, which the document does not name")
        return faults

    def faults_of(self, answer: requests.Response) -> list[str]:
        """Say the same of an answer that came over HTTP."""
        content_type = answer.headers.get("Content-Type", "")
        return self.faults(
            answer.request.method or "",
            urlsplit(answer.url).path,
            status=answer.status_code,
            content_type=content_type,
            body=answer.json() if content_type.partition(";")[0].endswith(("/json", "+json")) else None,
        )

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        found = [operations for address, operations in self._addresses if address.fullmatch(path)]
        # A word stands before a variable: /sessions/current is no session called current.
        return next((operations[method.lower()] for operations in found if method.lower() in operations), None)

    def _broken(self, schema: dict[str, Any], body: Any) -> list[str]:
        validator = Draft202012Validator(
            _absolute(schema), registry=self._registry, format_checker=FormatChecker(["uuid", "date"])
        )
        return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(body)]


@cache
def conformity_at(base_url: str) -> Conformity:
    """Return what checks the answers of a running gateway against its own document."""
    return Conformity(requests.get(f"{base_url}/api/openapi.json", timeout=30).json())


def _absolute(node: Any) -> Any:
    """Return the schema with its references leading into the document."""
    if isinstance(node, list):
        return [_absolute(inner) for inner in node]
    if isinstance(node, dict):
        return {
            name: f"urn:document{inner}" if name == "$ref" and inner.startswith("#") else _absolute(inner)
            for name, inner in node.items()
        }
    return node
