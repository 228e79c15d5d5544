"""Production files in S3 and in include/productions, with the pictures that they may read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.gateways import include_files
from storyboard_ops.gateways.storage import production_files
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.storage.production_files import load_production
from tests.material import factories
from tests.studio.studio_fixture import Studio


def text(*references: str, strangers: tuple[str, ...] = ()) -> bytes:
    """A production file in which every character has these references."""
    document = factories.production().model_dump(mode="json")
    for character in document["characters"]:
        character["references"] = list(references)
    document["strangers"] = list(strangers)
    return yaml.safe_dump(document).encode()


def put(studio: Studio, key: str, body: bytes) -> str:
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)
    return f"s3://{studio.bucket}/{key}"


def load(studio: Studio, where: str) -> production_files.LoadedProduction:
    return load_production(ObjectStore(studio.client("s3")), where)


def test_pictures_next_to_a_production_in_s3_are_read(studio: Studio) -> None:
    absolute = put(studio, "team/productions/lantern/b.png", b"b")
    put(studio, "team/productions/lantern/inner/a.png", b"a")
    body = text("inner/a.png", absolute, strangers=("b.png",))
    loaded = load(studio, put(studio, "team/productions/lantern/production.yaml", body))
    assert loaded.references["mira"] == [b"a", b"b"]
    assert loaded.strangers == (b"b",)


@pytest.mark.parametrize("whose", ["references", "strangers"])
@pytest.mark.parametrize(
    "reference",
    [
        "s3://{bucket}/team/runs/run-1/secret.png",
        "../../runs/run-1/secret.png",
        "/team/runs/run-1/secret.png",
        "s3://another-bucket/team/productions/lantern/a.png",
        "s3://{bucket}/team/productions/lantern/../../runs/run-1/secret.png",
    ],
)
def test_a_reference_to_another_place_in_s3_is_refused(
    studio: Studio, reference: str, whose: str
) -> None:
    put(studio, "team/runs/run-1/secret.png", b"secret")
    put(studio, "team/productions/lantern/a.png", b"a")
    reference = reference.format(bucket=studio.bucket)
    body = text(reference) if whose == "references" else text("a.png", strangers=(reference,))
    where = put(studio, "team/productions/lantern/production.yaml", body)
    with pytest.raises(ProductionError, match="does not name a picture beneath") as caught:
        load(studio, where)
    named = (where, repr(reference), "strangers" if whose == "strangers" else "'mira'")
    assert all(part in str(caught.value) for part in named)


def test_an_object_over_the_limit_is_refused(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(studio, "team/productions/lantern/a.png", bytes(1_001))
    monkeypatch.setattr(production_files, "MOST_PICTURE_BYTES", 1_000)
    where = put(studio, "team/productions/lantern/production.yaml", text("a.png"))
    with pytest.raises(ProductionError, match=r"a.png has 1,001 bytes; at most 1,000"):
        load(studio, where)


def test_pictures_over_the_limit_together_are_refused(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(studio, "team/productions/lantern/a.png", bytes(100))
    where = put(studio, "team/productions/lantern/production.yaml", text("a.png"))
    monkeypatch.setattr(production_files, "MOST_REFERENCE_BYTES", 299)
    with pytest.raises(ProductionError, match="more than 299 bytes together"):
        load(studio, where)


@pytest.mark.parametrize("reference", ["x" * 1_025, ""])
def test_a_reference_of_an_absurd_length_is_refused(studio: Studio, reference: str) -> None:
    where = put(studio, "team/productions/lantern/production.yaml", text(reference))
    with pytest.raises(
        ProductionError, match=r"characters\.0\.references\.0 \(line \d+\): String should have"
    ):
        load(studio, where)


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder include/ with one production and a secret next to its folder."""
    (tmp_path / "productions/lantern").mkdir(parents=True)
    (tmp_path / "productions/lantern/a.png").write_bytes(b"a")
    (tmp_path / "secret.png").write_bytes(b"secret")
    monkeypatch.setattr(include_files, "INCLUDE_ROOT", tmp_path)
    return tmp_path


def test_a_bundled_production_reads_beneath_include_productions(include: Path) -> None:
    unused: Any = None
    (include / "productions/lantern.yaml").write_bytes(text("lantern/a.png"))
    assert load_production(unused, "lantern").references["mira"] == [b"a"]


@pytest.mark.parametrize(
    "reference", ["../secret.png", "/etc/hostname", "link.png", "s3://films/a.png", "lantern"]
)
def test_a_bundled_production_reads_nothing_else(include: Path, reference: str) -> None:
    unused: Any = None
    (include / "productions/link.png").symlink_to(include / "secret.png")
    (include / "productions/lantern.yaml").write_bytes(text(reference))
    with pytest.raises(ProductionError, match=r"lantern.yaml: a reference picture of character"):
        load_production(unused, "lantern")
