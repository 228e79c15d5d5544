"""Crop a picture of every detected character; detections without a picture get a reason."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import FrameDetections
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.dataset.cut_film import FilmCuts, cut_film
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.lost_films import (
    LOST_IN_SAMPLING,
    check_share,
    lost_films,
    lost_in_sampling,
    write_quarantine,
)

log = logging.getLogger(__name__)

VERSION = 3


def crop_characters(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef]) -> ManifestRef:
    """Crop the characters of "detections" manifests, each of one film, into an "images" manifest.

    One film is in memory at a time. Detections are first resolved over each shot. An unsure
    detection that is likely enough becomes a picture marked as unsure, for people to decide. Next
    to ``crops/manifest.jsonl``, the "drops" manifest ``crops/drops.jsonl`` has a CropDrop for every
    detection without a picture: a stranger, too unlikely, too small, in an unreadable frame, far
    blurrier than its shot, in the middle of a cross-fade, or the same picture again.

    Shards that could not be sampled are quarantined. Raises BadInput naming the films when too
    many are lost: a film is lost when no shard of it has a frame. Raises BatchFailed when too many
    frames cannot be cropped.
    """
    settings = tools.settings
    digest = digest_of(
        VERSION,
        [ref.sha256 for ref in refs],
        settings.min_confidence,
        settings.crop_padding,
        settings.max_enlargement,
        settings.ask_confidence,
        sorted(settings.framings),
        *([sorted(props)] if (props := tools.production.props) else []),
    )
    write_quarantine(tools, LOST_IN_SAMPLING, digest, lost_in_sampling(tools, refs))
    return find_or_make(
        tools.manifests,
        tools.run_root / "crops/manifest.jsonl",
        "images",
        digest,
        # An existing manifest has the same shards, whose share of lost films was checked then.
        lambda digest: _crops(tools, refs, digest),
    )


def _crops(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef], digest: str) -> Made:
    tally = _Tally()
    known: set[bytes] = set()
    for film in _films(tools, refs):
        cuts = cut_film(tools, _examined(tools, film), known)
        tally.add(cuts)
        log.info("Cut %d pictures from %d frames.", len(cuts.images), cuts.frames)
    check_lost_share(tools, "frames could not be cropped", tally.frames, tally.failures.elements())
    drops = tally.refused.followed_by(tally.uncut, tally.outdone)
    tools.manifests.commit(tools.run_root / "crops/drops.jsonl", "drops", digest, drops)
    summary = {
        "detections_manifests": [ref.model_dump(mode="json") for ref in refs],
        **tally.summary,
    }
    return Made(tally.images, summary)


def _films(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef]) -> list[list[ManifestRef]]:
    """Group the manifests by the content of their films, in its order.

    Raises BadInput when too many films are lost.
    """
    films: dict[str, list[ManifestRef]] = defaultdict(list)
    left: set[str] = set()
    for ref in refs:
        for found in tools.manifests.first(ref, FrameDetections, "detections"):
            films[found.frame.video.sha256].append(ref)
            left.add(found.frame.video.uri)
    check_share(tools, (video for video in lost_films(tools) if video.uri not in left))
    return [films[sha256] for sha256 in sorted(films)]


def _examined(
    tools: ToolBox[RunSettings], film: Sequence[ManifestRef]
) -> Iterator[FrameDetections]:
    """Yield every examined frame of a film, without removed ones."""
    for ref in film:
        for found in tools.manifests.stream(ref, FrameDetections, "detections"):
            if not tools.removed.covers(found.frame):
                yield found


class _Tally:
    """What the films gave so far: rows, which wait in files, and their numbers."""

    def __init__(self) -> None:
        self.images, self.refused, self.uncut, self.outdone = (RecordSpool() for _ in range(4))
        self.frames = 0
        self.failures: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()
        self._reasons: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())

    def add(self, cuts: FilmCuts) -> None:
        """Add what a film gave."""
        self.images.extend(cuts.images)
        self.frames += cuts.frames
        self.failures.update(cuts.failures)
        for image in cuts.images:
            self._characters[image.character] += 1
            self._marks["heads"] += image.crop.part == "head"
            self._marks["questions"] += bool(image.unsure)
            self._marks["enlarged"] += image.crop.enlargement > 1
        groups = (
            (self.refused, cuts.refused),
            (self.uncut, cuts.uncut),
            (self.outdone, cuts.outdone),
        )
        for reasons, (spool, drops) in zip(self._reasons, groups, strict=True):
            spool.extend(drops)
            reasons.update(drop.drop.reason for drop in drops)

    @property
    def summary(self) -> dict[str, object]:
        """The numbers of pictures and of drops."""
        dropped: Counter[str] = sum(self._reasons, Counter())
        return {
            "pictures": len(self.images),
            "by_character": dict(sorted(self._characters.items())),
            **{name: self._marks[name] for name in ("heads", "questions", "enlarged")},
            "dropped": dict(dropped.most_common()),
        }
