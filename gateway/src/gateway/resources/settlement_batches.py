"""Settlement batches: claims paid together. Files pass here as streams; the services hear of them by their hash."""

import io
from typing import Any, BinaryIO, Final, cast
from uuid import UUID

from chassis.files import CSV, XLSX, XML, FileStore
from chassis.refusals import BadRequest, InvalidInput
from contracts.envelope import plain
from contracts.sites.batches import (
    BatchAsked,
    BatchesAsked,
    BatchLinesAsked,
    BatchLineView,
    BatchReviewView,
    BatchView,
    HandOverBatch,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    PaymentFileAsked,
)
from flask import Response, current_app, request, send_file

from gateway.clients import sites
from gateway.edge import FILE_MAX_BYTES, takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored, query_fields

batches = Noun("settlement-batches")
BANK_FILES: Final = (CSV, XLSX, XML)
MAKING: Final = (
    "token-too-old",
    "nothing-to-settle",
    "claim-in-other-batch",
    "several-funds",
    "payee-missing",
    "all-held",
)
PAYMENT_FILES: Final = (XLSX, "text/csv", "application/xml")

batches.act(
    "/settlement-batches",
    sites.settlement.make_batch,
    needs=("make_batch",),
    takes=MakeBatch,
    answers=BatchView,
    status=201,
    refusals=MAKING,
    located=True,
)
batches.read(
    "/settlement-batches", sites.settlement.batches, needs=("read_batch",), takes=BatchesAsked, answers=Many(BatchView)
)
batches.read(
    "/settlement-batches/<uuid:batch_id>",
    sites.settlement.batch,
    needs=("read_batch",),
    takes=BatchAsked,
    answers=BatchView,
    refusals=("not-found",),
)
batches.act(
    "/settlement-batches/<uuid:batch_id>/approval",
    sites.settlement.approve_batch,
    needs=("approve_batch",),
    takes=MoveBatch,
    answers=BatchView,
    refusals=(
        *("token-too-old", "not-found", "batch-not-movable", "same-person", "own-site-or-branch", "not-published"),
        *("publicity-runs", "nothing-left", "minutes-missing"),
    ),
)
batches.act(
    "/settlement-batches/<uuid:batch_id>/publication",
    sites.settlement.publish_batch,
    needs=("publish_batch",),
    takes=MoveBatch,
    answers=BatchView,
    refusals=("not-found", "batch-not-movable"),
)
batches.act(
    "/settlement-batches/<uuid:batch_id>/payment",
    sites.settlement.hand_over_batch,
    needs=("hand_over_batch",),
    takes=HandOverBatch,
    answers=BatchView,
    refusals=(
        *("token-too-old", "not-found", "batch-not-movable", "payer-only", "same-person", "own-site-or-branch"),
        "file-not-taken",
    ),
)
batches.act(
    "/settlement-batches/<uuid:batch_id>/failed-lines",
    sites.settlement.make_batch_of_failed,
    needs=("make_batch",),
    takes=BatchAsked,
    answers=BatchView,
    status=201,
    refusals=(*MAKING, "not-found", "nothing-failed"),
)
batches.read(
    "/settlement-batches/<uuid:batch_id>/lines",
    sites.settlement.batch_lines,
    needs=("read_batch",),
    takes=BatchLinesAsked,
    answers=Many(BatchLineView),
    refusals=("not-found",),
)
batches.read(
    "/settlement-batches/<uuid:batch_id>/review",
    sites.settlement.batch_review,
    needs=("read_batch",),
    takes=BatchAsked,
    answers=BatchReviewView,
    refusals=("not-found",),
)
batches.act(
    "/settlement-batches/<uuid:batch_id>/rejection",
    sites.settlement.reject_batch,
    needs=("reject_batch",),
    takes=MoveBatchWithReason,
    answers=BatchView,
    refusals=("not-found", "batch-not-movable", "same-person"),
)


def payment_file(batch_id: UUID) -> Response:
    """Stream the batch's payment file out of the file store."""
    who = must("read_payment_file")
    stored = sites.settlement.payment_file({**query_fields(), "batch_id": batch_id}, who=who)
    return stored_file(stored.data)


def bank_results(batch_id: UUID) -> Response:
    """Take the bank's file into the file store and record what it says."""
    who = must("record_bank_results")
    file = uploaded(BANK_FILES)
    answer = sites.settlement.record_bank_results(
        {"batch_id": batch_id, "file": file}, who=who, command_id=command_id()
    )
    return never_stored(answer)


def stored_file(reference: dict[str, Any], *, folder: str = "") -> Response:
    """Return the answer that streams a stored file (a `StoredFile` as JSON); `folder` is a part of the store."""
    response = send_file(
        FileStore(_files().folder / folder).open(reference["sha256"]),
        mimetype=reference["media_type"],
        as_attachment=True,
        download_name=reference["name"],
        etag=reference["sha256"],
    )
    response.content_length = reference["size"]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization, Cookie"
    return response


def uploaded(media_types: tuple[str, ...], *, folder: str = "", max_bytes: int = FILE_MAX_BYTES) -> dict[str, Any]:
    """Store the file of the request at hand and return its reference.

    `folder` is a part of the store.

    Raises InvalidInput without a file, BadRequest for one without content, PayloadTooLarge, UnsupportedMediaType.
    """
    stream, name = sent_file()
    files = FileStore(_files().folder / folder)
    stored = files.put(stream, name=name, media_types=media_types, max_bytes=max_bytes)
    if stored.size == 0:
        raise BadRequest(reason="file-empty")
    return cast(dict[str, Any], plain(stored))


def sent_file() -> tuple[BinaryIO, str]:
    """Return the file of the request at hand, the form's part `file` or the body itself, and its name.

    Raises InvalidInput without a file.
    """
    if request.mimetype == "multipart/form-data":
        part = request.files.get("file")
        if part is None:
            raise InvalidInput({"file": ["Missing data for required field."]})
        return cast(BinaryIO, part.stream), part.filename or "file"
    if not request.content_length and not request.headers.get("Transfer-Encoding"):
        raise InvalidInput({"file": ["Missing data for required field."]})
    return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, request.stream))), "file"


def _files() -> FileStore:
    return cast(FileStore, current_app.extensions["zhendi.files"])


batches.own(
    "/settlement-batches/<uuid:batch_id>/payment-file",
    "GET",
    payment_file,
    Declared(
        summary="Return a batch's payment file",
        needs=frozenset({"read_payment_file"}),
        takes=PaymentFileAsked,
        answers=None,
        refusals=("token-too-old", "not-found", "batch-not-approved", "payer-only"),
        media_types=PAYMENT_FILES,
    ),
)
batches.own(
    "/settlement-batches/<uuid:batch_id>/bank-results",
    "POST",
    takes_files(bank_results),
    Declared(
        summary="Record which lines the bank paid, from the bank's file",
        needs=frozenset({"record_bank_results"}),
        takes=None,
        answers=BatchView,
        refusals=(
            "not-found",
            "batch-not-movable",
            "not-handed-over",
            "bank-cells-merged",
            "bank-totals-differ",
            "bank-file-of-other",
            "bank-file-unreadable",
            "bank-file-empty",
            "bank-column-missing",
            "bank-cell-invalid",
            "bank-line-unknown",
            "bank-amount-differs",
            "bank-row-repeated",
            "bank-result-contradicts",
            "payload-too-large",
            "unsupported-media-type",
        ),
        takes_key=True,
        takes_file=BANK_FILES,
    ),
)
