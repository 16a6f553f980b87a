"""An organisation elects its committee; three of the steps are the superior's, and none can be left out.

    requested ──reply──▶ allowed ──nominate──▶ nominated ──approve_candidates──▶ candidates_approved
        └─refuse─▶ refused  ▲──return_candidates──┘                                │ meet
                                                                                  ▼
    effective ◀──approve_result── reported ◀──report── divided ◀──divide── counted ◀──count, settle── met
                                     └──return_result──▶ divided                        again: ballot, meet
    each that is open ──cancel──▶ cancelled

《中国共产党基层组织选举工作条例》 (2020). By article: 3 (term and its moving), 4 (assembly of members, congress of
delegates from 500 members on), 5 (probationary members and those on probation within the Party have no vote; the rights
of those who are detained or arrested are suspended). By chapter: III (candidates a fifth more than seats, agreed on by
the members and approved by the superior), IV (four fifths of those who ought to come; papers no more than were handed
out; more than half of the voters present; a tie is voted on again; what is missing is elected anew or left empty; the
committee elects secretary and deputies), V (the result is reported and approved).

Who ought to come but is not counted: the five cases of the Organisation Department's answer (cannot express a will;
bedridden or helpless; abroad at own expense, in prison, or away for more than half a year), each with the superior's
consent and the assembly's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from chassis.refusals import Refusal

Name = TypeVar("Name")

OPEN: Final = frozenset(
    {"requested", "allowed", "nominated", "candidates_approved", "met", "counted", "divided", "reported"}
)

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "reply": (frozenset({"requested"}), "allowed"),
    "refuse": (frozenset({"requested"}), "refused"),
    "nominate": (frozenset({"allowed"}), "nominated"),
    "approve_candidates": (frozenset({"nominated"}), "candidates_approved"),
    "return_candidates": (frozenset({"nominated"}), "allowed"),
    "meet": (frozenset({"candidates_approved", "met"}), "met"),
    "ballot": (frozenset({"met"}), "met"),
    "count": (frozenset({"met"}), "counted"),
    "settle": (frozenset({"met"}), "counted"),
    "divide": (frozenset({"counted"}), "divided"),
    "report": (frozenset({"divided"}), "reported"),
    "approve_result": (frozenset({"reported"}), "effective"),
    "return_result": (frozenset({"reported"}), "divided"),
    "cancel": (OPEN, "cancelled"),
}
NEXT: Final[dict[str, str]] = {
    "requested": "reply",
    "allowed": "nominate",
    "nominated": "candidates",
    "candidates_approved": "meet",
    "met": "ballot",
    "counted": "divide",
    "divided": "report",
    "reported": "result",
}
"""The one step that is due, by state; `reply`, `candidates` and `result` are the superior's."""
APPROVES: Final[dict[str, str]] = {"reply": "reply", "candidates": "approve_candidates", "result": "approve_result"}
SENDS_BACK: Final[dict[str, str]] = {
    "reply": "refuse",
    "candidates": "return_candidates",
    "result": "return_result",
}


class ElectionOpen(Refusal):
    """An election is open in this organisation already."""


class ElectionTooEarly(Refusal):
    """The term runs until {ends_on}; a new committee is elected a year before that at the earliest: {earliest}."""


class StepNotDue(Refusal):
    """The election is “{state}” now; this step is not due."""


class StepTooEarly(Refusal):
    """The step before was on {day}; this one cannot be earlier."""


class TooFewCandidates(Refusal):
    """For {seats} seats at least {least} candidates are needed."""


class QuorumMissed(Refusal):
    """Of {counted} who ought to come at least {quorum} must be there; {present} are. Meet on another day."""


class NoEmptySeat(Refusal):
    """{empty} seats are empty; a by-election cannot be for {seats}."""


class SecretaryNeeded(Refusal):
    """The secretary is not named yet."""


class NotElected(Refusal):
    """{name} was not elected, and so holds no post of the new committee."""


class NoOneElected(Refusal):
    """Nobody is elected yet; hold another ballot, or cancel the election."""


def candidates_least(seats: int, *, more_percent: int, from_seats: int) -> int:
    """Return how many must stand for so many seats: a fifth more, rounded up (chapter III).

    Where a secretary and a deputy are elected without a committee, fewer than `from_seats`, no more than the seats.
    """
    return seats if seats < from_seats else seats + -(-seats * more_percent // 100)


def quorum_of(counted: int, *, come: int, of: int) -> int:
    """Return how many of those who ought to come must be there: no fewer than four fifths (chapter IV)."""
    return -(-counted * come // of)


def votes_needed(present: int, *, more_than: int, of: int) -> int:
    """Return with how many votes somebody is elected: more than half of the voters who are present (chapter IV)."""
    return present * more_than // of + 1


@dataclass(frozen=True)
class Outcome(Generic[Name]):
    """What a ballot gave: who is elected, who is tied for the seats that are left, and how many are left."""

    elected: tuple[Name, ...]
    tied: tuple[Name, ...]
    seats_left: int

    @property
    def word(self) -> str:
        """Return decided, tied or missing."""
        if self.seats_left == 0:
            return "decided"
        return "tied" if self.tied else "missing"


def decide(votes: Mapping[Name, int], *, seats: int, needed: int) -> Outcome[Name]:
    """Decide a ballot by the votes in favour of each (chapter IV).

    Elected is who has `needed` votes or more, those with most votes first until the seats are taken. Where equal votes
    leave open who of them is elected, none of them is: they are voted on again, and then most votes decide.
    """
    reached = sorted((name for name in votes if votes[name] >= needed), key=lambda name: -votes[name])
    if len(reached) <= seats:
        return Outcome(tuple(reached), (), seats - len(reached))
    edge = votes[reached[seats - 1]]
    if votes[reached[seats]] < edge:
        return Outcome(tuple(reached[:seats]), (), 0)
    above = tuple(name for name in reached if votes[name] > edge)
    tied = tuple(name for name in reached if votes[name] == edge)
    return Outcome(above, tied, seats - len(above))


def faults_of_papers(
    *, handed_out: int, returned: int, spoiled: int, votes: Iterable[int], seats: int, present: int
) -> dict[str, list[str]]:
    """Return what cannot be true of a ballot's papers, by field.

    More papers returned than handed out is no fault of the form: it makes the ballot void (chapter IV).
    """
    faults: dict[str, list[str]] = {}
    if handed_out > present:
        faults["handed_out"] = ["Nobody gets two papers: no more are handed out than voters are there."]
    if spoiled > returned:
        faults["spoiled"] = ["No more papers are spoiled than came back."]
    else:
        valid = returned - spoiled
        each = list(votes)
        if any(number > valid for number in each):
            faults["votes"] = ["Nobody has more votes than there are valid papers."]
        elif sum(each) > valid * seats:
            faults["votes"] = ["A paper with more names than seats is spoiled: these are too many votes."]
    return faults
