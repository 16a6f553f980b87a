"""The words a page uses for the codes of the contracts, in both languages, and how a state looks.

The vocabularies stand in one module for each part of the platform. A code that a newer service sends and no vocabulary
knows is shown as it is.
"""

import re
from typing import Any, Final

from contracts.refusals import REFUSALS, sentence
from contracts.roster.import_reasons import REASONS
from contracts.token_scopes import READING
from contracts.words import Word
from flask import Flask, url_for
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context

from gateway.pages.language import is_chinese
from gateway.pages.words import (
    audit,
    dues,
    imports,
    members,
    mending,
    money,
    notices,
    people,
    places,
    programmes,
    records,
    reports,
    reviews,
    rounds,
    stars,
    supervision,
    tasks,
    terms,
    visits,
)

PARTS: Final = (
    places,
    programmes,
    visits,
    money,
    people,
    members,
    terms,
    dues,
    imports,
    reports,
    reviews,
    records,
    rounds,
    stars,
    tasks,
    mending,
    supervision,
    audit,
)
VOCABULARIES: Final = {name: words for part in PARTS for name, words in part.WORDS.items()}
"""By name, what each code of a vocabulary is called, in the reader's language."""
TONES: Final = {name: tones for part in PARTS for name, tones in part.TONES.items()}
"""How a state looks (a shape and a colour beside its word): good, info, warn, bad; `none` without a mark."""
CODED: dict[str, str] = {"category": "category", "kind": "site_kind", "facilities": "facility"}
"""The fields of a site's history whose values are codes, and of which vocabulary."""


def word(code: str | None, vocabulary: str) -> str:
    """Return the person's word for a code."""
    if code is None:
        return "—"
    found = VOCABULARIES[vocabulary].get(code)
    return code if found is None else str(found)


@pass_context
def _word_on_page(_context: Context, code: str | None, vocabulary: str) -> str:
    """Return the word as a filter. It takes the context, for else Jinja works out `"a code"|word("a vocabulary")` once,
    when it reads the template, in the language of whoever opened the page first."""
    return word(code, vocabulary)


@pass_context
def _said_on_page(_context: Context, word: Word) -> str:
    """Return a word of the contracts as a filter, in the reader's language."""
    return records.said(word)


@pass_context
def _notice_on_page(_context: Context, kind: str, facts: dict[str, Any]) -> str:
    """Return what a notice says as a filter, in the reader's language."""
    return notices.sentence(kind, facts)


def told(value: object, field: str) -> str:
    """Return the value of a field of a site's history: 甲、乙 for several, words for codes, — for none."""
    if isinstance(value, list):
        return ("、" if is_chinese() else ", ").join(told(one, field) for one in value) or "—"
    if value is None or value == "":
        return "—"
    return word(str(value), CODED[field]) if field in CODED else str(value)


def tone(code: str, vocabulary: str) -> str:
    """Return how the state looks."""
    return TONES.get(vocabulary, {}).get(code, "none")


def scope_words(scope: str) -> str:
    """Return a word of an access token's scope: an area with what is done in it, or the name of an action."""
    area = scope.removesuffix(READING)
    if area not in VOCABULARIES["scope_area"]:
        return scope
    how = _("reading") if scope.endswith(READING) else _("reading and acting")
    return f"{word(area, 'scope_area')}{_(': ')}{how}"


def refusal_words(error: dict[str, Any]) -> str:
    """Return the sentence of a refusal that a job ended with ({code, detail, params}), in the reader's language."""
    told = REFUSALS.get(error["code"])
    if told is None or not is_chinese():
        return str(error["detail"])
    return sentence(told.zh, error["params"], code=error["code"], language="zh")


def import_reason(code: str) -> str:
    """Return the sentence of a reason why a cell of a file cannot be taken, without what it says of one cell."""
    reason = REASONS.get(code)
    if reason is None:
        return code
    return re.sub(r"\{[a-z_]+\}", "…", reason.zh if is_chinese() else reason.en)


def bank_reason(text: str | None) -> str:
    """Return a bank's reason: a code of ISO 20022 in words, what the bank adds behind it."""
    code, _, rest = (text or "").partition(" ")
    known = VOCABULARIES["bank_reason"].get(code)
    return f"{known} ({code}) {rest}".strip() if known else text or ""


def tab_rows(vocabulary: str, endpoint: str, **where: Any) -> list[tuple[str, str, str]]:
    """Return one tab for each code of a vocabulary: code, word, address of the list of those."""
    return [
        (code, str(text), url_for(endpoint, state=code, **where)) for code, text in VOCABULARIES[vocabulary].items()
    ]


def words_of(vocabulary: str) -> list[tuple[str, str]]:
    """Return a vocabulary as the choices of a form: code, word."""
    return [(code, str(text)) for code, text in VOCABULARIES[vocabulary].items()]


def register(app: Flask) -> None:
    """Give the words to the templates."""
    app.jinja_env.filters.update(
        word=_word_on_page, told=told, tone=tone, refusal_words=refusal_words, bank_reason=bank_reason
    )
    app.jinja_env.filters.update(import_reason=import_reason)
    app.jinja_env.filters["scope_words"] = scope_words
    app.jinja_env.filters["said"] = _said_on_page
    app.jinja_env.filters["notice_sentence"] = _notice_on_page
    app.jinja_env.globals.update(VOCABULARIES=VOCABULARIES, tab_rows=tab_rows, words_of=words_of)
