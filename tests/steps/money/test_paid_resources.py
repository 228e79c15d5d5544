"""Money: one job, one throughput, whatever is retried; and afterwards nothing bills."""

import json
import time

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import GateClosed, JobFailed, JobStopped, NotFinished
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.training.bedrock import customize_model, provide_capacity
from storyboard_ops.steps.training.bedrock.customize_model import (
    finish_customization,
    start_customization,
)
from storyboard_ops.steps.training.bedrock.provide_capacity import finish_capacity, start_capacity
from tests.material import factories
from tests.studio.studio_fixture import Studio


@pytest.fixture
def tools(studio: Studio, request):
    """A run of its own: names of paid resources derive from the run key."""
    return studio.tools(run_key=f"run-{studio.bucket}")


@pytest.fixture
def dataset(tools) -> TrainingSet:
    """Six pictures as Bedrock takes them."""
    return training_set(tools, records=6)


def training_set(tools, records: int) -> TrainingSet:
    lines = []
    for k in range(records):
        png = encode_png(factories.picture(k))
        uri = tools.objects.put(tools.run_root / f"dataset/images/{k}.png", png, "image/png")
        lines.append(json.dumps({"image-ref": uri, "caption": f"Mira stands on hill {k}."}))
    body = ("\n".join(lines) + "\n").encode()
    return TrainingSet(
        images=ManifestRef(uri="s3://x/y", count=0, sha256="0" * 64),
        training_uri=tools.objects.put(tools.run_root / "dataset/train.jsonl", body),
        training_sha256=sha256_hex(body),
        training=records,
        evaluation=0,
    )


def jobs_of(studio: Studio, run_key: str) -> list[str]:
    pages = studio.client("bedrock").get_paginator("list_model_customization_jobs").paginate()
    names = [job["jobName"] for page in pages for job in page["modelCustomizationJobSummaries"]]
    return [name for name in names if run_key[:20] in name]


def wait_for(finish, *arguments):
    """Call until the state has moved on; the endpoint's jobs take a fraction of a second."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return finish(*arguments)
        except NotFinished:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_starting_twice_starts_one_job(studio, tools, dataset):
    name = start_customization(tools, dataset)
    assert start_customization(tools, dataset) == name
    assert jobs_of(studio, tools.run_key) == [name]
    model = wait_for(finish_customization, tools, name)
    assert model.images_seen == 10 * 8
    assert start_customization(tools, dataset) == name  # a completed job is adopted too


def test_runs_whose_keys_begin_alike_have_a_job_and_capacity_each(studio, dataset):
    """A name has room for the beginning of a run's key only."""
    longest = "upload-the-lantern-in-the-valley-reel-1"
    one, two = (studio.tools(run_key=f"{longest}-{end}") for end in ("0c1d2e3f", "4a5b6c7d"))
    jobs = [start_customization(tools, dataset) for tools in (one, two)]
    assert len(set(jobs)) == 2
    model = wait_for(finish_customization, one, jobs[0])
    wait_for(finish_customization, two, jobs[1])
    bought = [start_capacity(tools, model) for tools in (one, two)]
    assert len(set(bought)) == 2
    release_everything(one)
    assert wait_for(finish_capacity, two, bought[1]).name == bought[1]
    release_everything(two)


def test_a_job_that_the_service_fails_gives_its_reason_and_a_clear_starts_another(studio, tools):
    too_few = training_set(tools, records=4)
    name = start_customization(tools, too_few)
    with pytest.raises(JobFailed, match=f"{name} is Failed"):
        wait_for(finish_customization, tools, name)
    again = start_customization(tools, too_few)
    assert again != name
    assert set(jobs_of(studio, tools.run_key)) == {name, again}


def test_capacity_is_bought_once_and_given_back(studio, tools, dataset):
    model = wait_for(finish_customization, tools, start_customization(tools, dataset))
    name = start_capacity(tools, model)
    assert start_capacity(tools, model) == name
    capacity = wait_for(finish_capacity, tools, name)
    assert capacity.model_arn == model.model_arn
    tags = studio.client("bedrock").list_tags_for_resource(resourceARN=capacity.arn)["tags"]
    assert {tag["key"]: tag["value"] for tag in tags}["storyboard:run"] == tools.run_key

    receipt = release_everything(tools)
    assert receipt.still_billing == ()
    by_kind = {resource.kind: resource for resource in receipt.resources}
    assert by_kind["provisioned throughput"].deleted_at
    assert "kept on purpose" in by_kind["custom model"].note
    units = {(u.item, u.unit): u.amount for u in receipt.usages}
    assert units["amazon.nova-canvas-v1:0", "training_image"] == 80
    assert units["amazon.nova-canvas-v1:0", "model_unit_hour"] == 1
    assert receipt.cost_usd == pytest.approx(80 * 0.005 + 60.5)
    with pytest.raises(JobStopped, match="no longer exists"):
        finish_capacity(tools, name)


def test_releasing_twice_keeps_the_receipt(studio, tools, dataset):
    throwaway = studio.tools(run_key=tools.run_key, keep_model=False)
    wait_for(finish_capacity, throwaway, start_capacity(throwaway, trained(throwaway, dataset)))
    first = release_everything(throwaway)
    assert all(line.deleted_at or not line.bills for line in first.resources)
    assert release_everything(throwaway) == first


def test_capacity_bought_again_after_a_release_is_another_line_of_the_receipt(
    studio, tools, dataset
):
    model = wait_for(finish_customization, tools, start_customization(tools, dataset))
    first = start_capacity(tools, model)
    wait_for(finish_capacity, tools, first)
    release_everything(tools)
    second = start_capacity(tools, model)
    wait_for(finish_capacity, tools, second)
    receipt = release_everything(tools)
    assert receipt.still_billing == ()
    lines = [line for line in receipt.resources if line.kind == "provisioned throughput"]
    assert [line.name for line in lines] == [first, second], "in the order of their purchase"
    assert [line.deleted_at != "" for line in lines] == [True, True]
    hours = {usage.unit: usage.amount for usage in receipt.usages}["model_unit_hour"]
    assert hours == 2, "each purchase is billed for the hour it has begun"
    left = studio.client("bedrock").list_provisioned_model_throughputs(
        nameContains=start_name(tools)
    )
    assert left["provisionedModelSummaries"] == []


def start_name(tools) -> str:
    return tools.run_key[:20]


def test_a_model_nobody_wants_to_keep_is_deleted(studio, dataset, tools):
    throwaway = studio.tools(run_key=tools.run_key, keep_model=False)
    model = wait_for(finish_customization, throwaway, start_customization(throwaway, dataset))
    receipt = release_everything(throwaway)
    deleted = {resource.kind: resource.deleted_at for resource in receipt.resources}
    assert deleted["custom model"]
    bedrock = studio.client("bedrock")
    with pytest.raises(bedrock.exceptions.ResourceNotFoundException):
        bedrock.get_custom_model(modelIdentifier=model.model_arn)


def test_a_run_that_bought_nothing_has_an_empty_receipt(tools):
    receipt = release_everything(tools)
    assert (receipt.resources, receipt.cost_usd) == ((), 0)


def trained(tools, dataset):
    return wait_for(finish_customization, tools, start_customization(tools, dataset))


def test_every_line_of_the_receipt_has_its_hours_and_its_price(tools, dataset):
    wait_for(finish_capacity, tools, start_capacity(tools, trained(tools, dataset)))
    receipt = release_everything(tools)
    lines = {line.kind: line for line in receipt.resources}
    assert {kind: (line.unit, line.usd_per_unit) for kind, line in lines.items()} == {
        "customization job": ("training_image", 0.005),
        "custom model": ("month", 1.95),
        "provisioned throughput": ("model_unit_hour", 60.5),
    }
    assert lines["provisioned throughput"].amount == 1
    assert 0 <= lines["provisioned throughput"].hours < 0.1
    assert receipt.price_table_date == "2026-11-22"


def test_a_name_that_is_taken_by_other_inputs_is_refused(studio, tools, dataset):
    start_customization(tools, dataset)
    elsewhere = dataset.model_copy(update={"training_uri": f"s3://{studio.bucket}/other.jsonl"})
    with pytest.raises(GateClosed, match="exists with other inputs"):
        start_customization(tools, elsewhere)


MODULE = {"find_job": customize_model, "find_throughput": provide_capacity}


@pytest.mark.parametrize("unseen", ["find_job", "find_throughput"])
def test_what_was_bought_a_moment_ago_and_cannot_be_seen_yet_is_adopted(
    studio, tools, dataset, monkeypatch, unseen
):
    model = trained(tools, dataset)
    capacity = start_capacity(tools, model)
    look = getattr(BedrockControl, unseen)
    blind = iter([True])
    monkeypatch.setattr(
        BedrockControl,
        unseen,
        lambda control, name: None if next(blind, False) else look(control, name),
    )
    again = iter(["another-token"])  # as if the first client token were forgotten
    monkeypatch.setattr(MODULE[unseen], "client_token", lambda _: next(again))
    if unseen == "find_job":
        assert start_customization(tools, dataset) == model.job_name
    else:
        assert start_capacity(tools, model) == capacity
    assert jobs_of(studio, tools.run_key) == [model.job_name]
    release_everything(tools)
