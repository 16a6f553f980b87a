"""The tree of the demonstration, built on the real divisions.

    3703 the city's committee
     ├─ 370302 … the committees of its eight districts and counties
     │   └─ site-… the branch that keeps a site
     ├─ 370303-visitors a branch of another district, external to this one
     └─ 370302 Zichuan
         ├─ 370302115 … the committees of its 13 towns and subdistricts
         │   └─ 370302115218 … a branch for each of its 474 villages and communities
         └─ 370302-organs, 370302-finance: the branches of those who work for the district

474 is the state of 2023; the text of 2020 that describes the district counts 447. Two villages may have one name, so
the code is the key, and a name that is not unique is led by its town.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final
from uuid import UUID, uuid5

from contracts.envelope import NAMESPACE_ZHENDI
from roster.operations.organisations import Founding

from demo.files import rows_of

CITY: Final = "3703"
ZICHUAN: Final = "370302"
ORGANS: Final = "370302-organs"
VISITORS: Final = "370303-visitors"
"""The branch of another district that visits as an external one."""
FINANCE: Final = "370302-finance"
PUJIA: Final = "370302115218"
"""蒲家 in the town of 洪山, where Pu Songling lived: the branch of the demonstration's secretary."""
DAKUNLUN: Final = "370302102202"
"""大昆仑 in the town of 昆仑: the branch of the other secretary."""

_VILLAGE: Final = re.compile(r"(.+?)村?村(?:民委员|委)会")
_COMMUNITY: Final = re.compile(r"(.+?)(?:居民居委会|居民委员会|居委会)")


def organisation_id(code: str) -> UUID:
    """Return the id that the organisation of this code has in every demonstration."""
    return uuid5(NAMESPACE_ZHENDI, f"organisation:{code}")


def site_code(site: str) -> str:
    """Return the code of the organisation that keeps a site."""
    return f"site-{site}"


def place_name(division: str) -> str:
    """Return the place that a committee of villagers or residents is named after: 蒲家村委会 → 蒲家村."""
    if village := _VILLAGE.fullmatch(division):
        return f"{village[1]}村"
    if community := _COMMUNITY.fullmatch(division):
        return community[1]
    return division


@lru_cache(maxsize=1)
def foundings() -> tuple[Founding, ...]:
    """Return every organisation of the demonstration, parents first."""
    return (*_committees(), *_villages(), *_organs(), *_visitors(), *_keepers())


def crosswalk() -> list[tuple[str, str, str]]:
    """Return each town's code at the Bureau of Statistics, its code at the Ministry of Civil Affairs, and its name."""
    return [(row["nbs_code"], row["mca_code"], row["name"]) for row in rows_of("zichuan_town_codes_crosswalk.csv")]


def _committees() -> Iterator[Founding]:
    yield _founding(CITY, "中共淄博市委员会", "committee", "government", None, division=CITY)
    districts = [row for row in rows_of("zibo_districts.csv") if row["level"] == "3"]
    for row in districts:
        name = f"中共淄博市{row['name']}委员会"
        yield _founding(row["code"], name, "committee", "government", CITY, division=row["code"])
    for row in _divisions(level="4"):
        is_street = row["kind"] == "街道"
        name = f"中共淄川区{row['name']}{'工作' if is_street else ''}委员会"
        kind = "working_committee" if is_street else "committee"
        yield _founding(row["code"], name, kind, "government", ZICHUAN, division=row["code"])


def _villages() -> Iterator[Founding]:
    towns = {row["code"]: row["name"] for row in _divisions(level="4")}
    villages = _divisions(level="5")
    names = Counter(place_name(row["name"]) for row in villages)
    wanted = os.environ.get("DEMO_TOWNS", "").split()
    for row in villages:
        if wanted and row["parent"] not in wanted and row["code"] not in (PUJIA, DAKUNLUN):
            continue
        name = place_name(row["name"])
        if names[name] > 1:
            name = towns[row["parent"]] + name
        field = "community" if row["kind"] == "居民委员会" else "rural"
        yield _founding(row["code"], f"{name}党支部", "branch", field, row["parent"], division=row["code"])


def _organs() -> Iterator[Founding]:
    yield _founding(ORGANS, "淄川区直机关演示党支部", "branch", "government", ZICHUAN)
    yield _founding(FINANCE, "淄川区财政演示党支部", "branch", "government", ZICHUAN)


def _visitors() -> Iterator[Founding]:
    founding = _founding(VISITORS, "张店区机关演示党支部", "branch", "government", "370303")
    yield replace(founding, is_external=True)


def _keepers() -> Iterator[Founding]:
    districts = {row["name"]: row["code"] for row in rows_of("zibo_districts.csv") if row["level"] == "3"}
    for row in rows_of("party_sites_zibo.csv"):
        parent = districts[row["district"]]
        yield _founding(site_code(row["code"]), f"{row['name']}党支部", "branch", "public_institution", parent)


def _divisions(*, level: str) -> list[dict[str, str]]:
    return [row for row in rows_of("zichuan_divisions.csv") if row["level"] == level]


def _founding(
    code: str, name: str, kind: str, field: str, parent: str | None, *, division: str | None = None
) -> Founding:
    return Founding(
        id=organisation_id(code),
        code=code,
        name=name,
        kind=kind,
        field=field,
        parent_id=organisation_id(parent) if parent else None,
        division_code=division,
        division_code_system="nbs" if division else None,
        # The committees are there with their divisions; that a branch has this name is our guess.
        synthetic=kind == "branch",
    )
