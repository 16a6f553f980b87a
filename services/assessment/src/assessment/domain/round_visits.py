"""A visit of a round (A9), from the list of organisations to the branch's word on the report.

    listed ──place──▶ assigned ──finish──▶ finished ──close──▶ closed ──send──▶ sent ──acknowledge──▶ acknowledged
       ├──leave──▶ not_sampled   ▲             │                                  └──dispute──▶ disputed
       └──block──▶ unplaced      └───reopen────┘                                                   └──settle──▶ settled

    closed, sent, acknowledged, disputed, settled ──open_anew──▶ assigned        until the round is ended

The draw places. While a visit is assigned its team writes answers; an assessor finishes it, the team's leader opens it
again or closes it, which gives the score. The officer sends the report; the branch acknowledges it with its word, or
disputes it with a reason, and the officer's decision settles that. The officer opens it anew with a reason: what it
gave is put aside as it was, and the team fills in what it has to.
"""

from typing import Final

LISTED: Final = "listed"
NOT_SAMPLED: Final = "not_sampled"
UNPLACED: Final = "unplaced"
ASSIGNED: Final = "assigned"
FINISHED: Final = "finished"
CLOSED: Final = "closed"
SENT: Final = "sent"
ACKNOWLEDGED: Final = "acknowledged"
DISPUTED: Final = "disputed"
SETTLED: Final = "settled"
STATES: Final = (
    *(LISTED, NOT_SAMPLED, UNPLACED, ASSIGNED, FINISHED),
    *(CLOSED, SENT, ACKNOWLEDGED, DISPUTED, SETTLED),
)
SEEN_BY_BRANCH: Final = frozenset({SENT, ACKNOWLEDGED, DISPUTED, SETTLED})
"""The states in which a branch sees its report."""

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "place": (frozenset({LISTED}), ASSIGNED),
    "leave": (frozenset({LISTED}), NOT_SAMPLED),
    "block": (frozenset({LISTED}), UNPLACED),
    "finish": (frozenset({ASSIGNED}), FINISHED),
    "reopen": (frozenset({FINISHED}), ASSIGNED),
    "close": (frozenset({FINISHED}), CLOSED),
    "send": (frozenset({CLOSED}), SENT),
    "acknowledge": (frozenset({SENT}), ACKNOWLEDGED),
    "dispute": (frozenset({SENT}), DISPUTED),
    "settle": (frozenset({DISPUTED}), SETTLED),
    "open_anew": (frozenset({CLOSED, SENT, ACKNOWLEDGED, DISPUTED, SETTLED}), ASSIGNED),
}
