"""Read ranges from web servers that may be hostile: bounded bytes, bounded time, public hosts.

A link is given by a person, but its host's name may resolve to this machine, to its network or to
the cloud's metadata service, and its server may send more than it was asked for, or never end. The
address is checked when the connection is made, so that no later answer of DNS changes it.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.poolmanager import PoolManager

from storyboard_ops.domain.input_limits import (
    MOST_REDIRECTS,
    MOST_WEB_CONNECT_S,
    MOST_WEB_SILENCE_S,
    MOST_WEB_TOTAL_S,
)

#: Networks whose addresses lead to an IPv4 address inside them: NAT64 (RFC 6052, 8215).
_NAT64 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))
_PIECE = 64 * 1024  # bytes


class Refused(Exception):
    """A link leads where it must not; the message says where, without secrets."""


class WebSession:
    """Connections to the server of one link. ``private``: private addresses are allowed."""

    def __init__(self, *, private: bool = False) -> None:
        self._session = requests.Session()
        # Ranges must count bytes of the file, not of a compressed transfer.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.trust_env = private  # a proxy would connect where it likes
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(_PRIVATE if private else _PUBLIC))

    def get(
        self, url: str, headers: Mapping[str, str], most: int
    ) -> tuple[requests.Response, bytes]:
        """Request a link; returns the response and at most ``most`` + 1 bytes of its body.

        Raises Refused when the link leads to a private address or, by redirection, to another
        host, and requests' exceptions when the server cannot be reached or is too slow.
        """
        with _time_limit():
            for _ in range(MOST_REDIRECTS + 1):
                response = self._session.get(
                    url,
                    headers=dict(headers),
                    timeout=(MOST_WEB_CONNECT_S, MOST_WEB_SILENCE_S),
                    stream=True,
                    allow_redirects=False,
                )
                if not response.is_redirect:
                    return response, _bounded_body(response, most)
                response.close()
                url = _redirected(url, response.headers["Location"])
        raise Refused(f"it redirects more than {MOST_REDIRECTS} times")

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if inner := ip.ipv4_mapped:
            return is_public(str(inner))
        if any(ip in network for network in _NAT64):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _redirected(url: str, location: str) -> str:
    """Return where a redirection leads, on the same host and not from https to http."""
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    secure = (new.scheme, new.port) == ("https", None) and (old.scheme, old.port) == ("http", None)
    same = (old.scheme, old.port) == (new.scheme, new.port)
    if new.hostname != old.hostname or not (same or secure):
        raise Refused(f"it redirects to {new.scheme}://{new.hostname}; if you trust that, link it")
    return target


def _bounded_body(response: requests.Response, most: int) -> bytes:
    """Read a body up to one byte more than ``most``, which shows that it is too long."""
    body = bytearray()
    raw: Any = response.raw
    while len(body) <= most:
        piece = raw.read1(min(_PIECE, most + 1 - len(body)), decode_content=False)
        if not piece:
            return bytes(body)
        body += piece
    response.close()
    return bytes(body)


class _Sockets(threading.local):
    """The sockets that this thread has used in a request with a time limit."""

    used: list[socket.socket] | None = None


_sockets = _Sockets()


@contextmanager
def _time_limit() -> Iterator[None]:
    """Break connections off after MOST_WEB_TOTAL_S, also while a server drips its headers."""
    used = _sockets.used = []
    started = time.monotonic()
    timer = threading.Timer(MOST_WEB_TOTAL_S, _break_off, [used])
    timer.daemon = True
    timer.start()
    try:
        yield
    except (requests.RequestException, HTTPError, OSError):
        if time.monotonic() - started < MOST_WEB_TOTAL_S:
            raise
    finally:
        timer.cancel()
        _sockets.used = None
    if time.monotonic() - started >= MOST_WEB_TOTAL_S:
        raise requests.Timeout(f"no answer within {MOST_WEB_TOTAL_S} s")


def _break_off(used: list[socket.socket]) -> None:
    for sock in used:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    """Notes its socket, so that the time limit can break it off."""

    def request(self, *args: Any, **options: Any) -> None:
        super().request(*args, **options)
        if _sockets.used is not None and self.sock is not None:
            _sockets.used.append(self.sock)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _PublicConnection(_Connection):
    """Connects to public addresses only: the one that is checked is the one that is used."""

    def _new_conn(self) -> socket.socket:
        name, fault = self._dns_host, None
        for address in _addresses(name, self.port):
            if not is_public(address):
                raise Refused(f"{name} has the address {address}, which is not public")
            self._dns_host = address
            try:
                return super()._new_conn()
            except NewConnectionError as error:
                fault = error
            finally:
                self._dns_host = name
        raise fault or NewConnectionError(self, f"{name} has no address")


class _PublicTlsConnection(_PublicConnection, HTTPSConnection):
    """The same over TLS, whose certificate is checked against the name of the host."""


def _addresses(name: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(name.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _PublicHttpPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


_PRIVATE: dict[str, type[HTTPConnectionPool]] = {"http": _HttpPool, "https": _HttpsPool}
_PUBLIC: dict[str, type[HTTPConnectionPool]] = {"http": _PublicHttpPool, "https": _PublicHttpsPool}


class _Adapter(HTTPAdapter):
    """Makes connections of given classes."""

    def __init__(self, pools: dict[str, type[HTTPConnectionPool]]) -> None:
        self._pools = pools
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = dict(self._pools)
