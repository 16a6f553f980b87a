"""The audit: who did or saw what, when, from where, through which request. Every service answers these for itself."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line

KEPT_MONTHS_MIN = 6
"""网络安全法 第二十一条第三项 (2016): network logs are kept for six months at least."""

DOOR = r"^[a-z_]{1,60}\Z"
CODE = r"^[a-z-]{1,60}\Z"


def _piece() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))


def _word(pattern: str) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Regexp(pattern))


@dataclass(frozen=True)
class AuditAsked:
    """The records of a service, newest first, in one's part of the tree.

    `person_id` did it, `target_id` is what or whom it was done to, `door` is what was done; `outcome` is done, seen or
    the code of a refusal. `from_day` and `until_day` are both included.
    """

    person_id: UUID | None = None
    target_id: UUID | None = None
    door: Annotated[str | None, _word(DOOR)] = None
    outcome: Annotated[str | None, _word(CODE)] = None
    address: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    ] = None
    request_id: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    ] = None
    from_day: date | None = None
    until_day: date | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class AuditRecordView:
    """One record: `number` in the service's chain, `targets` the ids that it was about, `fields` the names of what was
    given, `times` how often (a refusal that came again within the minute counts in one record)."""

    number: int
    at: Instant
    door: str
    outcome: str
    person_id: UUID | None
    session_id: UUID | None
    address: str
    request_id: str
    targets: list[UUID]
    fields: list[str]
    times: int


@dataclass(frozen=True)
class AuditStateAsked:
    """How the chain of a service stands, and how long its records are kept."""


@dataclass(frozen=True)
class AuditRuleView:
    """How long records are kept from a day on, and on what ground."""

    active_from: date
    kept_months: int
    citation: str
    set_at: Instant


@dataclass(frozen=True)
class AuditRemovalView:
    """A stretch of records that the rule removed; the chain begins after it, with its last seal."""

    from_number: int
    until_number: int
    first_at: Instant
    last_at: Instant
    kept_months: int
    removed_at: Instant


@dataclass(frozen=True)
class AuditCheckpointView:
    """Where the chain stood at a moment."""

    number: int
    hash: str
    made_at: Instant


@dataclass(frozen=True)
class AuditState:
    """The chain of a service: its last record and seal, what waits, checkpoints, rules and removals, newest first."""

    service: str
    number: int
    hash: str
    waiting: int
    checkpoints: list[AuditCheckpointView]
    rules: list[AuditRuleView]
    removals: list[AuditRemovalView]


@dataclass(frozen=True)
class SetAuditRule:
    """Say for how many months records are kept from a day on: six at least."""

    kept_months: Annotated[
        int, fields.Integer(required=True, strict=True, validate=validate.Range(KEPT_MONTHS_MIN, 1200))
    ]
    citation: Line
    active_from: date | None = None


@dataclass(frozen=True)
class ProveAudit:
    """Have the chain of a service proved, in the background."""


@dataclass(frozen=True)
class AuditProofAsked:
    """How far a proof is."""

    proof_id: UUID


@dataclass(frozen=True)
class AuditProofView:
    """A proof: `done` of `total` records; `result` is {"is_right", "records", "from_number", "until_number", "hash",
    "fault"}, its `fault` None or {"why", "number"}."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    ended_at: Instant | None
    result: Any
    error: Any
