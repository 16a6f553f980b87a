"""The words of the house: what has no better name has no home yet, and nobody names where this was made."""

import ast
import importlib

import pytest

from tests.house.tree import CLONE, PACKAGES, SERVICES, files, sources

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "misc", "shared", "core", "manager", "handlers"}


def test_no_module_has_a_name_that_means_nothing() -> None:
    nameless = {
        str(path.relative_to(CLONE))
        for path in files(".py", ".js", ".sql", ".html", ".css")
        for part in (*path.relative_to(CLONE).parts[:-1], path.name.partition(".")[0])
        if part.strip("_") in FORBIDDEN
    }
    assert nameless == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_lives_in_it(package: str) -> None:
    silent = [
        str(path.relative_to(CLONE)) for path in sources(package) if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_migration_says_its_purpose(service: str) -> None:
    for path in (CLONE / "services" / service / "migrations").rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text())), f"{path.name} does not say what it is for"


@pytest.mark.parametrize("service", SERVICES)
def test_the_service_is_called_as_its_package(service: str) -> None:
    assert importlib.import_module(f"{service}.service").SERVICE.name == service


def test_nothing_names_a_place_outside_the_clone() -> None:
    outside = ("../" + "shared", "/work" + "/", "/tmp" + "/spec")
    found = {
        f"{path.relative_to(CLONE)}: {word}"
        for path in files(".py", ".md", ".toml", ".sh", ".html", ".js", ".sql", ".yml", ".yaml", "Makefile")
        for word in outside
        if word in path.read_text()
    }
    assert found == set()
