"""The assessment's doors: the daily list, bulletins, supervision slips, reminder talks, documents of them."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def daily_list(fields: Fields, *, who: Holder) -> Answer:
    """List the branches that are yellow or red now (DailyListAsked → Page of DailyRow)."""
    return call(SERVICE, "daily_list", fields, who=who)


def follow_ups(fields: Fields, *, who: Holder) -> Answer:
    """List what was noted of a branch's lights (FollowUpsAsked → Page of LightFollowUpView)."""
    return call(SERVICE, "follow_ups", fields, who=who)


def write_follow_up(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Note how a branch's light is followed up (WriteFollowUp → LightFollowUpView)."""
    return call(SERVICE, "write_follow_up", fields, who=who, command_id=command_id)


def follower(fields: Fields, *, who: Holder) -> Answer:
    """Return who is assigned to follow an organisation up (FollowerAsked → FollowerView)."""
    return call(SERVICE, "follower", fields, who=who)


def follower_candidates(fields: Fields, *, who: Holder) -> Answer:
    """List members who can be assigned (CandidatesAsked → Page of FollowerCandidateView)."""
    return call(SERVICE, "follower_candidates", fields, who=who)


def assign_follower(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Assign who follows an organisation's branches up (AssignFollower → FollowerView)."""
    return call(SERVICE, "assign_follower", fields, who=who, command_id=command_id)


def bulletins(fields: Fields, *, who: Holder) -> Answer:
    """List bulletins (BulletinsAsked → Page of BulletinRow)."""
    return call(SERVICE, "bulletins", fields, who=who)


def bulletin(fields: Fields, *, who: Holder) -> Answer:
    """Return a bulletin (BulletinAsked → BulletinView)."""
    return call(SERVICE, "bulletin", fields, who=who)


def bulletin_lines(fields: Fields, *, who: Holder) -> Answer:
    """List a bulletin's branches (BulletinLinesAsked → Page of BulletinLine)."""
    return call(SERVICE, "bulletin_lines", fields, who=who)


def bulletin_receipts(fields: Fields, *, who: Holder) -> Answer:
    """List to whom a bulletin went and who has read it (ReceiptsAsked → Page of ReceiptView)."""
    return call(SERVICE, "bulletin_receipts", fields, who=who)


def draft_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft a bulletin from the data (DraftBulletin → BulletinView)."""
    return call(SERVICE, "draft_bulletin", fields, who=who, command_id=command_id)


def edit_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write the words of a draft (EditBulletin → BulletinView)."""
    return call(SERVICE, "edit_bulletin", fields, who=who, command_id=command_id)


def edit_bulletin_line(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write the words of one branch in a draft (EditBulletinLine → BulletinView)."""
    return call(SERVICE, "edit_bulletin_line", fields, who=who, command_id=command_id)


def sign_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign a draft that another person drafted (SignBulletin → BulletinView)."""
    return call(SERVICE, "sign_bulletin", fields, who=who, command_id=command_id)


def send_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Send a signed bulletin (SendBulletin → BulletinView)."""
    return call(SERVICE, "send_bulletin", fields, who=who, command_id=command_id)


def withdraw_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a draft away (WithdrawBulletin → BulletinView)."""
    return call(SERVICE, "withdraw_bulletin", fields, who=who, command_id=command_id)


def acknowledge_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign for a bulletin as read (AcknowledgeBulletin → BulletinView)."""
    return call(SERVICE, "acknowledge_bulletin", fields, who=who, command_id=command_id)


def slips(fields: Fields, *, who: Holder) -> Answer:
    """List supervision slips (SlipsAsked → Page of SlipView)."""
    return call(SERVICE, "slips", fields, who=who)


def slip_counts(fields: Fields, *, who: Holder) -> Answer:
    """Return how many slips there are of each state (SlipCountsAsked → SlipCountsView)."""
    return call(SERVICE, "slip_counts", fields, who=who)


def slip_persons(fields: Fields, *, who: Holder) -> Answer:
    """Return who holds the posts of an organisation, to issue a slip to (SlipPersonsAsked → SlipPersonsView)."""
    return call(SERVICE, "slip_persons", fields, who=who)


def slip(fields: Fields, *, who: Holder) -> Answer:
    """Return a supervision slip with its steps (SlipAsked → SlipView)."""
    return call(SERVICE, "slip", fields, who=who)


def slip_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a file of a reply (SlipFileAsked → StoredFile)."""
    return call(SERVICE, "slip_file", fields, who=who)


def issue_slip(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Issue a supervision slip (IssueSlip → SlipView)."""
    return call(SERVICE, "issue_slip", fields, who=who, command_id=command_id)


def reply_to_slip(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Answer a slip, with files that were stored before (ReplyToSlip → SlipView)."""
    return call(SERVICE, "reply_to_slip", fields, who=who, command_id=command_id)


def accept_reply(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Accept the answer to a slip (AcceptReply → SlipView)."""
    return call(SERVICE, "accept_reply", fields, who=who, command_id=command_id)


def return_reply(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give the answer to a slip back (ReturnReply → SlipView)."""
    return call(SERVICE, "return_reply", fields, who=who, command_id=command_id)


def withdraw_slip(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Withdraw a slip (WithdrawSlip → SlipView)."""
    return call(SERVICE, "withdraw_slip", fields, who=who, command_id=command_id)


def talks(fields: Fields, *, who: Holder) -> Answer:
    """List reminder talks (TalksAsked → Page of TalkView)."""
    return call(SERVICE, "talks", fields, who=who)


def talk(fields: Fields, *, who: Holder) -> Answer:
    """Return a reminder talk (TalkAsked → TalkView)."""
    return call(SERVICE, "talk", fields, who=who)


def record_talk(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record a reminder talk that was held (RecordTalk → TalkView)."""
    return call(SERVICE, "record_talk", fields, who=who, command_id=command_id)


def supervision_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return the numbers of slips and talks (SupervisionRulesAsked → SupervisionRulesView)."""
    return call(SERVICE, "supervision_rules", fields, who=who)


def set_supervision_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter numbers of slips and talks from a day on (SetSupervisionRule → SupervisionRulesView)."""
    return call(SERVICE, "set_supervision_rule", fields, who=who, command_id=command_id)


def make_supervision_paper(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a document made of bulletins, slips or talks (MakePaper → PaperView)."""
    return call(SERVICE, "make_supervision_paper", fields, who=who, command_id=command_id)


def supervision_paper(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a document is (PaperAsked → PaperView)."""
    return call(SERVICE, "supervision_paper", fields, who=who)


def supervision_paper_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a document's file (PaperAsked → StoredFile)."""
    return call(SERVICE, "supervision_paper_file", fields, who=who)
