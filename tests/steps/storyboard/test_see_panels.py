"""The figures tell right from wrong on frames of the sample film, used as if they were drawn.

Detection and embeddings are those of the local endpoint: plain computer vision, no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.consistency import Gallery, SeenPanel, Sighting, measure
from storyboard_ops.core.storyboard.method_check import check_method
from storyboard_ops.domain.image_records import ImageRecord, Panel
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.film_gallery import FilmGallery, embed_gallery
from storyboard_ops.steps.storyboard.see_panels import see_painted_out, see_panels
from tests.material import factories
from tests.material.approved_runs import started
from tests.material.film_pictures import (
    Rgb,
    approved_picture,
    cast_at,
    crop_at,
    frame_at,
    painted_out,
)
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import Studio

#: Seconds of the film, by character. No shot is in two of these.
HELD_OUT = {"mira": (9, 11, 21), "pell": (44, 46), "orso": (31, 33)}
TRAINING = {"mira": (13, 15, 34, 36, 49), "pell": (34, 35, 48, 52), "orso": (34, 35, 48, 52)}
ALONE, IN_PAIRS = (7, 8, 18, 20, 28, 30), (25, 40, 41, 42, 43)

Tools = ToolBox[RunSettings]


@pytest.fixture(scope="module")
def tools(local_endpoint: RunningEndpoint) -> Tools:
    studio = Studio.opened(local_endpoint)
    return started(studio.tools(production="paper-lantern"))


def drawn(tools: Tools, number: int, picture: Rgb, cast: Sequence[str]) -> Panel:
    png = encode_png(picture)
    uri = tools.objects.put(tools.run_root / f"storyboard/{sha256_hex(png)}.png", png)
    height, width = picture.shape[:2]
    return factories.panel(
        number, uri=uri, sha256=sha256_hex(png), characters=tuple(cast), width=width, height=height
    )


def approved(tools: Tools, seconds: Mapping[str, Sequence[int]]) -> list[ImageRecord]:
    return [
        approved_picture(tools, second, character)
        for character, shown in seconds.items()
        for second in shown
    ]


@pytest.fixture(scope="module")
def film(tools: Tools) -> FilmGallery:
    return embed_gallery(tools, approved(tools, HELD_OUT), approved(tools, TRAINING))


@pytest.fixture(scope="module")
def gallery(film: FilmGallery) -> Gallery:
    return film.gallery


@pytest.fixture(scope="module")
def seen(tools: Tools) -> dict[int, SeenPanel]:
    """The panels by the second of the film that they show."""
    panels = [drawn(tools, at, frame_at(at), cast_at(at)) for at in (*ALONE, *IN_PAIRS)]
    found = see_panels(tools, panels)
    assert found.failures == {}
    return dict(zip((*ALONE, *IN_PAIRS), found.panels, strict=True))


def claims(panels: Sequence[SeenPanel], size: int, gallery: Gallery) -> list[tuple[bool, Sighting]]:
    """What is measured when each possible cast is claimed of each panel, and whether it is true."""
    return [
        (sighting.character in panel.cast, sighting)
        for panel in panels
        for cast in combinations(sorted(gallery.held_out), size)
        for sighting in measure([SeenPanel("", cast, panel.figures)], gallery).sightings
    ]


def auc(claimed: Sequence[tuple[bool, Sighting]]) -> float:
    """How often a right claim has the higher likeness than a wrong one."""
    assert all(one.likeness is not None for _, one in claimed), [
        one.character for _, one in claimed if one.likeness is None
    ]
    right = np.array([one.likeness for is_right, one in claimed if is_right], float)
    wrong = np.array([one.likeness for is_right, one in claimed if not is_right], float)
    return float((np.sign(right[:, None] - wrong[None, :]).mean() + 1) / 2)


@pytest.mark.parametrize(("seconds", "size"), [(ALONE, 1), (IN_PAIRS, 2)])
def test_right_and_wrong_characters_are_told_apart(
    seen: dict[int, SeenPanel],
    gallery: Gallery,
    seconds: Sequence[int],
    size: int,
) -> None:
    claimed = claims([seen[at] for at in seconds], size, gallery)
    assert auc(claimed) >= 0.9


def test_a_swapped_cast_trails(seen: dict[int, SeenPanel], gallery: Gallery) -> None:
    swapped = [
        one for is_right, one in claims([seen[at] for at in ALONE], 1, gallery) if not is_right
    ]
    leads = [one.lead for one in swapped if one.lead is not None]
    assert len(leads) == 2 * len(ALONE)
    assert np.mean(leads) < 0


def test_characters_that_are_painted_out_leave_nothing(tools: Tools, gallery: Gallery) -> None:
    panels = [drawn(tools, at, painted_out(at), cast_at(at)) for at in ALONE]
    figures = measure(see_panels(tools, panels).panels, gallery)
    assert figures.likeness is not None
    assert abs(figures.likeness.mean) < 0.1


def test_a_copied_training_picture_is_found(
    tools: Tools, seen: dict[int, SeenPanel], film: FilmGallery
) -> None:
    embed = PictureEmbedder(tools).embed
    copies = []
    for character, seconds in TRAINING.items():
        png = encode_png(crop_at(seconds[0], character))
        copies.append(SeenPanel(character, (character,), embed(png, sha256_hex(png))[None]))
    figures = measure(copies, film.gallery)
    assert [one.copied for one in figures.sightings] == [True] * 3
    for one, copy in zip(figures.sightings, copies, strict=True):
        png = encode_png(crop_at(TRAINING[copy.name][0], copy.name))
        assert film.copyable[copy.name][one.nearest_training] == sha256_hex(png)
    others = measure([seen[at] for at in ALONE], film.gallery)
    assert others.copied == 0


def test_the_method_passes_its_check_on_this_film(tools: Tools, film: FilmGallery) -> None:
    painted = see_painted_out(tools, film, approved(tools, TRAINING))
    assert {character for panel in painted for character in panel.cast} == set(TRAINING)
    check = check_method(film.gallery, painted)
    assert [(line.what, line.value) for line in check.lines if line.failed] == []
    assert len(check.lines) == 5


def test_a_character_without_held_out_pictures_has_no_likeness(tools: Tools) -> None:
    """Its reference pictures alone may be from the shots of its training pictures."""
    held_out = {name: seconds for name, seconds in HELD_OUT.items() if name != "orso"}
    film = embed_gallery(tools, approved(tools, held_out), approved(tools, TRAINING))
    assert (sorted(film.held_out), sorted(film.gallery.leads)) == (["mira", "pell"],) * 2
    assert set(film.gallery.held_out) == {"mira", "pell", "orso"}, "it is still somebody else"
    assert len(film.copyable["orso"]) == len(TRAINING["orso"])


def test_answers_about_figures_are_found_by_what_they_were_cut_from(tools: Tools) -> None:
    """A removal deletes answers by the picture in question: a panel, or a frame of the film."""
    panel = drawn(tools, 7, frame_at(7), cast_at(7))
    see_panels(tools, [panel])
    answers = [
        json.loads(tools.objects.get(found.uri))
        for found in tools.objects.list(tools.workspace.root / "library/answers/")
    ]
    operations = {one["operation"] for one in answers if one["about"] == panel.sha256}
    assert operations == {"bedrock.converse", "bedrock.embed"}
