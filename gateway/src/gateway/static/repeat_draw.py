"""Repeats the draw of an on-site round from its table: python3 repeat_draw.py draw.csv. Needs nothing but Python."""

import csv
import hashlib
import sys

with open(sys.argv[1], encoding="utf-8-sig") as table:
    order = sorted(csv.DictReader(table), key=lambda one: int(one["position"]))
visits: list[tuple[str, str]] = []
seen: list[str] = []


def sha(text: str) -> str:
    return hashlib.sha256((order[0]["prefix"] + text).encode()).hexdigest()


def town(one: dict[str, str]) -> str:
    return one["town_id"] if one["is_stratified"] == "1" else ""


assert order == sorted(order, key=lambda one: sha(one["organisation_id"])), "another order"
for one in order:
    of_town = sum(town(other) == town(one) for other in order)
    is_sampled = 100 * seen.count(town(one)) < of_town * int(one["sample_percent"])
    allowed = [team for team in one["team_ids"].split() if is_sampled and team not in one["excluded_team_ids"].split()]
    keys = [
        (
            visits.count((team, town(one))),
            sum(team == other for other, _ in visits),
            sha(f"{one['organisation_id']} {team}"),
            team,
        )
        for team in allowed
    ]
    team = min(keys)[-1] if keys else ""
    assert team == one["team_id"], f"another team: {one['organisation']}"
    seen.append(town(one))
    visits.append((team, town(one)))
print(f"The same draw: {len(order)} organisations.")
