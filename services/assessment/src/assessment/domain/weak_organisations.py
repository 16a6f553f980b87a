"""The list of weak organisations (软弱涣散): proposed by rule or by a person, decided and released by people (A10).

entry   proposed ──list──▶ listed ──release──▶ released     all items accepted; by somebody who accepted none
           └──dismiss──▶ dismissed

item    open ──do──▶ done ──accept──▶ accepted
          ▲           │
          └──return───┘
"""

from typing import Final

PROPOSED, LISTED, RELEASED, DISMISSED = ENTRY_STATES = ("proposed", "listed", "released", "dismissed")

ENTRY_MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "list": (frozenset({PROPOSED}), LISTED),
    "dismiss": (frozenset({PROPOSED}), DISMISSED),
    "release": (frozenset({LISTED}), RELEASED),
}

OPEN, DONE, ACCEPTED = ITEM_STATES = ("open", "done", "accepted")

ITEM_MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "do": (frozenset({OPEN}), DONE),
    "accept": (frozenset({DONE}), ACCEPTED),
    "return": (frozenset({DONE}), OPEN),
}

STEPS: Final = ("propose", "list", "dismiss", "add_item", "do", "accept", "return", "release")
"""What the history of an entry may say."""
