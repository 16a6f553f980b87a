"""Every refusal can be told: it has a code, a status, and a sentence in both languages with what these name."""

import ast
import re
import string
from collections.abc import Collection, Iterator

import pytest
from chassis.refusals import Refusal
from contracts import words
from contracts.refusals import REFUSALS
from gateway.languages import field_sentence
from roster.domain.organisations import STANDS_UNDER
from sites.domain import bank_results, batches, claims, orders, voucher_keys

from tests.house.tree import CLONE, PACKAGES, SERVICES, files, modules, sources


def refusals() -> list[type[Refusal]]:
    """All refusal classes of the house."""
    for package in PACKAGES:
        modules(package)

    def below(cls: type[Refusal]) -> Iterator[type[Refusal]]:
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    return sorted(
        {cls for cls in below(Refusal) if cls.__module__.split(".")[0] in PACKAGES},
        key=lambda cls: (cls.__module__, cls.__name__),
    )


def params_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


# A gateway that passes on what a service refused has no sentence of its own.
ALL = [cls for cls in refusals() if "{" not in cls.code and cls.__doc__ and cls.__name__ != "Refused"]


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
class TestRefusal:
    def test_has_a_status_and_a_chinese_sentence(self, cls: type[Refusal]) -> None:
        assert cls.code in REFUSALS, f"{cls.__name__} needs a row {cls.code!r} in contracts.refusals"
        told = REFUSALS[cls.code]
        assert 400 <= told.status <= 599
        assert re.search(r"[\u4e00-\u9fff]", told.zh)

    def test_its_chinese_sentence_names_nothing_that_it_is_not_raised_with(self, cls: type[Refusal]) -> None:
        assert params_of(REFUSALS[cls.code].zh) <= params_of(cls.__doc__ or "")


def test_every_row_is_the_code_of_a_refusal() -> None:
    assert set(REFUSALS) - {cls.code for cls in ALL} == set()


def test_who_raises_a_refusal_says_all_that_its_sentence_names() -> None:
    wanted = {cls.__name__: params_of(cls.__doc__ or "") for cls in ALL}
    silent = []
    for package in PACKAGES:
        for path in sources(package):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Raise) and isinstance(node.exc, (ast.Call, ast.Name))):
                    continue
                called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                keywords = node.exc.keywords if isinstance(node.exc, ast.Call) else []
                said = {keyword.arg for keyword in keywords}
                if name in wanted and None not in said and wanted[name] - said:
                    silent.append(f"{path.relative_to(CLONE)}:{node.lineno} {name} lacks {wanted[name] - said}")
    assert silent == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_an_sql_function_refuses_with_is_a_refusal_of_its_service(service: str) -> None:
    known = {
        cls.code: params_of(cls.__doc__ or "") for cls in ALL if cls.__module__.split(".")[0] in (service, "chassis")
    }
    raised = []
    for path in files(".sql"):
        if f"services/{service}/" in str(path):
            # RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'slot-full', DETAIL = …('seats_left', …)
            for statement in re.findall(r"RAISE\s+EXCEPTION\b[^;]*'ZH\d{3}'[^;]*;", path.read_text(), re.IGNORECASE):
                (code,) = re.findall(r"MESSAGE\s*=\s*'([a-z-]+)'", statement, re.IGNORECASE)
                missing = {name for name in known.get(code, set()) if f"'{name}'" not in statement}
                raised.append((path.name, code, code in known, missing))
    assert [found for found in raised if not found[2] or found[3]] == []
    if service == "sites":
        assert len(raised) > 5  # the pattern still finds them


CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODES = {cls.__name__: cls.code for cls in ALL}
WRITTEN_BY_PEOPLE = {("slot-closed", "reason")}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Each place that makes a refusal: where, the refusal's code, the call."""
    for package in PACKAGES:
        for path in sources(package):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODES:
                    yield f"{path.relative_to(CLONE)}:{node.lineno}", CODES[node.func.id], node


def texts_in(value: ast.expr) -> Iterator[str]:
    """The texts that an expression spells out: a literal, the branches of a choice, the pieces of an f-string."""
    if isinstance(value, ast.IfExp):
        yield from (*texts_in(value.body), *texts_in(value.orelse))
    elif isinstance(value, ast.BoolOp):
        for each in value.values:
            yield from texts_in(each)
    elif isinstance(value, ast.JoinedStr):
        yield ast.unparse(value)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def untranslated(value: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in an expression, but not what goes through gettext, whose catalogue has a test of its own."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("_", "gettext"):
        return
    yield value
    for inside in ast.iter_child_nodes(value):
        yield from untranslated(inside)


class TestWords:
    """What is said within a sentence is said in its language: a code has a word in both."""

    def test_what_a_refusal_is_raised_with_is_a_code_that_has_words_or_data(self) -> None:
        sentences = []
        for where, code, call in calls():
            for keyword in call.keywords:
                known = REFUSALS[code].words.get(keyword.arg or "", {})
                for text in texts_in(keyword.value):
                    if text not in known and re.search(r"[a-z]{2}", text):
                        sentences.append(f"{where} {keyword.arg}={text!r}")
        assert sentences == []

    def test_who_gives_a_reason_gives_what_it_names(self) -> None:
        silent = []
        for where, code, call in calls():
            said = {keyword.arg for keyword in call.keywords}
            for keyword in call.keywords:
                known = REFUSALS[code].words.get(keyword.arg or "", {})
                for text in texts_in(keyword.value):
                    if text in known and params_of(known[text].zh) - said:
                        silent.append(f"{where} {text} lacks {params_of(known[text].zh) - said}")
        assert silent == []

    def test_every_reason_is_given_somewhere(self) -> None:
        given = {text for _, _, call in calls() for keyword in call.keywords for text in texts_in(keyword.value)}
        assert (set(words.UNREADABLE) | set(words.MISPLACED)) - given == set()

    @pytest.mark.parametrize("code", sorted(REFUSALS))
    def test_what_is_one_of_a_few_has_its_words(self, code: str) -> None:
        spoken_of = {"state", "move", "kind", "reason", "service", "light", "role", "post", "expected"}
        sentence = params_of(REFUSALS[code].zh)
        sentences = {cls.__doc__ or "" for cls in ALL if cls.code == code}
        named = sentence.union(*(params_of(english) for english in sentences)) & spoken_of
        bare = {name for name in named - set(REFUSALS[code].words) if (code, name) not in WRITTEN_BY_PEOPLE}
        # The amount that a bank's row should have is a number.
        assert bare == ({"expected"} if code == "bank-amount-differs" else set())

    @pytest.mark.parametrize("code", [code for code, told in REFUSALS.items() if told.words])
    def test_a_word_is_there_in_both_languages(self, code: str) -> None:
        for vocabulary in REFUSALS[code].words.values():
            for word in vocabulary.values():
                assert CHINESE.search(word.zh) or word.zh == "{amount}"
                assert not CHINESE.search(word.en)
                assert params_of(word.zh) == params_of(word.en)

    @pytest.mark.parametrize(
        ("vocabulary", "codes"),
        [
            (words.SERVICES, SERVICES),
            (words.ORGANISATION_KINDS, STANDS_UNDER),
            (words.ORDER_STATES, orders.STATES),
            (words.ORDER_MOVES, {*orders.MOVES, "amend"}),
            (words.VOUCHER_KEY_STATES, voucher_keys.STATES),
            (words.VOUCHER_KEY_MOVES, voucher_keys.MOVES),
            (words.CLAIM_STATES, claims.STATES),
            (words.CLAIM_MOVES, claims.MOVES),
            (words.BATCH_STATES, batches.STATES),
            (words.BATCH_MOVES, batches.MOVES),
            (words.LINE_STATES, batches.LINE_STATES),
            (words.BANK_CELLS, set(bank_results.COLUMNS) - {"line"}),  # an unknown line has a refusal of its own
        ],
    )
    def test_a_vocabulary_has_just_the_codes_that_there_are(
        self, vocabulary: words.Words, codes: Collection[str]
    ) -> None:
        assert set(vocabulary) == set(codes)

    def test_faults_of_fields_are_said_in_chinese_too(self) -> None:
        faults = {
            text.value
            for package in PACKAGES
            for path in sources(package)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("InvalidInput", "BadRequest", "ValidationError")
            for given in node.args
            for text in untranslated(given)
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and re.fullmatch(r"[A-Z].*\.", text.value)
        }
        assert len(faults) > 5
        assert {fault for fault in faults if not CHINESE.search(field_sentence(fault, "zh-CN"))} == set()
