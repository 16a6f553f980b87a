"""What a visit is worth: versions of the policy, drafts of the next one, replays of the past. Money is integer fen."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Limit, Line, Month, one_of, schema_of
from contracts.sites.places import SITE_KINDS

POLICY_MODES = ("per_visit", "per_head", "tiered", "invoice_actual")
POLICY_STATES = ("draft", "adopted", "superseded", "withdrawn")
AMOUNT_MAX_FEN = 10**11
FACTORS_MAX = 20
TIERS_MAX = 10


def _amount(least: int = 0) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(least, AMOUNT_MAX_FEN))


def _number_or_none(most: int = AMOUNT_MAX_FEN) -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, most))


def _factors() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=validate.Length(1, 40)),
        values=fields.String(validate=validate.Regexp(r"\A[0-2][.][0-9]{1,2}\Z", error="A factor: 0.10 to 2.99.")),
        load_default=dict,
        validate=validate.Length(0, FACTORS_MAX),
    )


@dataclass(frozen=True)
class PolicyAsked:
    """The subsidy policy in force on a day; on today when none is named."""

    on: date | None = None


@dataclass(frozen=True)
class HeadTier:
    """The rate for each head after the tier before, up to `heads_to`; the last tier has no end."""

    per_head_fen: Annotated[int, _amount()]
    heads_to: Annotated[int | None, _number_or_none(10_000)] = None


@dataclass(frozen=True)
class PolicyView:
    """What a visit is worth: base, rate for each head, most for one visit, least heads, factors and caps; its source.

    `mode`: per_visit pays the base, per_head base and rate, tiered base and the rates of `head_tiers`, invoice_actual
    the invoice up to `visit_cap_fen`. Without `site_kinds` all kinds are subsidised. From `collective_from_fen` on a
    batch is decided collectively and its approval names the minutes; from `second_signature_from_fen` on a claim is
    signed by two persons. Without them the rules of settlement and of claims say from which amounts on.
    """

    name: str
    version: int
    active_from: date
    active_until: date | None
    per_visit_fen: Fen
    per_head_fen: Fen
    visit_cap_fen: Fen
    heads_min: int
    citation: str
    star_factors: dict[str, str]  # by the star of the site, "1" to "5"; a star that is not here counts once
    mode: str = "per_head"
    head_tiers: list[dict[str, Any]] = field(default_factory=list)
    category_factors: dict[str, str] = field(default_factory=dict)
    grade_factors: dict[str, str] = field(default_factory=dict)
    site_kinds: list[str] = field(default_factory=list)
    site_month_cap_fen: int | None = None
    site_year_cap_fen: int | None = None
    branch_year_cap_fen: int | None = None
    fund_share_percent: int | None = None
    last_spending_day: str | None = None
    carries_over: bool = False
    collective_from_fen: int | None = None
    second_signature_from_fen: int | None = None


# ---- versions and drafts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PolicyRules:
    """All that a version of the policy says."""

    name: Line
    citation: Line
    active_from: date
    mode: Annotated[str, fields.String(load_default="per_head", validate=validate.OneOf(POLICY_MODES))] = "per_head"
    per_visit_fen: Annotated[int, _amount()]
    per_head_fen: Annotated[int, _amount()]
    head_tiers: Annotated[
        list[HeadTier],
        fields.List(fields.Nested(schema_of(HeadTier)), load_default=list, validate=validate.Length(0, TIERS_MAX)),
    ] = field(default_factory=list)
    heads_min: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 500))]
    visit_cap_fen: Annotated[int, _amount(1)]
    star_factors: Annotated[dict[str, str], _factors()] = field(default_factory=dict)
    category_factors: Annotated[dict[str, str], _factors()] = field(default_factory=dict)
    grade_factors: Annotated[dict[str, str], _factors()] = field(default_factory=dict)
    site_kinds: Annotated[
        list[str],
        fields.List(
            fields.String(validate=validate.OneOf(SITE_KINDS)), load_default=list, validate=validate.Length(0, 20)
        ),
    ] = field(default_factory=list)
    site_month_cap_fen: Annotated[int | None, _number_or_none()] = None
    site_year_cap_fen: Annotated[int | None, _number_or_none()] = None
    branch_year_cap_fen: Annotated[int | None, _number_or_none()] = None
    fund_share_percent: Annotated[int | None, _number_or_none(100)] = None
    last_spending_day: Annotated[
        str | None,
        fields.String(
            load_default=None,
            allow_none=True,
            validate=validate.Regexp(
                r"\A(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z", error="A day of the year: 12-20."
            ),
        ),
    ] = None
    carries_over: Annotated[bool, fields.Boolean(load_default=False)] = False
    collective_from_fen: Annotated[int | None, _number_or_none()] = None
    second_signature_from_fen: Annotated[int | None, _number_or_none()] = None


@dataclass(frozen=True, kw_only=True)
class DraftPolicy(PolicyRules):
    """Draft the next version of the policy; another person adopts it."""


@dataclass(frozen=True, kw_only=True)
class EditPolicy(PolicyRules):
    """Write a draft anew where it is still of the version that was read."""

    policy_id: UUID
    version: int


@dataclass(frozen=True)
class PolicyVersionAsked:
    """One version of the policy, or one draft."""

    policy_id: UUID


@dataclass(frozen=True)
class PoliciesAsked:
    """All versions and drafts, those that begin last first."""

    state: Annotated[str | None, one_of(POLICY_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class AdoptPolicy:
    """Adopt a draft as it was read, from the day on that it names."""

    policy_id: UUID


@dataclass(frozen=True)
class WithdrawPolicy:
    """Put a draft away, saying why."""

    policy_id: UUID
    reason: Line


@dataclass(frozen=True)
class PolicyMoveView:
    """One step in the life of a version."""

    move: str
    state: str
    at: Instant
    by: str
    reason: str | None


@dataclass(frozen=True)
class PolicyVersionView:
    """A version of the policy, or a draft: `number` once it is adopted; `version` counts the draft's changes.

    `rules` is what it says, as in PolicyView. `in_force` is the version that stands on the day from which this one
    would hold, with its `rules`. `orders_kept`: the orders placed for that day or later, which keep their version.
    """

    id: UUID
    state: str
    number: int | None
    active_from: date
    active_until: date | None
    rules: dict[str, Any]
    drafted_by: str | None
    drafted_at: Instant | None
    decided_by: str | None
    decided_at: Instant | None
    history: list[PolicyMoveView]
    in_force: dict[str, Any] | None
    orders_kept: int
    version: int


@dataclass(frozen=True)
class PolicyRow:
    """A version of the policy or a draft in a list."""

    id: UUID
    state: str
    number: int | None
    name: str
    citation: str
    active_from: date
    active_until: date | None
    drafted_by: str | None
    decided_by: str | None


# ---- replays -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReplayPolicy:
    """Work out what the visits of past months would have been worth under a version or a draft."""

    policy_id: UUID
    first_month: Month
    last_month: Month


@dataclass(frozen=True)
class ReplayAsked:
    """One replay."""

    replay_id: UUID


@dataclass(frozen=True)
class ReplaysAsked:
    """The replays of a version or a draft, the newest first."""

    policy_id: UUID


@dataclass(frozen=True)
class ReplayView:
    """A replay: waiting, running, done or failed.

    `result` of one that is done: {visits, changed, before_fen, after_fen, capped: {rule: visits}, by_month, by_town,
    by_site: [{name, visits, before_fen, after_fen}, …], files: {csv, xlsx: {sha256, size, media_type, name}}}.
    """

    id: UUID
    policy_id: UUID
    policy_name: str
    first_month: str
    last_month: str
    state: str
    done: int
    total: int | None
    asked_by: str
    asked_at: Instant
    result: dict[str, Any] | None
    error: dict[str, Any] | None
