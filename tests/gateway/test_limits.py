"""Rate limits: counted for each asker apart, refused and recovered, told on every answer; the defaults are on."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
from uuid import uuid4

import pytest
from chassis.caller import Caller
from flask import Flask
from flask.testing import FlaskClient
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.limit_policies import DEFAULT, Policy, policies
from gateway.limits import Counts
from local.testing import Servers

from tests.gateway.conftest import EMPTY_VHOST, Keys, a_browser

SOME = Policy(quota=10, window_s=60)


class TestCounting:
    def test_refuses_what_is_over_and_recovers_evenly(self) -> None:
        counts = Counts(64)
        lefts = [counts.take("person", "a", SOME, now=1000.0)[0] for _ in range(10)]
        assert lefts == [*range(9, -1, -1)]
        left, full_in_s, over_s = counts.take("person", "a", SOME, now=1000.0)
        assert (left, full_in_s, over_s) == (0, 60, 6)
        # One more in six seconds; what was refused was not counted.
        assert counts.take("person", "a", SOME, now=1005.9)[2] > 0
        assert counts.take("person", "a", SOME, now=1006.0)[2] == 0
        assert counts.take("person", "a", SOME, now=1066.0)[:2] == (9, 6)

    def test_askers_and_policies_are_counted_apart(self) -> None:
        counts = Counts(64)
        for _ in range(11):
            counts.take("person", "a", SOME, now=1000.0)
        assert counts.take("person", "b", SOME, now=1000.0)[0] == 9
        assert counts.take("token", "a", SOME, now=1000.0)[0] == 9

    def test_looking_counts_nothing(self) -> None:
        counts = Counts(64)
        assert [counts.take("wrong", "a", SOME, now=1000.0, cost=0)[0] for _ in range(3)] == [10, 10, 10]

    def test_many_askers_forget_those_who_rest_first(self) -> None:
        counts = Counts(64)
        for _ in range(10):
            counts.take("person", "busy", SOME, now=1000.0)
        for number in range(200):
            counts.take("person", f"passing {number}", SOME, now=1000.0)
        assert counts.take("person", "busy", SOME, now=1000.0)[2] > 0

    def test_processes_share_one_count(self) -> None:
        counts = Counts(64)
        worker = get_context("fork").Process(
            target=lambda: [counts.take("person", "a", SOME, now=1000.0) for _ in range(7)]
        )
        worker.start()
        worker.join()
        assert counts.take("person", "a", SOME, now=1000.0)[0] == 2


class TestSettings:
    def test_some_take_the_place_of_the_defaults(self) -> None:
        read = policies("person=5/1 wrong=7/60")
        assert read == DEFAULT | {"person": Policy(5, 1), "wrong": Policy(7, 60)}
        assert policies("off") is None

    @pytest.mark.parametrize("text", ["person", "person=5", "nobody=5/1", "person=0/1", "person=5/0", "person=x/1"])
    def test_what_is_no_limit(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"NAME=REQUESTS/SECONDS|outside"):
            policies(text)


@pytest.fixture(scope="module")
def behind(config: GatewayConfig, servers: Servers) -> Iterator[Caller]:
    caller = Caller(servers.amqp_url_of(EMPTY_VHOST))
    yield caller
    caller.close()


def an_app(config: GatewayConfig, caller: Caller, limits: str = "") -> Flask:
    return create_app(replace(config, rate_limits=policies(limits)), caller=caller)


def asks(client: FlaskClient, address: str = "198.51.100.1", path: str = "/api/v1/sites", **more: object) -> object:
    return client.get(path, environ_overrides={"REMOTE_ADDR": address}, **more)


def test_by_default_an_office_is_not_disturbed_and_a_flood_is(config: GatewayConfig, behind: Caller) -> None:
    """The defaults as they are: 200 people behind one address open ten pages a minute each."""
    app = an_app(config, behind)
    assert GatewayConfig.__dataclass_fields__["rate_limits"].default_factory() == DEFAULT
    client, address = app.test_client(), "192.0.2.77"
    answer = asks(client, address)
    assert answer.headers["RateLimit-Policy"] == '"address";q=6000;w=60'
    assert re.fullmatch(r'"address";r=5999;t=1', answer.headers["RateLimit"])
    assert DEFAULT["address"].quota >= 200 * 10 * 3
    counts = app.extensions["zhendi.counts"]
    ahead = time.time() + 10  # in these seconds nothing refills
    for _ in range(DEFAULT["address"].quota):
        counts.take("address", address, DEFAULT["address"], now=ahead)
    refused = asks(client, address)
    assert refused.status_code == 429
    assert (refused.json["code"], refused.content_type) == ("too-many-requests", "application/problem+json")
    assert int(refused.headers["Retry-After"]) >= 1
    assert '"address";r=0' in refused.headers["RateLimit"]
    assert asks(client, "192.0.2.78").status_code != 429


def test_people_and_tokens_at_one_address_do_not_count_for_each_other(
    config: GatewayConfig, behind: Caller, keys: Keys
) -> None:
    client = an_app(config, behind, "person=3/3600").test_client()
    one, other = ({"Authorization": f"Bearer {keys.token('member', person_id=uuid4())}"} for _ in range(2))
    assert [asks(client, headers=one).status_code for _ in range(4)][-1] == 429
    assert asks(client, headers=other).status_code != 429
    assert asks(client).status_code != 429


def test_a_person_is_one_in_every_browser_and_renewed_token(config: GatewayConfig, behind: Caller, keys: Keys) -> None:
    app, person = an_app(config, behind, "person=3/3600"), uuid4()
    for _ in range(3):
        browser = a_browser(app, keys.token("member", person_id=person))
        assert browser.client.get("/about").status_code == 200
    browser = a_browser(app, keys.token("member", person_id=person))
    refused = browser.client.get("/about", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert browser.client.get("/static/style.css").status_code != 429


def test_forged_and_nonsense_tokens_count_for_the_address(config: GatewayConfig, behind: Caller) -> None:
    client = an_app(config, behind, "address=3/3600").test_client()
    told = [
        asks(client, "198.51.100.9", headers={"Authorization": header}).status_code
        for header in ("Bearer x.y.z", "Bearer zhd_nothing", "Basic abc", "Bearer")
    ]
    assert told[-1] == 429


def test_one_ipv6_network_is_one_address(config: GatewayConfig, behind: Caller) -> None:
    client = an_app(config, behind, "address=2/3600").test_client()
    told = [asks(client, f"2001:db8:1:2::{host}").status_code for host in (1, 2, 3)]
    assert told[2] == 429
    assert asks(client, "2001:db8:1:3::1").status_code != 429


def test_wrong_passwords_are_counted_apart_and_close_the_sign_in_alone(config: GatewayConfig, behind: Caller) -> None:
    app = an_app(config, behind, "wrong=2/3600")
    client, here = app.test_client(), {"REMOTE_ADDR": "198.51.100.30"}
    first = client.post("/api/v1/sessions", json={}, environ_overrides=here)
    assert first.status_code == 503  # nobody is behind: neither right nor wrong
    assert '"wrong";r=2;t=0' in first.headers["RateLimit"]
    assert '"sign-in";q=600;w=300' in first.headers["RateLimit-Policy"]
    counts = app.extensions["zhendi.counts"]
    for _ in range(2):
        counts.take("wrong", "198.51.100.30", Policy(2, 3600), now=time.time())
    refused = client.post("/api/v1/sessions", json={}, environ_overrides=here)
    assert (refused.status_code, refused.json["code"]) == (429, "too-many-requests")
    assert asks(client, "198.51.100.30").status_code != 429


def test_behind_a_reverse_proxy_the_asker_is_whom_it_names(config: GatewayConfig, behind: Caller) -> None:
    for proxies, told in ((0, 429), (1, 503)):
        changed = replace(config, rate_limits=policies("address=1/3600"), proxies=proxies)
        client = create_app(changed, caller=behind).test_client()
        answers = [
            asks(client, f"10.0.{proxies}.1", headers={"X-Forwarded-For": f"203.0.113.{host}"}).status_code
            for host in (1, 2)
        ]
        assert answers[1] == told


def test_every_answer_of_the_api_tells_its_limits(app: Flask, keys: Keys) -> None:
    client = app.test_client()
    for path in ("/api/v1/me", "/api/v1/nothing-here", "/api/openapi.json", "/api/problems/slot-full", "/api/docs"):
        for headers in ({}, {"Authorization": f"Bearer {keys.token()}"}, {"Authorization": "Bearer wrong"}):
            answer = client.get(path, headers=headers)
            assert {"RateLimit", "RateLimit-Policy"} <= set(answer.headers.keys()), path
    assert "RateLimit" not in client.get("/livez").headers


def test_off_is_off(config: GatewayConfig, behind: Caller) -> None:
    assert "RateLimit" not in asks(an_app(config, behind, "off").test_client()).headers
