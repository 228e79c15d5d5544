"""The committed production file and reference pictures belong to the film that is drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import yaml

from sample_film.characters import CAST
from sample_film.production import PRODUCTION_FILE, REFERENCES, SLUG
from sample_film.references import SHEETS, Sheet, draw_reference, file_name

PRODUCTION = yaml.safe_load(PRODUCTION_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
@pytest.mark.parametrize("who", CAST)
def test_the_committed_picture_is_what_the_generator_draws(who: str, sheet: Sheet):
    committed = cv2.imread(str(REFERENCES / file_name(CAST[who], sheet)))
    assert committed is not None, "missing; run python -m sample_film references"
    drawn = draw_reference(CAST[who], sheet)
    assert committed.shape == drawn.shape
    assert np.abs(committed.astype(int) - drawn.astype(int)).max() <= 1


def test_the_production_names_the_cast():
    assert PRODUCTION["slug"] == SLUG
    assert [c["id"] for c in PRODUCTION["characters"]] == list(CAST)
    assert [c["name"] for c in PRODUCTION["characters"]] == [who.name for who in CAST.values()]


def test_every_reference_exists_and_every_picture_is_referred_to():
    named = {PRODUCTION_FILE.parent / r for c in PRODUCTION["characters"] for r in c["references"]}
    assert named == set(REFERENCES.iterdir())


def test_the_storyboard_shows_every_character_and_no_stranger():
    panels = [panel for scene in PRODUCTION["storyboard"] for panel in scene["panels"]]
    assert 6 <= len(panels) <= 8
    assert {who for panel in panels for who in panel["characters"]} == set(CAST)
