"""Load production files with their reference pictures, from ``include/productions`` or S3."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import BadInput, ProductionError
from storyboard_ops.domain.input_limits import (
    MOST_PICTURE_BYTES,
    MOST_REFERENCE_BYTES,
    MOST_YAML_BYTES,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.gateways.include_files import include_path
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.storage.reference_files import key_beneath, read_beneath

Picture = TypeVar("Picture", bytes, bytes | str)

_BUNDLED_NAME = re.compile(r"^[a-z0-9_-]+$")


@dataclass(frozen=True)
class LoadedProduction:
    """A production with the encoded bytes of its references, by character id, and of strangers."""

    production: Production
    references: dict[str, list[bytes]]
    strangers: tuple[bytes, ...] = ()


def load_production(objects: ObjectStore, where: str) -> LoadedProduction:
    """Load a production by bundled name or S3 URI.

    Raises ProductionError when the file or a reference is unusable, ObjectMissing when the file
    does not exist.
    """
    if where.startswith("s3://"):
        return _load_from_s3(objects, S3Uri.parse(where))
    if not _BUNDLED_NAME.match(where):
        raise ProductionError(
            f"{where!r} is neither an S3 URI nor the name of a file in include/productions."
        )
    return _load_bundled(where)


def _load_from_s3(objects: ObjectStore, uri: S3Uri) -> LoadedProduction:
    production = _parse(objects.get(uri, MOST_YAML_BYTES), str(uri))
    folder = S3Uri(uri.bucket, posixpath.dirname(uri.key))

    def read(reference: str) -> bytes:
        return objects.get(key_beneath(folder, reference), MOST_PICTURE_BYTES)

    return LoadedProduction(production, *read_references(production, read, str(uri)))


def _load_bundled(name: str) -> LoadedProduction:
    path = include_path(f"productions/{name}.yaml")
    production = _parse(path.read_bytes(), path.name)

    def read(reference: str) -> bytes:
        return read_beneath(path.parent, reference)

    return LoadedProduction(production, *read_references(production, read, path.name))


def _parse(body: bytes, origin: str) -> Production:
    try:
        document = read_yaml(body, f"The production file {origin}")
    except BadInput as error:
        raise ProductionError(str(error)) from error
    return parse_production(document, origin, body)


def read_references(
    production: Production, read: Callable[[str], Picture], origin: str
) -> tuple[dict[str, list[Picture]], tuple[Picture, ...]]:
    """Read the reference pictures of each character, by its id, and those of strangers.

    ``read``: reads one reference; raises BadInput when it must not or cannot be read. Raises
    ProductionError naming the file, whose picture it is, and what is wrong with it.
    """
    size = 0

    def read_all(whose: str, references: Iterable[str]) -> Iterator[Picture]:
        nonlocal size
        for reference in references:
            try:
                picture = read(reference)
            except BadInput as error:
                raise ProductionError(
                    f"{origin}: a reference picture of {whose} cannot be used. {error}"
                ) from error
            size += len(picture)
            if size > MOST_REFERENCE_BYTES:
                raise ProductionError(
                    f"{origin}: its reference pictures have more than {MOST_REFERENCE_BYTES:,} "
                    "bytes together, which is the most allowed; save smaller ones."
                )
            yield picture

    references = {
        character.id: list(read_all(f"character {character.id!r}", character.references))
        for character in production.characters
    }
    return references, tuple(read_all("strangers", production.strangers))
