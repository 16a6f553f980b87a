"""docs/complaints.md names what shows each answer: every file and test it names is there."""

import re

from tests.house.tree import CLONE

TEXT = (CLONE / "docs" / "complaints.md").read_text()


def test_what_it_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)
    assert named
    missing = {
        f"{path}::{test}"
        for path, test in named
        if not (CLONE / path).exists() or (test and f"def {test}(" not in (CLONE / path).read_text())
    }
    assert missing == set()


def test_no_complaint_is_left_without_a_proof() -> None:
    for complaint in TEXT.split("\n## ")[1:]:
        assert "`tests/" in complaint, complaint.splitlines()[0]
