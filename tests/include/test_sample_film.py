"""The committed sample film: its file, its truth, and the production that belongs to it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import av
import pytest
import yaml

from launcher.state.layout import SAMPLE_PRODUCTION, Project

FILM = Project().sample_film
TRUTH = json.loads(FILM.with_name("truth.json").read_text(encoding="utf-8"))
PRODUCTION_FILE = Project().productions / f"{SAMPLE_PRODUCTION}.yaml"
PRODUCTION = yaml.safe_load(PRODUCTION_FILE.read_text(encoding="utf-8"))
FRAMES, RATE, SIZE = 1557, 24, (1280, 720)
CAST = ["mira", "pell", "orso"]


def test_the_film_is_the_one_that_the_truth_describes() -> None:
    """The results of the demo derive from these bytes, so that no other film may take its place."""
    assert TRUTH["clip"] == FILM.name
    assert hashlib.sha256(FILM.read_bytes()).hexdigest() == TRUTH["sha256"]


def test_the_film_is_h264_that_every_player_reads() -> None:
    with av.open(str(FILM)) as container:
        video = container.streams.video[0]
        context = video.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.width, context.height) == SIZE
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
    body = FILM.read_bytes()
    assert body.index(b"moov") < body.index(b"mdat")  # a player can begin before it has all of it


def test_the_film_shows_24_frames_a_second_without_a_gap() -> None:
    with av.open(str(FILM)) as container:
        video = container.streams.video[0]
        base = video.time_base
        shown = sorted(packet.pts for packet in container.demux(video) if packet.pts is not None)
    assert base is not None
    assert [pts * base for pts in shown] == [Fraction(i, RATE) for i in range(FRAMES)]


def test_the_truth_has_one_entry_for_every_second() -> None:
    assert [entry["t"] for entry in TRUTH["frames"]] == list(range(FRAMES // RATE + 1))
    assert TRUTH["n_frames"] == len(TRUTH["frames"])
    seen = Counter(c["id"] for entry in TRUTH["frames"] for c in entry["characters"])
    assert TRUTH["positives"] == seen


def test_every_box_is_inside_the_frame() -> None:
    for entry in TRUTH["frames"]:
        for character in entry["characters"]:
            x, y, width, height = character["box"]
            assert min(x, y) >= 0 and min(width, height) > 0
            assert max(x + width, y + height) <= 1 + 1e-5  # rounded to five digits


@pytest.mark.parametrize("who", CAST)
def test_every_character_is_clearly_visible_in_a_quarter_of_the_film(who: str) -> None:
    clear = [
        entry["t"]
        for entry in TRUTH["frames"]
        for character in entry["characters"]
        if character["id"] == who and not character.get("ambiguous")
    ]
    assert len(clear) >= 0.25 * TRUTH["n_frames"]


def test_a_second_shows_nobody_one_two_or_three_characters() -> None:
    assert {len(entry["characters"]) for entry in TRUTH["frames"]} == {0, 1, 2, 3}


def test_production_and_truth_name_the_same_cast() -> None:
    assert PRODUCTION["slug"] == SAMPLE_PRODUCTION
    assert [character["id"] for character in PRODUCTION["characters"]] == CAST
    assert list(TRUTH["characters"]) == CAST


def test_every_reference_exists_and_every_picture_is_a_reference() -> None:
    folder = PRODUCTION_FILE.parent
    named = {folder / name for c in PRODUCTION["characters"] for name in c["references"]}
    assert named == set(Path(folder / SAMPLE_PRODUCTION / "references").iterdir())


def test_the_storyboard_shows_every_character_and_nobody_else() -> None:
    panels = [panel for scene in PRODUCTION["storyboard"] for panel in scene["panels"]]
    assert {who for panel in panels for who in panel["characters"]} == set(CAST)
