"""Which setting rules an organisation breaks on a day."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.actors import Actor
from contracts.roster.findings import FindingsView, FindingView
from sqlalchemy import Connection, text

from roster.domain.findings import RULES, Facts
from roster.domain.term_rules import RULES as TERM_RULES
from roster.queries import terms
from roster.queries.organisations import BELOW, path_the_actor_may


def of(db: Connection, organisation_id: UUID, *, actor: Actor, on: date) -> FindingsView:
    """Measure the organisation by the rules in force; raises NotFound, Forbidden."""
    path_the_actor_may(db, "read_findings", organisation_id, actor=actor)
    term = terms.facts_of(db, [organisation_id], on=on).get(organisation_id)
    facts = replace(facts_of(db, organisation_id), term=term)
    in_force = db.execute(
        text(
            "SELECT rule, numbers, severity, citation FROM setting_rules"
            " WHERE active_from <= :day AND (active_until IS NULL OR :day < active_until)"
        ),
        {"day": on},
    )
    rows = {row.rule: row for row in in_force}
    findings = []
    for rule in (*RULES, *TERM_RULES):
        row = rows.get(rule.name)
        said = rule.broken(facts, row.numbers) if row else None
        if row is None or said is None:
            continue
        findings.append(
            FindingView(
                rule=rule.name,
                severity=row.severity,
                title_zh=rule.title_zh,
                title_en=rule.title_en,
                why_zh=rule.why["zh"].format(**said),
                why_en=rule.why["en"].format(**said),
                mend_zh=rule.mend["zh"].format(**said),
                mend_en=rule.mend["en"].format(**said),
                citation=row.citation,
            )
        )
    return FindingsView(organisation_id, findings)


def facts_of(db: Connection, organisation_id: UUID) -> Facts:
    """Count what the rules look at."""
    row = db.execute(
        text(
            f"""
            WITH organisation AS (SELECT id, kind, path FROM organisations WHERE id = :id),
            counted AS (
                SELECT m.status, m.party_group
                FROM organisation o JOIN organisations b ON {BELOW.format(below="b", top="o")}
                JOIN members m ON m.branch_id = b.id
            )
            SELECT o.kind,
                   (SELECT count(*) FROM counted WHERE status = 'full') AS members_full,
                   (SELECT count(*) FROM counted WHERE status = 'probationary') AS members_probationary,
                   (SELECT count(DISTINCT person_id) FROM posts
                    WHERE organisation_id = o.id AND held_until IS NULL) AS committee_seats,
                   EXISTS (SELECT FROM posts WHERE organisation_id = o.id AND held_until IS NULL
                           AND post = 'secretary') AS has_secretary,
                   ARRAY(SELECT count(*) FROM counted WHERE party_group IS NOT NULL
                         GROUP BY party_group ORDER BY 1) AS groups
            FROM organisation o
            """  # noqa: S608 - made of constants
        ),
        {"id": organisation_id},
    ).one()
    return Facts(**{**row._mapping, "groups": tuple(row.groups)})
