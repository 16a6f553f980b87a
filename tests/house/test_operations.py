"""The operator's page names what there is: every setting of every process, and metrics that exist."""

import re
from dataclasses import fields

import pytest
from chassis.config import MigrationsConfig, ServeConfig, WorkConfig
from chassis.work import own_timers
from gateway.config import GatewayConfig
from prometheus_client import REGISTRY

from tests.house.tree import CLONE, SERVICES, modules

PAGE = (CLONE / "docs/operations/README.md").read_text()


@pytest.mark.parametrize("kind", [ServeConfig, WorkConfig, MigrationsConfig, GatewayConfig])
def test_every_setting_of_a_process_is_there(kind: type) -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE))
    assert {entry.name.upper() for entry in fields(kind)} - named == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_that_a_service_asks_for_besides_is_there(service: str) -> None:
    asked = re.findall(r"\$\{([A-Z_]+)", (CLONE / "services" / service / "config.yml").read_text())
    assert asked
    assert [name for name in asked if f"`{name}`" not in PAGE] == []


def test_no_metric_is_named_that_nobody_counts() -> None:
    modules("chassis")
    modules("gateway")
    for service in SERVICES:
        modules(service)
    counted = {name for family in REGISTRY.collect() for name in (family.name, f"{family.name}_total")}
    watched = PAGE.partition("## What to watch")[2].partition("Logs are")[0]
    named = set(re.findall(r"^\| (.+?) \|", watched, re.MULTILINE))
    metrics = {name for cell in named for name in re.findall(r"`([a-z_]+)", cell)}
    assert len(metrics) > 10
    assert metrics - counted == set()


def test_no_timer_is_named_that_nobody_runs() -> None:
    running = set(own_timers("any"))
    for service in SERVICES:
        running |= set(next(m for m in modules(service) if m.__name__ == f"{service}.work").WORK.timers)
    (row,) = re.findall(r"^\| `timer_last_ran_seconds`.*$", PAGE, re.MULTILINE)
    named = set(re.findall(r"`([a-z_]+)`", row)) - {"timer_last_ran_seconds", "timer_failed_total"}
    assert named == running
