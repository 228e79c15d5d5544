"""The share of long tests: none, all, and about what is asked for, the same for every worker."""

from __future__ import annotations

import pytest

from tests.long_tests import chosen

NODES = [f"tests/steps/test_kill.py::test_killed[{number}]" for number in range(1_000)]


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, len(NODES))])
def test_none_and_all(share: float, expected: int) -> None:
    assert sum(chosen(node, share, seed=7) for node in NODES) == expected


def test_a_tenth_is_about_a_tenth_and_differs_by_seed() -> None:
    one, other = ({node for node in NODES if chosen(node, 0.1, seed)} for seed in (1, 2))
    assert 70 <= len(one) <= 130
    assert one != other
