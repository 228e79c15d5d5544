"""What comparing pictures has found, by the number of their rows: 30 bytes for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from storyboard_ops.core.dataset.duplicates.near_duplicates import KEYED_ROWS, KeepBest
from storyboard_ops.core.dataset.duplicates.picture_hash import (
    HASH_MODEL,
    find_nearest,
    keep_first_copies,
)
from storyboard_ops.domain.image_records import Drop, DuplicateFacts, DuplicateReason, ImageRecord
from storyboard_ops.steps.dataset.picture_columns import PictureColumns, RowNumbers

SIMILARITY_DIGITS = 6
#: The states of a row.
UNREAD, ORIGINAL, COPY, DISTINCT, NEAR_DUPLICATE = range(5)
REASONS: dict[int, DuplicateReason] = {COPY: "copy", NEAR_DUPLICATE: "near-duplicate"}


class Comparison:
    """The verdict on every picture, first by hashes, then by embeddings of a model."""

    def __init__(self, pictures: PictureColumns, model_id: str) -> None:
        self.pictures = pictures
        #: Rows that are no copies, of each character, best first.
        self.originals: list[RowNumbers] = []
        #: Rows of the distinct pictures, character by character.
        self.distinct: list[int] = []
        self._model_id = model_id
        self._state = np.full(len(pictures), UNREAD, np.uint8)
        self._nearest = np.full(len(pictures), -1, np.int64)
        self._similarity = np.zeros(len(pictures))
        self._group_of = np.full(len(pictures), -1, np.int32)
        self._failures: dict[int, str] = {}
        self._groups: list[RowNumbers] = []
        self._hashes: list[Sequence[int]] = []

    def fail(self, row: int, failure: str) -> None:
        """Record why a picture could not be read or embedded."""
        self._failures[row] = failure

    def set_hashes(self, group: RowNumbers, hashes: Sequence[int]) -> None:
        """Decide which pictures of a character, best first, are copies."""
        answer = keep_first_copies(hashes)
        self._group_of[group] = len(self._groups)
        self._groups.append(group)
        self._hashes.append(hashes)
        self._record(group, answer, ORIGINAL, COPY)
        self.originals.append(group[answer.kept])

    def set_embeddings(self, group: RowNumbers, answer: KeepBest) -> None:
        """Record how the pictures of a character compare; ``answer`` has a row for each."""
        self._record(group, answer, DISTINCT, NEAR_DUPLICATE)
        self.distinct += group[answer.kept].tolist()

    def _record(self, group: RowNumbers, answer: KeepBest, kept: int, dropped: int) -> None:
        told = answer.nearest >= 0
        self._state[group] = np.where(answer.kept, kept, dropped)
        self._nearest[group] = np.where(told, group[answer.nearest], -1)
        self._similarity[group] = answer.similarity

    @property
    def reasons(self) -> Counter[str]:
        """How many pictures were dropped for each reason."""
        reasons = Counter[str]()
        if unread := int((self._state == UNREAD).sum()):
            reasons["not compared"] += unread
        for group in self._groups:
            for state in self._state[group].tolist():
                if state == ORIGINAL:
                    reasons["not compared"] += 1
                elif state in REASONS:
                    reasons[REASONS[state]] += 1
        return reasons

    def record(self, image: ImageRecord, row: int) -> ImageRecord:
        """Return a picture with its most similar better one; dropped if that is too similar."""
        state = int(self._state[row])
        if state == UNREAD:
            return image.model_copy(update={"dropped": self._not_compared(row)})
        if state == ORIGINAL:
            facts = self._facts(HASH_MODEL, *self._nearest_by_hash(row))
            return image.model_copy(update={"duplicate": facts, "dropped": self._not_compared(row)})
        model_id = HASH_MODEL if state == COPY else self._model_id
        facts = self._facts(model_id, int(self._nearest[row]), float(self._similarity[row]))
        if state == DISTINCT:
            return image.model_copy(update={"duplicate": facts})
        drop = Drop(
            stage="duplicate",
            reason=REASONS[state],
            detail=f"{facts.similarity:.4f} like {facts.nearest[:12]}, which is better",
            score=facts.similarity,
        )
        return image.model_copy(update={"duplicate": facts, "dropped": drop})

    def _facts(self, model_id: str, nearest: int, similarity: float) -> DuplicateFacts:
        if nearest < 0:
            return DuplicateFacts(model_id=model_id)
        return DuplicateFacts(
            model_id=model_id,
            nearest=self.pictures.image_id(nearest),
            similarity=round(similarity, SIMILARITY_DIGITS),
        )

    def _nearest_by_hash(self, row: int) -> tuple[int, float]:
        """Return the most similar better original of a picture without an embedding.

        Of many pictures it is not searched: each search looks at all of them.
        """
        at = int(self._group_of[row])
        group, hashes = self._groups[at], self._hashes[at]
        if len(group) >= KEYED_ROWS:
            return -1, 0.0
        place = int(np.flatnonzero(group == row)[0])
        better = np.flatnonzero(self._state[group[:place]] != COPY).tolist()
        nearest, similarity = find_nearest(hashes, place, better)
        return (int(group[nearest]) if nearest >= 0 else -1), similarity

    def _not_compared(self, row: int) -> Drop:
        return Drop(stage="duplicate", reason="not compared", detail=self._failures[row])
