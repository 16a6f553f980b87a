"""Problems, how they are mended, inspections and draws, cards."""

from typing import Any, Final
from uuid import UUID

from chassis.files import PDF, XLSX
from contracts.assessment.cards import (
    CardAsked,
    CardBoardAsked,
    CardBoardView,
    CardsAsked,
    CardView,
    ClearCard,
    DecideCardObjection,
    EscalateCard,
    FulfilCardConsequence,
    GiveCard,
    ObjectToCard,
    StepCardDown,
)
from contracts.assessment.evidence import (
    EVIDENCE_FOLDER,
    EVIDENCE_MAX_BYTES,
    EVIDENCE_TYPES,
    AddEvidence,
    EvidenceAsked,
    MendingEvidenceView,
    RemoveEvidence,
)
from contracts.assessment.inspections import (
    AnnounceSample,
    CloseSample,
    DrawSample,
    InspectionAsked,
    InspectionsAsked,
    InspectionView,
    RecordInspection,
    SampleAsked,
    SampleEntriesAsked,
    SampleEntryView,
    SamplesAsked,
    SamplesView,
    SampleView,
)
from contracts.assessment.mending_files import (
    MENDING_FILES_FOLDER,
    DrawSampleBulletin,
    MakeProblemWorkbook,
    MendingFileAsked,
    MendingFileView,
)
from contracts.assessment.mending_rules import (
    AddProblemKind,
    MendingRulesAsked,
    MendingRulesView,
    RetireProblemKind,
    SetMendingRule,
)
from contracts.assessment.problems import (
    AssignTraining,
    HoldTraining,
    ProblemAsked,
    ProblemCountsAsked,
    ProblemCountsView,
    ProblemsAsked,
    ProblemView,
    WithdrawProblem,
)
from contracts.assessment.rectifications import (
    AcceptRectification,
    ExtendRectification,
    OpenRectification,
    PlanRectification,
    ReportRectification,
    ReturnRectification,
)
from flask import Response

from gateway.clients import assessment
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.pictures import kept_evidence
from gateway.resources.settlement_batches import sent_file, stored_file

mending = Noun("mending")
ITEM: Final = "/rectifications/<uuid:rectification_id>"
CARD: Final = "/cards/<uuid:card_id>"
EVIDENCE_REFUSALS: Final = (
    *("not-found", "too-much-evidence", "evidence-repeated", "evidence-kept"),
    *("unsupported-media-type", "payload-too-large", "picture-unreadable"),
)
REVIEWED: Final = ("fulfil_review_consequence", "decide_replacement")
READERS: Final = ("read_problems", "read_tasks", "read_weak_entry", "read_reviews")
"""Who reads one of the things that evidence shows."""
OPEN_ITEM: Final = ("not-found", "rectification-not-movable")
CARD_MOVED: Final = ("not-found", "card-not-movable", "card-objected")


# ---- problems and how they are mended ----------------------------------------------------------------------------

mending.read(
    "/problems",
    assessment.problems.problems,
    needs=("read_problems",),
    takes=ProblemsAsked,
    answers=Many(ProblemView),
    refusals=("not-found",),
)
mending.read(
    "/problems/<uuid:problem_id>",
    assessment.problems.problem,
    needs=("read_problems",),
    takes=ProblemAsked,
    answers=ProblemView,
    refusals=("not-found",),
)
mending.read(
    "/problem-counts",
    assessment.problems.problem_counts,
    needs=("read_problems",),
    takes=ProblemCountsAsked,
    answers=ProblemCountsView,
    refusals=("not-found",),
)
mending.act(
    "/problems/<uuid:problem_id>/withdrawal",
    assessment.problems.withdraw_problem,
    needs=("judge_mending",),
    takes=WithdrawProblem,
    answers=ProblemView,
    refusals=("not-found", "problem-not-movable", "problem-has-card", "rectification-not-movable"),
)
mending.act(
    "/problems/<uuid:problem_id>/trainings",
    assessment.problems.assign_training,
    needs=("judge_mending",),
    takes=AssignTraining,
    answers=ProblemView,
    status=201,
    refusals=("not-found", "problem-not-movable"),
)
mending.act(
    "/problem-trainings/<uuid:training_id>/completion",
    assessment.problems.hold_training,
    needs=("mend_problem",),
    takes=HoldTraining,
    answers=ProblemView,
    refusals=("not-found", "training-held"),
)
mending.act(
    "/problems/<uuid:problem_id>/rectification",
    assessment.problems.open_rectification,
    needs=("judge_mending",),
    takes=OpenRectification,
    answers=ProblemView,
    status=201,
    refusals=("not-found", "problem-not-movable"),
)
mending.act(
    f"{ITEM}/plan",
    assessment.problems.plan_rectification,
    needs=("mend_problem",),
    takes=PlanRectification,
    answers=ProblemView,
    refusals=OPEN_ITEM,
)
mending.act(
    f"{ITEM}/report",
    assessment.problems.report_rectification,
    needs=("mend_problem",),
    takes=ReportRectification,
    answers=ProblemView,
    refusals=(*OPEN_ITEM, "rectification-unplanned"),
)
mending.act(
    f"{ITEM}/acceptance",
    assessment.problems.accept_rectification,
    needs=("judge_mending",),
    takes=AcceptRectification,
    answers=ProblemView,
    refusals=(*OPEN_ITEM, "own-report", "problem-not-movable"),
)
mending.act(
    f"{ITEM}/return",
    assessment.problems.return_rectification,
    needs=("judge_mending",),
    takes=ReturnRectification,
    answers=ProblemView,
    refusals=OPEN_ITEM,
)
mending.act(
    f"{ITEM}/extension",
    assessment.problems.extend_rectification,
    needs=("judge_mending",),
    takes=ExtendRectification,
    answers=ProblemView,
    refusals=OPEN_ITEM,
)


def uploaded_evidence() -> dict[str, Any]:
    """Store the form's file as evidence and return its reference; what it is gets looked at.

    Raises InvalidInput without a file, PayloadTooLarge, UnsupportedMediaType, PictureUnreadable.
    """
    return kept_evidence(*sent_file(), folder=EVIDENCE_FOLDER, max_bytes=EVIDENCE_MAX_BYTES)


def _add_evidence(subject: str, subject_id: UUID, *needed: str) -> Response:
    who = must(*needed)
    fields = {subject: subject_id, "file": uploaded_evidence()}
    return never_stored(assessment.problems.add_evidence(fields, who=who, command_id=command_id()), status=201)


def add_to_rectification(rectification_id: UUID) -> Response:
    """Add a file that shows how a problem is mended."""
    return _add_evidence("rectification_id", rectification_id, "mend_problem")


def add_to_inspection(inspection_id: UUID) -> Response:
    """Add a file to an inspection: its report."""
    return _add_evidence("inspection_id", inspection_id, "record_inspection")


def add_to_consequence(consequence_id: UUID) -> Response:
    """Add a file that shows that a consequence of a card is done."""
    return _add_evidence("consequence_id", consequence_id, "fulfil_card_consequence")


def add_to_task(task_id: UUID) -> Response:
    """Add a file that shows that a task is done."""
    return _add_evidence("task_id", task_id, "do_task")


def add_to_weak_item(item_id: UUID) -> Response:
    """Add a file that shows that an item of a weak organisation is mended."""
    return _add_evidence("weak_item_id", item_id, "do_weak_item")


def add_to_review_consequence(consequence_id: UUID) -> Response:
    """Add a file that shows that a consequence of a review is carried out."""
    return _add_evidence("review_consequence_id", consequence_id, *REVIEWED)


for _rule, _view, _needed, _more in (
    (f"{ITEM}/files", add_to_rectification, ("mend_problem",), ("rectification-not-movable",)),
    ("/inspections/<uuid:inspection_id>/files", add_to_inspection, ("record_inspection",), ()),
    ("/card-consequences/<uuid:consequence_id>/files", add_to_consequence, ("fulfil_card_consequence",), ()),
    ("/tasks/<uuid:task_id>/files", add_to_task, ("do_task",), ("task-needs-record",)),
    ("/weak-items/<uuid:item_id>/files", add_to_weak_item, ("do_weak_item",), ("weak-entry-not-movable",)),
    (
        "/review-consequences/<uuid:consequence_id>/files",
        add_to_review_consequence,
        REVIEWED,
        ("own-consequence",),
    ),
):
    mending.own(
        _rule,
        "POST",
        takes_files(_view),
        Declared(
            summary=(_view.__doc__ or "").rstrip("."),
            needs=frozenset(_needed),
            takes=AddEvidence,
            answers=MendingEvidenceView,
            status=201,
            refusals=(*EVIDENCE_REFUSALS, *_more),
            takes_key=True,
            takes_file=EVIDENCE_TYPES,
        ),
    )


def evidence_file(evidence_id: UUID) -> Response:
    """Stream a file of evidence out of the file store."""
    who = must(*READERS)
    stored = assessment.problems.evidence_file({"evidence_id": evidence_id}, who=who)
    return stored_file(stored.data, folder=EVIDENCE_FOLDER)


mending.own(
    "/evidence/<uuid:evidence_id>/file",
    "GET",
    evidence_file,
    Declared(
        summary="Return a file of evidence",
        needs=frozenset(READERS),
        takes=EvidenceAsked,
        answers=None,
        refusals=("not-found",),
        media_types=EVIDENCE_TYPES,
    ),
)
mending.act(
    "/evidence/<uuid:evidence_id>/removal",
    assessment.problems.remove_evidence,
    needs=("mend_problem", "fulfil_card_consequence", "do_task", "do_weak_item", *REVIEWED),
    takes=RemoveEvidence,
    answers=MendingEvidenceView,
    refusals=("not-found", "evidence-kept", "rectification-not-movable", "weak-entry-not-movable", "own-consequence"),
)

# ---- the vocabulary and the days ---------------------------------------------------------------------------------

mending.read(
    "/mending-rules",
    assessment.problems.mending_rules,
    needs=("read_mending_rules",),
    takes=MendingRulesAsked,
    answers=MendingRulesView,
)
mending.act(
    "/mending-rules",
    assessment.problems.set_mending_rule,
    needs=("set_mending_rule",),
    takes=SetMendingRule,
    answers=MendingRulesView,
    status=201,
    refusals=("rule-version-there",),
)
mending.act(
    "/problem-kinds",
    assessment.problems.add_problem_kind,
    needs=("set_mending_rule",),
    takes=AddProblemKind,
    answers=MendingRulesView,
    status=201,
    refusals=("kind-there",),
)
mending.act(
    "/problem-kinds/<code>/retirement",
    assessment.problems.retire_problem_kind,
    needs=("set_mending_rule",),
    takes=RetireProblemKind,
    answers=MendingRulesView,
    refusals=("not-found", "kind-retired"),
)

# ---- files that are made -----------------------------------------------------------------------------------------

mending.act(
    "/problem-workbooks",
    assessment.problems.make_problem_workbook,
    needs=("export_problems",),
    takes=MakeProblemWorkbook,
    answers=MendingFileView,
    status=202,
    refusals=("not-found", "too-many-mending-files"),
)
mending.act(
    "/samples/<uuid:sample_id>/bulletin-prints",
    assessment.problems.draw_sample_bulletin,
    needs=("export_problems",),
    takes=DrawSampleBulletin,
    answers=MendingFileView,
    status=202,
    refusals=("not-found", "too-many-mending-files"),
)
mending.read(
    "/mending-files/<uuid:job_id>",
    assessment.problems.mending_file,
    needs=("export_problems",),
    takes=MendingFileAsked,
    answers=MendingFileView,
    refusals=("not-found",),
)


def mending_file(job_id: UUID) -> Response:
    """Stream a workbook or a bulletin out of the file store."""
    who = must("export_problems")
    stored = assessment.problems.mending_file_content({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=MENDING_FILES_FOLDER)


mending.own(
    "/mending-files/<uuid:job_id>/file",
    "GET",
    mending_file,
    Declared(
        summary="Return a workbook of problems or a bulletin",
        needs=frozenset({"export_problems"}),
        takes=MendingFileAsked,
        answers=None,
        refusals=("not-found", "mending-file-not-ready"),
        media_types=(XLSX, PDF),
    ),
)

# ---- inspections and draws ---------------------------------------------------------------------------------------

mending.read(
    "/inspections",
    assessment.inspections.inspections,
    needs=("read_problems",),
    takes=InspectionsAsked,
    answers=Many(InspectionView),
    refusals=("not-found",),
)
mending.act(
    "/inspections",
    assessment.inspections.record_inspection,
    needs=("record_inspection",),
    takes=RecordInspection,
    answers=InspectionView,
    status=201,
    refusals=("not-found", "not-drawn", "inspected-already", "sample-not-open"),
)
mending.read(
    "/inspections/<uuid:inspection_id>",
    assessment.inspections.inspection,
    needs=("read_problems",),
    takes=InspectionAsked,
    answers=InspectionView,
    refusals=("not-found",),
)
mending.read(
    "/samples",
    assessment.inspections.samples,
    needs=("read_samples",),
    takes=SamplesAsked,
    answers=SamplesView,
)
mending.act(
    "/samples",
    assessment.inspections.announce_sample,
    needs=("draw_sample",),
    takes=AnnounceSample,
    answers=SampleView,
    status=201,
    refusals=("not-found", "seed-used"),
)
mending.read(
    "/samples/<uuid:sample_id>",
    assessment.inspections.sample,
    needs=("read_samples",),
    takes=SampleAsked,
    answers=SampleView,
    refusals=("not-found",),
)
mending.read(
    "/samples/<uuid:sample_id>/entries",
    assessment.inspections.sample_entries,
    needs=("read_samples",),
    takes=SampleEntriesAsked,
    answers=Many(SampleEntryView),
    refusals=("not-found",),
)
mending.act(
    "/samples/<uuid:sample_id>/draw",
    assessment.inspections.draw_sample,
    needs=("draw_sample",),
    takes=DrawSample,
    answers=SampleView,
    refusals=("not-found", "sample-not-movable", "sample-draw-early", "too-few-to-draw"),
)
mending.act(
    "/samples/<uuid:sample_id>/bulletin",
    assessment.inspections.close_sample,
    needs=("draw_sample",),
    takes=CloseSample,
    answers=SampleView,
    refusals=("not-found", "sample-not-movable"),
)

# ---- cards -------------------------------------------------------------------------------------------------------

mending.read(
    "/cards",
    assessment.cards.cards,
    needs=("read_problems",),
    takes=CardsAsked,
    answers=Many(CardView),
    refusals=("not-found",),
)
mending.read(
    "/card-board",
    assessment.cards.card_board,
    needs=("read_problems",),
    takes=CardBoardAsked,
    answers=CardBoardView,
    refusals=("not-found",),
)
mending.act(
    "/problems/<uuid:problem_id>/card",
    assessment.cards.give_card,
    needs=("give_card",),
    takes=GiveCard,
    answers=CardView,
    status=201,
    refusals=("not-found", "card-given", "card-only-from-superior", "problem-not-movable"),
)
mending.read(
    CARD,
    assessment.cards.card,
    needs=("read_problems",),
    takes=CardAsked,
    answers=CardView,
    refusals=("not-found",),
)
mending.act(
    f"{CARD}/escalation",
    assessment.cards.escalate_card,
    needs=("give_card",),
    takes=EscalateCard,
    answers=CardView,
    refusals=CARD_MOVED,
)
mending.act(
    f"{CARD}/step-down",
    assessment.cards.step_card_down,
    needs=("give_card",),
    takes=StepCardDown,
    answers=CardView,
    refusals=(*CARD_MOVED, "consequences-due"),
)
mending.act(
    f"{CARD}/clearing",
    assessment.cards.clear_card,
    needs=("give_card",),
    takes=ClearCard,
    answers=CardView,
    refusals=(*CARD_MOVED, "consequences-due", "not-mended"),
)
mending.act(
    "/card-consequences/<uuid:consequence_id>/proof",
    assessment.cards.fulfil_card_consequence,
    needs=("fulfil_card_consequence",),
    takes=FulfilCardConsequence,
    answers=CardView,
    refusals=("not-found", "consequence-not-due"),
)
mending.act(
    f"{CARD}/objection",
    assessment.cards.object_to_card,
    needs=("object_to_card",),
    takes=ObjectToCard,
    answers=CardView,
    status=201,
    refusals=("not-found", "card-not-movable", "objection-late", "objection-made"),
)
mending.act(
    f"{CARD}/objection-decision",
    assessment.cards.decide_card_objection,
    needs=("decide_card_objection",),
    takes=DecideCardObjection,
    answers=CardView,
    refusals=("not-found", "own-step", "card-not-movable"),
)
