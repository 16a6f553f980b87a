"""An officer lets a name stand that breaks a rule about names, with a reason; it is kept who, when and why."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.findings import FindingsView, OverrideName, WithdrawOverride
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.findings import NothingToOverride, OverriddenAlready, OverrideWithdrawn
from roster.domain.setting_rules import RULES_BY_NAME
from roster.operations.findings import recheck
from roster.operations.organisations import keep_the_tree, node_of, stands
from roster.queries.facts import facts_of_all
from roster.queries.findings import view_of
from roster.queries.setting_rules import in_force
from roster.tables.findings import name_overrides


def override(db: Connection, *, asked: OverrideName, actor: Actor, at: datetime) -> FindingsView:
    """Let an organisation's present name stand. Raises NotFound, Forbidden, OrganisationDissolved, NothingToOverride,
    OverriddenAlready, InvalidInput for a rule that is not about names."""
    keep_the_tree(db)
    node = node_of(db, asked.organisation_id)
    actor.must("override_name", organisation=node.path)
    stands(node)
    rule = RULES_BY_NAME.get(asked.rule)
    if rule is None or not rule.may_be_overridden:
        raise InvalidInput({"rule": ["Only a rule about names can be overridden."]})
    today = clock.today(at)
    held = next((row for row in in_force(db, on=today) if row.rule.name == asked.rule), None)
    facts = facts_of_all(db, [node.id], on=today)[node.id].facts
    if asked.rule in facts.overridden:
        raise OverriddenAlready()
    if held is None or rule.broken(facts, held.numbers) is None:
        raise NothingToOverride()
    entered = (
        insert(name_overrides)
        .values(
            id=uuid4(),
            organisation_id=node.id,
            rule=asked.rule,
            name=node.name,
            reason=asked.reason,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(entered).rowcount == 0:
        raise OverriddenAlready()
    recheck(db, [node.id], at=at)
    return view_of(db, node.id)


def withdraw(db: Connection, *, asked: WithdrawOverride, actor: Actor, at: datetime) -> FindingsView:
    """Let a name stand no longer; the finding opens again. Raises NotFound, Forbidden, OverrideWithdrawn."""
    keep_the_tree(db)
    organisation_id: UUID | None = db.execute(
        text("SELECT organisation_id FROM name_overrides WHERE id = :id"), {"id": asked.override_id}
    ).scalar()
    if organisation_id is None:
        raise NotFound()
    actor.must("override_name", organisation=node_of(db, organisation_id).path)
    withdrawn = db.execute(
        text(
            "UPDATE name_overrides SET withdrawn_at = :at, withdrawn_by_id = :by_id, withdrawn_by = :by,"
            " withdrawn_because = :reason WHERE id = :id AND withdrawn_at IS NULL"
        ),
        {"id": asked.override_id, "at": at, "by_id": actor.person_id, "by": actor.name, "reason": asked.reason},
    )
    if withdrawn.rowcount == 0:
        raise OverrideWithdrawn()
    recheck(db, [organisation_id], at=at)
    return view_of(db, organisation_id)
