"""Every refusal can be told: it has a code, a status, and a sentence in both languages with what these name."""

import ast
import re
import string
from collections.abc import Iterator

import pytest
from chassis.refusals import Refusal
from contracts.refusals import REFUSALS

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
    nobody_raises = set(REFUSALS) - {cls.code for cls in ALL}
    # If-Match comes with the first resource that is changed rather than moved, closing a month with its own step.
    assert nobody_raises == {"precondition-failed", "precondition-required", "period-closed"}


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
