"""The sign-in policy: lengths, lockout, ends of sessions, and whose sign-in needs a second factor."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from marshmallow import ValidationError, fields, validate

from contracts.envelope import Instant, Line
from contracts.rights import ROLES


def _whole(least: int, most: int, *, optional: bool = False) -> fields.Integer:
    if optional:
        return fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(least, most))
    return fields.Integer(strict=True, required=True, validate=validate.Range(least, most))


def _different_roles(roles: list[str]) -> None:
    if unknown := sorted(set(roles) - set(ROLES)):
        raise ValidationError(f"Not known: {unknown[0][:50]}.")
    if len(set(roles)) < len(roles):
        raise ValidationError("One stands twice.")


@dataclass(frozen=True)
class SignInNumbers:
    """The numbers of a policy.

    `length_min` characters of a password; the last `remembered` passwords are not taken again; a password expires
    after `expires_after_days` (null: never). `wrong_max` wrong ones in a row lock the name for `first_wait_s`, each
    further one twice as long up to `longest_wait_s`; they are forgotten after `forgotten_after_s`. A session ends
    when it was idle for `idle_max_s`, and after `session_max_s` in any case. `second_factor_roles`: who needs one.
    A program's token lives at most `token_days_max` days, and a person has at most `tokens_max` of them (0: none).
    """

    length_min: Annotated[int, _whole(8, 64)]
    remembered: Annotated[int, _whole(1, 10)]
    wrong_max: Annotated[int, _whole(3, 20)]
    first_wait_s: Annotated[int, _whole(10, 3_600)]
    longest_wait_s: Annotated[int, _whole(10, 86_400)]
    forgotten_after_s: Annotated[int, _whole(60, 604_800)]
    idle_max_s: Annotated[int, _whole(900, 604_800)]
    session_max_s: Annotated[int, _whole(900, 2_592_000)]
    second_factor_roles: Annotated[
        list[str], fields.List(fields.String(), required=True, validate=[validate.Length(0, 20), _different_roles])
    ]
    expires_after_days: Annotated[int | None, _whole(30, 3_650, optional=True)] = None
    token_days_max: Annotated[int, fields.Integer(strict=True, load_default=365, validate=validate.Range(1, 365))] = 365
    tokens_max: Annotated[int, fields.Integer(strict=True, load_default=10, validate=validate.Range(0, 100))] = 10


@dataclass(frozen=True)
class SignInPolicyAsked:
    """The policy in force, those before it, and those to come."""


@dataclass(frozen=True)
class SetSignInPolicy:
    """Set the policy from a day on (today when left out); `version` is the newest one that was read."""

    version: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))]
    numbers: SignInNumbers
    ground: Line
    active_from: date | None = None


@dataclass(frozen=True)
class SignInPolicyView:
    """A policy with its days, by whom and on which ground it was set."""

    id: int
    active_from: date
    numbers: SignInNumbers
    ground: str
    set_at: Instant
    set_by_name: str | None


@dataclass(frozen=True)
class SignInPoliciesView:
    """The policy in force, and all rows, the newest first; `version` goes into the next change."""

    version: int
    in_force: SignInPolicyView
    rows: list[SignInPolicyView]
