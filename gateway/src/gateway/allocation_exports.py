"""A draw as a table, for whoever repeats it in a spreadsheet: one row a request, in the order of the draw."""

import csv
import io
from typing import Any, Final

COLUMNS: Final = (
    "position",
    "request_id",
    "digest",
    "unvisited",
    "branch",
    "party_size",
    "visits",
    "wishes",
    "given",
    "state",
    "seed",
)


def as_csv(told: dict[str, Any]) -> bytes:
    """Return the export's requests as CSV in UTF-8 with its mark, so that spreadsheets read the Chinese."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for request in told["requests"]:
        given = [tried["slot_id"] for turn in request["turns"] for tried in turn["tried"] if tried["code"] is None]
        rows.writerow(
            [
                request["position"],
                request["request_id"],
                request["digest"],
                int(request["unvisited"]),
                _plain(request["branch"]),
                request["party_size"],
                request["visits"],
                " ".join(request["wishes"]),
                " ".join(given),
                request["state"],
                _plain(told["round"]["seed"]),
            ]
        )
    return written.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
