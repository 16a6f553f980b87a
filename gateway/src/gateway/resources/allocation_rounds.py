"""Allocation rounds: announced and drawn by officers, asked in by branches, verified by anyone."""

from typing import Any
from uuid import UUID

from chassis.files import CSV
from chassis.refusals import InvalidInput
from contracts.sites.allocation import (
    AnnounceRound,
    AskInRound,
    DrawRound,
    RequestAsked,
    RequestsAsked,
    RequestView,
    RoundAsked,
    RoundExportAsked,
    RoundsAsked,
    RoundSlotView,
    RoundView,
    WithdrawRequest,
    WithdrawRound,
)
from flask import Response, request

from gateway import allocation_exports
from gateway.clients import sites
from gateway.nouns import JSON, Declared, Many, Noun, resource

rounds = Noun("allocation_rounds")
ROUND = "/allocation-rounds/<uuid:round_id>"
REQUEST = "/allocation-requests/<uuid:request_id>"

rounds.read("/allocation-rounds", sites.allocation.allocation_rounds, takes=RoundsAsked, answers=Many(RoundView))
rounds.act(
    "/allocation-rounds",
    sites.allocation.announce_round,
    needs=("open_round",),
    takes=AnnounceRound,
    answers=RoundView,
    status=201,
    refusals=("round-over-another",),
    located=True,
)
rounds.read(ROUND, sites.allocation.allocation_round, takes=RoundAsked, answers=RoundView, refusals=("not-found",))
rounds.read(
    f"{ROUND}/slots",
    sites.allocation.allocation_slots,
    takes=RoundAsked,
    answers=Many(RoundSlotView),
    refusals=("not-found",),
)
rounds.act(
    f"{ROUND}/withdrawal",
    sites.allocation.withdraw_round,
    needs=("open_round",),
    takes=WithdrawRound,
    answers=RoundView,
    refusals=("not-found", "round-decided"),
)
rounds.act(
    f"{ROUND}/draw",
    sites.allocation.draw_round,
    needs=("open_round",),
    takes=DrawRound,
    answers=RoundView,
    status=202,
    refusals=("not-found", "round-decided", "draw-too-early"),
)
rounds.act(
    f"{ROUND}/requests",
    sites.allocation.ask_in_round,
    needs=("ask_in_round",),
    takes=AskInRound,
    answers=RequestView,
    status=201,
    refusals=(
        "not-found",
        "requests-not-taken",
        "party-over-seats",
        "party-outside-programme",
        "branch-unknown",
        "not-your-branch",
    ),
)
rounds.read(
    "/allocation-requests",
    sites.allocation.allocation_requests,
    needs=("read_requests",),
    takes=RequestsAsked,
    answers=Many(RequestView),
)
rounds.read(
    REQUEST,
    sites.allocation.allocation_request,
    needs=("read_requests",),
    takes=RequestAsked,
    answers=RequestView,
    refusals=("not-found",),
)
rounds.act(
    f"{REQUEST}/withdrawal",
    sites.allocation.withdraw_request,
    needs=("ask_in_round",),
    takes=WithdrawRequest,
    answers=RequestView,
    refusals=("not-found", "requests-not-taken", "request-withdrawn", "not-your-branch"),
)


def export(round_id: UUID) -> Response:
    """Return the draw as JSON, or its requests as CSV."""
    as_csv = _is_csv()
    told: Any = sites.allocation.allocation_export({"round_id": round_id})
    body = allocation_exports.as_csv(told.data) if as_csv else told.body
    response = resource(body, media_type=f"{CSV}; charset=utf-8" if as_csv else JSON, is_public=True)
    name = f"allocation-{round_id}.{'csv' if as_csv else 'json'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _is_csv() -> bool:
    wanted = request.args.get("format") or "json"
    if wanted not in ("json", "csv"):
        raise InvalidInput({"format": ["Must be one of: json, csv."]})
    return wanted == "csv"


rounds.own(
    f"{ROUND}/export",
    "GET",
    export,
    Declared(
        summary="Return what a draw was made from and what came of it, to be repeated by anyone",
        needs=frozenset(),
        takes=RoundExportAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(JSON, CSV),
    ),
)
