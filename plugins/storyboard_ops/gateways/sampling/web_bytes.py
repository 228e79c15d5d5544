"""Read ranges of a film's bytes from a web server."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

from storyboard_ops.domain.error_tree import ObjectMissing, VideoUnreadable
from storyboard_ops.gateways.sampling.web_session import Refused, WebSession


class WebBytes:
    """A file on a web server that supports range requests; ``uri`` omits a link's credentials.

    ``private``: the server may have a private address, e.g. one of this machine.
    """

    def __init__(self, url: str, *, private: bool = False) -> None:
        self.uri = _without_credentials(url)
        self._url = url
        self._session = WebSession(private=private)
        answer, _ = self._get(0, 1)
        status = answer.status_code
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            raise ObjectMissing(
                f"{self.uri} may not be read ({status}); if the link has expired, make a new one."
            )
        size = answer.headers.get("Content-Range", "").rpartition("/")[2]
        if status != requests.codes.partial_content or not size.isdecimal():
            raise ObjectMissing(
                f"{self.uri} answered {status} to a range request, expected 206 and the size; "
                "download the film and give its path or S3 URI."
            )
        self.size = int(size)
        self.version = _version(answer)

    def read(self, first: int, length: int) -> bytes:
        if first >= self.size:
            return b""
        wanted = min(length, self.size - first)
        answer, body = self._get(first, wanted)
        if (
            answer.status_code != requests.codes.partial_content
            or _version(answer) != self.version
            or len(body) != wanted
        ):
            raise VideoUnreadable(
                self.uri,
                f"answered {answer.status_code} with {_count(body, wanted)} bytes, expected 206 "
                f"with {wanted} of the file that was opened; it was replaced or its link has "
                "expired. Start again, or download the film and give its path.",
            )
        return body

    def close(self) -> None:
        self._session.close()

    def _get(self, first: int, length: int) -> tuple[requests.Response, bytes]:
        headers = {"Range": f"bytes={first}-{first + length - 1}"}
        try:
            return self._session.get(self._url, headers, length)
        except Refused as error:
            raise ObjectMissing(
                f"{self.uri} is not read: {error}. Download the film and give its path; for a "
                "server of your own, add --private."
            ) from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # The error's text contains the whole link with its signature.
            reason = type(error).__name__
            raise ObjectMissing(
                f"{self.uri} cannot be reached ({reason}); check the link and the network."
            ) from None


def _count(body: bytes, most: int) -> str:
    """Return the number of bytes in words; reading stops when there are too many."""
    return str(len(body)) if len(body) <= most else f"more than {most}"


def _version(answer: requests.Response) -> str:
    return str(answer.headers.get("ETag", answer.headers.get("Last-Modified", "")))


def _without_credentials(url: str) -> str:
    """Return a URL without user, password and query, which may grant access."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
