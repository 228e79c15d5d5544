"""Caches of what was computed from pictures: answers by content hash, and trained finders.

The most recently used answers are kept in memory; a trained finder is also stored in the data
folder, so that a restart does not train it again. Thread-safe.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from local_aws.vision.finding.character_model import (
    CharacterModel,
    Reference,
    load_model,
    references_digest,
    save_model,
    train_model,
)
from local_aws.vision.picture_codec import decode_picture

T = TypeVar("T")


class RecentAnswers:
    """The last `capacity` answers by key; each is computed outside the lock."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, ...], Any] = OrderedDict()

    def get(self, key: tuple[str, ...], compute: Callable[[], T]) -> T:
        """Return the cached answer of `key`; without one, call `compute` and cache its result."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                found: T = self._answers[key]
                return found
        answer = compute()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._capacity:
                self._answers.popitem(last=False)
        return answer


answers = RecentAnswers(capacity=8192)
"""Small answers: findings, labels, sizes, embeddings."""

crops = RecentAnswers(capacity=64)
"""Decoded training pictures, up to 2 MB each."""

_finders = RecentAnswers(capacity=8)
_training = threading.Lock()


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def character_finder(
    data_dir: Path, references: Sequence[tuple[str, bytes]]
) -> tuple[str, CharacterModel]:
    """Return digest and finder of these (character, picture file) pairs; train it once.

    Raises UnreadablePictureError if a picture cannot be decoded.
    """
    digest = references_digest(references)
    return digest, _finders.get((digest,), lambda: _load_finder(data_dir, digest, references))


def _load_finder(
    data_dir: Path, digest: str, references: Sequence[tuple[str, bytes]]
) -> CharacterModel:
    path = data_dir / "finders" / f"{digest}.npz"
    with _training:
        if not path.exists():
            decoded = [Reference(name, decode_picture(data)) for name, data in references]
            _save(train_model(decoded), path)
        return load_model(path)


def _save(model: CharacterModel, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.npz")
    save_model(model, partial)
    partial.replace(path)
