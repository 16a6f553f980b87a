"""The sign-in policy that holds on a day, and all rows of it."""

from datetime import date, timedelta
from typing import Any, Final

from chassis.actors import Actor
from contracts.roster.sign_in_policies import SignInNumbers, SignInPoliciesView, SignInPolicyView
from sqlalchemy import Connection, Row, text

from roster.domain.sign_in_policies import SignInPolicy

ROWS_MAX: Final = 200

_IN_FORCE: Final = text(
    "SELECT * FROM sign_in_policies WHERE active_from <= :on ORDER BY active_from DESC, id DESC LIMIT 1"
)
_ROWS: Final = text(
    """
    SELECT s.*, p.name AS set_by_name FROM sign_in_policies s LEFT JOIN people p ON p.id = s.set_by
    ORDER BY s.active_from DESC, s.id DESC LIMIT :most
    """
)


def in_force(db: Connection, *, on: date) -> SignInPolicy:
    """Return the policy of a day."""
    row = db.execute(_IN_FORCE, {"on": on}).one()
    return SignInPolicy(
        length_min=row.length_min,
        remembered=row.remembered,
        expires_after=timedelta(days=row.expires_after_days) if row.expires_after_days else None,
        wrong_max=row.wrong_max,
        first_wait=timedelta(seconds=row.first_wait_s),
        longest_wait=timedelta(seconds=row.longest_wait_s),
        forgotten_after=timedelta(seconds=row.forgotten_after_s),
        idle_max=timedelta(seconds=row.idle_max_s),
        session_max=timedelta(seconds=row.session_max_s),
        second_factor_roles=frozenset(row.second_factor_roles),
        token_days_max=row.token_days_max,
        tokens_max=row.tokens_max,
    )


def all_rows(db: Connection, *, actor: Actor, on: date) -> SignInPoliciesView:
    """Return the policy in force with those before and to come; raises Forbidden."""
    actor.must("read_sign_in_policy")
    return rows(db, on=on)


def rows(db: Connection, *, on: date) -> SignInPoliciesView:
    """Return all rows, the newest day first, and which of them holds."""
    found = db.execute(_ROWS, {"most": ROWS_MAX}).all()
    views = [_view(row) for row in found]
    return SignInPoliciesView(
        version=max(row.id for row in found),
        in_force=next(view for view in views if view.active_from <= on),
        rows=views,
    )


def _view(row: Row[Any]) -> SignInPolicyView:
    return SignInPolicyView(
        id=row.id,
        active_from=row.active_from,
        numbers=SignInNumbers(
            length_min=row.length_min,
            remembered=row.remembered,
            wrong_max=row.wrong_max,
            first_wait_s=row.first_wait_s,
            longest_wait_s=row.longest_wait_s,
            forgotten_after_s=row.forgotten_after_s,
            idle_max_s=row.idle_max_s,
            session_max_s=row.session_max_s,
            second_factor_roles=list(row.second_factor_roles),
            expires_after_days=row.expires_after_days,
            token_days_max=row.token_days_max,
            tokens_max=row.tokens_max,
        ),
        ground=row.ground,
        set_at=row.set_at,
        set_by_name=row.set_by_name,
    )
