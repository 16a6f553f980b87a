"""Places that receive branches and members: the map, the list, menus, slots, the way there. All of it is public."""

from contracts.sites.places import NavigationView, SiteAsked, SitesAsked, SiteView
from contracts.sites.programmes import ProgrammeView
from contracts.sites.slots import SlotsAsked, SlotView

from gateway.clients import sites
from gateway.nouns import FEATURES, GEOJSON, Many, Noun

places = Noun("sites")

places.read("/sites", sites.sites, takes=SitesAsked, answers=FEATURES, media_type=GEOJSON)
places.read("/sites/<uuid:site_id>", sites.site, takes=SiteAsked, answers=SiteView, refusals=("not-found",))
places.read(
    "/sites/<uuid:site_id>/programmes",
    sites.programmes,
    takes=SiteAsked,
    answers=Many(ProgrammeView),
    refusals=("not-found",),
)
places.read(
    "/sites/<uuid:site_id>/slots",
    sites.slots,
    takes=SlotsAsked,
    answers=Many(SlotView),
    refusals=("not-found",),
    query_names={"from": "from_day", "to": "to_day"},
)
places.read(
    "/sites/<uuid:site_id>/navigation",
    sites.navigation,
    takes=SiteAsked,
    answers=NavigationView,
    refusals=("not-found",),
)
