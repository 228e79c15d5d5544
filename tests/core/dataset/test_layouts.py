"""The layouts as their trainers read them back; a layout that is wrong is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.core.dataset.layouts import (
    LaidOutPicture,
    ai_toolkit_config,
    bedrock_manifest,
    caption_file,
    kohya_config,
    labelling_file,
    musubi_config,
    trainer_manifest,
)
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.production_sheet import Production
from tests.material import factories
from tests.reading.golden_files import assert_golden
from tests.reading.trainer_readers import (
    LayoutError,
    ReadPicture,
    read_ai_toolkit,
    read_kohya,
    read_musubi,
)

CAPTIONS = {
    "mira_1": "Mira waves, “at last”, to Bram",
    "bram_2": "Bram – ブラム – sleeps\nin two lines\u2028or three",
}
READ = {
    "mira_1": "Mira waves, “at last”, to Bram",
    "bram_2": "Bram – ブラム – sleeps in two lines or three",
}


def laid_out(name: str, character: str, caption: str, **changes: Any) -> LaidOutPicture:
    """A picture in a dataset of the bucket b."""
    given = {"sha256": "0" * 64, "take": "film-0"} | changes
    return LaidOutPicture(f"{name}.png", f"s3://b/{name}.png", character, caption, **given)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A dataset folder with two pictures."""
    images = tmp_path / "images"
    images.mkdir()
    for name, caption in CAPTIONS.items():
        (images / f"{name}.png").write_bytes(encode_png(factories.picture(1, 64, 64)))
        (images / f"{name}.txt").write_bytes(caption_file(caption))
    (tmp_path / "kohya.toml").write_bytes(kohya_config("images"))
    (tmp_path / "musubi.toml").write_bytes(musubi_config("images"))
    (tmp_path / "ai_toolkit.yaml").write_bytes(
        ai_toolkit_config(factories.production(), 1500, "images")
    )
    return tmp_path


def by_name(pictures: list[ReadPicture]) -> dict[str, str]:
    return {picture.file.stem: picture.caption for picture in pictures}


def test_sd_scripts_reads_every_picture_with_its_caption(dataset):
    pictures = read_kohya(dataset / "kohya.toml")
    assert by_name(pictures) == READ
    assert {picture.repeats for picture in pictures} == {10}


def test_musubi_tuner_reads_every_picture_with_its_caption(dataset):
    assert by_name(read_musubi(dataset / "musubi.toml")) == READ


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("num_repeats = 1", "subsets = []", "no option subsets"),
        ("resolution = [1024, 1024]", 'resolution = "1024"', "resolution is '1024'"),
        ('image_directory = "images"', 'image_dir = "images"', "no option image_dir"),
        ('cache_directory = "cache"', 'cache_directory = "images"', "a folder of its own"),
        ('caption_extension = ".txt"', 'caption_extension = ".cap"', "has no caption"),
    ],
)
def test_musubi_tuner_would_refuse_a_wrong_configuration(dataset, old, new, reason):
    file = dataset / "musubi.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(LayoutError, match=reason):
        read_musubi(file)


def test_ai_toolkit_reads_every_picture_with_its_caption(dataset):
    assert by_name(read_ai_toolkit(dataset / "ai_toolkit.yaml")) == READ


def test_a_panel_is_described_in_its_own_letters():
    sheet = factories.production().model_dump()
    sheet["storyboard"][0]["panels"][0]["description"] = "切り絵の港"
    text = ai_toolkit_config(Production.model_validate(sheet), 1500, "images").decode()
    assert "- 切り絵の港\n" in text


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("num_repeats = 10", "repeats = 10", "no option repeats"),
        ("resolution = 1024", 'resolution = "1024"', "resolution is '1024'"),
        ('image_dir = "images"', 'image_dir = "pictures"', "is no folder"),
        ('caption_extension = ".txt"', 'caption_extension = ".cap"', "neither a caption nor"),
        ("batch_size = 4", 'batch_size = 4\nimage_dir = "images"', "no option image_dir"),
    ],
)
def test_sd_scripts_would_refuse_a_wrong_configuration(dataset, old, new, reason):
    file = dataset / "kohya.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(LayoutError, match=reason):
        read_kohya(file)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("folder_path: images", "folder_path: pictures", "holds no picture"),
        ("caption_ext: txt", "caption_ext: cap", "no caption for"),
        ("name_or_path: black-forest-labs/FLUX.2-klein-base-4B", "name_or_path:", "name_or_path"),
        ("arch: flux2_klein_4b", "arch: flux9", "no architecture flux9"),
        ("sampler: flowmatch", "sampler: ddpm", "must match"),
    ],
)
def test_ai_toolkit_would_refuse_a_wrong_configuration(dataset, old, new, reason):
    file = dataset / "ai_toolkit.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(LayoutError, match=reason):
        read_ai_toolkit(file)


def test_ai_toolkit_draws_the_panels_of_the_script_while_it_trains(dataset):
    text = (dataset / "ai_toolkit.yaml").read_text()
    for panel in (
        "Mira walks along the quay.",
        "Bram waves from his boat.",
        "Pip guards the lamp.",
    ):
        assert panel in text


def test_manifests_are_one_object_a_line_with_the_names_that_each_reader_wants():
    pictures = [laid_out("a", "mira", "Mira,\u2028alone")]
    assert json.loads(bedrock_manifest(pictures)) == {
        "image-ref": "s3://b/a.png",
        "caption": "Mira,\u2028alone",
    }
    assert json.loads(labelling_file(pictures)) == {
        "image_ref": "s3://b/a.png",
        "alt_text": "Mira,\u2028alone",
    }
    assert bedrock_manifest(pictures * 3).count(b"\n") == 3


def test_the_configurations_are_written_as_they_were_looked_at() -> None:
    """Every parameter of theirs: what a trainer is told changes the model that comes out."""
    production = factories.production(
        storyboard=[
            {"scene": "S", "panels": [{"description": f"Panel {n}.", "characters": ["mira"]}]}
            for n in range(5)
        ]
    )
    assert_golden("ai_toolkit.yaml", ai_toolkit_config(production, 1500, "images").decode())
    assert_golden("kohya.toml", kohya_config("images").decode())
    assert_golden("musubi.toml", musubi_config("images").decode())


def test_manifests_hold_a_line_for_each_picture_in_its_own_script() -> None:
    pictures = [laid_out(name, name, f"{name} – ブラム") for name in ("mira", "bram")]
    assert bedrock_manifest(pictures).decode() == (
        '{"image-ref": "s3://b/mira.png", "caption": "mira – ブラム"}\n'
        '{"image-ref": "s3://b/bram.png", "caption": "bram – ブラム"}\n'
    )
    assert labelling_file(pictures[:1]).decode() == (
        '{"image_ref": "s3://b/mira.png", "alt_text": "mira – ブラム"}\n'
    )


def test_the_training_program_gets_who_is_in_a_picture_its_take_and_its_side() -> None:
    pictures = [laid_out("a", "mira", "Mira helps Bram", take="film-12", others=("bram",))]
    [line] = trainer_manifest("training", "images", pictures).splitlines()
    assert json.loads(line) == {
        "file": "images/a.png",
        "sha256": "0" * 64,
        "caption": "Mira helps Bram",
        "characters": ["mira", "bram"],
        "split": "training",
        "take": "film-12",
    }
