"""Quotas, appeals against no-shows, and recurring orders."""

from contracts.sites.quotas import (
    AppealNoShow,
    AppealsAsked,
    AppealView,
    DecideAppeal,
    QuotasAsked,
    QuotaUseAsked,
    QuotaUseView,
    QuotaView,
    SetQuota,
)
from contracts.sites.series import PlaceSeries, SeriesView

from gateway.clients import sites
from gateway.nouns import Many, Noun

quotas = Noun("quotas")

quotas.read("/quotas", sites.orders.quotas, needs=("read_quotas",), takes=QuotasAsked, answers=Many(QuotaView))
quotas.act("/quotas", sites.orders.set_quota, needs=("set_quota",), takes=SetQuota, answers=QuotaView, status=201)
quotas.read(
    "/branches/<uuid:branch_id>/quota-use",
    sites.orders.quota_use,
    needs=("read_quota_use",),
    takes=QuotaUseAsked,
    answers=QuotaUseView,
    refusals=("not-found",),
)
quotas.read(
    "/no-show-appeals", sites.orders.appeals, needs=("read_appeals",), takes=AppealsAsked, answers=Many(AppealView)
)
quotas.act(
    "/orders/<uuid:order_id>/no-show-appeal",
    sites.orders.appeal_no_show,
    needs=("appeal_no_show",),
    takes=AppealNoShow,
    answers=AppealView,
    status=201,
    refusals=("not-found", "not-a-no-show", "appeal-filed"),
)
quotas.act(
    "/orders/<uuid:order_id>/no-show-appeal/decision",
    sites.orders.decide_appeal,
    needs=("decide_appeal",),
    takes=DecideAppeal,
    answers=AppealView,
    refusals=("not-found", "appeal-decided", "own-site-or-branch"),
)
quotas.act(
    "/order-series",
    sites.orders.place_series,
    needs=("place_order",),
    takes=PlaceSeries,
    answers=SeriesView,
    refusals=("not-found",),
)
