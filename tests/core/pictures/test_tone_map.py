"""HDR light on a standard screen."""

import tracemalloc

import numpy as np
import pytest

from storyboard_ops.core.pictures import tone_map
from storyboard_ops.core.pictures.tone_map import (
    BAND,
    PEAK,
    REFERENCE_WHITE,
    SCREEN_GAMMA,
    to_standard,
)


def pq(nits: float) -> int:
    """SMPTE ST 2084, equation 5.2: the code value (0..65535) of a brightness."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = (nits / 10_000) ** m1
    return round(65535 * ((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def grey(code: int, transfer: str) -> list[int]:
    return to_standard(np.full((1, 1, 3), code, np.uint16), transfer)[0, 0].tolist()


@pytest.mark.parametrize("nits", [5.0, 26.0, 58.0, 100.0, 140.0])
def test_light_below_the_knee_keeps_its_brightness(nits: float) -> None:
    expected = 255 * (nits / REFERENCE_WHITE) ** (1 / SCREEN_GAMMA)
    assert grey(pq(nits), "pq") == pytest.approx([expected] * 3, abs=1)


def test_the_peak_and_more_is_white_and_black_is_black() -> None:
    assert grey(pq(PEAK), "pq") == [255] * 3
    assert grey(65535, "pq") == [255] * 3
    assert grey(0, "pq") == [0] * 3
    assert grey(65535, "hlg") == [255] * 3
    assert grey(0, "hlg") == [0] * 3


def test_hlg_reference_white_is_as_bright_as_that_of_pq() -> None:
    """BT.2408, table 1: HDR reference white is 58 % PQ and 75 % HLG."""
    assert grey(round(0.75 * 65535), "hlg") == pytest.approx(grey(pq(203), "pq"), abs=2)


def test_brighter_is_never_darker() -> None:
    greys = [grey(pq(nits), "pq")[0] for nits in range(0, 1200, 10)]
    assert greys == sorted(greys)


def test_a_bt709_red_in_bt2020_comes_back_as_red() -> None:
    """BT.2087: linear BT.709 red is (0.6274, 0.0691, 0.0164) in BT.2020."""
    light = np.array([0.6274, 0.0691, 0.0164])
    coded = np.rint(65535 * light ** (1 / SCREEN_GAMMA)).astype(np.uint16)
    red, green, blue = to_standard(coded.reshape(1, 1, 3), "gamma")[0, 0].tolist()
    assert (red, green, blue) == pytest.approx((255, 0, 0), abs=12)


@pytest.mark.parametrize("transfer", ["pq", "hlg", "gamma"])
@pytest.mark.parametrize(
    ("height", "width"), [(257, 1919), (1, 1 + BAND), (3, BAND // 2 - 1), (211, 1237), (1, 1)]
)
def test_bands_give_what_the_whole_picture_gives(
    height: int, width: int, transfer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = np.random.default_rng(height).integers(0, 65536, (height, width, 3), dtype=np.uint16)
    banded = to_standard(deep, transfer)
    monkeypatch.setattr(tone_map, "BAND", height * width)
    np.testing.assert_array_equal(banded, to_standard(deep, transfer))


def test_a_large_picture_takes_a_few_megabytes_more_than_its_result() -> None:
    deep = np.zeros((2160, 3840, 3), dtype=np.uint16)
    tracemalloc.start()
    picture = to_standard(deep, "hlg")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - picture.nbytes < 10e6


@pytest.mark.parametrize("nits", [0.1, 1, 10, 100, 203, 1_000, 4_000])
def test_the_curve_turns_codes_into_the_light_that_st_2084_says(nits: float) -> None:
    light = tone_map._CURVES["pq"][pq(nits)]
    assert light * REFERENCE_WHITE == pytest.approx(nits, rel=5e-4)


@pytest.mark.parametrize(
    ("signal", "light"), [(0.25, 1 / 48), (0.5, 1 / 12), (0.75, 0.26496), (1.0, 1.0)]
)
def test_hlg_turns_codes_into_the_light_of_the_scene(signal: float, light: float) -> None:
    """BT.2100, table 5: square below the half, exponential above it."""
    assert tone_map._CURVES["hlg"][round(65535 * signal)] == pytest.approx(light, rel=2e-4)


@pytest.mark.parametrize(
    ("rgb", "shown"), [((0.5, 0, 0), 158), ((0, 0.5, 0), 146), ((0.5, 0.5, 0.5), 143)]
)
def test_a_screen_of_a_thousand_nits_shows_hlg_as_bt_2100_says(
    rgb: tuple[float, ...], shown: int
) -> None:
    """Scene light to the power 1.2 of its luma; the weights of BT.2020 are 0.2627 and 0.678."""
    coded = np.rint(65535 * np.array(rgb)).astype(np.uint16).reshape(1, 1, 3)
    assert to_standard(coded, "hlg")[0, 0].max() == pytest.approx(shown, abs=1)


@pytest.mark.parametrize(
    ("light", "factor"),
    [(0.5, 1), (0.7, 1), (1, 0.85076), (2, 0.47454), (PEAK / REFERENCE_WHITE, 0.203)],
)
def test_light_above_the_knee_is_rolled_off_to_white_at_the_peak(
    light: float, factor: float
) -> None:
    found = tone_map._roll_off(np.array([[[light]]], np.float32))
    assert found.item() == pytest.approx(factor, abs=1e-5)
