"""Every capability id that code or a document cites stands in docs/capabilities.md."""

import re

import pytest

from tests.house.tree import CLONE, files

CITED = re.compile(r"\b[SRAG][1-9][0-9]?\b")
LISTED = re.compile(r"^- \*\*([SRAG][0-9]+)\*\* \S", re.MULTILINE)
LIST = CLONE / "docs" / "capabilities.md"


def test_the_list_is_whole_and_in_order() -> None:
    listed = LISTED.findall(LIST.read_text())
    numbers = {"S": 14, "R": 9, "A": 16, "G": 6}
    assert listed == [f"{letter}{number}" for letter, last in numbers.items() for number in range(1, last + 1)]


@pytest.mark.parametrize("suffix", [".py", ".md", ".sql", ".html", ".js", ".css"])
def test_every_cited_id_stands_in_the_list(suffix: str) -> None:
    listed = set(LISTED.findall(LIST.read_text()))
    strangers = {
        f"{path.relative_to(CLONE)}: {cited}"
        for path in files(suffix)
        for cited in CITED.findall(path.read_text())
        if cited not in listed
    }
    assert strangers == set()
