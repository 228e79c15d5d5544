"""What a job draws the panels with: the run's own source first, then what can be compared."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.training.panel_sources import drawn_sources

ALL = ("prompts", "references", "trained_references")


@pytest.mark.parametrize(
    ("own", "wanted", "takes_references", "drawn"),
    [
        ("trained", ALL, True, ("trained", "prompts", "references", "trained_references")),
        ("trained", ALL, False, ("trained", "prompts")),
        ("trained", (), True, ("trained",)),
        ("trained", ("references", "prompts", "references"), True,
         ("trained", "references", "prompts")),
        ("references", ALL, True, ("references", "prompts")),
        ("prompts", ALL, True, ("prompts", "references")),
        ("prompts", ALL, False, ("prompts",)),
    ],
)  # fmt: skip
def test_what_is_drawn(own, wanted, takes_references, drawn):
    assert drawn_sources(own, wanted, takes_references) == drawn
