"""The whole film: the file, and the facts about it that the rest of the project counts on."""

from __future__ import annotations

import json
from fractions import Fraction

import av
import numpy as np
import pytest

from sample_film import FilmFiles, FilmTruth, film_digest, render_film
from sample_film.camera import FPS, HEIGHT, WIDTH
from sample_film.reel import frame_at, total_frames

pytestmark = pytest.mark.slow


def test_the_file_is_h264_as_every_player_reads_it(film: FilmFiles):
    with av.open(str(film.film)) as container:
        video = container.streams.video[0]
        context = video.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.width, context.height) == (WIDTH, HEIGHT)
        assert video.average_rate == FPS
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert video.frames == total_frames()
    assert film.film.read_bytes().index(b"moov") < film.film.read_bytes().index(b"mdat")


def test_every_frame_has_its_time(film: FilmFiles):
    with av.open(str(film.film)) as container:
        base = container.streams.video[0].time_base
        pts = [frame.pts for frame in container.decode(video=0)]
    assert base is not None
    assert pts == [Fraction(i, FPS) / base for i in range(total_frames())]


def test_every_shot_begins_with_a_keyframe(film: FilmFiles, truth: FilmTruth):
    with av.open(str(film.film)) as container:
        packets = container.demux(container.streams.video[0])
        keys = {p.pts * p.time_base for p in packets if p.is_keyframe and p.pts is not None}
    assert {Fraction(shot.start, FPS) for shot in truth.shots} <= keys


def test_the_decoded_picture_is_the_drawn_one(film: FilmFiles):
    index = 300
    with av.open(str(film.film)) as container:
        frames = container.decode(video=0)
        decoded = next(f for i, f in enumerate(frames) if i == index).to_ndarray(format="bgr24")
    error = np.abs(decoded.astype(int) - frame_at(index).pixels.astype(int)).mean()
    assert error < 4.0  # of 255: compression, but neither another frame nor other colours


def test_the_truth_has_every_frame(truth: FilmTruth):
    assert [f.index for f in truth.frames] == list(range(total_frames()))
    for shot in truth.shots:
        own = truth.frames[shot.start : shot.start + shot.frames]
        assert {f.shot for f in own} == {shot.number}


def test_every_character_is_seen_often_and_in_different_places(truth: FilmTruth):
    seconds = [truth.at(float(s)) for s in range(len(truth.frames) // FPS)]
    for who in truth.characters:
        seen = [f for f in seconds if any(c.id == who for c in f.characters)]
        assert len(seen) >= 0.25 * len(seconds), who
        settings = {truth.shots[f.shot].setting for f in seen}
        assert len({f.shot for f in seen}) >= 3, who
        assert len(settings) >= 3, who


def test_every_character_is_seen_from_all_sides(truth: FilmTruth):
    for who in truth.characters:
        views = {c.view for f in truth.frames for c in f.characters if c.id == who}
        assert views >= {"three_quarter", "side"}, who


def test_characters_are_large_enough_for_crops_of_512_pixels(truth: FilmTruth):
    for who in truth.characters:
        sides = [c.box[3] * HEIGHT for f in truth.frames for c in f.characters if c.id == who]
        assert np.mean([side >= 400 for side in sides]) > 0.5, who


def test_there_is_something_of_everything(truth: FilmTruth):
    tags = {tag for f in truth.frames for tag in f.tags}
    assert tags >= {"title", "credits", "fade", "black", "dissolve", "blur", "still"}
    assert {len(f.characters) for f in truth.frames} == {0, 1, 2, 3}
    assert len({shot.setting for shot in truth.shots if shot.setting != "title"}) >= 5


def test_a_film_that_is_there_is_not_drawn_again(film: FilmFiles):
    before = film.film.stat().st_mtime_ns
    assert render_film(film.film.parent) == film
    assert film.film.stat().st_mtime_ns == before


def test_the_seconds_view_counts_what_it_lists(film: FilmFiles, truth: FilmTruth):
    view = json.loads(film.seconds.read_text(encoding="utf-8"))
    assert view["n_frames"] == len(view["frames"])
    for who, count in view["positives"].items():
        assert count == sum(c["id"] == who for f in view["frames"] for c in f["characters"])
    assert truth.digest == film_digest()
