"""Every sentence that a reader may meet is there in Chinese."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import contracts
import marshmallow
import pytest
from contracts import envelope, words
from contracts.refusals import REFUSALS
from contracts.sites import places
from flask import Flask
from gateway.languages import TITLES, field_sentence
from gateway.pages.words import PARTS, VOCABULARIES
from marshmallow import fields, validate

USED = (
    fields.String(),
    fields.Integer(),
    fields.UUID(),
    fields.Boolean(),
    fields.Float(),
    fields.List(fields.UUID()),
    fields.Date(),
    envelope._Instant(),
)

UNSAID = {"format", "invalid_utf8", "invalid_awareness"}
"""Sentences about what is written out, about bytes, and about a naive field's opposite: JSON brings none of them."""


def field_sentences() -> Iterator[str]:
    """The sentences that the contracts' fields can say, filled in as they say them."""
    for field in USED:
        for name, sentence in field.error_messages.items():
            if name not in UNSAID:
                yield sentence.format(input="x", obj_type="date")
    for check in (
        validate.Range(1, 500),
        validate.Range(min=0),
        validate.Range(max=5),
        validate.Length(1, 200),
        validate.Length(min=2),
        validate.Length(max=3),
        validate.OneOf(("a", "b")),
    ):
        for unfit in ("", "x" * 500, -1, 10**9):
            try:
                check(unfit)
            except (marshmallow.ValidationError, TypeError) as error:
                if isinstance(error, marshmallow.ValidationError):
                    yield error.messages[0]
    for read, unfit in (
        (places.Bbox(), "1"),
        (places.Bbox(), "a,b,c,d"),
        (places.Bbox(), "0,9,0,1"),
        (places._LonLat(), "999,1"),
        (envelope._Instant(), "tomorrow"),
        (envelope._Instant(), "2026-11-23T09:00:00"),
    ):
        with pytest.raises(marshmallow.ValidationError) as refused:
            read.deserialize(unfit)
        yield refused.value.messages[0]


@pytest.mark.parametrize("sentence", sorted(set(field_sentences())))
def test_faults_of_fields_are_told_in_chinese(sentence: str) -> None:
    assert field_sentence(sentence, "en") == sentence
    chinese = field_sentence(sentence, "zh-CN")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), sentence


def test_every_status_has_a_title() -> None:
    assert {told.status for told in REFUSALS.values()} <= set(TITLES)


@pytest.mark.parametrize(
    ("vocabulary", "words_of_refusals"),
    [
        ("order_state", words.ORDER_STATES),
        ("claim_state", words.CLAIM_STATES),
        ("batch_state", words.BATCH_STATES),
        ("line_state", words.LINE_STATES),
        ("organisation_kind", words.ORGANISATION_KINDS),
    ],
)
def test_a_refusal_calls_a_state_as_the_pages_do(
    nobody_behind: Flask, vocabulary: str, words_of_refusals: words.Words
) -> None:
    with nobody_behind.test_request_context("/", headers={"Accept-Language": "zh-CN"}):
        on_pages = {code: str(text) for code, text in VOCABULARIES[vocabulary].items()}
    assert {code: word.zh for code, word in words_of_refusals.items()} == on_pages


def test_contracts_are_all_looked_at() -> None:
    kinds = set()
    for found in pkgutil.walk_packages(contracts.__path__, prefix="contracts."):
        module = import_module(found.name)
        for thing in vars(module).values():
            if (
                isinstance(thing, type)
                and hasattr(thing, "__dataclass_fields__")
                and thing.__module__ == module.__name__
            ):
                try:
                    schema = envelope.schema_of(thing)
                except Exception:  # noqa: S112 - envelopes are no messages
                    continue
                kinds |= {type(field) for field in schema.fields.values()}
    plain = {kind for kind in kinds if not issubclass(kind, (*map(type, USED), places.Bbox, places._LonLat))}
    assert plain <= {fields.Nested, fields.Raw, fields.Dict}


def test_a_word_of_a_page_follows_its_reader(nobody_behind: Flask) -> None:
    page = nobody_behind.jinja_env.from_string('{{ "applicant"|word("stage") }}')
    for language, text in (("en-GB", "Applicant"), ("zh-CN", "入党申请人")):
        with nobody_behind.test_request_context("/", headers={"Accept-Language": language}):
            assert page.render() == text


def test_no_two_vocabularies_have_one_name() -> None:
    assert len(VOCABULARIES) == sum(len(part.WORDS) for part in PARTS)
