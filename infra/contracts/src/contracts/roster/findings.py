"""Setting rules, which an organisation breaks, since when, and who let a name stand all the same."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, StoredFile, one_of
from contracts.roster.organisations import FIELDS

SEVERITIES = ("breach", "remark")
FINDING_WORKBOOKS_FOLDER = "findings"
"""Where in the file store workbooks of findings stand."""

Rule = Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z-]{1,59}\Z"))]


@dataclass(frozen=True)
class FindingView:
    """A setting rule that an organisation breaks: why, what would mend it, and the rule's citation.

    `severity` is `breach` or `remark`. Sentences in Chinese and English. It opened on the day of the change; a closed
    one (`closed_on`) says what it said last.
    """

    rule: str
    severity: str
    title_zh: str
    title_en: str
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str
    citation: str
    opened_on: date | None = None
    closed_on: date | None = None
    may_be_overridden: bool = False


@dataclass(frozen=True)
class OverrideView:
    """A name that breaks a rule and stands all the same: who said so, when and why; until it was withdrawn or the name
    changed."""

    id: UUID
    rule: str
    title_zh: str
    title_en: str
    name: str
    reason: str
    at: Instant
    by_name: str
    withdrawn_at: Instant | None
    withdrawn_by: str | None
    withdrawn_because: str | None
    is_in_force: bool


@dataclass(frozen=True)
class FindingsView:
    """All findings of one organisation: open ones, those that were closed (newest first), and overrides."""

    organisation_id: UUID
    findings: list[FindingView]
    closed: list[FindingView]
    overrides: list[OverrideView]


@dataclass(frozen=True)
class FindingsListed:
    """The open findings of an organisation and all below it, by place in the tree; filters narrow them.

    `under_id` is one of those below, `field` that of the organisation.
    """

    organisation_id: UUID
    rule: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))] = (
        None
    )
    severity: Annotated[str | None, one_of(SEVERITIES)] = None
    field: Annotated[str | None, one_of(FIELDS)] = None
    under_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class FindingRow:
    """An open finding in a list, with the organisation that it is about."""

    organisation_id: UUID
    organisation_name: str
    kind: str
    field: str
    above_name: str | None
    finding: FindingView


@dataclass(frozen=True)
class FindingCountsAsked:
    """How many findings are open in an organisation and all below it, narrowed as the list is."""

    organisation_id: UUID
    severity: Annotated[str | None, one_of(SEVERITIES)] = None
    field: Annotated[str | None, one_of(FIELDS)] = None
    under_id: UUID | None = None


@dataclass(frozen=True)
class FindingCount:
    """How many findings, about how many organisations; `code` is a rule, a field, or the id of one directly below."""

    code: str
    title_zh: str
    title_en: str
    findings: int
    organisations: int


@dataclass(frozen=True)
class LastCheck:
    """The last check of everything: how many were looked at, what it opened and closed, what had drifted (none)."""

    checked_on: date
    ended_at: Instant | None
    organisations: int
    opened: int
    closed: int
    drifted: int


@dataclass(frozen=True)
class FindingCounts:
    """Open findings counted by rule, by field, and by the organisations directly below (of which a branch counts under
    the empty code)."""

    organisation_id: UUID
    organisation_name: str
    findings: int
    organisations: int
    by_rule: list[FindingCount]
    by_field: list[FindingCount]
    by_place: list[FindingCount]
    last_check: LastCheck | None


@dataclass(frozen=True)
class MakeFindingWorkbook:
    """Write the findings of an organisation and all below it into a workbook."""

    organisation_id: UUID
    rule: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))] = (
        None
    )
    severity: Annotated[str | None, one_of(SEVERITIES)] = None
    field: Annotated[str | None, one_of(FIELDS)] = None
    under_id: UUID | None = None


@dataclass(frozen=True)
class FindingWorkbookAsked:
    """A workbook of findings that is or was being written."""

    job_id: UUID


@dataclass(frozen=True)
class FindingWorkbookView:
    """How far a workbook is; `file` when it is done, `error` when it failed. `done` in findings."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any


@dataclass(frozen=True)
class OverrideName:
    """Let an organisation's present name stand although it breaks a rule about names."""

    organisation_id: UUID
    rule: Rule
    reason: Line


@dataclass(frozen=True)
class WithdrawOverride:
    """Let a name stand no longer."""

    override_id: UUID
    reason: Line


# ---- the rules ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SettingRulesAsked:
    """All setting rules."""


@dataclass(frozen=True)
class SettingRuleRow:
    """A version of a rule: its numbers, from when on, by which document, who set it. `applies` is false where the rule
    was set aside from that day on."""

    active_from: date
    numbers: dict[str, Any]
    severity: str
    citation: str
    applies: bool
    set_at: Instant | None
    set_by_name: str | None


@dataclass(frozen=True)
class SettingRuleView:
    """A rule with all its versions, the newest first; `in_force` is the day from which today's holds, null before the
    first."""

    rule: str
    title_zh: str
    title_en: str
    in_force: date | None
    rows: list[SettingRuleRow]


@dataclass(frozen=True)
class SettingRulesView:
    """All rules; `may_set` says whether the asker may enter a new version."""

    rules: list[SettingRuleView]
    may_set: bool


@dataclass(frozen=True)
class SetSettingRule:
    """Enter a new version of a rule, from a day to come on. The numbers have the names that the rule's newest version
    has; no version is ever changed."""

    rule: Rule
    active_from: date
    numbers: Annotated[
        dict[str, Any],
        fields.Dict(
            keys=fields.String(validate=validate.Length(1, 60)), required=True, validate=validate.Length(0, 20)
        ),
    ]
    severity: Annotated[str, fields.String(required=True, validate=validate.OneOf(SEVERITIES))]
    citation: Annotated[str, fields.String(required=True, validate=validate.Length(1, 500))]
    applies: bool = True
