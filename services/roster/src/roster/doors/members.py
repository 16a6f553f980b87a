"""Doors: members, their records, and who looked at them."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.roster.members import (
    ChangeState,
    DuplicatesAsked,
    EditMember,
    EndFact,
    EndMembership,
    LookUpMember,
    MemberAsked,
    MemberChanged,
    MemberRecord,
    MemberRegistered,
    MembersAsked,
    MembersFound,
    MyRecordAsked,
    MyViewsAsked,
    OpenPersonalData,
    PersonalData,
    PersonalViewsAsked,
    RegisterMember,
    SealAnew,
    SealingAsked,
    SealingView,
    StateFact,
    TellApart,
)
from contracts.roster.sessions import Nothing

from roster.doors.resources import Doors
from roster.operations import member_records, sealing, views
from roster.queries import members


class MemberDoors(Doors):
    """Doors: members, their records, and who looked at them."""

    @query(MembersAsked, returns=Page, recorded=True)
    def members(self, asked: MembersAsked, *, actor: Actor, at: datetime) -> Page:
        """The members of an organisation on a day, numbers masked."""
        return members.page(self.database.transaction, asked, actor=actor, at=at)

    @query(MemberAsked, returns=MemberRecord, recorded=True)
    def member(self, asked: MemberAsked, *, actor: Actor, at: datetime) -> MemberRecord:
        """One member's record."""
        return views.record(self.database.transaction, asked, actor=actor, at=at)

    @command(RegisterMember, returns=MemberRegistered)
    def register_member(self, asked: RegisterMember, *, actor: Actor, at: datetime) -> MemberRegistered:
        """Enter somebody as a member of a branch."""
        return member_records.register(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditMember, returns=MemberChanged)
    def edit_member(self, asked: EditMember, *, actor: Actor, at: datetime) -> MemberChanged:
        """Write down what is known of a member."""
        return member_records.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ChangeState, returns=MemberChanged)
    def change_member_state(self, asked: ChangeState, *, actor: Actor, at: datetime) -> MemberChanged:
        """Say that a member is active, floating or lost."""
        return member_records.change_state(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EndMembership, returns=MemberChanged)
    def end_membership(self, asked: EndMembership, *, actor: Actor, at: datetime) -> MemberChanged:
        """Say that a member is none any more."""
        return member_records.end(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(StateFact, returns=MemberChanged)
    def state_member_fact(self, asked: StateFact, *, actor: Actor, at: datetime) -> MemberChanged:
        """Write down that a member is retired, ill, abroad or exempt."""
        return member_records.state_fact(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EndFact, returns=MemberChanged)
    def end_member_fact(self, asked: EndFact, *, actor: Actor, at: datetime) -> MemberChanged:
        """Say on which day a fact ceased to hold."""
        return member_records.end_fact(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- sealed data ---------------------------------------------------------------------------------------------

    @command(OpenPersonalData, returns=PersonalData, shows_once=True)
    def open_personal_data(self, asked: OpenPersonalData, *, actor: Actor, at: datetime) -> PersonalData:
        """Open a member's sealed numbers for a purpose."""
        return member_records.open_personal(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(LookUpMember, returns=MembersFound)
    def look_up_member(self, asked: LookUpMember, *, actor: Actor, at: datetime) -> MembersFound:
        """Find who has a number."""
        return member_records.look_up(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PersonalViewsAsked, returns=Page, recorded=True)
    def personal_views(self, asked: PersonalViewsAsked, *, actor: Actor, at: datetime) -> Page:
        """Who opened a member's sealed data."""
        return members.personal_views(self.database.transaction, asked, actor=actor)

    @query(MyRecordAsked, returns=MemberRecord)
    def my_record(self, asked: MyRecordAsked, *, actor: Actor, at: datetime) -> MemberRecord:
        """My own record."""
        return members.own_record(self.database.transaction, actor=actor)

    @query(MyViewsAsked, returns=Page)
    def my_views(self, asked: MyViewsAsked, *, actor: Actor, at: datetime) -> Page:
        """Who looked at my data."""
        return members.own_views(self.database.transaction, asked, actor=actor)

    @command(SealAnew, returns=SealingView)
    def seal_anew(self, asked: SealAnew, *, actor: Actor, at: datetime) -> SealingView:
        """Seal everything with the newest key, in the background."""
        return sealing.ask(self.database.transaction, actor=actor, at=at)

    @query(SealingAsked, returns=SealingView)
    def sealing(self, asked: SealingAsked, *, actor: Actor, at: datetime) -> SealingView:
        """How far sealing anew is."""
        return sealing.state(self.database.transaction, asked=asked, actor=actor)

    # ---- over the district ---------------------------------------------------------------------------------------

    @query(DuplicatesAsked, returns=Page, recorded=True)
    def member_duplicates(self, asked: DuplicatesAsked, *, actor: Actor, at: datetime) -> Page:
        """Who is likely entered twice."""
        return members.duplicates(self.database.transaction, asked, actor=actor, on=clock.today(at))

    @command(TellApart, returns=Nothing)
    def tell_members_apart(self, asked: TellApart, *, actor: Actor, at: datetime) -> Nothing:
        """Say that two who look alike are two people."""
        member_records.tell_apart(self.database.transaction, asked=asked, actor=actor, at=at)
        return Nothing()
