"""The wire: a message is the same however the stream was cut, and what the broker ends is noticed."""

import struct
import time
from collections.abc import Iterator

import pytest
from amqp.serialization import dumps
from chassis.wire import Delivery, Link, LinkLost, _Reader, read_table, table
from counters.running import Place


@pytest.fixture
def link(place: Place) -> Iterator[Link]:
    made = Link(place.amqp_url)
    yield made
    made.drop()


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, 1, len(payload)) + payload + b"\xce"


def a_delivery(*, tag: int, body: bytes, pieces: int) -> bytes:
    name = b"consumer"
    method = struct.pack(">HH", 60, 60) + bytes((len(name),)) + name + struct.pack(">QB", tag, 1) + b"\x01x\x03a.b"
    headers = table({"outcome": b"ok", "token": b"t" * 300})
    properties = b"\x10application/json" + headers + b"\x02" + b"\x0217" + b"\x04back"
    content = struct.pack(">HHQH", 60, 0, len(body), 1 << 15 | 1 << 13 | 1 << 12 | 1 << 10 | 1 << 9) + properties
    size = -(-len(body) // pieces) or 1
    bodies = [frame(3, body[start : start + size]) for start in range(0, len(body), size)]
    return frame(1, method) + frame(2, content) + b"".join(bodies)


def test_a_stream_cut_anywhere_gives_the_same_messages() -> None:
    stream = b"".join(
        (
            a_delivery(tag=1, body=b'{"a":1}', pieces=1),
            b"\x08\x00\x00\x00\x00\x00\x00\xce",  # a heartbeat in between
            a_delivery(tag=2, body=b"", pieces=1),
            a_delivery(tag=3, body=b"0123456789", pieces=3),
        )
    )
    headers = {"outcome": b"ok", "token": b"t" * 300}
    expected = [
        Delivery(tag, True, "a.b", b"17", b"back", headers, body)
        for tag, body in ((1, b'{"a":1}'), (2, b""), (3, b"0123456789"))
    ]

    for cut in range(1, len(stream)):
        reader = _Reader(b"")
        assert reader.read(stream[:cut]) + reader.read(stream[cut:]) == expected
    one_by_one = _Reader(b"")
    assert [found for byte in stream for found in one_by_one.read(bytes((byte,)))] == expected


def test_what_is_no_frame_ends_the_link() -> None:
    with pytest.raises(LinkLost):
        _Reader(b"").read(struct.pack(">BHI", 1, 1, 4) + b"\x00\x3c\x00\x3c" + b"\x00")


def test_a_table_is_read_as_it_was_written() -> None:
    entries = {"a": b"", "language": "中文".encode(), "long": b"x" * 70_000}

    assert read_table(table(entries)[4:]) == entries


def test_a_table_of_others_is_read_too() -> None:
    others = dumps("F", [{"text": "a", "number": 7, "yes": True}])

    assert read_table(others[4:]) == {"text": b"a", "number": b"7", "yes": b"True"}


@pytest.mark.parametrize("size", [0, 1, 131_064, 131_072, 131_073, 1_000_000])
def test_a_body_of_any_size_comes_back_whole(link: Link, size: int) -> None:
    link.channel.queue_declare("tests-wire", auto_delete=True, exclusive=True)
    link.channel.basic_consume("tests-wire", no_ack=True)
    body = bytes(range(256)) * (size // 256 + 1)

    link.send(link.publication(body[:size], routing_key=b"tests-wire", headers=table({"h": b"v"})))

    for arrived in link.arrivals():
        if arrived:
            assert (arrived[0].body, arrived[0].headers) == (body[:size], {"h": b"v"})
            break


def test_the_brokers_refusal_is_told(link: Link) -> None:
    link.send(link.publication(b"{}", exchange=b"no-such-exchange", routing_key=b"a"))

    with pytest.raises(LinkLost, match="no exchange 'no-such-exchange'"):
        for _ in link.arrivals():
            pass


def test_an_idle_link_lives_by_its_heartbeat(place: Place) -> None:
    heartbeat_s = 5
    link = Link(place.amqp_url, heartbeat_s=heartbeat_s)
    until = time.monotonic() + 3 * heartbeat_s  # the broker gives up after two heartbeats without a sign

    for _ in link.arrivals():
        if time.monotonic() > until:
            break

    assert link.alive
    link.drop()


def test_leave_is_taken_politely(link: Link) -> None:
    link.close()

    assert [arrived for arrived in link.arrivals() if arrived] == []
    assert not link.alive
    with pytest.raises(LinkLost):
        link.send(b"anything")
