"""The second factor of one's own account."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def pass_second_factor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Complete the sign-in with a code (PassSecondFactor → TokenView)."""
    return call(SERVICE, "pass_second_factor", fields, who=who, command_id=command_id)


def read_second_factor(fields: Fields, *, who: Holder) -> Answer:
    """Say whether there is a second factor, and whether one is needed (SecondFactorAsked → SecondFactorView)."""
    return call(SERVICE, "read_second_factor", fields, who=who)


def set_up_second_factor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Begin to set up a second factor; the secret is shown once (SetUpSecondFactor → SecondFactorMade)."""
    return call(SERVICE, "set_up_second_factor", fields, who=who, command_id=command_id)


def confirm_second_factor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Confirm it; recovery codes are shown once (ConfirmSecondFactor → SecondFactorConfirmed)."""
    return call(SERVICE, "confirm_second_factor", fields, who=who, command_id=command_id)


def remove_second_factor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign in without codes again (RemoveSecondFactor → Nothing)."""
    return call(SERVICE, "remove_second_factor", fields, who=who, command_id=command_id)


def renew_recovery_codes(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Replace the recovery codes; they are shown once (RenewRecoveryCodes → RecoveryCodesMade)."""
    return call(SERVICE, "renew_recovery_codes", fields, who=who, command_id=command_id)
