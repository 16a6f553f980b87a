"""Guides of a site: languages and limits, rota, absences, and who leads which slot."""

from contracts.sites.guides import (
    AddGuide,
    AssignGuide,
    EditGuide,
    GuideAsked,
    GuideChangeView,
    GuidesAsked,
    GuideView,
    ReportAbsence,
    RotaAsked,
    RotaView,
    SetRota,
)

from gateway.clients import sites
from gateway.nouns import Many, Noun

guides = Noun("guides")

guides.read(
    "/sites/<uuid:site_id>/guides",
    sites.programmes.guides,
    needs=("manage_guides",),
    takes=GuidesAsked,
    answers=Many(GuideView),
    refusals=("not-found",),
)
guides.act(
    "/sites/<uuid:site_id>/guides",
    sites.programmes.add_guide,
    needs=("manage_guides",),
    takes=AddGuide,
    answers=GuideChangeView,
    status=201,
    refusals=("not-found",),
)
guides.read(
    "/guides/<uuid:guide_id>",
    sites.programmes.guide,
    needs=("manage_guides",),
    takes=GuideAsked,
    answers=GuideView,
    refusals=("not-found",),
    versioned=True,
)
guides.change(
    "/guides/<uuid:guide_id>",
    sites.programmes.edit_guide,
    needs=("manage_guides",),
    takes=EditGuide,
    answers=GuideChangeView,
    refusals=("not-found",),
)
guides.change(
    "/guides/<uuid:guide_id>/rota",
    sites.programmes.set_rota,
    needs=("manage_guides",),
    takes=SetRota,
    answers=GuideChangeView,
    refusals=("not-found",),
)
guides.act(
    "/guides/<uuid:guide_id>/absence",
    sites.programmes.report_absence,
    needs=("manage_guides",),
    takes=ReportAbsence,
    answers=GuideChangeView,
    status=201,
    refusals=("not-found",),
)
guides.read(
    "/sites/<uuid:site_id>/rota",
    sites.programmes.rota,
    needs=("manage_guides",),
    takes=RotaAsked,
    answers=RotaView,
    refusals=("not-found",),
    query_names={"from": "from_day"},
)
guides.act(
    "/slots/<uuid:slot_id>/guide",
    sites.programmes.assign_guide,
    needs=("manage_guides",),
    takes=AssignGuide,
    answers=GuideChangeView,
    refusals=(
        "not-found",
        "guide-busy",
        "guide-day-full",
        "guide-party-too-large",
        "guide-away",
        "slot-needs-no-guide",
        "guided-visit-begun",
    ),
)
