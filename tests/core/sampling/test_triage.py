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
    half_scale,
    lettering,
    measure,
    reason_to_drop,
    tile_similarity,
)
from storyboard_ops.domain.image_records import FrameScores
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


ROUND = TriageLimits(
    black_below=0.1,
    white_above=0.9,
    blurred_below=10,
    title_above=0.5,
    identical_above=0.99,
    cut_above=0.3,
)
ORDINARY = {
    "luma": 0.5, "dark": 0.1, "bright": 0.9, "contrast": 0.2, "sharpness": 100, "lettering": 0,
    "similarity": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "on_the_limit", "beyond", "reason"),
    [
        ("lettering", 0.5, 0.51, "title card"),
        ("bright", 0.1, 0.09, "black"),
        ("dark", 0.9, 0.91, "white"),
        ("sharpness", 10, 9.9, "blurred"),
        ("similarity", 0.99, 0.991, "near-identical"),
    ],
)
def test_a_figure_on_its_limit_is_kept_and_one_beyond_is_not(
    figure: str, on_the_limit: float, beyond: float, reason: str
) -> None:
    scores = FrameScores(**ORDINARY)
    assert reason_to_drop(scores, ROUND) is None
    assert reason_to_drop(scores.model_copy(update={figure: on_the_limit}), ROUND) is None
    dropped = reason_to_drop(scores.model_copy(update={figure: beyond}), ROUND)
    assert dropped is not None
    assert (dropped.stage, dropped.reason, dropped.score) == ("sample", reason, beyond)


def test_the_figures_of_a_picture_in_two_halves() -> None:
    """Left black, right white: half the luma, and as much contrast as there can be."""
    halves = flat(0)
    halves[:, 320:] = 255
    scores = measure(halves, 0.1234567)
    assert (scores.luma, scores.contrast) == (0.5, 0.5)
    assert (scores.dark, scores.bright) == (0.0, 1.0)
    assert scores.similarity == 0.123457
    # One column on either side of the edge has a Laplacian of 255: 2 of 320 at half the size.
    assert scores.sharpness == pytest.approx(2 / 320 * 255**2, rel=1e-3)


def test_half_the_size_is_averaged_and_never_nothing() -> None:
    assert half_scale(np.array([[0, 100], [100, 200]], np.uint8)).tolist() == [[100]]
    assert half_scale(np.full((1, 6), 7, np.uint8)).tolist() == [[7, 7, 7]]
    assert half_scale(np.full((6, 1), 7, np.uint8)).shape == (3, 1)


def test_a_tile_that_turns_from_black_to_white_is_no_similarity_at_all() -> None:
    black = np.zeros((36, 64, 3), np.uint8)
    other = black.copy()
    other[4:8, 8:12] = 255
    assert tile_similarity(black, other) == 0
    other[4:8, 8:12] = 51
    assert tile_similarity(black, other) == pytest.approx(0.8)


def marks(heights: list[int], top: int = 100, gap: int = 12, ink: int = 250) -> np.ndarray:
    """Bars side by side on grey, at the size at which letters are looked for."""
    page = np.full((360, 640), 100, np.uint8)
    for number, height in enumerate(heights):
        x = 40 + gap * number
        page[top - height // 2 : top - height // 2 + height, x : x + 5] = ink
    return page


@pytest.mark.parametrize(
    ("heights", "share"),
    [
        ([10] * 5, 1.0),
        ([10] * 4, 0.0),
        ([4] * 5, 1.0),
        ([3] * 5, 0.0),
        ([72] * 5, 1.0),
        ([73] * 5, 0.0),
        ([20, 20, 20, 20, 10], 1.0),
        ([20, 20, 20, 20, 9], 0.0),
        ([10] * 5 + [100], 0.3333),
    ],
    ids=str,
)
def test_five_marks_of_letter_height_side_by_side_are_a_line(
    heights: list[int], share: float
) -> None:
    assert lettering(marks(heights)) == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(("lower", "share"), [(5, 1.0), (6, 0.0)])
def test_letters_stand_at_one_level_within_half_their_height(lower: int, share: float) -> None:
    page = marks([10] * 4)
    page[95 + lower : 105 + lower, 200:205] = 250
    assert lettering(page) == share


@pytest.mark.parametrize(("ink", "share"), [(116, 0.0), (117, 1.0), (84, 0.0), (83, 1.0)])
def test_what_is_within_sixteen_of_the_ground_is_ground(ink: int, share: float) -> None:
    assert lettering(marks([10] * 5, ink=ink)) == share


@pytest.mark.parametrize(("pixels", "is_enough"), [(249, False), (250, True)])
def test_half_of_the_picture_is_ground_enough(pixels: int, is_enough: bool) -> None:
    page = marks([10] * 5, top=50)  # five letters take 250 pixels of the upper half
    page[180:] = 200
    page[180:, ::2] = 150
    page[180, :pixels] = 100
    assert (lettering(page) > 0) == is_enough


def test_figures_are_given_to_a_millionth() -> None:
    quarter = flat(0)
    quarter[:, 480:] = 255
    assert measure(quarter, None).contrast == 0.433013
    assert measure(flat(100), None).luma == 0.392157
    assert measure(quarter, None).sharpness == pytest.approx(2 / 320 * 255**2, abs=10)
