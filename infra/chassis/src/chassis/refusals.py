"""What a service says when it will not do what it was asked: anticipated, told to the caller, never logged as an error.

A refusal is a class beside the code that raises it; its docstring is the English sentence, with its parameters in
braces. The code (`slot-full` for SlotFull), the HTTP status and the Chinese sentence stand in `contracts.refusals`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from contracts.refusals import REFUSALS, sentence

SQLSTATE_CLASS = "ZH"
"""An SQL function refuses by RAISE with an SQLSTATE of this class: code as message, parameters as JSON in DETAIL."""

_known: dict[str, list[type["Refusal"]]] = {}


class Refusal(Exception):
    """This cannot be done."""

    code: ClassVar[str] = "bad-request"

    def __init__(self, /, errors: Mapping[str, list[str]] | None = None, **params: Any) -> None:
        super().__init__()
        self.params = params
        self.errors = dict(errors or {})
        """The faults by field, of input that is not valid; nested fields are joined with dots."""
        self.about: UUID | None = None
        """Whom a wrong password or code was tried for: for the audit, never told to the caller."""
        self.place: str | None = None
        """In which part of the tree they stand, for the audit as well."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", cls.__name__).lower()
        _known.setdefault(cls.code, []).append(cls)

    @property
    def status(self) -> int:
        """The HTTP status that stands for this refusal."""
        return REFUSALS[self.code].status

    def __str__(self) -> str:
        template = " ".join((type(self).__doc__ or "").split())
        try:
            return sentence(template, self.params, code=self.code, language="en")
        except (KeyError, IndexError):
            return template


class BadRequest(Refusal):
    """The request cannot be read: {reason}."""


class InvalidInput(Refusal):
    """Some of the input is not valid; see the fields."""


class NotFound(Refusal):
    """What you ask for does not exist, or you may not see it."""


class PreconditionFailed(Refusal):
    """Somebody changed it meanwhile; reload it and try again."""


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was used for another request; take a new one."""


class ShownOnce(Refusal):
    """This was done already, and its secret was shown that one time: revoke what was made and make a new one."""


class Busy(Refusal):
    """The service is busy; try again in a moment."""


class ServiceUnavailable(Refusal):
    """The {service} service is not available; try again in a moment."""


class DeadlinePassed(Refusal):
    """There was no answer in time; try again, a repeated request does not act twice."""


def from_sql(message: str, detail: str | None, *, service: str | None = None) -> Refusal:
    """Return the refusal that an SQL function raised.

    `service` is the package whose class is preferred when several define the code. Raises LookupError for a code that
    no loaded class carries.
    """
    candidates = _known.get(message, [])
    if not candidates:
        raise LookupError(f"an SQL function refused with the code {message!r}, which no refusal class carries")
    chosen = next((cls for cls in candidates if cls.__module__.split(".")[0] == service), candidates[0])
    params = json.loads(detail) if detail else {}
    return chosen(**params)


def flatten(messages: Any, *, under: str = "") -> dict[str, list[str]]:
    """Return marshmallow's nested messages as one list of sentences per field, nested fields joined with dots."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for name, inner in messages.items():
            where = under if name == "_schema" else f"{under}.{name}" if under else str(name)
            for field, sentences in flatten(inner, under=where).items():
                found.setdefault(field, []).extend(sentences)
        return found
    sentences = messages if isinstance(messages, list) else [messages]
    return {under or "body": [str(sentence) for sentence in sentences]}
