"""Members, their records, and who looked at them."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def members(fields: Fields, *, who: Holder) -> Answer:
    """List an organisation's members on a day (MembersAsked → Page of MemberView)."""
    return call(SERVICE, "members", fields, who=who)


def member(fields: Fields, *, who: Holder) -> Answer:
    """Return one member's record (MemberAsked → MemberRecord)."""
    return call(SERVICE, "member", fields, who=who)


def register_member(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter somebody as a member (RegisterMember → MemberRegistered)."""
    return call(SERVICE, "register_member", fields, who=who, command_id=command_id)


def edit_member(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down what is known of a member (EditMember → MemberChanged)."""
    return call(SERVICE, "edit_member", fields, who=who, command_id=command_id)


def change_member_state(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that a member is active, floating or lost (ChangeState → MemberChanged)."""
    return call(SERVICE, "change_member_state", fields, who=who, command_id=command_id)


def end_membership(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that a member is none any more (EndMembership → MemberChanged)."""
    return call(SERVICE, "end_membership", fields, who=who, command_id=command_id)


def state_member_fact(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down a fact about a member (StateFact → MemberChanged)."""
    return call(SERVICE, "state_member_fact", fields, who=who, command_id=command_id)


def end_member_fact(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say on which day a fact ceased to hold (EndFact → MemberChanged)."""
    return call(SERVICE, "end_member_fact", fields, who=who, command_id=command_id)


def open_personal_data(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open a member's sealed numbers (OpenPersonalData → PersonalData)."""
    return call(SERVICE, "open_personal_data", fields, who=who, command_id=command_id)


def look_up_member(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Find who has a number (LookUpMember → MembersFound)."""
    return call(SERVICE, "look_up_member", fields, who=who, command_id=command_id)


def personal_views(fields: Fields, *, who: Holder) -> Answer:
    """List who opened a member's sealed numbers (PersonalViewsAsked → Page of PersonalViewView)."""
    return call(SERVICE, "personal_views", fields, who=who)


def my_record(fields: Fields, *, who: Holder) -> Answer:
    """Return one's own record (MyRecordAsked → MemberRecord)."""
    return call(SERVICE, "my_record", fields, who=who)


def my_views(fields: Fields, *, who: Holder) -> Answer:
    """List who looked at one's own data (MyViewsAsked → Page of PersonalViewView)."""
    return call(SERVICE, "my_views", fields, who=who)


def seal_anew(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Seal all personal data with the newest key (SealAnew → SealingView)."""
    return call(SERVICE, "seal_anew", fields, who=who, command_id=command_id)


def sealing(fields: Fields, *, who: Holder) -> Answer:
    """Return how far sealing anew is (SealingAsked → SealingView)."""
    return call(SERVICE, "sealing", fields, who=who)


def member_duplicates(fields: Fields, *, who: Holder) -> Answer:
    """List who is likely entered twice (DuplicatesAsked → Page of DuplicateView)."""
    return call(SERVICE, "member_duplicates", fields, who=who)


def tell_members_apart(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that two who look alike are two people (TellApart → Nothing)."""
    return call(SERVICE, "tell_members_apart", fields, who=who, command_id=command_id)
