"""Opens films for tests that look at frames, and closes them when the test is over."""

from __future__ import annotations

from pathlib import Path

from storyboard_ops.gateways.sampling.byte_source import FileBytes

_OPEN: list[FileBytes] = []


def film_bytes(path: Path) -> FileBytes:
    """Open a film for the running test."""
    source = FileBytes(path)
    _OPEN.append(source)
    return source


def close_films() -> None:
    """Close every film that a test has opened."""
    while _OPEN:
        _OPEN.pop().close()
