"""Characters are shown equally often, however many pictures they have."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

from trainer.inputs.dataset import Picture
from trainer.training.exposure import show_pictures


def picture(*characters: str) -> Picture:
    return Picture(Path("x.png"), "a caption", characters, "take-1")


PICTURES = [*[picture("mira")] * 12, *[picture("bo")] * 3, *[picture("mira", "bo")] * 2]


def shown(pictures: list[Picture], count: int, seed: int = 1) -> list[int]:
    return list(islice(show_pictures(pictures, seed), count))


def test_every_character_is_shown_equally_often() -> None:
    numbers = shown(PICTURES, 800)
    exposures = Counter(c for n in numbers for c in PICTURES[n].characters)
    assert abs(exposures["mira"] - exposures["bo"]) <= 1


def test_an_eighth_shows_characters_together() -> None:
    together = sum(len(PICTURES[n].characters) > 1 for n in shown(PICTURES, 2000))
    assert 200 < together < 300


def test_the_pictures_of_a_character_are_shown_equally_often() -> None:
    counts = Counter(shown(PICTURES, 800))
    for own in (range(12), range(12, 15), range(15, 17)):
        assert max(counts[n] for n in own) - min(counts[n] for n in own) <= 1


def test_the_order_depends_on_the_seed_alone() -> None:
    assert shown(PICTURES, 50) == shown(PICTURES, 50)
    assert shown(PICTURES, 50) != shown(PICTURES, 50, seed=2)


def test_a_character_without_a_picture_of_its_own_is_shown_with_others() -> None:
    pictures = [*[picture("mira")] * 5, picture("mira", "bo")]
    counts = Counter(c for n in shown(pictures, 400) for c in pictures[n].characters)
    assert counts["bo"] > 100
