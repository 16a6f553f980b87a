"""`python -m tests.benchmarks.wire`: what one message costs through py-amqp alone and through chassis.wire.

One process publishes a message to its own queue and takes it again, as many times as asked, on the test broker. Both
send the same bytes with the same properties; CPU is this process's own.
"""

import time
from collections.abc import Callable

import amqp
from chassis.wire import Link, table
from local.testing import test_servers

MESSAGES = 20_000
IN_FLIGHT = 16
BODY = b'{"slot_id":"6a4c1b9e-0000-4000-8000-000000000000","party_size":8,"contact_name":"bench"}'
HEADERS = {"deadline": "1790000000.0", "request-id": "4adcc88989dde573", "command-id": "6a4c1b9e-0000"}


def through_library(url: str) -> None:
    """Publish and consume with py-amqp's own channel."""
    link = Link(url)  # only for the address it has parsed
    connection = link._connection
    channel = connection.channel()
    name, _, _ = channel.queue_declare(exclusive=True)
    got = 0

    def take(message: amqp.Message) -> None:
        nonlocal got
        got += 1
        if got + IN_FLIGHT <= MESSAGES:
            send()

    def send() -> None:
        message = amqp.Message(
            BODY, content_type="application/json", delivery_mode=1, correlation_id="1", application_headers=HEADERS
        )
        channel.basic_publish(message, routing_key=name)

    channel.basic_consume(name, no_ack=True, callback=take)
    for _ in range(IN_FLIGHT):
        send()
    while got < MESSAGES:
        connection.drain_events()
    link.drop()


def through_wire(url: str) -> None:
    """Publish and consume with the frames of chassis.wire."""
    link = Link(url)
    name, _, _ = link.channel.queue_declare(exclusive=True)
    link.channel.basic_consume(name, no_ack=True)
    key = name.encode()

    def send() -> None:
        headers = table({header: value.encode() for header, value in HEADERS.items()})
        link.send(link.publication(BODY, routing_key=key, headers=headers, correlation_id=b"1"))

    for _ in range(IN_FLIGHT):
        send()
    got = 0
    for arrived in link.arrivals():
        for _ in arrived:
            got += 1
            if got + IN_FLIGHT <= MESSAGES:
                send()
        if got >= MESSAGES:
            break
    link.drop()


def measure(name: str, run: Callable[[str], None], url: str) -> float:
    """Print messages a second and CPU-µs a message; return the latter."""
    began, spent = time.perf_counter(), time.process_time()
    run(url)
    took, cpu = time.perf_counter() - began, time.process_time() - spent
    print(f"{name:<14} {MESSAGES / took:8.0f} messages/s   {cpu / MESSAGES * 1e6:6.0f} CPU-µs a message")
    return cpu / MESSAGES


def main() -> None:
    """Measure both, twice, in turn."""
    url = test_servers().amqp_url
    for _ in range(2):
        library = measure("py-amqp", through_library, url)
        wire = measure("chassis.wire", through_wire, url)
        print(f"{'':<14} py-amqp spends {library / wire:.1f} times as much\n")


if __name__ == "__main__":
    main()
