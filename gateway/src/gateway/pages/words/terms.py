"""The words for committees, terms and elections; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "term_status": {
        "without": _("No term recorded"),
        "overdue": _("Term is over"),
        "ending": _("Ends within half a year"),
        "running": _("In office"),
    },
    "shift_state": {
        "asked": _("Waits for the superior"),
        "approved": _("Approved by the superior"),
        "refused": _("Not approved"),
        "withdrawn": _("Taken back"),
    },
    "post_ending": {
        "moved": _("Moved to another organisation"),
        "resigned": _("Resigned"),
        "dismissed": _("Dismissed"),
        "deceased": _("Deceased"),
        "membership_ended": _("No member any more"),
        "replaced": _("Another post or holder followed"),
        "term_ended": _("Term ended"),
    },
    "made_by": {"elected": _("Elected"), "appointed": _("Appointed"), "recorded": _("Recorded afterwards")},
    "election_kind": {"term": _("Election of a new committee"), "by_election": _("By-election")},
    "election_state": {
        "requested": _("Waits for the superior's reply"),
        "allowed": _("Candidates are to be named"),
        "nominated": _("Candidates wait for approval"),
        "candidates_approved": _("Meeting is to be held"),
        "met": _("Ballot is to be counted"),
        "counted": _("Posts are to be divided"),
        "divided": _("Result is to be reported"),
        "reported": _("Result waits for approval"),
        "effective": _("New committee in office"),
        "refused": _("Refused by the superior"),
        "cancelled": _("Election ended without result"),
    },
    "election_step": {
        "request": _("Request to the superior"),
        "reply": _("Superior's reply"),
        "refuse": _("Refused by the superior"),
        "nominate": _("Candidates named"),
        "approve_candidates": _("Candidates approved"),
        "return_candidates": _("Candidates sent back"),
        "meet": _("Meeting opened"),
        "ballot": _("Ballot counted, another one follows"),
        "count": _("Ballot counted, all seats filled"),
        "settle": _("Seats left empty"),
        "divide": _("Posts divided"),
        "report": _("Result reported"),
        "approve_result": _("Result approved, committee in office"),
        "return_result": _("Result sent back"),
        "cancel": _("Election ended without result"),
    },
    "superior_step": {
        "reply": _("Reply to the request"),
        "candidates": _("Approve the candidates"),
        "result": _("Approve the result"),
    },
    "not_counted": {
        "under_probation": _("On probation within the Party: no vote"),
        "rights_suspended": _("Detained or arrested: rights suspended"),
        "cannot_express": _("Ill and unable to express a will"),
        "bedridden": _("Bedridden or helpless"),
        "abroad": _("Abroad at own expense for over half a year"),
        "serving_sentence": _("Serving a sentence"),
        "away": _("Away for over half a year"),
    },
    "ballot_outcome": {
        "decided": _("All seats filled"),
        "tied": _("Equal votes: run-off"),
        "missing": _("Seats left: another ballot"),
        "invalid": _("Void: more papers than were handed out"),
    },
    "term_notice": {"ending": _("Ends within half a year"), "overdue": _("Term is over")},
}

TONES: dict[str, dict[str, str]] = {
    "term_status": {"without": "warn", "overdue": "bad", "ending": "warn", "running": "good"},
    "shift_state": {"asked": "info", "approved": "good", "refused": "bad", "withdrawn": "none"},
    "election_state": {
        **dict.fromkeys(("requested", "nominated", "reported"), "warn"),
        **dict.fromkeys(("allowed", "candidates_approved", "met", "counted", "divided"), "info"),
        "effective": "good",
        "refused": "bad",
        "cancelled": "none",
    },
    "ballot_outcome": {"decided": "good", "tied": "warn", "missing": "warn", "invalid": "bad"},
}
