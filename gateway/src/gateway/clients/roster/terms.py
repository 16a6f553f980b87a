"""Committees with their posts and terms, and their elections step by step."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def committee(fields: Fields, *, who: Holder) -> Answer:
    """Return an organisation's committee on a day, with its terms (CommitteeAsked → CommitteeView)."""
    return call(SERVICE, "committee", fields, who=who)


def terms(fields: Fields, *, who: Holder) -> Answer:
    """List the terms of a part of the tree (TermsAsked → Page of TermLine)."""
    return call(SERVICE, "terms", fields, who=who)


def term_counts(fields: Fields, *, who: Holder) -> Answer:
    """Return how many terms of a part of the tree stand how (TermCountsAsked → TermCounts)."""
    return call(SERVICE, "term_counts", fields, who=who)


def ask_term_shift(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Ask that a term end on another day (AskTermShift → CommitteeView)."""
    return call(SERVICE, "ask_term_shift", fields, who=who, command_id=command_id)


def approve_term_shift(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve that a term ends on another day (ApproveTermShift → CommitteeView)."""
    return call(SERVICE, "approve_term_shift", fields, who=who, command_id=command_id)


def refuse_term_shift(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Leave a term as it is (RefuseTermShift → CommitteeView)."""
    return call(SERVICE, "refuse_term_shift", fields, who=who, command_id=command_id)


def withdraw_term_shift(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take an application back (WithdrawTermShift → CommitteeView)."""
    return call(SERVICE, "withdraw_term_shift", fields, who=who, command_id=command_id)


def record_term(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down a term that runs already (RecordTerm → CommitteeView)."""
    return call(SERVICE, "record_term", fields, who=who, command_id=command_id)


def appoint_committee(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a whole committee into office (AppointCommittee → CommitteeView)."""
    return call(SERVICE, "appoint_committee", fields, who=who, command_id=command_id)


def appoint_to_post(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give one post (AppointToPost → CommitteeView)."""
    return call(SERVICE, "appoint_to_post", fields, who=who, command_id=command_id)


def end_post(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End one post (EndPost → CommitteeView)."""
    return call(SERVICE, "end_post", fields, who=who, command_id=command_id)


def election(fields: Fields, *, who: Holder) -> Answer:
    """Return one election with all its steps (ElectionAsked → ElectionView)."""
    return call(SERVICE, "election", fields, who=who)


def election_roll(fields: Fields, *, who: Holder) -> Answer:
    """Return who may vote and be elected (ElectionAsked → ElectionRoll)."""
    return call(SERVICE, "election_roll", fields, who=who)


def term_approvals(fields: Fields, *, who: Holder) -> Answer:
    """Return what waits for the superior (ApprovalsAsked → Approvals)."""
    return call(SERVICE, "term_approvals", fields, who=who)


def request_election(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Ask for an election (RequestElection → ElectionView)."""
    return call(SERVICE, "request_election", fields, who=who, command_id=command_id)


def approve_election_step(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Approve the step that waits for the superior (ApproveElectionStep → ElectionView)."""
    return call(SERVICE, "approve_election_step", fields, who=who, command_id=command_id)


def send_back_election_step(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Refuse or send back the step that waits for the superior (SendBackElectionStep → ElectionView)."""
    return call(SERVICE, "send_back_election_step", fields, who=who, command_id=command_id)


def nominate_candidates(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Name the candidates (NominateCandidates → ElectionView)."""
    return call(SERVICE, "nominate_candidates", fields, who=who, command_id=command_id)


def hold_election_meeting(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open the meeting (HoldElectionMeeting → ElectionView)."""
    return call(SERVICE, "hold_election_meeting", fields, who=who, command_id=command_id)


def count_ballots(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Count a ballot (CountBallots → ElectionView)."""
    return call(SERVICE, "count_ballots", fields, who=who, command_id=command_id)


def settle_for_fewer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Leave seats empty (SettleForFewer → ElectionView)."""
    return call(SERVICE, "settle_for_fewer", fields, who=who, command_id=command_id)


def divide_posts(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Name secretary and deputies (DividePosts → ElectionView)."""
    return call(SERVICE, "divide_posts", fields, who=who, command_id=command_id)


def report_election(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Report the result (ReportElection → ElectionView)."""
    return call(SERVICE, "report_election", fields, who=who, command_id=command_id)


def cancel_election(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End an election (CancelElection → ElectionView)."""
    return call(SERVICE, "cancel_election", fields, who=who, command_id=command_id)
