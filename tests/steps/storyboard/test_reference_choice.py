"""Which reference pictures a base model is shown for a panel."""

from __future__ import annotations

import pytest

from storyboard_ops.steps.storyboard.reference_choice import choose_references
from tests.material import factories


@pytest.mark.parametrize(
    ("cast", "chosen"),
    [
        ((), []),
        (("mira",), ["mira-1", "mira-2"]),
        (("bram", "mira"), ["bram-1", "mira-1", "mira-2"]),
        (("mira", "bram", "pip"), ["mira-1", "bram-1", "pip-1"]),
        (("nobody",), []),
    ],
)
def test_equally_many_of_each_character_and_four_at_most(cast, chosen):
    pictures = {
        name: tuple(f"s3://studio/{name}-{n}" for n in range(1, count + 1))
        for name, count in {"mira": 3, "bram": 1, "pip": 2}.items()
    }
    sheet = factories.production()
    characters = tuple(
        one.model_copy(update={"references": pictures[one.id]}) for one in sheet.characters
    )
    found = choose_references(sheet.model_copy(update={"characters": characters}), cast)
    assert [uri.name for uri in found] == chosen
