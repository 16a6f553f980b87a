"""The chain of sealed entries, its proof, closed months, and the journal as other programs read it."""

from collections.abc import Iterator
from typing import Any, Final

from contracts.sites.ledger import EntryView
from contracts.sites.proofs import (
    ClosePeriod,
    JournalAsked,
    PeriodAsked,
    PeriodView,
    ProofAsked,
    ProofJobAsked,
    ProofJobView,
    ProofView,
    ReverseEntry,
    VerifyLedger,
)
from flask import Response, stream_with_context

from gateway.clients import sites
from gateway.identity import must
from gateway.nouns import Declared, Noun, query_fields

ledger = Noun("ledger")

NDJSON: Final = "application/x-ndjson"
PLAIN: Final = "text/plain"
NAMES: Final = {"json": "journal.ndjson", "hledger": "journal.hledger", "beancount": "journal.beancount"}

ledger.read("/ledger/proof", sites.ledger.ledger_proof, needs=("read_ledger",), takes=ProofAsked, answers=ProofView)
ledger.act(
    "/ledger/verifications",
    sites.ledger.verify_ledger,
    needs=("read_ledger",),
    takes=VerifyLedger,
    answers=ProofJobView,
    status=202,
    located=True,
)
ledger.read(
    "/ledger/verifications/<uuid:proof_id>",
    sites.ledger.ledger_verification,
    needs=("read_ledger",),
    takes=ProofJobAsked,
    answers=ProofJobView,
    refusals=("not-found",),
)
ledger.read(
    "/funds/<uuid:fund_id>/open-period",
    sites.ledger.open_period,
    needs=("read_ledger",),
    takes=PeriodAsked,
    answers=PeriodView,
    refusals=("not-found",),
)
ledger.act(
    "/funds/<uuid:fund_id>/closed-periods",
    sites.ledger.close_period,
    needs=("close_period",),
    takes=ClosePeriod,
    answers=PeriodView,
    refusals=(
        "token-too-old",
        "not-found",
        "period-not-over",
        "period-closed",
        "earlier-period-open",
        "books-disagree",
    ),
)
ledger.act(
    "/ledger/entries/<uuid:entry_id>/reversal",
    sites.ledger.reverse_entry,
    needs=("reverse_entry",),
    takes=ReverseEntry,
    answers=EntryView,
    status=201,
    refusals=("token-too-old", "not-found", "not-reversible", "own-entry", "entry-reversed", "fund-exhausted"),
)


def journal() -> Response:
    """Stream the sealed entries, part by part; so long a journal is never in memory as a whole."""
    return journal_of(query_fields())


def journal_of(fields: dict[str, Any]) -> Response:
    """Return the journal as a file; the first part is asked for at once, so that a refusal is told as one."""
    who = must("read_ledger")
    first = sites.ledger.journal(fields, who=who).data

    def parts() -> Iterator[str]:
        part = first
        yield part["text"]
        while part["next"]:
            part = sites.ledger.journal({**fields, "after": part["next"]}, who=who).data
            yield part["text"]

    wanted = str(fields.get("format") or "json")
    response = Response(stream_with_context(parts()), mimetype=NDJSON if wanted == "json" else PLAIN, content_type=None)
    response.headers["Content-Disposition"] = f'attachment; filename="{NAMES[wanted]}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


ledger.own(
    "/ledger/journal",
    "GET",
    journal,
    Declared(
        summary="Return all sealed entries as lines of JSON with their seals, for hledger or for beancount",
        needs=frozenset({"read_ledger"}),
        takes=JournalAsked,
        answers=None,
        media_types=(NDJSON, PLAIN),
    ),
)
