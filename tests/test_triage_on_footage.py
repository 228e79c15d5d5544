"""Triage on real films, against what people see in them: free of charge, it must lose no one."""

import json
from fractions import Fraction

import pytest

from storyboard_ops.core.sampling.triage import measure, reason_to_drop
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.sampling.film_decoder import open_film
from storyboard_ops.steps.sampling.film_samples import triage_limits
from tests.films.film_files import film_bytes
from tests.studio.studio_fixture import FOOTAGE

pytestmark = pytest.mark.skipif(
    not FOOTAGE.is_dir(),
    reason=f"test footage is not at {FOOTAGE}; set STORYBOARD_FOOTAGE to its folder",
)
LIMITS = triage_limits(RunSettings(videos=["s3://studio/film.mp4"]))


@pytest.mark.parametrize(
    ("truth_file", "clip", "empty_and_dropped"),
    [
        ("bbb_trailer_33s.json", "bbb_trailer_33s_vp8.webm", 14),
        ("sintel_trailer_first30s.json", "sintel_trailer_first30s.mp4", 4),
    ],
)
def test_no_frame_with_a_character_is_dropped(
    truth_file: str, clip: str, empty_and_dropped: int
) -> None:
    """Every annotated frame is judged by itself; the rest are titles, logos and dark passages."""
    truth = json.loads((FOOTAGE / "truth" / truth_file).read_text())
    decoder = open_film(film_bytes(FOOTAGE / "clips" / clip))
    clock = decoder.clock(Fraction(1, 2))
    annotated = {round(2 * frame["t"]): frame for frame in truth["frames"]}
    dropped_empty = 0
    for sample in decoder.samples(clock, 0, clock.count):
        frame = annotated.get(sample.k)
        if frame is None or frame["ignore"]:
            continue
        dropped = reason_to_drop(measure(sample.picture, None), LIMITS)
        clear = [each for each in frame["characters"] if not each.get("ambiguous")]
        assert not (clear and dropped), f"{frame['t']} s: {dropped}"
        dropped_empty += bool(dropped and not frame["characters"])
    assert dropped_empty == empty_and_dropped
