"""Call AWS in two common ways: list all pages, and accept an error that means "nothing to do"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from storyboard_ops.domain.error_tree import ServiceError


def list_all(client: Any, listing: str, key: str, **arguments: Any) -> Iterator[Any]:
    """Yield the items of all pages of a listing, e.g. list_objects_v2; ``key`` names their field.

    S3 omits the field of a page without items.
    """
    for page in client.get_paginator(listing).paginate(**arguments):
        yield from page.get(key, ())


def call_unless(
    expected: type[ServiceError] | tuple[type[ServiceError], ...],
    call: Callable[..., object],
    **arguments: Any,
) -> bool:
    """Call; return False when the call raises an expected error, which means nothing was done."""
    try:
        call(**arguments)
    except expected:
        return False
    return True
