"""The district's rules for sites at work: moves, checks, evaluations, admission; pictures; sites as files."""

from typing import Any
from uuid import UUID

from chassis.files import CSV, TEXT, XLSX
from contracts.sites.admissions import (
    AdmissionAsked,
    AdmissionsAsked,
    AdmissionView,
    ApplyForAdmission,
    CheckAdmission,
    DecideAdmission,
    RetractAdmission,
)
from contracts.sites.imports import (
    ApplySiteImport,
    PreviewSiteImport,
    SiteExportAsked,
    SiteImportAsked,
    SiteImportView,
)
from contracts.sites.lifecycles import (
    AffectedOrdersAsked,
    EvaluateSite,
    EvaluationsAsked,
    EvaluationView,
    MoveSite,
    RecordSiteCheck,
    SiteChecksAsked,
    SiteCheckView,
    SiteMovedView,
    SiteRulesAsked,
    SiteRulesView,
    StandingOrderView,
)
from contracts.sites.pictures import AddPicture, OrderPictures, PicturesView, RemovePicture
from flask import Response, request

from gateway.clients import sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import GEOJSON, Declared, Many, Noun, never_stored, query_fields
from gateway.pictures import served, uploaded_picture
from gateway.resources.settlement_batches import stored_file, uploaded

rules = Noun("site-rules")
SITE = "/sites/<uuid:site_id>"
ADMISSION = "/admissions/<uuid:admission_id>"
MULTIPART = "multipart/form-data"
SITE_FILES = (XLSX, CSV, TEXT)
PICTURE_REFUSALS = (
    "payload-too-large",
    "unsupported-media-type",
    "picture-unreadable",
    "too-many-pictures",
    "picture-repeated",
)

rules.read("/site-rules", sites.places.site_rules, takes=SiteRulesAsked, answers=SiteRulesView)
rules.act(
    f"{SITE}/moves",
    sites.calendars.move_site,
    needs=("move_site",),
    takes=MoveSite,
    answers=SiteMovedView,
    refusals=("not-found", "site-not-movable", "ground-unknown", "notice-too-short"),
)
rules.read(
    f"{SITE}/affected-orders",
    sites.calendars.affected_orders,
    needs=("move_site",),
    takes=AffectedOrdersAsked,
    answers=Many(StandingOrderView),
    refusals=("not-found",),
)
rules.act(
    f"{SITE}/checks",
    sites.places.record_site_check,
    needs=("check_site",),
    takes=RecordSiteCheck,
    answers=SiteCheckView,
    status=201,
    refusals=("not-found", "too-many-pictures", "picture-repeated"),
)
rules.read(
    f"{SITE}/checks",
    sites.places.site_checks,
    needs=("read_site_record",),
    takes=SiteChecksAsked,
    answers=Many(SiteCheckView),
    refusals=("not-found",),
)
rules.act(
    f"{SITE}/evaluations",
    sites.places.evaluate_site,
    needs=("evaluate_site",),
    takes=EvaluateSite,
    answers=EvaluationView,
    status=201,
    refusals=("not-found", "evaluated-already", "year-not-over"),
)
rules.read(
    f"{SITE}/evaluations",
    sites.places.evaluations,
    needs=("read_site_record",),
    takes=EvaluationsAsked,
    answers=Many(EvaluationView),
    refusals=("not-found",),
)
rules.act(
    f"{SITE}/picture-order",
    sites.calendars.order_pictures,
    needs=("edit_site",),
    takes=OrderPictures,
    answers=PicturesView,
    refusals=("not-found", "pictures-differ"),
)
rules.act(
    f"{SITE}/pictures/<uuid:picture_id>/removal",
    sites.calendars.remove_picture,
    needs=("edit_site",),
    takes=RemovePicture,
    answers=PicturesView,
    refusals=("not-found",),
)
rules.act(
    "/admissions",
    sites.places.apply_for_admission,
    needs=("apply_for_admission",),
    takes=ApplyForAdmission,
    answers=AdmissionView,
    status=201,
    refusals=("organisation-unknown", "three-same-unchecked"),
    located=True,
)
rules.read(
    "/admissions",
    sites.places.admissions,
    needs=("read_admission",),
    takes=AdmissionsAsked,
    answers=Many(AdmissionView),
)
rules.read(
    ADMISSION,
    sites.places.admission,
    needs=("read_admission",),
    takes=AdmissionAsked,
    answers=AdmissionView,
    refusals=("not-found",),
)
rules.act(
    f"{ADMISSION}/check",
    sites.places.check_admission,
    needs=("check_admission",),
    takes=CheckAdmission,
    answers=AdmissionView,
    refusals=("not-found", "admission-not-movable"),
)
rules.act(
    f"{ADMISSION}/decision",
    sites.places.decide_admission,
    needs=("decide_admission",),
    takes=DecideAdmission,
    answers=AdmissionView,
    refusals=("not-found", "admission-not-movable", "field-check-failed", "same-person-checks"),
)
rules.act(
    f"{ADMISSION}/retraction",
    sites.places.retract_admission,
    needs=("retract_admission",),
    takes=RetractAdmission,
    answers=AdmissionView,
    refusals=("not-found", "admission-not-movable"),
)
rules.act(
    "/site-imports/<uuid:import_id>/application",
    sites.places.apply_site_import,
    needs=("import_sites",),
    takes=ApplySiteImport,
    answers=SiteImportView,
    status=202,
    refusals=("not-found", "import-not-ready"),
)
rules.read(
    "/site-imports/<uuid:import_id>",
    sites.places.site_import,
    needs=("import_sites",),
    takes=SiteImportAsked,
    answers=SiteImportView,
    refusals=("not-found",),
)


def add_picture(site_id: UUID) -> Response:
    """Add the picture of the form to a site."""
    who = must("edit_site")
    fields = {"site_id": site_id, "alt": request.form.get("alt") or None, "picture": uploaded_picture()}
    return never_stored(sites.calendars.add_picture(fields, who=who, command_id=command_id()), status=201)


def preview_import() -> Response:
    """Have the file of the form looked through."""
    who = must("import_sites")
    fields: dict[str, Any] = {"file": uploaded(SITE_FILES), "datum": request.form.get("datum") or None}
    return never_stored(sites.places.preview_site_import(fields, who=who, command_id=command_id()), status=202)


def export() -> Response:
    """Stream the sites out of the file store."""
    who = must("export_sites")
    stored = sites.places.export_sites(query_fields(), who=who).data
    media_type = GEOJSON if stored["name"].endswith(".geojson") else stored["media_type"]
    return stored_file({**stored, "media_type": media_type})


def picture(file: str) -> Response:
    """Return a picture."""
    return served(file)


rules.own(
    f"{SITE}/pictures",
    "POST",
    takes_files(add_picture),
    Declared(
        summary="Add a picture to a site",
        needs=frozenset({"edit_site"}),
        takes=AddPicture,
        answers=PicturesView,
        status=201,
        refusals=("not-found", *PICTURE_REFUSALS),
        takes_key=True,
        takes_file=(MULTIPART,),
    ),
)
rules.own(
    "/site-imports",
    "POST",
    takes_files(preview_import),
    Declared(
        summary="Look a file of sites through, in the background",
        needs=frozenset({"import_sites"}),
        takes=PreviewSiteImport,
        answers=SiteImportView,
        status=202,
        refusals=("payload-too-large", "unsupported-media-type"),
        takes_key=True,
        takes_file=(MULTIPART,),
    ),
)
rules.own(
    "/sites/export",
    "GET",
    export,
    Declared(
        summary="Return all sites of one's part of the tree as a file",
        needs=frozenset({"export_sites"}),
        takes=SiteExportAsked,
        answers=None,
        media_types=(XLSX, CSV, GEOJSON),
    ),
)
rules.own(
    "/pictures/<file>",
    "GET",
    picture,
    Declared(
        summary="Return a picture",
        needs=frozenset(),
        takes=None,
        answers=None,
        refusals=("not-found",),
        media_types=("image/webp",),
    ),
)
