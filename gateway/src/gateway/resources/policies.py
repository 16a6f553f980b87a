"""Versions of the subsidy policy, drafts of the next one, and what past months would have come to under them."""

from typing import Final
from uuid import UUID

from chassis.files import CSV, XLSX
from chassis.refusals import NotFound
from contracts.sites.policies import (
    AdoptPolicy,
    DraftPolicy,
    EditPolicy,
    PoliciesAsked,
    PolicyRow,
    PolicyVersionAsked,
    PolicyVersionView,
    ReplayAsked,
    ReplayPolicy,
    ReplaysAsked,
    ReplayView,
    WithdrawPolicy,
)
from flask import Response

from gateway.clients import sites
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, query_fields
from gateway.resources.settlement_batches import stored_file

POLICY: Final = "/policies/<uuid:policy_id>"

policies = Noun("policies")

policies.read("/policies", sites.funds.policies, needs=("read_policies",), takes=PoliciesAsked, answers=Many(PolicyRow))
policies.act(
    "/policies",
    sites.funds.draft_policy,
    needs=("draft_policy",),
    takes=DraftPolicy,
    answers=PolicyVersionView,
    status=201,
    located=True,
)
policies.read(
    POLICY,
    sites.funds.policy,
    needs=("read_policies",),
    takes=PolicyVersionAsked,
    answers=PolicyVersionView,
    refusals=("not-found",),
    versioned=True,
)
policies.change(
    POLICY,
    sites.funds.edit_policy,
    needs=("draft_policy",),
    takes=EditPolicy,
    answers=PolicyVersionView,
    refusals=("not-found", "policy-not-movable"),
)
policies.act(
    f"{POLICY}/adoption",
    sites.funds.adopt_policy,
    needs=("adopt_policy",),
    takes=AdoptPolicy,
    answers=PolicyVersionView,
    refusals=(
        "not-found",
        "token-too-old",
        "policy-not-movable",
        "same-drafter",
        "policy-in-past",
        "policy-not-after-last",
    ),
)
policies.act(
    f"{POLICY}/withdrawal",
    sites.funds.withdraw_policy,
    needs=("withdraw_policy",),
    takes=WithdrawPolicy,
    answers=PolicyVersionView,
    refusals=("not-found", "policy-not-movable"),
)
policies.act(
    f"{POLICY}/replays",
    sites.funds.replay_policy,
    needs=("replay_policy",),
    takes=ReplayPolicy,
    answers=ReplayView,
    status=202,
    refusals=("not-found", "too-many-replays"),
)
policies.read(
    f"{POLICY}/replays",
    sites.funds.policy_replays,
    needs=("read_policies",),
    takes=ReplaysAsked,
    answers=Many(ReplayView),
)
policies.read(
    "/policy-replays/<uuid:replay_id>",
    sites.funds.policy_replay,
    needs=("read_policies",),
    takes=ReplayAsked,
    answers=ReplayView,
    refusals=("not-found",),
)


def replay_rows(replay_id: UUID) -> Response:
    """Stream the rows of a replay out of the file store; CSV unless `format` says xlsx."""
    who = must("read_policies")
    kind = query_fields().get("format", "csv")
    found = sites.funds.policy_replay({"replay_id": replay_id}, who=who).data
    stored = ((found["result"] or {}).get("files") or {}).get(kind)
    if stored is None:
        raise NotFound()
    return stored_file(stored)


policies.own(
    "/policy-replays/<uuid:replay_id>/rows",
    "GET",
    replay_rows,
    Declared(
        summary="Return the visits of a replay, before and after, as a file",
        needs=frozenset({"read_policies"}),
        takes=None,
        answers=None,
        refusals=("not-found",),
        media_types=(CSV, XLSX),
    ),
)
