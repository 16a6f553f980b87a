"""Refusals: the class says the code, its docstring the sentence; marshmallow's messages become fields."""

import json

import pytest
from chassis.refusals import (
    BadRequest,
    Busy,
    DeadlinePassed,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    Refusal,
    ServiceUnavailable,
    flatten,
    from_sql,
)
from contracts.refusals import REFUSALS


class PaintRunsOut(Refusal):
    """Only {litres_left} litres of {colour}
    are left."""


def test_the_code_is_the_name_of_the_class() -> None:
    assert PaintRunsOut.code == "paint-runs-out"


def test_the_sentence_is_the_docstring_with_its_parameters() -> None:
    assert str(PaintRunsOut(litres_left=3, colour="red")) == "Only 3 litres of red are left."


def test_a_parameter_that_is_missing_does_not_hide_the_refusal() -> None:
    assert "litres_left" in str(PaintRunsOut())


@pytest.mark.parametrize(
    "cls",
    [BadRequest, InvalidInput, NotFound, IdempotencyKeyReused, Busy, ServiceUnavailable, DeadlinePassed],
)
def test_each_of_the_chassis_stands_in_the_contracts(cls: type[Refusal]) -> None:
    assert cls.code in REFUSALS
    assert cls().status == REFUSALS[cls.code].status


def test_an_sql_function_raises_the_class_by_its_code() -> None:
    raised = from_sql("paint-runs-out", json.dumps({"litres_left": 2, "colour": "blue"}))

    assert isinstance(raised, PaintRunsOut)
    assert raised.params == {"litres_left": 2, "colour": "blue"}
    assert isinstance(from_sql("paint-runs-out", None), PaintRunsOut)


def test_of_two_classes_with_a_code_the_services_own_is_taken() -> None:
    elsewhere = type("PaintRunsOut", (Refusal,), {"__module__": "elsewhere.paint", "__doc__": "None."})

    assert type(from_sql("paint-runs-out", None, service="elsewhere")) is elsewhere
    assert type(from_sql("paint-runs-out", None, service=PaintRunsOut.__module__.split(".")[0])) is PaintRunsOut


def test_a_code_without_a_class_is_a_fault() -> None:
    with pytest.raises(LookupError, match="no-such-code"):
        from_sql("no-such-code", None)


def test_messages_become_sentences_by_field() -> None:
    assert flatten({"a": ["Missing."], "b": {"c": ["Wrong."], 0: {"d": ["Late."]}}, "_schema": ["Odd."]}) == {
        "a": ["Missing."],
        "b.c": ["Wrong."],
        "b.0.d": ["Late."],
        "body": ["Odd."],
    }
