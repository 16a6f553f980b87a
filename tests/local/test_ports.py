"""Ports are chosen once and kept."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.listeners import listener_of
from local.ports import free_port_of, is_free, port_of


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    with socket.socket() as listening:
        yield listening


def test_a_port_is_kept(tmp_path: Path) -> None:
    port = port_of(tmp_path, "postgres")
    assert port_of(tmp_path, "postgres") == port
    assert free_port_of(tmp_path, "postgres") == port


def test_two_parts_never_share_a_port(tmp_path: Path) -> None:
    ports = [port_of(tmp_path, f"part {number}") for number in range(50)]
    assert len(set(ports)) == 50


def test_ports_lie_below_those_that_linux_lends_to_outgoing_connections(tmp_path: Path) -> None:
    lent_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert port_of(tmp_path, "postgres") < lent_from


def test_a_port_that_a_stranger_took_is_given_up(tmp_path: Path, stranger: socket.socket) -> None:
    port = port_of(tmp_path, "postgres")
    stranger.bind(("127.0.0.1", port))
    stranger.listen()
    assert not is_free(port)
    other = free_port_of(tmp_path, "postgres")
    assert other != port
    assert port_of(tmp_path, "postgres") == other


def test_the_process_that_holds_a_port_is_named(tmp_path: Path, stranger: socket.socket) -> None:
    port = port_of(tmp_path, "postgres")
    assert listener_of(port) is None
    stranger.bind(("127.0.0.1", port))
    stranger.listen()
    assert (listener_of(port) or "").startswith(f"process {os.getpid()} (")
