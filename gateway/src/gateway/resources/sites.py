"""Places that receive branches and members: the map, the list, menus, slots, the way there; and their records."""

from contracts.sites.places import NavigationView, SiteAsked, SitesAsked, SiteView
from contracts.sites.programmes import ProgrammeDetailView
from contracts.sites.records import (
    ArrivalAsked,
    ArrivalView,
    EditSite,
    KeptSitesAsked,
    KeptSiteView,
    SiteChangeView,
    SiteHistoryAsked,
    SiteRecordAsked,
    SiteRecordView,
)
from contracts.sites.slots import SlotsAsked, SlotView

from gateway.clients import sites
from gateway.nouns import FEATURES, GEOJSON, Many, Noun

places = Noun("sites")

places.read("/sites", sites.places.sites, takes=SitesAsked, answers=FEATURES, media_type=GEOJSON)
places.read(
    "/sites/<uuid:site_id>",
    sites.places.site,
    takes=SiteAsked,
    answers=SiteView,
    refusals=("not-found",),
    versioned=True,
)
places.read(
    "/sites/<uuid:site_id>/programmes",
    sites.places.programmes,
    takes=SiteAsked,
    answers=Many(ProgrammeDetailView),
    refusals=("not-found",),
)
places.read(
    "/sites/<uuid:site_id>/slots",
    sites.places.slots,
    takes=SlotsAsked,
    answers=Many(SlotView),
    refusals=("not-found",),
    query_names={"from": "from_day", "to": "to_day"},
)
places.read(
    "/sites/<uuid:site_id>/navigation",
    sites.places.navigation,
    takes=SiteAsked,
    answers=NavigationView,
    refusals=("not-found",),
)
places.change(
    "/sites/<uuid:site_id>",
    sites.places.edit_site,
    needs=("edit_site", "classify_site"),
    takes=EditSite,
    answers=SiteRecordView,
    refusals=("not-found", "organisation-unknown"),
)
places.read(
    "/sites/kept",
    sites.places.kept_sites,
    needs=("read_site_record",),
    takes=KeptSitesAsked,
    answers=Many(KeptSiteView),
)
places.read(
    "/sites/<uuid:site_id>/record",
    sites.places.site_record,
    needs=("read_site_record",),
    takes=SiteRecordAsked,
    answers=SiteRecordView,
    refusals=("not-found",),
    versioned=True,
)
places.read(
    "/sites/<uuid:site_id>/history",
    sites.places.site_history,
    needs=("read_site_record",),
    takes=SiteHistoryAsked,
    answers=Many(SiteChangeView),
    refusals=("not-found",),
)
places.read(
    "/orders/<uuid:order_id>/arrival",
    sites.places.arrival,
    needs=("read_voucher",),
    takes=ArrivalAsked,
    answers=ArrivalView,
    refusals=("not-found", "not-confirmed-yet"),
)
