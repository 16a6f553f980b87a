"""Members, their records, who looked at them; who is entered twice."""

from contracts.roster.members import (
    ChangeState,
    DuplicatesAsked,
    DuplicateView,
    EditMember,
    EndFact,
    EndMembership,
    LookUpMember,
    MemberAsked,
    MemberChanged,
    MemberRecord,
    MemberRegistered,
    MembersFound,
    MyRecordAsked,
    MyViewsAsked,
    OpenPersonalData,
    PersonalData,
    PersonalViewsAsked,
    PersonalViewView,
    RegisterMember,
    SealAnew,
    SealingAsked,
    SealingView,
    StateFact,
    TellApart,
)
from contracts.roster.sessions import Nothing

from gateway.clients.roster import members as doors
from gateway.nouns import Many, Noun

members = Noun("members")

_CHANGE = ("not-found", "not-a-member", "not-yet", "before-it-began")

members.act(
    "/members",
    doors.register_member,
    needs=("edit_member",),
    takes=RegisterMember,
    answers=MemberRegistered,
    status=201,
    refusals=("not-found", "not-a-branch", "member-elsewhere", "identity-number-taken", "not-yet"),
    located=True,
)
members.read(
    "/members/<uuid:person_id>",
    doors.member,
    needs=("read_member",),
    takes=MemberAsked,
    answers=MemberRecord,
    refusals=("not-found",),
    versioned=True,
)
members.change(
    "/members/<uuid:person_id>",
    doors.edit_member,
    needs=("edit_member",),
    takes=EditMember,
    answers=MemberChanged,
    refusals=("not-found", "identity-number-taken"),
)
members.act(
    "/members/<uuid:person_id>/state",
    doors.change_member_state,
    needs=("edit_member",),
    takes=ChangeState,
    answers=MemberChanged,
    refusals=(*_CHANGE, "state-already"),
)
members.act(
    "/members/<uuid:person_id>/end",
    doors.end_membership,
    needs=("end_membership",),
    takes=EndMembership,
    answers=MemberChanged,
    refusals=(*_CHANGE, "only-probation"),
)
members.act(
    "/members/<uuid:person_id>/facts",
    doors.state_member_fact,
    needs=("edit_member",),
    takes=StateFact,
    answers=MemberChanged,
    refusals=("not-found", "fact-already"),
)
members.act(
    "/members/<uuid:person_id>/facts/<uuid:fact_id>/end",
    doors.end_member_fact,
    needs=("edit_member",),
    takes=EndFact,
    answers=MemberChanged,
    refusals=("not-found",),
)
members.act(
    "/members/<uuid:person_id>/personal-data",
    doors.open_personal_data,
    needs=("open_personal_data",),
    takes=OpenPersonalData,
    answers=PersonalData,
    refusals=("not-found", "shown-once"),
)
members.read(
    "/members/<uuid:person_id>/personal-data-views",
    doors.personal_views,
    needs=("read_personal_views",),
    takes=PersonalViewsAsked,
    answers=Many(PersonalViewView),
    refusals=("not-found",),
)
members.act(
    "/member-lookups",
    doors.look_up_member,
    needs=("look_up_member",),
    takes=LookUpMember,
    answers=MembersFound,
)
members.read(
    "/me/record",
    doors.my_record,
    needs=("read_own_record",),
    takes=MyRecordAsked,
    answers=MemberRecord,
    refusals=("not-found",),
)
members.read(
    "/me/personal-data-views",
    doors.my_views,
    needs=("read_own_views",),
    takes=MyViewsAsked,
    answers=Many(PersonalViewView),
)
members.read(
    "/member-duplicates",
    doors.member_duplicates,
    needs=("read_duplicates",),
    takes=DuplicatesAsked,
    answers=Many(DuplicateView),
)
members.act(
    "/member-duplicates/told-apart",
    doors.tell_members_apart,
    needs=("tell_apart",),
    takes=TellApart,
    answers=Nothing,
    refusals=("not-found",),
)
members.act(
    "/personal-data-sealings",
    doors.seal_anew,
    needs=("seal_anew",),
    takes=SealAnew,
    answers=SealingView,
    status=202,
    located=True,
)
members.read(
    "/personal-data-sealings/<uuid:job_id>",
    doors.sealing,
    needs=("seal_anew",),
    takes=SealingAsked,
    answers=SealingView,
    refusals=("not-found",),
)
