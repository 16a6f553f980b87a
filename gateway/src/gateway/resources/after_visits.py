"""After a visit: its pictures, the rating and the reply, what happened at the site; and how many are inside now."""

from contracts.sites.incidents import FollowUpIncident, IncidentsAsked, IncidentView, RecordIncident
from contracts.sites.orders import OrderAsked
from contracts.sites.ratings import (
    JudgeRating,
    OrderRatingView,
    RateVisit,
    RatingRecord,
    RatingsAsked,
    ReplyToRating,
    SiteRatingsAsked,
    SiteRatingsView,
)
from contracts.sites.visits import InsideAsked, InsideView, VisitPicturesView

from gateway.clients import sites
from gateway.nouns import Many, Noun

after_visits = Noun("after_visits")
ORDER = "/orders/<uuid:order_id>"
SITE = "/sites/<uuid:site_id>"
RATING = "/ratings/<uuid:rating_id>"

after_visits.read(
    f"{ORDER}/pictures",
    sites.visits.visit_pictures,
    needs=("read_check_ins",),
    takes=OrderAsked,
    answers=VisitPicturesView,
    refusals=("not-found",),
)
after_visits.read(
    f"{ORDER}/rating",
    sites.visits.order_rating,
    needs=("read_order",),
    takes=OrderAsked,
    answers=OrderRatingView,
    refusals=("not-found",),
)
after_visits.act(
    f"{ORDER}/rating",
    sites.visits.rate_visit,
    needs=("rate_visit",),
    takes=RateVisit,
    answers=OrderRatingView,
    refusals=("not-found", "keepers-do-not-rate", "not-visited", "rating-over", "rating-answered", "rating-changed"),
)
after_visits.read(
    f"{SITE}/ratings",
    sites.visits.site_ratings,
    takes=SiteRatingsAsked,
    answers=SiteRatingsView,
    refusals=("not-found",),
)
after_visits.read(
    f"{SITE}/rating-records",
    sites.visits.ratings,
    needs=("read_ratings",),
    takes=RatingsAsked,
    answers=Many(RatingRecord),
    refusals=("not-found",),
)
after_visits.act(
    f"{RATING}/reply",
    sites.visits.reply_to_rating,
    needs=("reply_to_rating",),
    takes=ReplyToRating,
    answers=RatingRecord,
    refusals=("not-found", "rating-changed"),
)
after_visits.act(
    f"{RATING}/judgement",
    sites.visits.judge_rating,
    needs=("judge_rating",),
    takes=JudgeRating,
    answers=RatingRecord,
    refusals=("not-found", "rating-not-movable"),
)
after_visits.act(
    f"{SITE}/incidents",
    sites.visits.record_incident,
    needs=("record_incident",),
    takes=RecordIncident,
    answers=IncidentView,
    status=201,
    refusals=("not-found",),
)
after_visits.read(
    f"{SITE}/incidents",
    sites.visits.incidents,
    needs=("read_incidents",),
    takes=IncidentsAsked,
    answers=Many(IncidentView),
    refusals=("not-found",),
)
after_visits.act(
    "/incidents/<uuid:incident_id>/follow-ups",
    sites.visits.follow_up_incident,
    needs=("record_incident",),
    takes=FollowUpIncident,
    answers=IncidentView,
    status=201,
    refusals=("not-found", "incident-closed"),
)
after_visits.read(
    "/sites/inside", sites.visits.inside, needs=("read_inside",), takes=InsideAsked, answers=Many(InsideView)
)
