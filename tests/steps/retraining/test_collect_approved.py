"""What was approved since the last model: counted for nothing, merged without doubles."""

from dataclasses import replace

import numpy as np
import pytest

from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.settings.model import RetrainingSettings
from storyboard_ops.steps.dataset.approved_datasets import record_training
from storyboard_ops.steps.retraining.collect_approved import (
    look_for_news,
    merge_approved,
    skip_reason,
)
from tests.films.tiny_film import tiny_production
from tests.material.approved_runs import approved_run, started


@pytest.fixture
def production(studio) -> str:
    return tiny_production(studio)


@pytest.fixture
def night(studio, production):
    """The tool box of a nightly run."""
    return started(studio.tools_of(RetrainingSettings, "night-1", production=production))


@pytest.fixture
def earlier(studio, production):
    """Lets a run of the main DAG approve the pictures of some seconds."""

    def approve(run_key: str, seconds, rejected=()):
        return approved_run(studio.tools(run_key, production=production), seconds, rejected)

    return approve


class OneDirection:
    """Embeds every picture as a direction of its own, but for some that look like another."""

    model_id = "one-direction"

    def __init__(self, looks_like: dict[str, str]) -> None:
        self._looks_like = looks_like

    def embed(self, picture: bytes, image_id: str) -> np.ndarray:
        seed = int(self._looks_like.get(image_id, image_id)[:8], 16)
        return np.random.default_rng(seed).normal(size=64).astype(np.float32)


def train(night, run_key: str, entry) -> None:
    """Let an earlier night have begun a training on a dataset."""
    record_training(started(replace(night, run_key=run_key)), entry.dataset)


def kept(tools, ref) -> list[str]:
    records = tools.manifests.read(ref, ImageRecord, "images").records
    return sorted(image.image_id for image in records if image.kept)


def test_pictures_of_all_runs_count_once_and_cost_nothing(night, earlier, studio):
    before = studio.endpoint.purchases()
    earlier("run-a", range(6))
    earlier("run-b", range(4, 9))
    news = look_for_news(night)
    assert (news.runs, news.approved, news.new, news.last_run) == (("run-a", "run-b"), 9, 9, "")
    assert studio.endpoint.purchases() == before


def test_a_run_whose_dataset_was_removed_does_not_stop_the_others(night, earlier, studio, caplog):
    gone = earlier("run-a", range(6)).dataset.images.uri
    earlier("run-b", range(6, 11))
    key = gone.removeprefix(f"s3://{studio.bucket}/")
    studio.client("s3").delete_object(Bucket=studio.bucket, Key=key)
    assert look_for_news(night).approved == 5
    assert f"The dataset of run-a is left out: {gone}" in caplog.text


def test_another_production_is_no_news(night, earlier, studio):
    approved_run(studio.tools("run-x", production="paper-lantern"), range(6))
    assert look_for_news(night).approved == 0


def test_the_latest_decision_about_a_picture_counts(night, earlier):
    earlier("run-a", range(6))
    earlier("run-b", range(10, 15), rejected=[0, 1])
    assert look_for_news(night).approved == 9


def test_what_was_trained_on_is_no_news_whatever_became_of_the_model(night, earlier):
    train(night, "night-0", earlier("run-a", range(6)))
    earlier("run-b", range(4, 9))
    news = look_for_news(night)
    assert (news.approved, news.new, news.last_run) == (9, 3, "night-0")
    assert skip_reason(night, news.new, "new") == (
        "3 new pictures were approved since the last model; retraining starts at 20 "
        "(min_new_pictures). Nothing was trained."
    )
    assert skip_reason(night, 20, "new") == ""


def test_near_duplicates_across_runs_are_dropped_and_are_no_news(night, earlier):
    first = earlier("run-a", range(6))
    train(night, "night-0", first)
    second = earlier("run-b", range(6, 11))
    old, new = (
        night.manifests.read(entry.dataset.images, ImageRecord, "images").records
        for entry in (first, second)
    )
    copies = {new[0].image_id: old[0].image_id, new[1].image_id: old[1].image_id}
    ref = merge_approved(night, look_for_news(night), OneDirection(copies))
    summary = night.manifests.header(ref).summary
    assert (summary["kept"], summary["new"]) == (9, 3)
    assert {picture.image_id for picture in new[2:]} < set(kept(night, ref))


def test_the_caps_hold_for_the_merged_dataset(studio, production, earlier):
    earlier("run-a", range(8))  # two shots of four seconds
    earlier("run-b", range(8, 13))
    capped = started(
        studio.tools_of(RetrainingSettings, "night-1", production=production, max_images_per_shot=2)
    )
    ref = merge_approved(capped, look_for_news(capped), OneDirection({}))
    assert len(kept(capped, ref)) == 7


def test_merging_again_finds_what_was_merged(night, earlier):
    earlier("run-a", range(6))
    news = look_for_news(night)
    ref = merge_approved(night, news, OneDirection({}))
    earlier("run-b", range(6, 11))  # approved while the run goes on: for the next night
    assert merge_approved(night, news, OneDirection({})) == ref


def test_a_run_that_is_cleared_after_its_training_began_still_has_its_news(night, earlier):
    entry = earlier("run-a", range(6))
    train(night, night.run_key, entry)
    assert look_for_news(night).new == 6
