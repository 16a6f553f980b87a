"""Accounts and roles of a part of the tree, and the policy of signing in."""

from contracts.roster.accounts import (
    AccountAsked,
    AccountRecord,
    AccountsAsked,
    AccountStep,
    AccountView,
    FirstPassword,
    OpenAccount,
    PeopleAsked,
    PersonView,
)
from contracts.roster.grants import EndGrant, GrantRecord, GrantRole, GrantsAsked
from contracts.roster.sessions import SessionsEnded
from contracts.roster.sign_in_policies import SetSignInPolicy, SignInPoliciesView, SignInPolicyAsked

from gateway.clients import roster
from gateway.nouns import Many, Noun

accounts = Noun("accounts")

_STANDS_AGAINST = ("not-found", "own-account", "roles-elsewhere", "account-not-movable")

accounts.read(
    "/people", roster.accounts.find_people, needs=("find_people",), takes=PeopleAsked, answers=Many(PersonView)
)
accounts.read(
    "/accounts", roster.accounts.accounts, needs=("read_accounts",), takes=AccountsAsked, answers=Many(AccountView)
)
accounts.act(
    "/accounts",
    roster.accounts.open_account,
    needs=("open_account",),
    takes=OpenAccount,
    answers=FirstPassword,
    status=201,
    refusals=("not-found", "own-account", "roles-elsewhere", "account-exists", "username-taken", "shown-once"),
)
accounts.read(
    "/accounts/<uuid:person_id>",
    roster.accounts.account,
    needs=("read_accounts",),
    takes=AccountAsked,
    answers=AccountRecord,
    refusals=("not-found",),
)
accounts.act(
    "/accounts/<uuid:person_id>/password-reset",
    roster.accounts.reset_password,
    needs=("administer_account",),
    takes=AccountStep,
    answers=FirstPassword,
    refusals=(*_STANDS_AGAINST, "shown-once"),
)
for step, door in (
    ("lock", roster.accounts.lock_account),
    ("unlock", roster.accounts.unlock_account),
    ("closure", roster.accounts.close_account),
    ("second-factor-removal", roster.accounts.take_second_factor),
):
    accounts.act(
        f"/accounts/<uuid:person_id>/{step}",
        door,
        needs=("administer_account",),
        takes=AccountStep,
        answers=AccountView,
        refusals=(*_STANDS_AGAINST, "no-second-factor"),
    )
accounts.act(
    "/accounts/<uuid:person_id>/session-ends",
    roster.accounts.end_sessions,
    needs=("administer_account",),
    takes=AccountStep,
    answers=SessionsEnded,
    refusals=_STANDS_AGAINST,
)
accounts.read("/grants", roster.grants.grants, needs=("read_grants",), takes=GrantsAsked, answers=Many(GrantRecord))
accounts.act(
    "/grants",
    roster.grants.grant_role,
    needs=("grant_role",),
    takes=GrantRole,
    answers=GrantRecord,
    status=201,
    refusals=(
        "not-found",
        "not-yours-to-give",
        "not-to-oneself",
        "person-unknown",
        "not-the-secretary",
        "granted-already",
    ),
)
accounts.act(
    "/grants/<uuid:grant_id>/end",
    roster.grants.end_grant,
    needs=("end_grant",),
    takes=EndGrant,
    answers=GrantRecord,
    refusals=("not-found", "not-yours-to-give", "not-to-oneself", "grant-ended"),
)
accounts.read(
    "/sign-in-policy",
    roster.grants.sign_in_policy,
    needs=("read_sign_in_policy",),
    takes=SignInPolicyAsked,
    answers=SignInPoliciesView,
    versioned=True,
)
accounts.change(
    "/sign-in-policy",
    roster.grants.set_sign_in_policy,
    needs=("set_sign_in_policy",),
    takes=SetSignInPolicy,
    answers=SignInPoliciesView,
)
