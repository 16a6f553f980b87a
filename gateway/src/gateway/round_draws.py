"""The draw of an on-site round as a table, for whoever repeats it: a row an organisation, in the order drawn."""

import csv
import io
from typing import Any, Final

from chassis.workbooks import inert

COLUMNS: Final = (
    *("position", "organisation_id", "organisation", "town_id", "digest", "is_sampled", "excluded_team_ids", "team_id"),
    *("team", "prefix", "is_stratified", "sample_percent", "team_ids"),
)


def as_csv(told: dict[str, Any]) -> bytes:
    """Return the export as CSV in UTF-8 with its mark, so that spreadsheets read the Chinese.

    What holds for the whole draw (prefix, rule, teams) stands in each row: one file is enough to repeat it.
    """
    names = {team["id"]: team["name"] for team in told["teams"]}
    whole = [
        inert(told["prefix"] or ""),
        int(told["is_stratified"]),
        told["sample_percent"],
        " ".join(team["id"] for team in told["teams"]),
    ]
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for one in told["organisations"]:
        rows.writerow(
            [
                one["position"],
                one["organisation_id"],
                inert(one["name"]),
                one["town_id"] or "",
                one["digest"] or "",
                "" if one["is_sampled"] is None else int(one["is_sampled"]),
                " ".join(one["excluded"]),
                one["team_id"] or "",
                inert(names.get(one["team_id"], "")),
                *whole,
            ]
        )
    return written.getvalue().encode("utf-8-sig")
