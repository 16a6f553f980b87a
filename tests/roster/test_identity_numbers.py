"""Identity numbers: format, birthday, check character; and that a mask never gives the number away."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from roster.domain.identity_numbers import check_character, masked, normal, read

from tests.roster.registers import an_identity_number

TODAY = date(2026, 11, 10)
numbers = st.builds(
    an_identity_number,
    born_on=st.dates(date(1900, 1, 1), TODAY),
    sequence=st.integers(0, 999),
    area=st.sampled_from(["370302", "110101", "650105"]),
)


def test_the_example_of_the_standard() -> None:
    assert check_character("11010519491231002") == "X"  # GB 11643, its own example
    assert check_character("44052418800101001") == "4"


def test_what_a_number_says() -> None:
    told = read(an_identity_number(born_on=date(1962, 3, 9), sequence=47), on=TODAY)
    assert (told.born_on, told.sex, told.is_area_known, told.fault) == (date(1962, 3, 9), "male", True, None)
    assert read(an_identity_number(sequence=48), on=TODAY).sex == "female"


def test_an_unknown_area_is_no_fault() -> None:
    told = read(an_identity_number(area="990101"), on=TODAY)
    assert (told.fault, told.is_area_known) == (None, False)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", "format"),
        ("370302800517900", "format"),
        ("37030219800517900A", "format"),
        ("370302198002309006", "date"),
        (an_identity_number(born_on=date(2026, 11, 11)), "date"),
        (an_identity_number(born_on=date(1899, 12, 31)), "date"),
        ("٣٧٠٣٠٢١٩٨٠٠٥١٧٩٠٠٤", "format"),
    ],
)
def test_what_is_no_number(written: str, fault: str) -> None:
    assert read(written, on=TODAY).fault == fault


@given(numbers)
def test_what_agrees_is_read_however_it_is_written(number: str) -> None:
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    for written in (number, number.lower(), f" {number[:6]} {number[6:14]}-{number[14:]}", full_width):
        assert read(written, on=TODAY).number == number


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(number: str, place: int, digit: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    assert (read(wrong, on=TODAY).fault is None) == (wrong == number)


@given(numbers, st.integers(0, 15))
def test_two_digits_that_changed_places_are_always_found(number: str, place: int) -> None:
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (read(wrong, on=TODAY).fault is None) == (wrong == number)


@given(numbers)
def test_a_mask_hides_area_birthday_and_sequence(number: str) -> None:
    shown = masked(number)
    assert len(shown) == 18
    assert sum(letter != "*" for letter in shown) == 4
    assert normal(number)[6:17] not in shown
