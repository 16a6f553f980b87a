"""Bulletins, supervision slips and reminder talks: what is published about lights, and who mends what by when (A5)."""

from typing import Any, BinaryIO, Final, cast
from uuid import UUID

from chassis.files import DOCX, PDF, WEBP, XLSX
from chassis.refusals import InvalidInput
from contracts.assessment.bulletins import (
    AcknowledgeBulletin,
    AssignFollower,
    BulletinAsked,
    BulletinLine,
    BulletinLinesAsked,
    BulletinRow,
    BulletinsAsked,
    BulletinView,
    CandidatesAsked,
    DailyListAsked,
    DailyRow,
    DraftBulletin,
    EditBulletin,
    EditBulletinLine,
    FollowerAsked,
    FollowerCandidateView,
    FollowerView,
    FollowUpsAsked,
    LightFollowUpView,
    ReceiptsAsked,
    ReceiptView,
    SendBulletin,
    SignBulletin,
    WithdrawBulletin,
    WriteFollowUp,
)
from contracts.assessment.evidence import EVIDENCE_MAX_BYTES
from contracts.assessment.slips import (
    AcceptReply,
    IssueSlip,
    ReplyToSlip,
    ReturnReply,
    SlipAsked,
    SlipCountsAsked,
    SlipCountsView,
    SlipFileAsked,
    SlipPersonsAsked,
    SlipPersonsView,
    SlipsAsked,
    SlipView,
    WithdrawSlip,
)
from contracts.assessment.supervision import (
    EVIDENCE_FOLDER,
    EVIDENCE_MAX,
    PAPERS_FOLDER,
    MakePaper,
    PaperAsked,
    PaperView,
    SetSupervisionRule,
    SupervisionRulesAsked,
    SupervisionRulesView,
)
from contracts.assessment.talks import RecordTalk, TalkAsked, TalksAsked, TalkView
from contracts.envelope import StoredFile, dump
from flask import Response, request

from gateway.clients import Answer, assessment
from gateway.edge import takes_files
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.pictures import kept_evidence
from gateway.resources.settlement_batches import stored_file

supervision = Noun("supervision")

BULLETIN: Final = "/bulletins/<uuid:bulletin_id>"
SLIP: Final = "/slips/<uuid:slip_id>"
BULLETIN_MOVED: Final = ("not-found", "bulletin-not-movable")
SLIP_MOVED: Final = ("not-found", "slip-not-movable")
MULTIPART: Final = "multipart/form-data"

# ---- the daily list ------------------------------------------------------------------------------------------------

supervision.read(
    "/daily-list",
    assessment.supervision.daily_list,
    needs=("read_daily_list",),
    takes=DailyListAsked,
    answers=Many(DailyRow),
    refusals=("not-found",),
)
supervision.read(
    "/branches/<uuid:branch_id>/follow-ups",
    assessment.supervision.follow_ups,
    needs=("read_daily_list",),
    takes=FollowUpsAsked,
    answers=Many(LightFollowUpView),
    refusals=("not-found",),
)
supervision.act(
    "/branches/<uuid:branch_id>/follow-ups",
    assessment.supervision.write_follow_up,
    needs=("write_follow_up",),
    takes=WriteFollowUp,
    answers=LightFollowUpView,
    status=201,
    refusals=("not-found",),
)
supervision.read(
    "/organisations/<uuid:organisation_id>/follower",
    assessment.supervision.follower,
    needs=("assign_follower",),
    takes=FollowerAsked,
    answers=FollowerView,
    refusals=("not-found",),
)
supervision.act(
    "/organisations/<uuid:organisation_id>/follower",
    assessment.supervision.assign_follower,
    needs=("assign_follower",),
    takes=AssignFollower,
    answers=FollowerView,
    refusals=("not-found",),
)
supervision.read(
    "/organisations/<uuid:organisation_id>/follower-candidates",
    assessment.supervision.follower_candidates,
    needs=("assign_follower",),
    takes=CandidatesAsked,
    answers=Many(FollowerCandidateView),
    refusals=("not-found",),
)

# ---- bulletins -----------------------------------------------------------------------------------------------------

supervision.read(
    "/bulletins",
    assessment.supervision.bulletins,
    needs=("read_bulletins",),
    takes=BulletinsAsked,
    answers=Many(BulletinRow),
)
supervision.read(
    BULLETIN,
    assessment.supervision.bulletin,
    needs=("read_bulletins",),
    takes=BulletinAsked,
    answers=BulletinView,
    refusals=("not-found",),
    versioned=True,
)
supervision.read(
    f"{BULLETIN}/lines",
    assessment.supervision.bulletin_lines,
    needs=("read_bulletins",),
    takes=BulletinLinesAsked,
    answers=Many(BulletinLine),
    refusals=("not-found",),
)
supervision.read(
    f"{BULLETIN}/receipts",
    assessment.supervision.bulletin_receipts,
    needs=("read_receipts",),
    takes=ReceiptsAsked,
    answers=Many(ReceiptView),
    refusals=("not-found",),
)
supervision.act(
    "/bulletins",
    assessment.supervision.draft_bulletin,
    needs=("draft_bulletin",),
    takes=DraftBulletin,
    answers=BulletinView,
    status=201,
    refusals=(*BULLETIN_MOVED, "bulletin-taken"),
    located=True,
)
supervision.change(
    BULLETIN,
    assessment.supervision.edit_bulletin,
    needs=("draft_bulletin",),
    takes=EditBulletin,
    answers=BulletinView,
    refusals=BULLETIN_MOVED,
)
supervision.act(
    f"{BULLETIN}/lines/<uuid:branch_id>",
    assessment.supervision.edit_bulletin_line,
    needs=("draft_bulletin",),
    takes=EditBulletinLine,
    answers=BulletinView,
    refusals=BULLETIN_MOVED,
)
supervision.act(
    f"{BULLETIN}/signature",
    assessment.supervision.sign_bulletin,
    needs=("sign_bulletin",),
    takes=SignBulletin,
    answers=BulletinView,
    refusals=(*BULLETIN_MOVED, "own-bulletin", "precondition-failed"),
)
supervision.act(
    f"{BULLETIN}/dispatch",
    assessment.supervision.send_bulletin,
    needs=("sign_bulletin",),
    takes=SendBulletin,
    answers=BulletinView,
    refusals=BULLETIN_MOVED,
)
supervision.act(
    f"{BULLETIN}/withdrawal",
    assessment.supervision.withdraw_bulletin,
    needs=("draft_bulletin",),
    takes=WithdrawBulletin,
    answers=BulletinView,
    refusals=BULLETIN_MOVED,
)
supervision.act(
    f"{BULLETIN}/acknowledgement",
    assessment.supervision.acknowledge_bulletin,
    needs=("acknowledge_bulletin",),
    takes=AcknowledgeBulletin,
    answers=BulletinView,
    refusals=("not-found",),
)

# ---- slips ---------------------------------------------------------------------------------------------------------

supervision.read(
    "/slips",
    assessment.supervision.slips,
    needs=("read_slips",),
    takes=SlipsAsked,
    answers=Many(SlipView),
    refusals=("not-found",),
)
supervision.read(
    "/slips/counts",
    assessment.supervision.slip_counts,
    needs=("read_slips",),
    takes=SlipCountsAsked,
    answers=SlipCountsView,
    refusals=("not-found",),
)
supervision.read(
    SLIP, assessment.supervision.slip, needs=("read_slips",), takes=SlipAsked, answers=SlipView, refusals=("not-found",)
)
supervision.read(
    "/branches/<uuid:branch_id>/slip-persons",
    assessment.supervision.slip_persons,
    needs=("issue_slip",),
    takes=SlipPersonsAsked,
    answers=SlipPersonsView,
    refusals=("not-found",),
)
supervision.act(
    "/slips",
    assessment.supervision.issue_slip,
    needs=("issue_slip",),
    takes=IssueSlip,
    answers=SlipView,
    status=201,
    refusals=("not-found",),
    located=True,
)
supervision.act(
    f"{SLIP}/replies",
    assessment.supervision.reply_to_slip,
    needs=("reply_to_slip",),
    takes=ReplyToSlip,
    answers=SlipView,
    status=201,
    refusals=SLIP_MOVED,
)
supervision.act(
    f"{SLIP}/acceptance",
    assessment.supervision.accept_reply,
    needs=("judge_slip",),
    takes=AcceptReply,
    answers=SlipView,
    refusals=(*SLIP_MOVED, "own-reply"),
)
supervision.act(
    f"{SLIP}/return",
    assessment.supervision.return_reply,
    needs=("judge_slip",),
    takes=ReturnReply,
    answers=SlipView,
    refusals=(*SLIP_MOVED, "own-reply"),
)
supervision.act(
    f"{SLIP}/withdrawal",
    assessment.supervision.withdraw_slip,
    needs=("judge_slip",),
    takes=WithdrawSlip,
    answers=SlipView,
    refusals=SLIP_MOVED,
)


def uploaded_evidence(name: str = "files") -> list[dict[str, Any]]:
    """Store the form's parts `name` as evidence; returns references to them.

    Raises InvalidInput for too many, PayloadTooLarge, UnsupportedMediaType, PictureUnreadable.
    """
    parts = [part for part in request.files.getlist(name) if part.filename]
    if len(parts) > EVIDENCE_MAX:
        raise InvalidInput({name: [f"Choose at most {EVIDENCE_MAX} files."]})
    about: Any = {"folder": EVIDENCE_FOLDER, "max_bytes": EVIDENCE_MAX_BYTES}
    return [kept_evidence(cast(BinaryIO, part.stream), part.filename or "", **about) for part in parts]


def attach_evidence(slip_id: UUID) -> Response:
    """Take a file into the file store and return the reference to it, which a reply names within a day."""
    who = must("reply_to_slip")
    assessment.supervision.slip({"slip_id": slip_id}, who=who)
    stored = uploaded_evidence("file")
    if not stored:
        raise InvalidInput({"file": ["Missing data for required field."]})
    return never_stored(Answer(dump(stored[0])), status=201)


def evidence(slip_id: UUID, sha256: str) -> Response:
    """Stream a file of a reply out of the file store."""
    who = must("read_slips")
    asked = {"slip_id": slip_id, "sha256": sha256}
    return stored_file(assessment.supervision.slip_file(asked, who=who).data, folder=EVIDENCE_FOLDER)


supervision.own(
    f"{SLIP}/attachments",
    "POST",
    takes_files(attach_evidence),
    Declared(
        summary="Store a file that a reply to a slip shall show",
        needs=frozenset({"reply_to_slip"}),
        takes=SlipAsked,
        answers=StoredFile,
        status=201,
        refusals=("not-found", "picture-unreadable", "payload-too-large", "unsupported-media-type"),
        takes_key=True,  # a file stands once by its content: the same one gets the same answer
        takes_file=(MULTIPART,),
    ),
)
supervision.own(
    f"{SLIP}/attachments/<string:sha256>",
    "GET",
    evidence,
    Declared(
        summary="Return a file that a reply to a slip brought",
        needs=frozenset({"read_slips"}),
        takes=SlipFileAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(PDF, WEBP, DOCX, XLSX),
    ),
)

# ---- talks, numbers, documents -------------------------------------------------------------------------------------

supervision.read(
    "/reminder-talks",
    assessment.supervision.talks,
    needs=("read_talks",),
    takes=TalksAsked,
    answers=Many(TalkView),
    refusals=("not-found",),
)
supervision.read(
    "/reminder-talks/<uuid:talk_id>",
    assessment.supervision.talk,
    needs=("read_talks",),
    takes=TalkAsked,
    answers=TalkView,
    refusals=("not-found",),
)
supervision.act(
    "/reminder-talks/<uuid:talk_id>/record",
    assessment.supervision.record_talk,
    needs=("record_talk",),
    takes=RecordTalk,
    answers=TalkView,
    refusals=("not-found", "talk-held"),
)
supervision.read(
    "/supervision-rules",
    assessment.supervision.supervision_rules,
    needs=("read_supervision_rules",),
    takes=SupervisionRulesAsked,
    answers=SupervisionRulesView,
)
supervision.act(
    "/supervision-rules",
    assessment.supervision.set_supervision_rule,
    needs=("set_supervision_rule",),
    takes=SetSupervisionRule,
    answers=SupervisionRulesView,
    status=201,
    refusals=("rule-version-there",),
)
supervision.act(
    "/supervision-papers",
    assessment.supervision.make_supervision_paper,
    needs=("read_bulletins", "read_slips", "read_talks"),
    takes=MakePaper,
    answers=PaperView,
    status=202,
    refusals=("not-found", "too-many-supervision-papers"),
    located=True,
)
supervision.read(
    "/supervision-papers/<uuid:job_id>",
    assessment.supervision.supervision_paper,
    needs=("read_slips",),
    takes=PaperAsked,
    answers=PaperView,
    refusals=("not-found",),
)


def paper_file(job_id: UUID) -> Response:
    """Stream a document out of the file store."""
    who = must("read_slips")
    stored = assessment.supervision.supervision_paper_file({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=PAPERS_FOLDER)


supervision.own(
    "/supervision-papers/<uuid:job_id>/file",
    "GET",
    paper_file,
    Declared(
        summary="Return a document's file",
        needs=frozenset({"read_slips"}),
        takes=PaperAsked,
        answers=None,
        refusals=("not-found", "paper-not-ready"),
        media_types=(PDF, XLSX),
    ),
)
