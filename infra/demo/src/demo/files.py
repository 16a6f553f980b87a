"""The rows of the demonstration's data files."""

import csv
import io
from importlib import resources


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file in `data/`."""
    content = resources.files("demo").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(content)))
