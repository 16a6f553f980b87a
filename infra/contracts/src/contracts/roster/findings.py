"""Setting rules that an organisation breaks."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class FindingView:
    """A setting rule that an organisation breaks: why, what would mend it, and the rule's citation.

    `severity` is `breach` or `remark`. Sentences in Chinese and English.
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


@dataclass(frozen=True)
class FindingsView:
    """All findings of one organisation."""

    organisation_id: UUID
    findings: list[FindingView]
