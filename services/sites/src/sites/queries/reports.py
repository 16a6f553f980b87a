"""What each report says (S13), as `domain.documents`: read in one transaction, so its figures are of one moment."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.reports import CSV_KINDS, REPORT_SUBJECTS, AskReport
from contracts.sites.statistics import StatisticsAsked
from sqlalchemy import Connection, text

from sites.domain import report_words as words
from sites.domain.documents import Document
from sites.queries.account_reports import branch_costs_report, site_statement
from sites.queries.batches import batch_for
from sites.queries.books import ledger_book, vouchers
from sites.queries.claim_file import claim_file
from sites.queries.claims import claim_for
from sites.queries.fund_reports import budget_execution, publicity_list, settlement_statement
from sites.queries.report_parts import day_words, fund_name, fund_of
from sites.queries.scopes import visible_to
from sites.queries.statistics import period_of
from sites.queries.statistics_report import statistics_report

Build = Callable[..., Document]


def document(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return what the report says. Raises NotFound, Forbidden, InvalidInput for what its kind cannot do without."""
    complete(asked)
    return _KINDS[asked.kind](db, asked, actor=actor, at=at)


def complete(asked: AskReport) -> None:
    """Raise InvalidInput unless the fields are given that the report's kind cannot do without."""
    missing = [name for name in REPORT_SUBJECTS[asked.kind] if getattr(asked, name) is None]
    if missing:
        raise InvalidInput({name: ["Missing data for required field."] for name in missing})
    if asked.format == "csv" and asked.kind not in CSV_KINDS:
        raise InvalidInput({"format": ["This report is made as PDF or Excel."]})


def title_of(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> str:
    """Return the line by which a report is found again: what it is, of whom, of when. The right to it is judged.

    Raises NotFound, Forbidden, InvalidInput.
    """
    year = str(asked.year or clock.today(at).year) + "年度"
    of_fund = f" {fund_name(db, asked.fund_id)}" if asked.fund_id else ""
    if asked.kind in ("settlement_statement", "budget_execution", "ledger_book", "vouchers"):
        fund = fund_of(db, asked, actor=actor)
        return f"{fund.name} {words.month(asked.period) if asked.period else year}"
    if asked.kind == "publicity_list":
        return str(batch_for(db, asked.batch_id, actor=actor).number)  # type: ignore[arg-type]
    if asked.kind == "claim_file":
        claim = claim_for(db, asked.claim_id, actor=actor)  # type: ignore[arg-type]
        return f"{claim.site_name} {claim.visit_on}"
    if asked.kind == "statistics":
        visible_to(actor, "read_statistics", **_STATISTICS_PATHS)
        first, last = period_of(StatisticsAsked(from_day=asked.from_day, to_day=asked.to_day), at=at)
        return f"{day_words(first)}至{day_words(last)}{of_fund}"
    subject, action, scope = _OWNED[asked.kind]
    row = db.execute(subject, {"id": asked.site_id if scope == "site" else asked.branch_id}).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, **{scope: row.path})
    return f"{row.name} {year}{of_fund}"


_STATISTICS_PATHS: Final = {"branch": "b.path", "site": "s.managing_path", "organisation": "s.managing_path"}
_OWNED: Final = {
    "site_statement": (
        text("SELECT name, managing_path AS path FROM sites WHERE id = :id"),
        "read_site_account",
        "site",
    ),
    "branch_costs": (text("SELECT name, path FROM organisations WHERE id = :id"), "read_branch_costs", "branch"),
}
_KINDS: Final[dict[str, Build]] = {
    "settlement_statement": settlement_statement,
    "budget_execution": budget_execution,
    "publicity_list": publicity_list,
    "site_statement": site_statement,
    "branch_costs": branch_costs_report,
    "claim_file": claim_file,
    "statistics": statistics_report,
    "ledger_book": ledger_book,
    "vouchers": vouchers,
}
