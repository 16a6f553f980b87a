"""Doors: committees with their posts and terms, and their elections step by step."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
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
    TermsAsked,
    WithdrawTermShift,
)

from roster.doors.resources import Doors
from roster.operations import ballots, elections, term_shifts, terms
from roster.queries import elections as elections_asked
from roster.queries import terms as terms_asked


class TermDoors(Doors):
    """Doors: committees with their posts and terms, and their elections step by step."""

    @query(CommitteeAsked, returns=CommitteeView)
    def committee(self, asked: CommitteeAsked, *, actor: Actor, at: datetime) -> CommitteeView:
        """An organisation's committee on a day, with its terms."""
        return terms_asked.committee(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @query(TermsAsked, returns=Page)
    def terms(self, asked: TermsAsked, *, actor: Actor, at: datetime) -> Page:
        """The terms of a part of the tree."""
        return terms_asked.page(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @query(TermCountsAsked, returns=TermCounts)
    def term_counts(self, asked: TermCountsAsked, *, actor: Actor, at: datetime) -> TermCounts:
        """How many terms of a part of the tree stand how."""
        return terms_asked.counts(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @command(AskTermShift, returns=CommitteeView)
    def ask_term_shift(self, asked: AskTermShift, *, actor: Actor, at: datetime) -> CommitteeView:
        """Ask that a term end on another day."""
        return term_shifts.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApproveTermShift, returns=CommitteeView)
    def approve_term_shift(self, asked: ApproveTermShift, *, actor: Actor, at: datetime) -> CommitteeView:
        """Approve that a term ends on another day."""
        return term_shifts.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RefuseTermShift, returns=CommitteeView)
    def refuse_term_shift(self, asked: RefuseTermShift, *, actor: Actor, at: datetime) -> CommitteeView:
        """Leave a term as it is."""
        return term_shifts.refuse(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawTermShift, returns=CommitteeView)
    def withdraw_term_shift(self, asked: WithdrawTermShift, *, actor: Actor, at: datetime) -> CommitteeView:
        """Take an application back."""
        return term_shifts.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordTerm, returns=CommitteeView)
    def record_term(self, asked: RecordTerm, *, actor: Actor, at: datetime) -> CommitteeView:
        """Write down a term that runs already."""
        return terms.record(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AppointCommittee, returns=CommitteeView)
    def appoint_committee(self, asked: AppointCommittee, *, actor: Actor, at: datetime) -> CommitteeView:
        """Put a whole committee into office."""
        return terms.appoint_committee(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AppointToPost, returns=CommitteeView)
    def appoint_to_post(self, asked: AppointToPost, *, actor: Actor, at: datetime) -> CommitteeView:
        """Give one post."""
        return terms.appoint_to_post(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EndPost, returns=CommitteeView)
    def end_post(self, asked: EndPost, *, actor: Actor, at: datetime) -> CommitteeView:
        """End one post."""
        return terms.end_post(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- elections -----------------------------------------------------------------------------------------------

    @query(ElectionAsked, returns=ElectionView)
    def election(self, asked: ElectionAsked, *, actor: Actor, at: datetime) -> ElectionView:
        """One election with all its steps."""
        return elections_asked.one(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @query(ElectionAsked, returns=ElectionRoll, recorded=True)
    def election_roll(self, asked: ElectionAsked, *, actor: Actor, at: datetime) -> ElectionRoll:
        """Who may vote and be elected."""
        return elections_asked.roll(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @query(ApprovalsAsked, returns=Approvals)
    def term_approvals(self, asked: ApprovalsAsked, *, actor: Actor, at: datetime) -> Approvals:
        """What waits for the superior."""
        return elections_asked.approvals(self.database.transaction, asked, actor=actor)

    @command(RequestElection, returns=ElectionView)
    def request_election(self, asked: RequestElection, *, actor: Actor, at: datetime) -> ElectionView:
        """Ask for an election."""
        return elections.request(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApproveElectionStep, returns=ElectionView)
    def approve_election_step(self, asked: ApproveElectionStep, *, actor: Actor, at: datetime) -> ElectionView:
        """Approve the step that waits for the superior."""
        return elections.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SendBackElectionStep, returns=ElectionView)
    def send_back_election_step(self, asked: SendBackElectionStep, *, actor: Actor, at: datetime) -> ElectionView:
        """Refuse or send back the step that waits for the superior."""
        return elections.send_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(NominateCandidates, returns=ElectionView)
    def nominate_candidates(self, asked: NominateCandidates, *, actor: Actor, at: datetime) -> ElectionView:
        """Name the candidates."""
        return elections.nominate(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(HoldElectionMeeting, returns=ElectionView)
    def hold_election_meeting(self, asked: HoldElectionMeeting, *, actor: Actor, at: datetime) -> ElectionView:
        """Open the meeting."""
        return elections.meet(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CountBallots, returns=ElectionView)
    def count_ballots(self, asked: CountBallots, *, actor: Actor, at: datetime) -> ElectionView:
        """Count a ballot."""
        return ballots.count(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SettleForFewer, returns=ElectionView)
    def settle_for_fewer(self, asked: SettleForFewer, *, actor: Actor, at: datetime) -> ElectionView:
        """Leave seats empty."""
        return ballots.settle(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DividePosts, returns=ElectionView)
    def divide_posts(self, asked: DividePosts, *, actor: Actor, at: datetime) -> ElectionView:
        """Name secretary and deputies."""
        return elections.divide(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReportElection, returns=ElectionView)
    def report_election(self, asked: ReportElection, *, actor: Actor, at: datetime) -> ElectionView:
        """Report the result."""
        return elections.report(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CancelElection, returns=ElectionView)
    def cancel_election(self, asked: CancelElection, *, actor: Actor, at: datetime) -> ElectionView:
        """End an election."""
        return elections.cancel(self.database.transaction, asked=asked, actor=actor, at=at)
