"""How a message looks on the wire: headers, events, and the schema of a frozen dataclass.

Contracts only grow; readers drop unknown fields.
"""

import json
import unicodedata
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar, cast
from uuid import UUID

import marshmallow
import marshmallow_dataclass
from marshmallow import ValidationError, fields, validate

NAMESPACE_ZHENDI: Final = UUID("6f0b3c1e-2f5a-5d0e-9d53-3703020000a1")
"""The namespace of every name-based UUID of the platform."""


class Header:
    """Names of the AMQP headers of a call."""

    TOKEN: Final = "token"  # noqa: S105 - the name of a header
    DEADLINE: Final = "deadline"  # unix seconds as text
    COMMAND_ID: Final = "command-id"
    REQUEST_ID: Final = "request-id"
    TRACEPARENT: Final = "traceparent"
    LANGUAGE: Final = "language"
    ADDRESS: Final = "address"  # whence the request came, as the gateway saw it
    OUTCOME: Final = "outcome"


class Outcome:
    """How a call ended; travels in the reply's `outcome` header."""

    OK: Final = "ok"
    REFUSAL: Final = "refusal"
    FAULT: Final = "fault"


DAY_MIN: Final = date(1900, 1, 1)
DAY_MAX: Final = date(2199, 12, 31)
"""The days that the platform takes: a week more or less is still a day, for Python and for PostgreSQL."""


class _Day(fields.Date):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **kwargs)
        if not DAY_MIN <= day <= DAY_MAX:
            raise self.make_error("invalid", input=value, obj_type="date")
        return day


class WireSchema(marshmallow.Schema):
    """Drops what it does not know, so that an older reader takes a newer message."""

    TYPE_MAPPING = {**marshmallow.Schema.TYPE_MAPPING, date: _Day}  # noqa: RUF012 - as marshmallow declares it

    class Meta:
        unknown = marshmallow.EXCLUDE


class _Instant(fields.AwareDateTime):
    """An RFC 3339 instant with its offset; a day alone is no instant."""

    def __init__(self, **kwargs: Any) -> None:
        sentences: dict[str, str | list[Any] | dict[Any, Any]] = {
            "invalid": "Not a valid RFC 3339 instant.",
            "invalid_awareness": "The instant needs its offset, for example +08:00.",
        }
        super().__init__(error_messages=sentences, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) < len("2026-01-01T00:00Z"):
            raise self.make_error("invalid")
        try:
            instant = super()._deserialize(value, attr, data, **kwargs)
            # At the ends of the calendar another zone's clock shows a year that cannot be written, nor read again.
            is_sane = DAY_MIN <= instant.astimezone(UTC).date() <= DAY_MAX
        except OverflowError as error:
            raise self.make_error("invalid") from error
        if not is_sane:
            raise self.make_error("invalid")
        return instant


def _no_nul(text: str) -> None:
    if "\x00" in text:
        raise ValidationError("The character NUL is not allowed.")


# Marks that turn the writing round, so that a name reads otherwise than it is written; and what XML cannot hold.
_UNSEEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


def _one_line(text: str) -> None:
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") or letter in _UNSEEN for letter in text):
        raise ValidationError("Line breaks and control characters are not allowed.")


def different(ids: list[Any]) -> None:
    """Raise ValidationError when one of them stands twice."""
    if len(set(ids)) < len(ids):
        raise ValidationError("One stands twice.")


def _is_month(text: str) -> None:
    year, _, month = text.partition("-")
    if not (len(text) == len("2026-01") and year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        raise ValidationError("Not a valid month; write it as 2026-01.")
    if not (2000 <= int(year) <= 2199 and 1 <= int(month) <= 12):
        raise ValidationError("Not a valid month; write it as 2026-01.")


FEN_MAX: Final = 10**13
"""The largest amount the platform takes: one hundred billion yuan in fen."""


class _Fen(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(-FEN_MAX, FEN_MAX), **kwargs)


class _PositiveFen(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, FEN_MAX), **kwargs)


class _Trimmed(fields.String):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class _Line(_Trimmed):
    """One line of text a person wrote: trimmed, 1 to 200 characters that are seen as they are written."""

    def __init__(self, *, longest: int = 200, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Length(1, longest), _no_nul, _one_line], **kwargs)


class _Text(_Trimmed):
    """A paragraph a person wrote: up to 2 000 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Length(1, 2000), _no_nul], **kwargs)


class _Phone(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Regexp(r"^\+?[0-9][0-9 \-]{5,18}[0-9]\Z", error="Not a valid telephone number."), **kwargs
        )


class _Month(fields.String):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=_is_month, **kwargs)


class _Headcount(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, 500), **kwargs)


class _HeadcountOrNone(fields.Integer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(0, 500), **kwargs)


class _Limit(fields.Integer):
    """A page's length; what is over the maximum is clamped, not refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(1, 10**9), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = super()._deserialize(value, attr, data, **kwargs)
        return number if number is None or number < 1 else min(number, LIMIT_MAX)


LIMIT_MAX: Final = 1000

Instant = Annotated[datetime, _Instant]
Fen = Annotated[int, _Fen]
PositiveFen = Annotated[int, _PositiveFen]
Line = Annotated[str, _Line]
Text = Annotated[str, _Text]
Phone = Annotated[str, _Phone]
Month = Annotated[str, _Month]
Headcount = Annotated[int, _Headcount]  # 1 to 500 heads: a party
HeadcountOrNone = Annotated[int, _HeadcountOrNone]  # 0 to 500 heads: who really came
Limit = Annotated[int, _Limit]


def one_of(choices: tuple[str, ...]) -> fields.String:
    """Return the field of one word of a closed list, or none."""
    return fields.String(load_default=None, allow_none=True, validate=validate.OneOf(choices))


def optional_text() -> fields.String:
    """Return the field of a paragraph that may be left out; one that is there says something."""
    return _Text(load_default=None, allow_none=True)


def optional_line(longest: int) -> fields.String:
    """Return the field of one line that may be left out; one that is there says something."""
    return _Line(longest=longest, load_default=None, allow_none=True)


T = TypeVar("T")


# Its cache holds 1 024 classes, and the contracts have more: a class that falls out gets a second schema of its name,
# which is made again and again, and which no document of the API can name.
marshmallow_dataclass._internal_class_schema = cache(marshmallow_dataclass._internal_class_schema.__wrapped__)

_SCHEMAS: dict[type, marshmallow.Schema] = {}


def schema_of(message: type) -> marshmallow.Schema:
    """Return the one marshmallow schema of a message's dataclass."""
    if message not in _SCHEMAS:
        _SCHEMAS[message] = marshmallow_dataclass.class_schema(message, base_schema=WireSchema)()
    return _SCHEMAS[message]


def load(message: type[T], payload: Any) -> T:
    """Make the message from decoded JSON; raises marshmallow.ValidationError with the faults by field."""
    return cast(T, schema_of(message).load(payload))


def plain(view: Any) -> Any:
    """Return `view` as JSON-ready dicts, lists, strings and numbers (instants as RFC 3339, ids as text)."""
    if is_dataclass(view) and not isinstance(view, type):
        return {field.name: plain(getattr(view, field.name)) for field in dataclass_fields(view)}
    if isinstance(view, dict):
        return {str(key): plain(value) for key, value in view.items()}
    if isinstance(view, (list, tuple, set, frozenset)):
        return [plain(value) for value in view]
    if isinstance(view, datetime):
        return view.isoformat()
    if isinstance(view, (date, UUID)):
        return str(view)
    if view is None or isinstance(view, (str, int, float, bool)):
        return view
    raise TypeError(f"{type(view).__name__} cannot be said on the wire")


def dump(view: Any) -> bytes:
    """Return the view's JSON bytes; raises TypeError for what cannot be said on the wire."""
    return json.dumps(plain(view), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


@dataclass(frozen=True)
class Event:
    """A past-tense fact of one service, as the others hear it: at least once, in any order."""

    event_id: UUID
    occurred_at: Instant
    aggregate: str
    aggregate_id: str
    version: int
    data: Any


def event_name(event: type) -> str:
    """Return the snake_case name under which an event travels: VisitClosed → visit_closed."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event.__name__).lstrip("_")


@dataclass(frozen=True)
class Page:
    """A list's page; `next` is the cursor of the following one."""

    items: list[Any]
    next: str | None = None


@dataclass(frozen=True)
class StoredFile:
    """A file in the platform's file store; its bytes never cross AMQP."""

    sha256: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))]
    size: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))]
    media_type: Line
    name: Line


@dataclass(frozen=True)
class StoredPicture:
    """A picture in the platform's file store, as the platform encoded it: a large one and its thumbnail.

    `width`, `height` and `size` (in bytes) are those of the large one.
    """

    sha256: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))]
    thumbnail_sha256: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))]
    width: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 20_000))]
    height: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 20_000))]
    size: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31))]
    media_type: Line
