"""Cuts to the frame: PySceneDetect's content detector over every picture of a film.

The detector's rule of a shortest scene is left off. It would make a cut depend on what came long
before, and so on how a film was cut into shards; without it a cut is a matter of two frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storyboard_ops.core.pictures.shape import Picture

#: Size at which pictures are compared, in pixels; PySceneDetect shrinks to about this width too.
WIDTH, HEIGHT = 256, 144
ANY_RATE = 25.0  # a time code needs a frame rate; only the numbers of frames are used


def cut_times(pictures: Iterable[tuple[int, Picture]]) -> Iterator[int]:
    """The pts of each picture that begins a shot, of (pts, BGR picture) in order of display.

    The first picture begins none, there being nothing to compare it with.
    """
    # Takes most of a second to import, and only runs that ask for exact cuts need it.
    from scenedetect import FrameTimecode
    from scenedetect.detectors import ContentDetector

    detector = ContentDetector(min_scene_len=0)
    for number, (pts, picture) in enumerate(pictures):
        if detector.process_frame(FrameTimecode(number, fps=ANY_RATE), picture):
            yield pts
