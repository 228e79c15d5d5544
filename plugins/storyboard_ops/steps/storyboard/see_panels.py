"""Find the figures in drawn panels and embed them, like the pictures they are compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.detection.rules import DetectionRules, find_figures
from storyboard_ops.core.pictures.codec import decode_rgb, encode_png, model_jpeg
from storyboard_ops.core.pictures.quality import sharpness
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.storyboard.chosen_candidates import name_candidate, name_of
from storyboard_ops.core.storyboard.consistency import Floats, SeenPanel
from storyboard_ops.core.storyboard.figures import PAINTED_OUT_EACH, cut_figures, paint_out
from storyboard_ops.domain.image_records import Detection, ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import FigureSection
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.detection.detectors import MultimodalDetector
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.progress import Progress, spending
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.film_gallery import FilmGallery

#: A figure in a drawing counts from this confidence of the model on.
RULES = DetectionRules(min_confidence=0.5)
CALLS_AT_ONCE = 8


@dataclass(frozen=True)
class SeenPanels:
    """Panels with their figures, and those that could not be examined, with the reason."""

    panels: tuple[SeenPanel, ...]
    failures: dict[str, str]


def see_panels(tools: ToolBox[FigureSection], panels: Sequence[Panel]) -> SeenPanels:
    """Find and embed the figures of drawn panels, known or not.

    Every answer is bought once. Raises BatchFailed when too many panels cannot be examined.
    """
    return _see(tools, FigureFinder.made_for(tools), {name_of(panel): panel for panel in panels})


def see_candidates(tools: ToolBox[FigureSection], panels: Sequence[Panel]) -> SeenPanels:
    """Do the same with every candidate of the panels, named as ``name_candidate`` says.

    A panel without candidates is seen as ``see_panels`` does.
    """
    return _see(tools, FigureFinder.made_for(tools), _pictures_of(panels))


def see_cast(tools: ToolBox[Any], panels: Sequence[Panel]) -> SeenPanels:
    """Find the figures of every candidate like ``see_candidates``, without embedding them."""
    finder = FigureFinder(MultimodalDetector.made_for(tools), None)
    return _see(tools, finder, _pictures_of(panels))


def _pictures_of(panels: Sequence[Panel]) -> dict[str, Panel]:
    return {
        name_candidate(panel, one): panel.showing(one) if one else panel
        for panel in panels
        for one in panel.candidates or (None,)
    }


def _see(tools: ToolBox[Any], finder: FigureFinder, named: Mapping[str, Panel]) -> SeenPanels:
    progress = Progress("Looked for characters in", len(named), "drawn pictures", spending(tools))
    outcomes = call_each(
        tuple(named.items()),
        lambda one: finder.see_panel(*one),
        threads=CALLS_AT_ONCE,
        progress=progress.add_call,
    )
    failures = {one.item[0]: one.failure for one in outcomes if one.failure}
    check_lost_share(tools, "panels could not be measured", len(named), failures.values())
    return SeenPanels(tuple(one.value for one in outcomes if one.value is not None), failures)


def see_painted_out(
    tools: ToolBox[FigureSection], film: FilmGallery, pictures: Sequence[ImageRecord]
) -> tuple[SeenPanel, ...]:
    """Examine a few frames of the film, as panels, from which the characters were painted out.

    ``pictures`` say where they are. Frames that were deleted are left out.
    """
    finder = FigureFinder.made_for(tools)
    by_frame: dict[str, list[ImageRecord]] = defaultdict(list)
    for picture in pictures:
        by_frame[picture.frame.sha256].append(picture)
    chosen = [by_frame[sha256] for sha256 in _frames_to_paint(film.compared)]
    outcomes = call_each(chosen, finder.see_painted_out, threads=CALLS_AT_ONCE)
    return tuple(one.value for one in outcomes if one.value is not None)


def _frames_to_paint(pictures: Sequence[ImageRecord]) -> list[str]:
    """Choose PAINTED_OUT_EACH frames of each character, spread over the film."""
    frames: dict[str, dict[str, None]] = defaultdict(dict)
    for picture in sorted(pictures, key=lambda one: (one.frame.video.uri, one.frame.k)):
        frames[picture.character][picture.frame.sha256] = None
    chosen = (evenly(tuple(own), PAINTED_OUT_EACH) for own in frames.values())
    return list(dict.fromkeys(sha256 for own in chosen for sha256 in own))


@dataclass(frozen=True)
class FigureFinder:
    """Finds the figures in pictures and embeds them."""

    detector: MultimodalDetector
    embedder: PictureEmbedder | None  # None: figures are found and not compared

    @classmethod
    def made_for(cls, tools: ToolBox[FigureSection]) -> FigureFinder:
        return cls(MultimodalDetector.made_for(tools), PictureEmbedder(tools))

    def see_panel(self, name: str, panel: Panel) -> SeenPanel:
        """Return the picture of a panel with its figures."""
        drawn = self.detector.tools.objects.get(S3Uri.parse(panel.uri))
        shown = self._find(drawn, panel.sha256)
        return SeenPanel(
            name,
            panel.characters,
            self._embed(drawn, shown, panel.sha256),
            slot=name_of(panel),
            found=self._names(shown),
            sharpness=round(sharpness(decode_rgb(drawn)), 2),
        )

    def see_painted_out(self, pictures: Sequence[ImageRecord]) -> SeenPanel:
        """Return the frame of some pictures, without the characters that they show."""
        frame = pictures[0].frame
        shown = decode_rgb(self.detector.tools.objects.get(S3Uri.parse(frame.uri)))
        painted = encode_png(paint_out(shown, [one.crop.detection.box for one in pictures]))
        cast = tuple(dict.fromkeys(picture.character for picture in pictures))
        left = self._find(painted, frame.sha256)
        return SeenPanel(f"frame {frame.sha256}", cast, self._embed(painted, left, frame.sha256))

    def _find(self, picture: bytes, about: str) -> list[Detection]:
        """Find the figures in a picture; ``about`` says what a removal finds the answers by."""
        rules = replace(RULES, props=self.detector.tools.production.props)
        return find_figures(self.detector.find(model_jpeg(picture), about), rules)

    def _embed(self, picture: bytes, shown: Sequence[Detection], about: str) -> Floats:
        """Embed figures of a picture as (N, D); without an embedder, D is 1 and all are 0."""
        embedder = self.embedder
        if embedder is None:
            return np.zeros((len(shown), 1), np.float32)
        figures: list[NDArray[np.float32]] = [
            embedder.embed(png, sha256_hex(png), about)
            for png in cut_figures(decode_rgb(picture), [one.box for one in shown])
        ]
        return np.stack(figures) if figures else np.zeros((0, 1), np.float32)

    def _names(self, shown: Sequence[Detection]) -> tuple[str, ...]:
        """Return the ids of the characters among figures, in the production's order."""
        found = {one.character for one in shown}
        return tuple(name for name in self.detector.tools.production.names if name in found)
