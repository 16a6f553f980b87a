"""Numbers of claims and settings of funds: each row holds from a day on, is entered ahead and never changed.

Of the rows of one day the last entered counts. Money is integer fen.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Line

ROW_STATES = ("planned", "in_force", "past", "replaced")
"""A row is replaced by one that was entered later for the same day."""

Percent = Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 100))]
Score = Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))]

# ---- a fund --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FundSettingsAsked:
    """How a fund's batches are paid, now and from which day on otherwise."""

    fund_id: UUID


@dataclass(frozen=True)
class SetFundSettings:
    """Say how a fund's batches are paid from a day on: whether a third person hands the file to the bank, and for how
    many days a batch is published before; 0 is not at all. Batches made before keep what held."""

    fund_id: UUID
    active_from: date
    separate_payer: Annotated[bool, fields.Boolean(required=True)]
    publicity_days: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 60))]
    citation: Line


@dataclass(frozen=True)
class FundSettingsRowView:
    """One row, with who entered it; nobody is named in the one with which the fund was opened."""

    active_from: date
    state: str
    separate_payer: bool
    publicity_days: int
    citation: str
    set_by: str | None
    set_at: Instant | None


@dataclass(frozen=True)
class FundSettingsView:
    """The rows of a fund, those that begin last first, and who pays from it."""

    fund_id: UUID
    fund_name: str
    payer_name: str
    payer_bank: str
    rows: list[FundSettingsRowView]


# ---- claims --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClaimRulesAsked:
    """The numbers by which claims are checked, now and from which day on otherwise."""


@dataclass(frozen=True)
class SetClaimRules:
    """Set the numbers of claims from a day on.

    A claim is submitted by a day of the month after its visit; a decision may be appealed against for so many days;
    from `reason_score` points of doubt on an approval says why; below `medium_score`, below `high_score` and from it on
    so many percent of the claims are reviewed at the place; from `second_signature_fen` on two persons sign, where the
    subsidy policy names no amount of its own.
    """

    active_from: date
    submit_by_day: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 28))]
    appeal_days: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 366))]
    reason_score: Score
    medium_score: Score
    high_score: Score
    low_percent: Percent
    medium_percent: Percent
    high_percent: Percent
    citation: Line
    second_signature_fen: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 100_000_000_000)),
    ] = None


@dataclass(frozen=True)
class ClaimRulesRowView:
    """One row, with who entered it; nobody is named in the one with which the platform began."""

    active_from: date
    state: str
    submit_by_day: int
    appeal_days: int
    reason_score: int
    medium_score: int
    high_score: int
    low_percent: int
    medium_percent: int
    high_percent: int
    second_signature_fen: Fen | None
    citation: str
    set_by: str | None
    set_at: Instant | None


@dataclass(frozen=True)
class SetAnomalyRule:
    """Set the points of one rule of doubt and its numbers from a day on; 0 points switch it off."""

    rule: Line
    active_from: date
    score: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 1000))]
    citation: Line
    numbers: Annotated[
        dict[str, int],
        fields.Dict(
            keys=fields.String(validate=validate.Length(1, 40)),
            values=fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000_000)),
            load_default=dict,
            validate=validate.Length(max=10),
        ),
    ]


@dataclass(frozen=True)
class AnomalyRowView:
    """One row of a rule of doubt, with who entered it; `numbers` are named by what they count."""

    active_from: date
    state: str
    score: int
    numbers: dict[str, int]
    citation: str
    set_by: str | None
    set_at: Instant | None


@dataclass(frozen=True)
class AnomalyRuleView:
    """A rule of doubt and its rows, those that begin last first. The numbers it cannot do without are `needs`."""

    rule: str
    title: str
    needs: list[str]
    rows: list[AnomalyRowView]


@dataclass(frozen=True)
class ClaimRulesView:
    """The numbers of claims, those that begin last first, and the rules of doubt."""

    rows: list[ClaimRulesRowView]
    anomalies: list[AnomalyRuleView]
