"""Doors: the second factor of one's own account."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from chassis.guard import Command
from contracts.roster.second_factors import (
    ConfirmSecondFactor,
    RecoveryCodesMade,
    RemoveSecondFactor,
    RenewRecoveryCodes,
    SecondFactorAsked,
    SecondFactorConfirmed,
    SecondFactorMade,
    SecondFactorView,
    SetUpSecondFactor,
)
from contracts.roster.sessions import Nothing, PassSecondFactor, TokenView

from roster.doors.resources import Doors
from roster.doors.sessions import FITS, SIGN_INS, Signing
from roster.operations import second_factors


class SecondFactorDoors(Doors):
    """Doors: the second factor of one's own account."""

    signer = Signing()

    # What they show is never stored, and a wrong code is counted though it is refused: so these guard themselves.

    @command(PassSecondFactor, returns=TokenView, guarded_by="function")
    def pass_second_factor(self, asked: PassSecondFactor, *, actor: Actor, at: datetime, command: Command) -> TokenView:
        """Complete the sign-in with a code."""
        return self.settled(
            second_factors.pass_code(
                self.database.transaction, asked, actor=actor, signer=self.signer, command_id=command.id, at=at
            )
        )

    @query(SecondFactorAsked, returns=SecondFactorView)
    def read_second_factor(self, asked: SecondFactorAsked, *, actor: Actor, at: datetime) -> SecondFactorView:
        """Have I a second factor?"""
        return second_factors.view(self.database.transaction, actor=actor, at=at)

    @command(SetUpSecondFactor, returns=SecondFactorMade, guarded_by="function")
    def set_up_second_factor(
        self, asked: SetUpSecondFactor, *, actor: Actor, at: datetime, command: Command
    ) -> SecondFactorMade:
        """Begin to set up a second factor."""
        with SIGN_INS.turn():
            return self.settled(second_factors.set_up(self.database.transaction, asked, actor=actor, at=at, fits=FITS))

    @command(ConfirmSecondFactor, returns=SecondFactorConfirmed, guarded_by="function")
    def confirm_second_factor(
        self, asked: ConfirmSecondFactor, *, actor: Actor, at: datetime, command: Command
    ) -> SecondFactorConfirmed:
        """Prove that the authenticator shows the right codes."""
        return self.settled(
            second_factors.confirm(
                self.database.transaction, asked, actor=actor, signer=self.signer, command_id=command.id, at=at
            )
        )

    @command(RemoveSecondFactor, returns=Nothing, guarded_by="function")
    def remove_second_factor(
        self, asked: RemoveSecondFactor, *, actor: Actor, at: datetime, command: Command
    ) -> Nothing:
        """Sign in without codes again."""
        with SIGN_INS.turn():
            return self.settled(second_factors.remove(self.database.transaction, asked, actor=actor, at=at, fits=FITS))

    @command(RenewRecoveryCodes, returns=RecoveryCodesMade, guarded_by="function")
    def renew_recovery_codes(
        self, asked: RenewRecoveryCodes, *, actor: Actor, at: datetime, command: Command
    ) -> RecoveryCodesMade:
        """Replace the recovery codes."""
        return self.settled(second_factors.renew_codes(self.database.transaction, asked, actor=actor, at=at))
