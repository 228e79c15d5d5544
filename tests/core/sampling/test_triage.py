"""Which samples are worth paying for."""

import cv2
import numpy as np
import pytest

from storyboard_ops.core.pictures.quality import luma_sharpness
from storyboard_ops.core.pictures.shape import thumbnail
from storyboard_ops.core.sampling.shots import ANCHOR
from storyboard_ops.core.sampling.triage import (
    Triage,
    TriageLimits,
    extremes,
    lettering,
    measure,
    tile_similarity,
)
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.sampling.film_samples import triage_limits

LIMITS: TriageLimits = triage_limits(RunSettings(videos=["s3://studio/film.mp4"]))


def flat(level: int) -> np.ndarray:
    return np.full((360, 640, 3), level, np.uint8)


def scene(seed: int = 0) -> np.ndarray:
    """Coloured patches with a little grain: sharp, bright, and unlike other seeds."""
    dice = np.random.default_rng(seed)
    patches = dice.integers(30, 226, (9, 16, 3), dtype=np.uint8)
    large = cv2.resize(patches, (640, 360), interpolation=cv2.INTER_NEAREST)
    return cv2.add(large, dice.integers(0, 9, large.shape, dtype=np.uint8))


def title(lines: list[str], ground: int = 10, ink: int = 240) -> np.ndarray:
    card = flat(ground)
    for number, text in enumerate(lines):
        place = (60, 80 + 60 * number)
        cv2.putText(card, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1, (ink,) * 3, 2, cv2.LINE_AA)
    return card


def figure_on(ground: int) -> np.ndarray:
    picture = flat(ground)
    cv2.ellipse(picture, (320, 220), (50, 90), 0, 0, 360, (180, 60, 40), -1, cv2.LINE_AA)
    cv2.circle(picture, (320, 110), 40, (240, 200, 170), -1, cv2.LINE_AA)
    for x in (305, 335):
        cv2.circle(picture, (x, 105), 5, (20, 20, 20), -1, cv2.LINE_AA)
    return picture


def verdict(picture: np.ndarray) -> str:
    dropped = Triage(LIMITS).judge(0, picture).dropped
    return "kept" if dropped is None else dropped.reason


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (flat(0), "black"),
        (flat(16), "black"),
        (flat(255), "white"),
        (title(["CHAPTER ONE"]), "title card"),
        (title(["WRITTEN BY", "SOMEBODY ELSE", "AND FRIENDS"], ground=250, ink=90), "title card"),
        (cv2.GaussianBlur(scene(), (0, 0), 16), "blurred"),
        (scene(), "kept"),
        (figure_on(240), "kept"),
        (figure_on(20), "kept"),
    ],
)
def test_every_kind_of_sample(picture: np.ndarray, reason: str) -> None:
    assert verdict(picture) == reason


def test_a_lit_face_in_a_dark_room_is_not_black() -> None:
    room = flat(3)
    room[100:220, 280:360] = scene()[100:220, 280:360]
    assert measure(room, None).luma < LIMITS.black_below
    assert verdict(room) == "kept"


def test_a_row_of_figures_of_different_heights_is_no_line_of_letters() -> None:
    stage = flat(200)
    for number, height in enumerate((60, 120, 35, 150, 90)):
        x = 80 + 110 * number
        cv2.rectangle(stage, (x, 300 - height), (x + 50, 300), (90, 40, 30 * number), -1)
    assert lettering(cv2.cvtColor(stage, cv2.COLOR_RGB2GRAY)) == 0


def test_extremes_leave_two_hundredths_on_either_side() -> None:
    luma = np.repeat(np.arange(100, dtype=np.uint8), 10).reshape(10, 100)
    assert extremes(luma) == (round(1 / 255, 6), round(97 / 255, 6))


def test_sharpness_of_a_known_pattern() -> None:
    """A one-pixel chequerboard of 0 and 10: the Laplacian is +-40 everywhere inside."""
    board = (np.indices((50, 50)).sum(axis=0) % 2 * 10).astype(np.uint8)
    assert luma_sharpness(board) == pytest.approx(1600, rel=0.02)
    assert luma_sharpness(flat(99)[..., 0]) == 0


def test_similarity_is_decided_by_the_tile_that_differs_most() -> None:
    one = thumbnail(scene(), 64, 36)
    other = one.copy()
    other[4:8, 8:12] = 255 - other[4:8, 8:12]  # one tile of 144
    assert tile_similarity(one, one) == 1
    assert tile_similarity(one, other) < 0.8
    assert np.abs(one.astype(int) - other).mean() / 255 < 0.005  # the whole picture hardly differs


def test_a_still_shot_keeps_its_first_sample_and_the_reason_for_the_rest() -> None:
    triage = Triage(LIMITS)
    verdicts = [triage.judge(k, scene(k // 3)) for k in range(9)]
    assert [v.shot for v in verdicts] == [0, 0, 0, 3, 3, 3, 6, 6, 6]
    assert [v.dropped is None for v in verdicts] == [True, False, False] * 3
    dropped = verdicts[1].dropped
    assert dropped is not None
    assert (dropped.stage, dropped.reason, dropped.score) == ("sample", "near-identical", 1.0)


def test_a_figure_that_enters_a_still_shot_is_kept() -> None:
    entered = scene()
    entered[200:260, 300:330] = (250, 210, 180)
    triage = Triage(LIMITS)
    triage.judge(0, scene())
    after = triage.judge(1, entered)
    assert after.shot == 0
    assert after.dropped is None


def test_every_64th_sample_begins_a_shot_whatever_it_shows() -> None:
    triage = Triage(LIMITS)
    verdicts = [triage.judge(k, scene()) for k in range(2 * ANCHOR)]
    assert {v.shot for v in verdicts} == {0, ANCHOR}
    assert [k for k, v in enumerate(verdicts) if v.dropped is None] == [0, ANCHOR]


def test_verdicts_from_an_anchor_on_do_not_depend_on_what_came_before() -> None:
    whole, later = Triage(LIMITS), Triage(LIMITS)
    pictures = [scene(k // 5) for k in range(ANCHOR + 20)]
    one_pass = [whole.judge(k, picture) for k, picture in enumerate(pictures)]
    from_anchor = [later.judge(k, pictures[k]) for k in range(ANCHOR, ANCHOR + 20)]
    assert from_anchor == one_pass[ANCHOR:]
