"""Films that cannot be read, or are too many, are named before anything is paid."""

from dataclasses import replace

import av
import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from tests.films.tiny_film import tiny_film
from tests.material.factories import picture
from tests.steps.preflight.answers import refusal


def test_a_missing_video_is_named(studio, ready):
    missing = f"s3://{studio.bucket}/videos/nowhere.mp4"
    message = refusal(studio, **{**ready, "videos": [missing]})
    assert f"{missing}: it does not exist or may not be read" in message


def test_a_text_file_named_mp4_is_refused_with_its_reason(studio, ready, tmp_path):
    fake = tmp_path / "fake.mp4"
    fake.write_text("this is no film")
    message = refusal(studio, **{**ready, "videos": [studio.upload(fake)]})
    assert "videos/fake.mp4" in message
    assert "1 of 1 cannot be read" in message


def test_one_bad_video_of_three_is_a_warning(studio, ready, tmp_path):
    good = [studio.upload(tiny_film(tmp_path / f"{n}.mp4", seconds=2)) for n in "ab"]
    videos = [*good, f"s3://{studio.bucket}/videos/nowhere.mp4"]
    report = check_preflight(studio.tools(**{**ready, "videos": videos}))
    check = next(check for check in report.checks if check.name == "videos")
    assert (check.state, check.finding[:22]) == ("warn", "1 of 3 cannot be read.")


def test_a_film_of_one_frame_is_a_finding(studio, ready, tmp_path):
    with av.open(str(tmp_path / "still.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(1, 64, 64))))
        container.mux(stream.encode())
    still = studio.upload(tmp_path / "still.mp4")
    report = check_preflight(studio.tools(**{**ready, "videos": [*ready["videos"], still]}))
    check = next(check for check in report.checks if check.name == "videos")
    assert (check.state, check.finding) == (
        "warn",
        f"2 readable, 4 frames to sample. {still}: a single frame, as of a still picture.",
    )


def test_more_films_than_airflow_maps_are_refused_with_number_and_remedy(studio, ready, tmp_path):
    films = [studio.upload(tiny_film(tmp_path / f"{n}.mp4", seconds=2)) for n in "abc"]
    tools = studio.tools(**{**ready, "videos": films})
    passed = preflight_report(replace(tools, most_mapped_tasks=3))
    assert passed.failed == ()
    with pytest.raises(GateClosed) as refused:
        check_preflight(replace(tools, most_mapped_tasks=2))
    assert "3 films need a mapped task each, and Airflow maps at most 2" in str(refused.value)
    assert "several runs" in str(refused.value)
    assert "AIRFLOW__CORE__MAX_MAP_LENGTH" in str(refused.value)


def test_frames_are_estimated_at_the_size_of_the_largest_film(studio, ready, tmp_path):
    """Two seconds of a small film and two of another; each question twice."""
    small = studio.upload(tiny_film(tmp_path / "small.mp4", seconds=2))
    chosen = {**ready, "detection_model_id": "amazon.nova-lite-v1:0", "trainer": "dataset_only"}
    read = []
    for width, height in ((320, 180), (1920, 1080)):
        name = tmp_path / f"{width}.mp4"
        other = studio.upload(tiny_film(name, seconds=2, width=width, height=height))
        report = preflight_report(studio.tools(**{**chosen, "videos": [small, other]}))
        amounts = {(usage.item, usage.unit): usage.amount for usage in report.estimate}
        read.append(amounts["amazon.nova-lite-v1:0", "input_token"])
    enlarged, hd = 896 * 504 / 650, 1920 * 1080 / 650
    assert read[1] - read[0] == pytest.approx(2 * 4 * (hd - enlarged), abs=16)
