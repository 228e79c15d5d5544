"""An object that is too large is refused by its announced length: none of it is read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import BadInput, ManifestCorrupt, ProductionError
from storyboard_ops.domain.input_limits import GIB, MIB
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.storage.production_files import load_production

URI = S3Uri("studio", "runs/r/x.json")


class Body:
    """A body that may be closed, and read only when it is short."""

    def __init__(self, content: bytes) -> None:
        self.content, self.closed = content, False

    def read(self) -> bytes:
        assert self.content, "a huge body was read"
        return self.content

    def close(self) -> None:
        self.closed = True


def store(content: bytes = b"", size: int | None = None) -> tuple[ObjectStore, Body]:
    """A bucket with one object, which may claim another size."""
    body = Body(content)
    answer: dict[str, Any] = {"Body": body, "ContentLength": len(content) if size is None else size}
    client = SimpleNamespace(
        get_object=lambda **_: answer,
        meta=SimpleNamespace(events=None, endpoint_url=""),
    )
    return ObjectStore(client), body  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "size", "most"),
    [
        (lambda objects: objects.get(URI), 50 * GIB, "268,435,456"),
        (lambda objects: objects.get(URI, 10), 11, "10"),
        (lambda objects: objects.json(URI), 8 * MIB + 1, "8,388,608"),
        (lambda objects: objects.record(URI, ManifestRef), GIB, "8,388,608"),
    ],
    ids=["any object", "bound of the caller", "JSON", "record"],
)
def test_a_huge_object_is_not_read(read: Any, size: int, most: str) -> None:
    objects, body = store(size=size)
    with pytest.raises(BadInput, match=f"{URI} has {size:,} bytes; at most {most} are read"):
        read(objects)
    assert body.closed


def test_a_huge_production_file_is_not_read() -> None:
    objects, _ = store(size=GIB)
    with pytest.raises(BadInput, match="at most 262,144 are read"):
        load_production(objects, "s3://studio/productions/p/production.yaml")


@pytest.mark.parametrize("content", [b"[" * 10_000, b'{"uri": 1, "uri": 2}', b"\xff", b"{}"])
def test_a_record_that_is_none_names_its_object(content: bytes) -> None:
    objects, _ = store(content)
    with pytest.raises(ManifestCorrupt, match=f"^{URI} is n"):
        objects.record(URI, ManifestRef)


@pytest.mark.parametrize("text", [b"a: &a [*a]", b"a: 1\na: 2", b"[" * 9_999, b"\xff"])
def test_a_production_file_that_is_none_names_its_object(text: bytes) -> None:
    objects, _ = store(text)
    with pytest.raises(ProductionError, match=r"^The production file s3://studio/p\.yaml is not"):
        load_production(objects, "s3://studio/p.yaml")


def test_an_object_within_its_bound_is_read() -> None:
    assert store(b"x" * 10)[0].get(URI, 10) == b"x" * 10
    assert store(b'{"a": 1}')[0].json(URI) == {"a": 1}
