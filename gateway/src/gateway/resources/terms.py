"""Committees with their posts and terms, and their elections step by step."""

from contracts.roster.elections import (
    Approvals,
    ApprovalsAsked,
    ApproveElectionStep,
    CancelElection,
    CountBallots,
    DividePosts,
    ElectionAsked,
    ElectionRoll,
    ElectionView,
    HoldElectionMeeting,
    NominateCandidates,
    ReportElection,
    RequestElection,
    SendBackElectionStep,
    SettleForFewer,
)
from contracts.roster.terms import (
    AppointCommittee,
    AppointToPost,
    ApproveTermShift,
    AskTermShift,
    CommitteeAsked,
    CommitteeView,
    EndPost,
    RecordTerm,
    RefuseTermShift,
    TermCounts,
    TermCountsAsked,
    TermLine,
    TermsAsked,
    WithdrawTermShift,
)

from gateway.clients.roster import terms as doors
from gateway.nouns import Many, Noun

terms = Noun("terms")

_OF: str = "/organisations/<uuid:organisation_id>"

terms.read(
    f"{_OF}/committee",
    doors.committee,
    needs=("read_terms",),
    takes=CommitteeAsked,
    answers=CommitteeView,
    refusals=("not-found",),
)
terms.read(
    "/terms", doors.terms, needs=("read_terms",), takes=TermsAsked, answers=Many(TermLine), refusals=("not-found",)
)
terms.read(
    "/term-counts",
    doors.term_counts,
    needs=("read_terms",),
    takes=TermCountsAsked,
    answers=TermCounts,
    refusals=("not-found",),
)
terms.read("/term-approvals", doors.term_approvals, needs=("decide_election",), takes=ApprovalsAsked, answers=Approvals)

# ---- terms and posts ----------------------------------------------------------------------------------------------

terms.act(
    f"{_OF}/term-shifts",
    doors.ask_term_shift,
    needs=("prepare_election",),
    takes=AskTermShift,
    answers=CommitteeView,
    status=201,
    refusals=("not-found", "no-term", "too-far", "shift-open"),
)
for _door_of_shift, _word_of_shift, _right_of_shift, _message_of_shift, _refusals_of_shift in (
    (
        doors.approve_term_shift,
        "approval",
        "decide_term_shift",
        ApproveTermShift,
        ("not-by-oneself", "no-term", "too-far"),
    ),
    (doors.refuse_term_shift, "refusal", "decide_term_shift", RefuseTermShift, ()),
    (doors.withdraw_term_shift, "withdrawal", "prepare_election", WithdrawTermShift, ()),
):
    terms.act(
        f"/term-shifts/<uuid:shift_id>/{_word_of_shift}",
        _door_of_shift,
        needs=(_right_of_shift,),
        takes=_message_of_shift,
        answers=CommitteeView,
        refusals=("not-found", "shift-decided", *_refusals_of_shift),
    )
for _door_of_post, _word_of_post, _message_of_post, _refusals_of_post in (
    (doors.record_term, "terms", RecordTerm, ("no-fixed-term", "term-running", "not-yet")),
    (
        doors.appoint_committee,
        "appointed-committees",
        AppointCommittee,
        ("not-by-oneself", "no-fixed-term", "term-running", "not-here", "not-yet", "before-it-began", "post-taken"),
    ),
    (
        doors.appoint_to_post,
        "posts",
        AppointToPost,
        ("not-by-oneself", "not-here", "seats-full", "post-taken", "not-yet", "before-it-began"),
    ),
    (doors.end_post, "ended-posts", EndPost, ("post-not-held", "not-yet", "before-it-began")),
):
    terms.act(
        f"{_OF}/{_word_of_post}",
        _door_of_post,
        needs=("manage_posts",),
        takes=_message_of_post,
        answers=CommitteeView,
        status=201,
        refusals=("not-found", *_refusals_of_post),
    )

# ---- elections ----------------------------------------------------------------------------------------------------

terms.act(
    "/elections",
    doors.request_election,
    needs=("prepare_election",),
    takes=RequestElection,
    answers=ElectionView,
    status=201,
    refusals=(
        "not-found",
        "no-fixed-term",
        "election-too-early",
        "election-open",
        "no-term",
        "no-empty-seat",
        "not-yet",
    ),
    located=True,
)
terms.read(
    "/elections/<uuid:election_id>",
    doors.election,
    needs=("read_terms",),
    takes=ElectionAsked,
    answers=ElectionView,
    refusals=("not-found",),
)
terms.read(
    "/elections/<uuid:election_id>/roll",
    doors.election_roll,
    needs=("read_terms",),
    takes=ElectionAsked,
    answers=ElectionRoll,
    refusals=("not-found",),
)
for _door_of_step, _word_of_step, _right_of_step, _message_of_step, _refusals_of_step in (
    (
        doors.nominate_candidates,
        "candidates",
        "prepare_election",
        NominateCandidates,
        ("too-few-candidates", "not-here"),
    ),
    (doors.hold_election_meeting, "meetings", "prepare_election", HoldElectionMeeting, ("quorum-missed", "not-here")),
    (doors.count_ballots, "ballots", "prepare_election", CountBallots, ("not-here",)),
    (doors.settle_for_fewer, "settlement", "prepare_election", SettleForFewer, ("no-one-elected",)),
    (doors.divide_posts, "posts", "prepare_election", DividePosts, ("secretary-needed", "not-elected")),
    (doors.report_election, "report", "prepare_election", ReportElection, ()),
    (
        doors.approve_election_step,
        "approvals",
        "decide_election",
        ApproveElectionStep,
        ("not-by-oneself", "not-here", "no-term", "seats-full", "post-taken"),
    ),
    (doors.send_back_election_step, "returns", "decide_election", SendBackElectionStep, ()),
):
    terms.act(
        f"/elections/<uuid:election_id>/{_word_of_step}",
        _door_of_step,
        needs=(_right_of_step,),
        takes=_message_of_step,
        answers=ElectionView,
        refusals=("not-found", "step-not-due", "step-too-early", "not-yet", *_refusals_of_step),
    )
terms.act(
    "/elections/<uuid:election_id>/cancellation",
    doors.cancel_election,
    needs=("prepare_election", "decide_election"),
    takes=CancelElection,
    answers=ElectionView,
    refusals=("not-found", "step-not-due"),
)
