"""Free ports of the loopback interface."""

from __future__ import annotations

import socket

from launcher.processes.ports import find_free_ports


def test_ports_are_different_and_free() -> None:
    ports = find_free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
