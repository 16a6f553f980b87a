"""What the demonstration's register knows of its made-up members: sex, birthday, education, numbers, where a file is.

An identity number must agree with itself and be nobody's twice. The place of a person in the whole demonstration gives
day and sequence: day = place mod 365, sequence = place div 365, so no two share both, whatever their years. All are of
the area 370302 and marked synthetic.
"""

import random
from datetime import date, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from roster.domain.identity_numbers import check_character
from roster.operations.organisations import Founding
from roster.operations.people import Person

from demo import organisations

AREA: Final = "370302"
PLACES: Final = 64
"""More than any branch of the demonstration has members."""
YOUNGEST: Final = 18
OLDEST: Final = 92

_EDUCATION: Final = (
    ("primary", 8),
    ("junior", 25),
    ("senior", 18),
    ("secondary_vocational", 9),
    ("college", 22),
    ("bachelor", 15),
    ("master", 3),
)
_ETHNICITY: Final = (("汉族", 97), ("回族", 2), ("满族", 1))
_FEMALE: Final = frozenset("丽红爱淑凤美雪雅英芳梅兰玲霞燕娟敏静洁琴荣珍莲香萍花怡")


def person(
    draw: random.Random, person_id: UUID, name: str, *, branch: Founding, place: int, joined_on: date, on: date
) -> Person:
    """Return what is known of a made-up member, old enough for the day they joined."""
    number = _ordinals()[branch.code] * PLACES + place
    is_female = bool(_FEMALE & set(name[1:])) or draw.random() < 0.1
    first = on.year - OLDEST
    year = draw.randint(max(first, joined_on.year - 45), joined_on.year - YOUNGEST - 1)
    born_on = date(2001, 1, 1) + timedelta(days=number * 97 % 365)  # 2001 has no 29 February: the day exists each year
    born_on = born_on.replace(year=year)
    sequence = 2 * (number // 365) + (0 if is_female else 1)
    digits = f"{AREA}{born_on:%Y%m%d}{sequence:03}"
    return Person(
        id=person_id,
        name=name,
        synthetic=True,
        sex="female" if is_female else "male",
        ethnicity=_one_of(draw, _ETHNICITY),
        born_on=born_on,
        education=_one_of(draw, _EDUCATION),
        native_place="山东淄博",
        file_place="镇（街道）党建档案室",
        identity_number=digits + check_character(digits),
        phone=f"199{number:08}",
    )


@lru_cache(maxsize=1)
def _ordinals() -> dict[str, int]:
    """Number the branches as the whole demonstration lists them, however few of them are loaded."""
    branches = [founding.code for founding in organisations.foundings() if founding.kind == "branch"]
    return {code: number for number, code in enumerate(branches)}


def _one_of(draw: random.Random, choices: tuple[tuple[str, int], ...]) -> str:
    return draw.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]
