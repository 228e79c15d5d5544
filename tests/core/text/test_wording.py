"""Numbers as people write them, in the lines of task logs."""

from __future__ import annotations

import re

import pytest

from storyboard_ops.core.text.wording import count_in_words
from storyboard_ops.steps.sampling.film_samples import describe_sampling, sampling_summary
from tests.material import factories


def test_counts_are_written_with_the_largest_first() -> None:
    counts = {"black": 3, "near-identical": 1_200, "blurred": 3}
    assert count_in_words(counts) == "1,200 near-identical, 3 black, 3 blurred"


def test_a_sampling_is_a_sentence() -> None:
    frames = [factories.frame(k) for k in range(3)]
    drop = factories.Drop(stage="sample", reason="black")
    frames.append(factories.frame(3).model_copy(update={"dropped": drop, "shot": frames[0].shot}))
    said = describe_sampling(sampling_summary(frames, lost=""))
    assert re.fullmatch(r"4 samples in \d+ shots?: 3 kept, 1 dropped \(1 black\)\.", said)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 samples in 0 shots"), (1, "1 sample in 1 shot")]
)
def test_numbers_agree_with_their_noun(count: int, words: str) -> None:
    summary = {"kept": count, "dropped": {}, "shots": count}
    assert describe_sampling(summary) == f"{words}: {count} kept, 0 dropped."
