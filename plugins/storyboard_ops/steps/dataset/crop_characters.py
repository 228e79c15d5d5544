"""Crop a picture of every detected character; detections without a picture get a reason.

Films are cropped each by itself, so that they can be on several machines, and gathered then:

    runs/{run_key}/crops/films/{film}.jsonl         "images" of one film
    runs/{run_key}/crops/films/{film}-drops.jsonl   its detections without a picture
    runs/{run_key}/crops/manifest.jsonl, drops.jsonl    those of all films
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import CropDrop, FrameDetections, ImageRecord, VideoRef
from storyboard_ops.domain.manifest_codec import ManifestHeader, ManifestRef
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.dataset.cut_film import FilmCuts, cut_film, drop_repeated
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

VERSION = 4
#: Hex digits in the names of a film's manifests. They do not contain its own digest, because they
#: may outlast it: a film that is removed leaves empty ones.
NAME_LENGTH = 16


def crop_characters(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef]) -> ManifestRef:
    """Crop the characters of "detections" manifests, one film after the other.

    See ``list_films``, ``crop_film`` and ``gather_crops``.
    """
    films = list_films(tools, refs)
    return gather_crops(tools, [crop_film(tools, film) for film in films])


def list_films(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef]) -> list[list[ManifestRef]]:
    """Group "detections" manifests by the content of their films; at least one group.

    Shards that could not be sampled are quarantined. Raises BadInput naming the films when too
    many are lost: a film is lost when no shard of it has a frame.
    """
    digest = digest_of(VERSION, [ref.sha256 for ref in refs])
    write_quarantine(tools, LOST_IN_SAMPLING, digest, lost_in_sampling(tools, refs))
    films: dict[str, list[ManifestRef]] = defaultdict(list)
    left: set[str] = set()
    for ref in refs:
        for found in tools.manifests.first(ref, FrameDetections, "detections"):
            films[found.frame.video.sha256].append(ref)
            left.add(found.frame.video.uri)
    check_share(tools, (video for video in lost_films(tools) if video.uri not in left))
    groups = [films[sha256] for sha256 in sorted(films)] or [[]]
    groups[-1] += [ref for ref in refs if ref.count == 0]  # their frames are part of the run
    return groups


def crop_film(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef]) -> ManifestRef:
    """Crop the characters of the "detections" manifests of one film into an "images" manifest.

    Detections are first resolved over each shot. An unsure detection that is likely enough becomes
    a picture marked as unsure, for people to decide. The "drops" manifest next to it has a CropDrop
    for every detection without a picture: a stranger, too unlikely, too small, in an unreadable
    frame, far blurrier than its shot, in the middle of a cross-fade, or the same picture again.
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
    video = video_of(tools, refs)
    name = digest_of(video.sha256 if video else "nothing examined")[:NAME_LENGTH]
    return find_or_make(
        tools.manifests,
        tools.run_root / f"crops/films/{name}.jsonl",
        "images",
        digest,
        lambda digest: _crops(tools, refs, name, digest),
    )


def video_of(tools: ToolBox[RunSettings], refs: Sequence[ManifestRef]) -> VideoRef | None:
    """Return the film of "detections" manifests; None where nothing was examined."""
    for ref in refs:
        for found in tools.manifests.first(ref, FrameDetections, "detections"):
            return found.frame.video
    return None


def _crops(
    tools: ToolBox[RunSettings], refs: Sequence[ManifestRef], name: str, digest: str
) -> Made:
    cuts = cut_film(tools, _examined(tools, refs))
    log.info("Cut %d pictures from %d frames.", len(cuts.images), cuts.frames)
    drops = tools.manifests.commit(
        tools.run_root / f"crops/films/{name}-drops.jsonl",
        "drops",
        digest,
        (*cuts.refused, *cuts.uncut, *cuts.outdone),
    )
    return Made(cuts.images, _film_summary(refs, drops, cuts))


def _film_summary(
    refs: Sequence[ManifestRef], drops: ManifestRef, cuts: FilmCuts
) -> dict[str, object]:
    return {
        "detections_manifests": [ref.model_dump(mode="json") for ref in refs],
        "drops_manifest": drops.model_dump(mode="json"),
        "frames": cuts.frames,
        "failures": dict(Counter(cuts.failures).most_common()),
    }


def _examined(
    tools: ToolBox[RunSettings], film: Sequence[ManifestRef]
) -> Iterator[FrameDetections]:
    """Yield every examined frame of a film, without removed ones."""
    for ref in film:
        for found in tools.manifests.stream(ref, FrameDetections, "detections"):
            if not tools.removed.covers(found.frame):
                yield found


def gather_crops(tools: ToolBox[RunSettings], films: Sequence[ManifestRef]) -> ManifestRef:
    """Gather the pictures of all films, as ``crop_film`` returns them, in one "images" manifest.

    A picture that an earlier film gave, too, is there once; the other one is in the "drops"
    manifest, ``crops/drops.jsonl``. Raises BatchFailed when too many frames could not be cropped.
    """
    return find_or_make(
        tools.manifests,
        tools.run_root / "crops/manifest.jsonl",
        "images",
        digest_of(VERSION, [film.sha256 for film in films]),
        lambda digest: _gathered(tools, films, digest),
    )


def _gathered(tools: ToolBox[RunSettings], films: Sequence[ManifestRef], digest: str) -> Made:
    headers = [tools.manifests.header(film) for film in films]
    failures = sum((Counter(one.summary["failures"]) for one in headers), Counter[str]())
    frames = sum(one.summary["frames"] for one in headers)
    check_lost_share(tools, "frames could not be cropped", frames, failures.elements())
    tally = _Tally()
    for film, header in zip(films, headers, strict=True):
        tally.add(tools, film, _drops_of(header))
    tools.manifests.commit(tools.run_root / "crops/drops.jsonl", "drops", digest, tally.drops)
    log.info("%d films have %d pictures.", len(films), len(tally.images))
    refs = [ref for header in headers for ref in header.summary["detections_manifests"]]
    return Made(tally.images, {"detections_manifests": refs, **tally.summary})


def _drops_of(header: ManifestHeader) -> ManifestRef:
    return ManifestRef.model_validate(header.summary["drops_manifest"])


class _Tally:
    """What the films gave so far: rows, which wait in files, and their numbers."""

    def __init__(self) -> None:
        self.images, self.drops = RecordSpool(), RecordSpool()
        self._known: set[bytes] = set()  # ids of pictures
        self._characters: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def add(self, tools: ToolBox[RunSettings], film: ManifestRef, drops: ManifestRef) -> None:
        """Add what a film gave."""
        for image in tools.manifests.stream(film, ImageRecord, "images"):
            if (image_id := bytes.fromhex(image.image_id)) in self._known:
                self._add_drop(drop_repeated(image))
            else:
                self._known.add(image_id)
                self._add_image(image)
        for drop in tools.manifests.stream(drops, CropDrop, "drops"):
            self._add_drop(drop)

    def _add_image(self, image: ImageRecord) -> None:
        self.images.append(image)
        self._characters[image.character] += 1
        self._marks["heads"] += image.crop.part == "head"
        self._marks["questions"] += bool(image.unsure)
        self._marks["enlarged"] += image.crop.enlargement > 1

    def _add_drop(self, drop: CropDrop) -> None:
        self.drops.append(drop)
        self._reasons[drop.drop.reason] += 1

    @property
    def summary(self) -> dict[str, object]:
        """The numbers of pictures and of drops."""
        return {
            "pictures": len(self.images),
            "by_character": dict(sorted(self._characters.items())),
            **{name: self._marks[name] for name in ("heads", "questions", "enlarged")},
            "dropped": dict(self._reasons.most_common()),
        }
