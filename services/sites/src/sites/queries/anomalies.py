"""What is odd about claims (S11): one small class a rule, its name the code (FarCheckIn: far_check_in), its docstring
the title.

Each rule's SELECT takes the `:claims` and the numbers of its row in `anomaly_rules`, and returns (claim_id, facts,
other_claim_id) for those that it marks, all in one go. Adding a rule is adding a class and a row of its numbers.
"""

import re
from datetime import date
from typing import Any, ClassVar, Final

from chassis.prepared import execute_prepared
from contracts.envelope import event_name
from sqlalchemy import Connection


class Anomaly:
    """A rule that marks claims."""

    sql: ClassVar[str]

    @classmethod
    def title(cls) -> str:
        """Return what the rule finds, in a few words."""
        return (cls.__doc__ or "").strip()


class MemberTwice(Anomaly):
    """A member was at two places at once"""

    sql = """
WITH parties AS (
    SELECT c.id AS claim_id, o.id AS order_id, o.site_id, o.starts_at, o.ends_at, came.members
      FROM claims c
      JOIN orders o ON o.id = c.order_id
     CROSS JOIN LATERAL (
         SELECT array_agg(each.member_id) AS members
           FROM (SELECT unnest(i.member_ids) AS member_id FROM check_ins i WHERE i.order_id = o.id AND i.state = 'valid'
                  UNION SELECT m.member_id FROM order_members m WHERE m.order_id = o.id) each
     ) came
     WHERE c.id = ANY(:claims) AND came.members IS NOT NULL
), meetings AS (
    -- OFFSET 0 keeps it a look-up by key: how many orders a party has elsewhere is guessed far too high.
    SELECT p.claim_id, p.members, y.*
      FROM parties p
     CROSS JOIN LATERAL (
         SELECT i.order_id FROM check_ins i WHERE i.state = 'valid' AND i.member_ids && p.members
         UNION SELECT m.order_id FROM order_members m WHERE m.member_id = ANY(p.members)
     ) elsewhere
     CROSS JOIN LATERAL (
         SELECT o.id AS other_order, o.starts_at, o.site_id
           FROM orders o
          WHERE o.id = elsewhere.order_id AND o.id <> p.order_id AND o.site_id <> p.site_id
            AND o.checked_in IS NOT NULL AND o.starts_at < p.ends_at AND o.ends_at > p.starts_at
         OFFSET 0
     ) y
), twice AS (
    SELECT y.claim_id, came.member_id, y.other_order, y.starts_at, s.name AS site_name,
           (SELECT m.name FROM order_members m WHERE m.member_id = came.member_id LIMIT 1) AS name
      FROM meetings y
     CROSS JOIN LATERAL (
         SELECT unnest(i.member_ids) AS member_id
           FROM check_ins i WHERE i.order_id = y.other_order AND i.state = 'valid'
         UNION SELECT m.member_id FROM order_members m WHERE m.order_id = y.other_order
     ) came
      JOIN sites s ON s.id = y.site_id
     WHERE came.member_id = ANY(y.members)
)
SELECT t.claim_id,
       jsonb_build_object('members', count(DISTINCT t.member_id), 'names', coalesce(jsonb_agg(DISTINCT t.name)
                              FILTER (WHERE t.name IS NOT NULL), '[]'),
                          'site', min(t.site_name), 'at', min(t.starts_at)) AS facts,
       (array_agg(oc.id ORDER BY oc.id) FILTER (WHERE oc.id IS NOT NULL))[1] AS other_claim_id
  FROM twice t LEFT JOIN claims oc ON oc.order_id = t.other_order
 GROUP BY t.claim_id
"""


class DuplicateInvoice(Anomaly):
    """The invoice's number stands at another claim"""

    sql = """
SELECT i.claim_id, jsonb_build_object('code', min(i.code), 'number', min(i.number), 'visit_on', min(oc.visit_on),
                                      'site', min(s.name)) AS facts,
       (array_agg(i.other_claim_id ORDER BY i.at))[1] AS other_claim_id
  FROM claim_invoices i
  JOIN claims oc ON oc.id = i.other_claim_id
  JOIN sites s ON s.id = oc.site_id
 WHERE i.claim_id = ANY(:claims) AND i.state = 'duplicate'
 GROUP BY i.claim_id
"""


class DuplicateAttachment(Anomaly):
    """The same file is attached to another claim"""

    sql = """
SELECT a.claim_id, jsonb_build_object('name', min(a.name), 'visit_on', min(oc.visit_on), 'site', min(s.name)) AS facts,
       (array_agg(oc.id ORDER BY x.at))[1] AS other_claim_id
  FROM claim_attachments a
  JOIN claim_attachments x ON x.sha256 = a.sha256 AND x.claim_id <> a.claim_id AND x.removed_at IS NULL
   AND (x.at, x.id) < (a.at, a.id)
  JOIN claims oc ON oc.id = x.claim_id AND oc.state NOT IN ('rejected', 'lapsed')
  JOIN sites s ON s.id = oc.site_id
 WHERE a.claim_id = ANY(:claims) AND a.removed_at IS NULL
 GROUP BY a.claim_id
"""


class HeadcountOverParty(Anomaly):
    """More heads than were ordered"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('headcount', c.headcount, 'party_size', c.party_size) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c WHERE c.id = ANY(:claims) AND c.headcount > c.party_size
"""


class HeadcountOverRoster(Anomaly):
    """More heads than the branch has members"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('headcount', c.headcount, 'members', b.members) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c JOIN organisations b ON b.id = c.branch_id
 WHERE c.id = ANY(:claims) AND c.headcount > b.members
"""


class FarCheckIn(Anomaly):
    """Checked in far from the site"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('distance_m', max(i.distance_m), 'limit_m', CAST(:distance_m AS integer),
                                            'by', min(i.by_name)) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c JOIN check_ins i ON i.order_id = c.order_id AND i.state = 'valid'
 WHERE c.id = ANY(:claims) AND i.distance_m > CAST(:distance_m AS integer)
 GROUP BY c.id
"""


class MonthEndBurst(Anomaly):
    """Many of the site's visits lie in the last days of the month"""

    sql = """
WITH months AS (
    SELECT DISTINCT c.site_id, c.period, month.first, (month.first + interval '1 month')::date AS next,
           (month.first + interval '1 month')::date - CAST(:days AS integer) AS ends_from
      FROM claims c
     CROSS JOIN LATERAL (SELECT date_trunc('month', c.visit_on::timestamp)::date AS first) month
     WHERE c.id = ANY(:claims)
       AND c.visit_on >= (month.first + interval '1 month')::date - CAST(:days AS integer)
), bursts AS (
    SELECT m.site_id, m.period, m.ends_from,
           count(*) AS claims, count(*) FILTER (WHERE c.visit_on >= m.ends_from) AS at_end
      FROM months m
      JOIN claims c ON c.site_id = m.site_id AND c.visit_on >= m.first AND c.visit_on < m.next
       AND c.state NOT IN ('rejected', 'lapsed')
     GROUP BY m.site_id, m.period, m.ends_from
)
SELECT c.id AS claim_id,
       jsonb_build_object('at_end', b.at_end, 'claims', b.claims, 'days', CAST(:days AS integer)) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c JOIN bursts b ON b.site_id = c.site_id AND b.period = c.period
 WHERE c.id = ANY(:claims) AND c.visit_on >= b.ends_from AND b.claims >= CAST(:claims_min AS integer)
   AND 100 * b.at_end >= CAST(:percent AS integer) * b.claims
"""


class OwnBranch(Anomaly):
    """The site's people and the branch are the same"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('is_biller', c.is_own_branch, 'is_keeper', s.managing_path = b.path,
                                            'is_orderer', same.by_name IS NOT NULL, 'by', same.by_name) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c
  JOIN orders o ON o.id = c.order_id
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  LEFT JOIN LATERAL (
      SELECT i.by_name FROM check_ins i
       WHERE i.order_id = o.id AND i.state = 'valid' AND i.way <> 'self' AND i.by_id = o.placed_by_id LIMIT 1
  ) same ON true
 WHERE c.id = ANY(:claims) AND (c.is_own_branch OR s.managing_path = b.path OR same.by_name IS NOT NULL)
"""


class DeviceAtManySites(Anomaly):
    """One device checked in at several sites"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('device', min(i.device_id), 'sites', count(DISTINCT x.site_id) + 1,
                                            'site', min(s.name), 'at', min(x.happened_at)) AS facts,
       (array_agg(oc.id ORDER BY x.happened_at) FILTER (WHERE oc.id IS NOT NULL))[1] AS other_claim_id
  FROM claims c
  JOIN check_ins i ON i.order_id = c.order_id AND i.state = 'valid' AND i.device_id IS NOT NULL
  JOIN check_ins x ON x.device_id = i.device_id AND x.site_id <> i.site_id AND x.state = 'valid'
   AND x.happened_at > i.happened_at - make_interval(days => CAST(:days AS integer))
   AND x.happened_at < i.happened_at + make_interval(days => CAST(:days AS integer))
  JOIN sites s ON s.id = x.site_id
  LEFT JOIN claims oc ON oc.order_id = x.order_id
 WHERE c.id = ANY(:claims)
 GROUP BY c.id
"""


class CheckInOutsideSlot(Anomaly):
    """Checked in outside the time of the visit"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('at', min(i.happened_at), 'starts_at', min(o.starts_at),
                                            'ends_at', min(o.ends_at), 'by', min(i.by_name)) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c
  JOIN orders o ON o.id = c.order_id
  JOIN check_ins i ON i.order_id = c.order_id AND i.state = 'valid'
 WHERE c.id = ANY(:claims)
   AND (i.happened_at > o.ends_at
        OR i.happened_at < o.starts_at - make_interval(mins => CAST(:minutes AS integer)))
 GROUP BY c.id
"""


class AlwaysSameHeadcount(Anomaly):
    """The site's last visits all had the same headcount"""

    sql = """
SELECT c.id AS claim_id, jsonb_build_object('headcount', c.headcount, 'claims', CAST(:claims_min AS integer)) AS facts,
       NULL::uuid AS other_claim_id
  FROM claims c
 CROSS JOIN LATERAL (
     SELECT count(*) AS claims, count(DISTINCT last.headcount) AS counts
       FROM (SELECT x.headcount FROM claims x
              WHERE x.site_id = c.site_id AND (x.visit_on, x.id) <= (c.visit_on, c.id)
                AND x.state NOT IN ('rejected', 'lapsed')
              ORDER BY x.visit_on DESC, x.id DESC LIMIT CAST(:claims_min AS integer)) last
 ) same
 WHERE c.id = ANY(:claims) AND same.claims = CAST(:claims_min AS integer) AND same.counts = 1
"""


RULES: Final[dict[str, type[Anomaly]]] = {event_name(rule): rule for rule in Anomaly.__subclasses__()}

_NUMBERS: Final = """
SELECT DISTINCT ON (rule) rule, score, numbers FROM anomaly_rules WHERE active_from <= :on
 ORDER BY rule, active_from DESC, id DESC
"""


NOTHING: Final = """
SELECT CAST(NULL AS text) AS rule, 0 AS score, CAST(NULL AS uuid) AS claim_id, CAST(NULL AS jsonb) AS facts,
       CAST(NULL AS uuid) AS other_claim_id
 WHERE false
"""


def found_by(db: Connection, *, on: date) -> tuple[str, dict[str, Any]]:
    """Return the SELECT of every mark on `:claims` by the numbers of the day, with the values of its other names.

    Its columns are rule, score, claim_id, facts, other_claim_id. All rules are asked in one statement: one claim's
    marks cost its round trips more than its work.
    """
    rules = [row for row in execute_prepared(db, _NUMBERS, {"on": on}).all() if row.rule in RULES and row.score]
    given: dict[str, Any] = {}
    parts = []
    for row in rules:
        sql = RULES[row.rule].sql.replace("ANY(:claims)", "ANY(CAST(:claims AS uuid[]))")
        for key, number in row.numbers.items():
            name = "claims_min" if key == "claims" else key  # the ids are `claims`
            given[f"{row.rule}_{name}"] = number
            sql = re.sub(rf"(?<!:):{name}\b", f":{row.rule}_{name}", sql)
        score = f"{row.rule}_score"
        given[score] = row.score
        # The rules are classes of this module; every value is bound.
        parts.append(
            f"SELECT '{row.rule}' AS rule, CAST(:{score} AS integer) AS score,"  # noqa: S608
            f" m.claim_id, m.facts, m.other_claim_id FROM ({sql}) m"
        )
    return " UNION ALL ".join(parts) or NOTHING, given
