"""Records of the handbook: drafted, recorded, completed, corrected; joint ones; who missed what."""

from typing import Final
from uuid import UUID

from chassis.files import DOCX, PDF, WEBP
from chassis.refusals import NotFound
from contracts.assessment.record_pictures import RECORD_PICTURES_FOLDER, AddRecordPicture, RemoveRecordPicture
from contracts.assessment.record_prints import (
    PRINTS_FOLDER,
    PrintHandbook,
    PrintRecord,
    RecordPrintAsked,
    RecordPrintView,
)
from contracts.assessment.record_rules import RecordRulesAsked, RecordRulesView, SetRecordRule
from contracts.assessment.records import (
    AbsencesAsked,
    AbsenceView,
    ConfirmPart,
    CorrectRecord,
    DeclinePart,
    DiscardRecord,
    DraftRecord,
    KeepRecord,
    MakeUp,
    PartAskedView,
    PartsAsked,
    RecordAsked,
    RecordLine,
    RecordRollAsked,
    RecordRollView,
    RecordsAsked,
    RecordView,
    WithdrawRecord,
    WriteRecord,
)
from flask import Response, request

from gateway.clients import assessment
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.pictures import served, uploaded_picture
from gateway.resources.settlement_batches import stored_file

PICTURE_REFUSALS: Final = (
    "payload-too-large",
    "unsupported-media-type",
    "picture-unreadable",
    "too-many-pictures",
    "picture-repeated",
)
MULTIPART: Final = "multipart/form-data"

records = Noun("records")

records.read(
    "/branches/<uuid:branch_id>/records",
    assessment.records.records,
    needs=("read_records",),
    takes=RecordsAsked,
    answers=Many(RecordLine),
    refusals=("not-found",),
)
records.read(
    "/branches/<uuid:branch_id>/record-roll",
    assessment.records.record_roll,
    needs=("write_record",),
    takes=RecordRollAsked,
    answers=RecordRollView,
    refusals=("not-found",),
)
records.read(
    "/branches/<uuid:branch_id>/absences",
    assessment.records.absences,
    needs=("read_absences",),
    takes=AbsencesAsked,
    answers=Many(AbsenceView),
    refusals=("not-found",),
)
records.read(
    "/branches/<uuid:branch_id>/joint-records",
    assessment.records.parts_asked,
    needs=("read_records",),
    takes=PartsAsked,
    answers=Many(PartAskedView),
    refusals=("not-found",),
)
records.read(
    "/records/<uuid:record_id>",
    assessment.records.record,
    needs=("read_records",),
    takes=RecordAsked,
    answers=RecordView,
    refusals=("not-found",),
    versioned=True,
)
records.act(
    "/branches/<uuid:branch_id>/records",
    assessment.records.draft_record,
    needs=("write_record",),
    takes=DraftRecord,
    answers=RecordView,
    status=201,
    refusals=("not-found",),
)
records.change(
    "/records/<uuid:record_id>",
    assessment.records.write_record,
    needs=("write_record",),
    takes=WriteRecord,
    answers=RecordView,
    refusals=("not-found", "record-not-movable", "already-written"),
)
records.act(
    "/records/<uuid:record_id>/recording",
    assessment.records.keep_record,
    needs=("write_record",),
    takes=KeepRecord,
    answers=RecordView,
    refusals=("not-found", "record-not-movable", "activity-in-future"),
)
records.act(
    "/records/<uuid:record_id>/correction",
    assessment.records.correct_record,
    needs=("correct_record",),
    takes=CorrectRecord,
    answers=RecordView,
    refusals=("not-found", "record-not-movable", "activity-in-future", "precondition-failed"),
)
records.act(
    "/records/<uuid:record_id>/discarding",
    assessment.records.discard_record,
    needs=("write_record",),
    takes=DiscardRecord,
    answers=RecordView,
    refusals=("not-found", "record-not-movable"),
)
records.act(
    "/records/<uuid:record_id>/withdrawal",
    assessment.records.withdraw_record,
    needs=("withdraw_record",),
    takes=WithdrawRecord,
    answers=RecordView,
    refusals=("not-found", "record-not-movable", "written-by-visit"),
)
records.act(
    "/records/<uuid:record_id>/making-up",
    assessment.records.make_up_absence,
    needs=("make_up_absence",),
    takes=MakeUp,
    answers=RecordView,
    refusals=("not-found", "nothing-missed", "already-made-up"),
)
records.act(
    "/records/<uuid:record_id>/confirmation",
    assessment.records.confirm_part,
    needs=("confirm_part",),
    takes=ConfirmPart,
    answers=RecordView,
    refusals=("not-found", "part-decided"),
)
records.act(
    "/records/<uuid:record_id>/declining",
    assessment.records.decline_part,
    needs=("confirm_part",),
    takes=DeclinePart,
    answers=RecordView,
    refusals=("not-found", "part-decided"),
)


def add_picture(record_id: UUID) -> Response:
    """Add the picture of the form to a record."""
    who = must("write_record")
    picture = uploaded_picture(folder=RECORD_PICTURES_FOLDER)
    fields = {"record_id": record_id, "alt": request.form.get("alt") or None, "picture": picture}
    answer = assessment.records.add_record_picture(fields, who=who, command_id=command_id())
    return never_stored(answer, status=201)


def picture(record_id: UUID, file: str) -> Response:
    """Return a picture of a record to who may read the record."""
    who = must("read_records")
    record = assessment.records.record({"record_id": record_id}, who=who)
    if not any(one[name].endswith(f"/{file}") for one in record["pictures"] for name in ("url", "thumbnail_url")):
        raise NotFound()
    response = served(file, folder=RECORD_PICTURES_FOLDER)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


records.own(
    "/records/<uuid:record_id>/pictures",
    "POST",
    takes_files(add_picture),
    Declared(
        summary="Add a picture to a record",
        needs=frozenset({"write_record"}),
        takes=AddRecordPicture,
        answers=RecordView,
        status=201,
        refusals=("not-found", "record-not-movable", *PICTURE_REFUSALS),
        takes_key=True,
        takes_file=(MULTIPART,),
    ),
)
records.own(
    "/records/<uuid:record_id>/pictures/<file>",
    "GET",
    picture,
    Declared(
        summary="Return a picture of a record",
        needs=frozenset({"read_records"}),
        takes=None,
        answers=None,
        refusals=("not-found",),
        media_types=(WEBP,),
    ),
)
records.act(
    "/records/<uuid:record_id>/pictures/<uuid:picture_id>/removal",
    assessment.records.remove_record_picture,
    needs=("write_record",),
    takes=RemoveRecordPicture,
    answers=RecordView,
    refusals=("not-found",),
)
records.act(
    "/records/<uuid:record_id>/prints",
    assessment.records.print_record,
    needs=("read_records",),
    takes=PrintRecord,
    answers=RecordPrintView,
    status=202,
    refusals=("not-found", "too-many-record-prints"),
)
records.act(
    "/branches/<uuid:branch_id>/handbook-prints",
    assessment.records.print_handbook,
    needs=("read_absences",),
    takes=PrintHandbook,
    answers=RecordPrintView,
    status=202,
    refusals=("not-found", "too-many-record-prints"),
)
records.read(
    "/record-prints/<uuid:job_id>",
    assessment.records.record_print,
    needs=("read_records",),
    takes=RecordPrintAsked,
    answers=RecordPrintView,
    refusals=("not-found",),
)


def print_file(job_id: UUID) -> Response:
    """Stream a paper form out of the file store."""
    who = must("read_records")
    stored = assessment.records.record_print_file({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=PRINTS_FOLDER)


records.own(
    "/record-prints/<uuid:job_id>/file",
    "GET",
    print_file,
    Declared(
        summary="Return a paper form's file",
        needs=frozenset({"read_records"}),
        takes=RecordPrintAsked,
        answers=None,
        refusals=("not-found", "record-print-not-ready"),
        media_types=(PDF, DOCX),
    ),
)
records.read(
    "/record-rules",
    assessment.records.record_rules,
    needs=("read_record_rules",),
    takes=RecordRulesAsked,
    answers=RecordRulesView,
)
records.act(
    "/record-rules",
    assessment.records.set_record_rule,
    needs=("set_record_rule",),
    takes=SetRecordRule,
    answers=RecordRulesView,
    status=201,
    refusals=("rule-version-there",),
)
