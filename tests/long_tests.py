"""Which of the long tests run: all, none, or a share that a seed chooses."""

from __future__ import annotations

import hashlib

import pytest


def chosen(node_id: str, share: float, seed: int) -> bool:
    """Whether a long test belongs to the share, 0 to 1, that a seed chooses.

    Every test is chosen by itself: adding one changes nothing for the others, and all workers
    choose alike.
    """
    digest = hashlib.sha256(f"{seed}:{node_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def keep_chosen(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the long tests that the options ``--long`` and ``--seed`` leave out.

    Tests with containers of their own run only where they are asked for by their marker.
    """
    share, seed = config.getoption("--long"), config.getoption("--seed")
    markers = config.getoption("markexpr")
    if share is None:
        share = 1.0 if "long" in markers else 0.0
    with_containers = "compose" in markers
    left_out = [
        item
        for item in items
        if (item.get_closest_marker("long") and not chosen(item.nodeid, share, seed))
        or (item.get_closest_marker("compose") and not with_containers)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
