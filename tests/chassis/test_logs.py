"""Logs: a line of JSON with the request at hand; rows and statements that a database error quotes are cut out."""

import json
import logging
import sys

import pytest
from chassis import logs
from chassis.logs import JsonLines, without_quotes
from counters.running import Place

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def line(message: str, *args: object, **fields: object) -> dict[str, object]:
    record = logging.getLogger("tests").makeRecord(
        "tests", logging.INFO, "here", 1, message, args, None, extra=dict(fields)
    )
    return json.loads(JsonLines("counters-serve").format(record))


def test_a_line_is_a_sentence_and_fields() -> None:
    logs.enter(request="r-1", trace=TRACE)

    told = line("The order %s is late.", "7\n8", attempts=3)

    assert told["message"] == "The order 7\n8 is late."
    assert (told["process"], told["level"], told["attempts"]) == ("counters-serve", "INFO", 3)
    assert (told["request_id"], told["trace_id"]) == ("r-1", "a" * 32)


@pytest.mark.parametrize("given", [None, "", "a\nb", "x" * 200])
def test_a_request_without_a_sensible_id_gets_one(given: str | None) -> None:
    logs.enter(request=given, trace="nonsense")

    assert len(logs.request_id.get()) == 16
    assert len(logs.trace_id()) == 32


def test_a_database_error_does_not_tell_the_row(place: Place) -> None:
    secret = "13812345678"
    told = []
    for statement in (
        "INSERT INTO counters (name, total) VALUES (:secret, NULL)",
        "SELECT :secret, no_such_column",
        "SELECT CAST(:secret AS integer)",
        "SELECT CAST(:secret || 'x' AS integer)",
        "SELECT CAST(:secret AS timestamptz)",
        "INSERT INTO counters (name, total) VALUES (:secret, 1), (:secret, 1)",
    ):
        try:
            place.rows(statement, secret=secret)
        except Exception:
            record = logging.getLogger("tests").makeRecord(
                "tests", logging.ERROR, "here", 1, "It failed.", (), sys.exc_info()
            )
            told.append(json.loads(JsonLines("x").format(record))["exception"])

    assert len(told) == 6
    assert all(secret not in text for text in told)
    assert "null value in column" in told[0]
    assert "no_such_column" in told[1]


def test_what_is_no_quotation_stays() -> None:
    assert without_quotes("the DETAIL is fine\nand LINE 3 as well") == "the DETAIL is fine\nand LINE 3 as well"
