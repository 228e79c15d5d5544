"""Find frame-exact cuts with PySceneDetect's content detector over every picture of a film.

The detector's minimum scene length is off: it would make a cut depend on frames long before it,
and so on how the film is divided into shards. Without it, a cut depends on two frames only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storyboard_ops.core.pictures.arrays import BgrPicture

#: Size at which pictures are compared, in pixels; PySceneDetect uses about this width, too.
WIDTH, HEIGHT = 256, 144
ANY_RATE = 25.0  # a time code needs a frame rate; only the numbers of frames are used


def cut_times(pictures: Iterable[tuple[int, BgrPicture]]) -> Iterator[int]:
    """Yield the pts of each picture that begins a shot, given (pts, BGR picture) in display order.

    The first picture begins none, because there is nothing to compare it with.
    """
    # The import takes most of a second, and only runs with exact cuts need it.
    from scenedetect import FrameTimecode
    from scenedetect.detectors import ContentDetector

    detector = ContentDetector(min_scene_len=0)
    for number, (pts, picture) in enumerate(pictures):
        if detector.process_frame(FrameTimecode(number, fps=ANY_RATE), picture):
            yield pts
