"""Doors: members who go to another branch; stocktakes and statistics."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.roster.stocktakes import (
    MakeRegister,
    MemberStatistics,
    MemberStatisticsAsked,
    RegisterAsked,
    RegisterView,
    SignStocktake,
    StocktakeAsked,
    StocktakeView,
)
from contracts.roster.transfers import (
    ConfirmTransfer,
    IssueTransfer,
    RefuseTransfer,
    TransferAsked,
    TransferNoticesAsked,
    TransfersAsked,
    TransferView,
    WithdrawTransfer,
)

from roster.doors.resources import Doors
from roster.operations import registers, stocktakes, transfers
from roster.queries import stocktakes as counted
from roster.queries import transfers as asked_of


class TransferDoors(Doors):
    """Doors: members who go to another branch; stocktakes and statistics."""

    @query(TransfersAsked, returns=Page, recorded=True)
    def transfers(self, asked: TransfersAsked, *, actor: Actor, at: datetime) -> Page:
        """Letters out of and into a part of the tree."""
        return asked_of.page(self.database.transaction, asked, actor=actor)

    @query(TransferAsked, returns=TransferView, recorded=True)
    def transfer(self, asked: TransferAsked, *, actor: Actor, at: datetime) -> TransferView:
        """One letter."""
        return asked_of.one(self.database.transaction, asked.transfer_id, actor=actor)

    @query(TransferNoticesAsked, returns=Page)
    def transfer_notices(self, asked: TransferNoticesAsked, *, actor: Actor, at: datetime) -> Page:
        """What branches were told of letters."""
        return asked_of.notices(self.database.transaction, asked, actor=actor)

    @command(IssueTransfer, returns=TransferView)
    def issue_transfer(self, asked: IssueTransfer, *, actor: Actor, at: datetime) -> TransferView:
        """Issue a member's letter."""
        return transfers.issue(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ConfirmTransfer, returns=TransferView)
    def confirm_transfer(self, asked: ConfirmTransfer, *, actor: Actor, at: datetime) -> TransferView:
        """Take the member in."""
        return transfers.confirm(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RefuseTransfer, returns=TransferView)
    def refuse_transfer(self, asked: RefuseTransfer, *, actor: Actor, at: datetime) -> TransferView:
        """Refuse to take the member in."""
        return transfers.refuse(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawTransfer, returns=TransferView)
    def withdraw_transfer(self, asked: WithdrawTransfer, *, actor: Actor, at: datetime) -> TransferView:
        """Take the letter back."""
        return transfers.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- the register as a whole ---------------------------------------------------------------------------------

    @query(StocktakeAsked, returns=StocktakeView)
    def stocktake(self, asked: StocktakeAsked, *, actor: Actor, at: datetime) -> StocktakeView:
        """What a branch has to sign for a year, and what it signed."""
        return counted.asked_of(self.database.transaction, asked, actor=actor)

    @command(SignStocktake, returns=StocktakeView)
    def sign_stocktake(self, asked: SignStocktake, *, actor: Actor, at: datetime) -> StocktakeView:
        """Sign that the register is complete and right."""
        return stocktakes.sign(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MemberStatisticsAsked, returns=MemberStatistics)
    def member_statistics(self, asked: MemberStatisticsAsked, *, actor: Actor, at: datetime) -> MemberStatistics:
        """Members counted in five ways."""
        return counted.statistics(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @command(MakeRegister, returns=RegisterView)
    def make_register(self, asked: MakeRegister, *, actor: Actor, at: datetime) -> RegisterView:
        """Draw the statutory register for print, in the background."""
        return registers.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RegisterAsked, returns=RegisterView)
    def register(self, asked: RegisterAsked, *, actor: Actor, at: datetime) -> RegisterView:
        """How far a register is."""
        return registers.register(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RegisterAsked, returns=StoredFile, recorded=True)
    def register_file(self, asked: RegisterAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """The reference to a register's file."""
        return registers.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
