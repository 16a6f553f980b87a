"""The second factor: six digits of an authenticator (RFC 6238), and recovery codes for the day the phone is lost."""

from dataclasses import dataclass

from contracts.envelope import Instant
from contracts.roster.sessions import Code, Password, TokenView


@dataclass(frozen=True)
class SecondFactorAsked:
    """Have I a second factor, and do my roles need one?"""


@dataclass(frozen=True)
class SecondFactorView:
    """Whether codes are asked for at sign-in since `set_up_at`, whether the policy demands it, and how many recovery
    codes are left."""

    set_up_at: Instant | None
    is_demanded: bool
    recovery_codes_left: int


@dataclass(frozen=True)
class SetUpSecondFactor:
    """Begin to set up the second factor; nothing is asked for until it is confirmed with a code."""

    password: Password


@dataclass(frozen=True)
class SecondFactorMade:
    """The secret for the authenticator, shown once: as base32 text, and as the address in the QR code."""

    secret: str
    uri: str


@dataclass(frozen=True)
class ConfirmSecondFactor:
    """Prove that the authenticator shows the right codes; from then on each sign-in asks for one."""

    code: Code


@dataclass(frozen=True)
class SecondFactorConfirmed:
    """Ten recovery codes, shown once, each good for one sign-in; and the token of a new session."""

    recovery_codes: list[str]
    token: TokenView


@dataclass(frozen=True)
class RemoveSecondFactor:
    """Sign in without codes again; refused while the policy demands them."""

    password: Password
    code: Code


@dataclass(frozen=True)
class RenewRecoveryCodes:
    """Replace the recovery codes; the old ones are good for nothing any more."""

    code: Code


@dataclass(frozen=True)
class RecoveryCodesMade:
    """Ten new recovery codes, shown once."""

    recovery_codes: list[str]
