"""A hostile web server gets no connection to a private address, no memory and little time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storyboard_ops.cli import frames as frames_cli
from storyboard_ops.domain.error_tree import ObjectMissing, VideoUnreadable
from storyboard_ops.gateways.sampling import web_session
from storyboard_ops.gateways.sampling.web_bytes import WebBytes
from storyboard_ops.gateways.sampling.web_session import Refused, WebSession, is_public

#: What a server does with a connection after it has read the request.
Script = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-0/1000\r\n"


class HostileServer:
    """Answers the n-th request by the n-th script, on a port of this machine."""

    def __init__(self, *scripts: Script) -> None:
        self.requests: list[bytes] = []
        self._scripts = scripts
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for script in self._scripts:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536))
                try:
                    script(connection)
                except OSError:  # the client had enough
                    continue

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileServer]]:
    servers: list[HostileServer] = []

    def start(*scripts: Script) -> HostileServer:
        servers.append(HostileServer(*scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def say(answer: bytes) -> Script:
    return lambda connection: connection.sendall(answer)


ONE_BYTE = say(HEAD + b"Content-Length: 1\r\nConnection: close\r\n\r\nx")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fd00::1", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2001::1", "fd00:ec2::254"),
    ],
)
def test_an_address_that_is_not_public_is_recognized(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_a_public_address_is_recognized(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]"],
)
def test_no_spelling_of_this_machine_is_connected_to(serve, host: str) -> None:
    server = serve(ONE_BYTE)
    with pytest.raises(ObjectMissing, match=r"which is not public|cannot be reached"):
        WebBytes(f"http://{host}:{server.port}/film.mp4?token=secret")
    assert server.requests == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "fd00::1"])
def test_a_name_of_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolve(monkeypatch, [address])
    with pytest.raises(ObjectMissing, match=f"films.example has the address {address}") as refused:
        WebBytes("https://films.example/film.mp4?token=secret")
    assert "secret" not in str(refused.value)


def test_a_name_that_changes_its_address_is_asked_once(
    serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the first answer is public, every later one is this machine."""
    server = serve(ONE_BYTE)
    asked = resolve(monkeypatch, ["203.0.113.1"], ["127.0.0.1"])
    connected: list[tuple[str, int]] = []

    def connect(place: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        connected.append(place)
        raise OSError("no route")

    monkeypatch.setattr(web_session, "is_public", lambda address: address == "203.0.113.1")
    monkeypatch.setattr("urllib3.connection.connection.create_connection", connect)
    with pytest.raises(ObjectMissing, match="cannot be reached"):
        WebBytes(f"http://films.example:{server.port}/film.mp4")
    assert set(connected) == {("203.0.113.1", server.port)}
    assert len(asked) == 1
    assert server.requests == []


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Make DNS give these answers, the last again and again; returns the names asked for."""
    asked: list[str] = []

    def getaddrinfo(name: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(name)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(web_session.socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.logs_errors
def test_the_command_allows_a_private_address_on_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    allowed: list[bool] = []

    def opened(place: str, *, private: bool) -> None:
        allowed.append(private)
        raise ObjectMissing(place)

    monkeypatch.setattr(frames_cli, "open_local_or_web", opened)
    for more in ([], ["--private"]):
        frames_cli.main(["http://127.0.0.1/film.mp4", "1", str(tmp_path / "out"), *more])
    assert allowed == [False, True]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/film.mp4",
        "//other.example/film.mp4",
        "ftp://127.0.0.1/film.mp4",
        "file:///etc/passwd",
    ],
)
def test_a_redirection_to_another_place_is_not_followed(serve, target: str) -> None:
    server = serve(say(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\n\r\n".encode()))
    with pytest.raises(ObjectMissing, match="it redirects to"):
        WebBytes(f"http://127.0.0.1:{server.port}/film.mp4", private=True)


def test_a_redirection_from_https_to_http_is_not_followed() -> None:
    with pytest.raises(Refused, match=r"redirects to http://films\.example"):
        web_session._redirected("https://films.example/a", "http://films.example/a")
    assert web_session._redirected("http://f.example/a", "https://f.example/b") == (
        "https://f.example/b"
    )


def test_a_redirection_on_the_same_host_is_followed(serve) -> None:
    moved = say(b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nConnection: close\r\n\r\n")
    server = serve(moved, ONE_BYTE)
    assert WebBytes(f"http://127.0.0.1:{server.port}/a", private=True).size == 1000
    assert server.requests[1].startswith(b"GET /b ")


def test_endless_redirections_end(serve) -> None:
    moved = say(b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nConnection: close\r\n\r\n")
    server = serve(*[moved] * 9)
    with pytest.raises(ObjectMissing, match="redirects more than 5 times"):
        WebBytes(f"http://127.0.0.1:{server.port}/a", private=True)


def endless(connection: socket.socket) -> None:
    while True:
        connection.sendall(bytes(65536))


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 10000000000\r\n\r\n",
        b"\r\n",
        b"Content-Length: 10000000000\r\nContent-Encoding: gzip\r\n\r\n",
    ],
)
def test_an_answer_that_is_longer_than_the_range_is_cut_and_refused(serve, head: bytes) -> None:
    def pour(connection: socket.socket) -> None:
        connection.sendall(HEAD + head)
        endless(connection)

    server = serve(ONE_BYTE, pour)
    source = WebBytes(f"http://127.0.0.1:{server.port}/film.mp4", private=True)
    with pytest.raises(VideoUnreadable, match="answered 206 with more than 100 bytes"):
        source.read(0, 100)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    drip(connection)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    drip(connection)


def drip(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("script", [drip_headers, drip_body, lambda _: time.sleep(3)])
def test_a_server_that_drips_is_given_up(
    serve, monkeypatch: pytest.MonkeyPatch, script: Script
) -> None:
    monkeypatch.setattr(web_session, "MOST_WEB_TOTAL_S", 0.5)
    server = serve(script)
    started = time.monotonic()
    with pytest.raises(Exception, match="no answer within"):
        WebSession(private=True).get(f"http://127.0.0.1:{server.port}/film.mp4", {}, 1000)
    assert time.monotonic() - started < 3
