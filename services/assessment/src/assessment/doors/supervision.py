"""Doors: the daily list, bulletins, supervision slips, reminder talks, and the documents made of them."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.bulletins import (
    AcknowledgeBulletin,
    AssignFollower,
    BulletinAsked,
    BulletinLinesAsked,
    BulletinsAsked,
    BulletinView,
    CandidatesAsked,
    DailyListAsked,
    DraftBulletin,
    EditBulletin,
    EditBulletinLine,
    FollowerAsked,
    FollowerView,
    FollowUpsAsked,
    LightFollowUpView,
    ReceiptsAsked,
    SendBulletin,
    SignBulletin,
    WithdrawBulletin,
    WriteFollowUp,
)
from contracts.assessment.slips import (
    AcceptReply,
    IssueSlip,
    ReplyToSlip,
    ReturnReply,
    SlipAsked,
    SlipCountsAsked,
    SlipCountsView,
    SlipFileAsked,
    SlipPersonsAsked,
    SlipPersonsView,
    SlipsAsked,
    SlipView,
    WithdrawSlip,
)
from contracts.assessment.supervision import (
    MakePaper,
    PaperAsked,
    PaperView,
    SetSupervisionRule,
    SupervisionRulesAsked,
    SupervisionRulesView,
)
from contracts.assessment.talks import RecordTalk, TalkAsked, TalksAsked, TalkView
from contracts.envelope import Page, StoredFile

from assessment.doors.resources import Doors
from assessment.operations import bulletins, followers, slips, supervision_papers, supervision_rules, talks
from assessment.queries import bulletins as shown_bulletins
from assessment.queries import followers as shown_followers
from assessment.queries import slips as shown_slips
from assessment.queries import supervision_rules as shown_rules
from assessment.queries import talks as shown_talks


class BulletinDoors(Doors):
    """Doors: the daily list with its follow-ups, and bulletins."""

    @query(DailyListAsked, returns=Page)
    def daily_list(self, asked: DailyListAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_followers.daily_list(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(FollowUpsAsked, returns=Page)
    def follow_ups(self, asked: FollowUpsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_followers.follow_ups_asked(self.database.transaction, asked=asked, actor=actor)

    @query(FollowerAsked, returns=FollowerView)
    def follower(self, asked: FollowerAsked, *, actor: Actor, at: datetime) -> FollowerView:
        return shown_followers.follower(self.database.transaction, asked=asked, actor=actor)

    @query(CandidatesAsked, returns=Page, recorded=True)
    def follower_candidates(self, asked: CandidatesAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_followers.candidates(self.database.transaction, asked=asked, actor=actor)

    @command(WriteFollowUp, returns=LightFollowUpView)
    def write_follow_up(self, asked: WriteFollowUp, *, actor: Actor, at: datetime) -> LightFollowUpView:
        return followers.write(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AssignFollower, returns=FollowerView)
    def assign_follower(self, asked: AssignFollower, *, actor: Actor, at: datetime) -> FollowerView:
        return followers.assign(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(BulletinsAsked, returns=Page)
    def bulletins(self, asked: BulletinsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_bulletins.bulletins_asked(self.database.transaction, asked=asked, actor=actor)

    @query(BulletinAsked, returns=BulletinView)
    def bulletin(self, asked: BulletinAsked, *, actor: Actor, at: datetime) -> BulletinView:
        return shown_bulletins.bulletin(self.database.transaction, asked=asked, actor=actor)

    @query(BulletinLinesAsked, returns=Page)
    def bulletin_lines(self, asked: BulletinLinesAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_bulletins.lines(self.database.transaction, asked=asked, actor=actor)

    @query(ReceiptsAsked, returns=Page)
    def bulletin_receipts(self, asked: ReceiptsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_bulletins.receipts(self.database.transaction, asked=asked, actor=actor)

    @command(DraftBulletin, returns=BulletinView)
    def draft_bulletin(self, asked: DraftBulletin, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.draft(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditBulletin, returns=BulletinView)
    def edit_bulletin(self, asked: EditBulletin, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditBulletinLine, returns=BulletinView)
    def edit_bulletin_line(self, asked: EditBulletinLine, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.edit_line(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SignBulletin, returns=BulletinView)
    def sign_bulletin(self, asked: SignBulletin, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.sign(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SendBulletin, returns=BulletinView)
    def send_bulletin(self, asked: SendBulletin, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.send(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawBulletin, returns=BulletinView)
    def withdraw_bulletin(self, asked: WithdrawBulletin, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AcknowledgeBulletin, returns=BulletinView)
    def acknowledge_bulletin(self, asked: AcknowledgeBulletin, *, actor: Actor, at: datetime) -> BulletinView:
        return bulletins.acknowledge(self.database.transaction, asked=asked, actor=actor, at=at)


class SlipDoors(Doors):
    """Doors: supervision slips and reminder talks, their numbers, and documents."""

    @query(SlipsAsked, returns=Page)
    def slips(self, asked: SlipsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_slips.slips_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SlipAsked, returns=SlipView)
    def slip(self, asked: SlipAsked, *, actor: Actor, at: datetime) -> SlipView:
        return shown_slips.slip(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SlipCountsAsked, returns=SlipCountsView)
    def slip_counts(self, asked: SlipCountsAsked, *, actor: Actor, at: datetime) -> SlipCountsView:
        return shown_slips.counts(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SlipPersonsAsked, returns=SlipPersonsView)
    def slip_persons(self, asked: SlipPersonsAsked, *, actor: Actor, at: datetime) -> SlipPersonsView:
        return shown_slips.persons(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SlipFileAsked, returns=StoredFile)
    def slip_file(self, asked: SlipFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return shown_slips.file_of(self.database.transaction, asked=asked, actor=actor)

    @command(IssueSlip, returns=SlipView)
    def issue_slip(self, asked: IssueSlip, *, actor: Actor, at: datetime) -> SlipView:
        return slips.issue(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReplyToSlip, returns=SlipView)
    def reply_to_slip(self, asked: ReplyToSlip, *, actor: Actor, at: datetime) -> SlipView:
        return slips.reply(self.database.transaction, slips.store(), asked=asked, actor=actor, at=at)

    @command(AcceptReply, returns=SlipView)
    def accept_reply(self, asked: AcceptReply, *, actor: Actor, at: datetime) -> SlipView:
        return slips.accept(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReturnReply, returns=SlipView)
    def return_reply(self, asked: ReturnReply, *, actor: Actor, at: datetime) -> SlipView:
        return slips.give_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawSlip, returns=SlipView)
    def withdraw_slip(self, asked: WithdrawSlip, *, actor: Actor, at: datetime) -> SlipView:
        return slips.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TalksAsked, returns=Page)
    def talks(self, asked: TalksAsked, *, actor: Actor, at: datetime) -> Page:
        return shown_talks.talks_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TalkAsked, returns=TalkView)
    def talk(self, asked: TalkAsked, *, actor: Actor, at: datetime) -> TalkView:
        return shown_talks.talk(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordTalk, returns=TalkView)
    def record_talk(self, asked: RecordTalk, *, actor: Actor, at: datetime) -> TalkView:
        return talks.record(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SupervisionRulesAsked, returns=SupervisionRulesView)
    def supervision_rules(self, asked: SupervisionRulesAsked, *, actor: Actor, at: datetime) -> SupervisionRulesView:
        return shown_rules.rules(self.database.transaction, asked=asked, actor=actor)

    @command(SetSupervisionRule, returns=SupervisionRulesView)
    def set_supervision_rule(self, asked: SetSupervisionRule, *, actor: Actor, at: datetime) -> SupervisionRulesView:
        return supervision_rules.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakePaper, returns=PaperView)
    def make_supervision_paper(self, asked: MakePaper, *, actor: Actor, at: datetime) -> PaperView:
        return supervision_papers.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PaperAsked, returns=PaperView)
    def supervision_paper(self, asked: PaperAsked, *, actor: Actor, at: datetime) -> PaperView:
        return supervision_papers.paper(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PaperAsked, returns=StoredFile)
    def supervision_paper_file(self, asked: PaperAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return supervision_papers.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
