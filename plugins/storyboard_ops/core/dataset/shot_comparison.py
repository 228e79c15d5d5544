"""Compare the pictures of a character in one shot, and refuse those that teach little.

The other samples of the shot say what was possible: a picture far blurrier than they are is left
out, and one that shows a small part of the figure is put before people. A sample in the middle of a
cross-fade shows two shots at once and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median

from storyboard_ops.core.dataset.seen_share import seen_beside_others
from storyboard_ops.domain.image_records import CropDrop, CropReason, Drop, Frame, ImageRecord, Shot

#: A picture with less than this share of its neighbours' sharpness is blurred. Sharpness goes with
#: the square of the contrast of edges; sharp pictures of a shot have at least 0.6 of it.
BLURRED_BELOW = 0.35
#: With fewer other samples in the shot, whole samples are not compared.
LEAST_SAMPLES = 2
#: With less of the figure in the picture, people are asked.
LEAST_SEEN = 0.5

Compared = ImageRecord | CropDrop


def compare_in_shots(
    images: Sequence[ImageRecord], frames: Iterable[Frame], mixed: Collection[str]
) -> list[Compared]:
    """Return the pictures with what the shot says of them, or why they are left out; in order.

    ``frames``: all stored samples of the films; ``mixed``: URIs of those that are double exposures,
    which nothing is compared with.
    """
    pure = [image for image in images if image.frame.uri not in mixed]
    groups: dict[tuple[Shot, str, str], list[ImageRecord]] = defaultdict(list)
    for image in pure:
        groups[image.frame.shot_id, image.character, image.crop.part].append(image)
    samples: dict[Shot, list[Frame]] = defaultdict(list)
    for frame in frames:
        if frame.uri not in mixed:
            samples[frame.shot_id].append(frame)
    compared: dict[str, Compared] = {}
    for group in groups.values():
        for image in group:
            others = [other for other in group if other is not image]
            compared[image.image_id] = _compare(image, others, samples)
    return [
        compared.get(image.image_id)
        or _drop(image, "double exposure", "a mixture of the pictures before and after it")
        for image in images
    ]


def _compare(
    image: ImageRecord, others: Sequence[ImageRecord], samples: Mapping[Shot, Sequence[Frame]]
) -> Compared:
    against_shot = _relative(
        image.crop.figure_sharpness, [other.crop.figure_sharpness for other in others]
    )
    share = against_shot if others else _sample_sharpness(image.frame, samples)
    seen = _seen(image, others)
    # A sleeve has few edges however sharp it is.
    if share < BLURRED_BELOW and seen >= LEAST_SEEN:
        detail = f"{100 * share:.0f} % as sharp as the others of its shot"
        return _drop(image, "blurred", detail, share)
    part = f"only about {100 * seen:.0f} % of the figure seems to be in the picture"
    doubts = filter(None, (image.unsure, part if seen < LEAST_SEEN else ""))
    crop = image.crop.model_copy(
        update={"seen": round(seen, 4), "against_shot": round(against_shot, 4)}
    )
    return image.model_copy(update={"crop": crop, "unsure": "; ".join(doubts)})


def _seen(image: ImageRecord, others: Sequence[ImageRecord]) -> float:
    """Return the share of the figure in a picture, by its frame and by the others of its shot."""
    crop = image.crop
    if crop.part == "head":
        return crop.seen
    areas = [other.crop.detection.box.area for other in others]
    return min(crop.seen, seen_beside_others(crop.detection.box.area, crop.touches_edge, areas))


def _sample_sharpness(frame: Frame, samples: Mapping[Shot, Sequence[Frame]]) -> float:
    """Return the sharpness of a whole sample by that of the others; 1.0 when they are too few."""
    others = [one.scores.sharpness for one in samples[frame.shot_id] if one.uri != frame.uri]
    return _relative(frame.scores.sharpness, others) if len(others) >= LEAST_SAMPLES else 1.0


def _relative(value: float, others: Sequence[float]) -> float:
    """Return a value by the median of the others; 1.0 when there are none, or all are 0."""
    usual = median(others) if others else 0.0
    return value / usual if usual else 1.0


def _drop(
    image: ImageRecord, reason: CropReason, detail: str, score: float | None = None
) -> CropDrop:
    drop = Drop(stage="crop", reason=reason, detail=detail, score=score)
    return CropDrop(frame=image.frame, detection=image.crop.detection, drop=drop)
