"""The film again, with one shot more: people are asked about the pictures of that shot alone.

Both runs go through every step, from the film on; who is where and the captions are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import av
import pytest

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.review_records import OpenedReview
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories
from tests.material.finished_runs import candidates_of, lantern_production
from tests.steps.review.test_desk import batch, finish
from tests.studio.studio_fixture import Studio

SIDE, SHOT_S = 768, 2
EDITED = "Mira waits in the wind, as a reviewer wrote it"
Writer = Callable[[Path, Iterable[int]], Path]


def film_of(path: Path, shots: Iterable[int], options: dict[str, str]) -> Path:
    """A film of one frame a second; every shot shows a picture of its own, in two frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options=options)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for shot in shots:
            for n in range(SHOT_S):
                shown = factories.picture(100 * shot + n, SIDE, SIDE)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    return path


def opened(studio: Studio, key: str, film: str, **more: Any) -> tuple[ToolBox, ManifestRef]:
    """A run of the film whose review is open; its candidates."""
    production = lantern_production(studio)
    tools = studio.tools(
        key, videos=[film], production=production, review_desk="page", sample_interval_s=1, **more
    )
    candidates = candidates_of(tools)
    open_review(tools, candidates)
    return tools, candidates


def asked(desk: ReviewDesk) -> set[tuple[str, str]]:
    """Time and character of the pictures that wait for people."""
    known = desk.state().items
    return {
        (item.timecode, item.character)
        for item in desk.board.items
        if item.id not in known or known[item.id].decision == "open"
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shots", "new", "coding"),
    [
        ([1, 2, 3, 4], {(6, "mira"), (7, "mira"), (6, "bram")}, {"crf": "18"}),  # at the end
        # In between, coded in another way: all that follows is later than before, with other bytes.
        # Bram is told to be in every third frame, so that he is new in the sixth.
        (
            [1, 4, 2, 3],
            {(2, "mira"), (3, "mira"), (3, "bram"), (6, "bram")},
            {"crf": "23", "preset": "fast"},
        ),
    ],
)
def test_people_are_asked_about_the_new_shot_only(
    studio: Studio,
    tmp_path: Path,
    shots: list[int],
    new: set[tuple[int, str]],
    coding: dict[str, str],
) -> None:
    film = studio.upload(film_of(tmp_path / "film.mp4", [1, 2, 3], {"crf": "18"}))
    tools, candidates = opened(studio, "run-1", film)
    desk = open_desk_of_run(tools)
    count = len(desk.board.items)
    desk.save("ana", batch(desk, *range(1, count)))
    desk.save("ben", batch(desk, 0, caption=EDITED))
    desk.finish("ana", finish(desk))

    studio.upload(film_of(tmp_path / "film.mp4", shots, coding))
    again, candidates = opened(studio, "run-2", film)
    assert candidates.count >= count
    second = open_desk_of_run(again)
    assert {(int(timecode[6:8]), who) for timecode, who in asked(second)} == new
    header = again.manifests.latest(again.run_root / "review/loops.jsonl")
    assert header is not None
    opened_again = OpenedReview.model_validate(header[1].summary)
    assert opened_again.asked == len(asked(second)) < count
