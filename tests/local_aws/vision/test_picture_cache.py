"""Answers are computed once, and finders are trained once, also across restarts."""

from pathlib import Path

import pytest

from local_aws.vision import picture_cache
from local_aws.vision.picture_cache import RecentAnswers, character_finder
from local_aws.vision.picture_codec import UnreadablePictureError, encode_png
from tests.local_aws.vision.drawn_pictures import mira


def test_an_answer_is_computed_once_and_the_oldest_is_forgotten():
    answers, computed = RecentAnswers(capacity=2), []

    def answer(key: str) -> str:
        return answers.get((key,), lambda: computed.append(key) or key.upper())

    assert [answer(key) for key in ("a", "b", "a", "c", "a", "b")] == list("ABACAB")
    assert computed == ["a", "b", "c", "b"]


def test_a_stored_finder_is_not_trained_again(tmp_path: Path, monkeypatch):
    references = [("mira", encode_png(mira(90)))]
    digest, model = character_finder(tmp_path, references)
    assert [path.name for path in (tmp_path / "finders").iterdir()] == [f"{digest}.npz"]
    monkeypatch.setattr(picture_cache, "_finders", RecentAnswers(capacity=8))
    monkeypatch.setattr(picture_cache, "train_model", None)
    _, again = character_finder(tmp_path, references)
    assert (again.weights == model.weights).all()


def test_a_reference_that_is_no_picture_is_an_error(tmp_path: Path):
    with pytest.raises(UnreadablePictureError):
        character_finder(tmp_path, [("mira", b"no picture")])
