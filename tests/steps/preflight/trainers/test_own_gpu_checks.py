"""The studio's own machine before anything is started there."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.steps.preflight.trainers.trainer_choice import settle_trainer
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import store_weights
from tests.studio.trainers.own_machine import deploy_machine


def check(studio: Studio, name: str = "machine", **params: object) -> Check:
    tools = studio.tools(trainer="own_gpu", **{"open_model": "small-flow", **params})
    return next(one for one in settle_trainer(tools, "paper-lantern").checks if one.name == name)


def store_whole_weights(studio: Studio) -> None:
    store_weights(studio)
    body = b"0" * 2_000_000
    key = "models/small-flow/model.safetensors"
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)


def test_a_machine_that_can_work_is_described(studio, tmp_path, monkeypatch):
    deploy_machine(monkeypatch, tmp_path)
    store_whole_weights(studio)
    found = check(studio)
    assert found.state == "pass", found.finding
    assert "(no GPU, torch 2.13.0," in found.finding
    assert found.finding.endswith("which gets the weights from S3; it bills nothing.")
    assert check(studio, "trainer").finding == "own_gpu, as the parameter trainer says."


def test_without_a_machine_the_remedy_is_the_deployment_file(studio):
    found = check(studio)
    assert found.state == "fail"
    assert found.remedy.startswith("Add the section gpu to include/deployment.yaml")


@pytest.mark.parametrize(
    ("gpu", "words"),
    [
        ({"python": "/no/such/python"}, "cannot run /no/such/python"),
        ({"python": "/bin/false"}, "The worker's machine reports"),
        ({"work_folder": "/proc/work"}, "The worker's machine reports"),
    ],
)
def test_a_machine_that_is_described_wrongly_is_named(studio, tmp_path, monkeypatch, gpu, words):
    deploy_machine(monkeypatch, tmp_path, **gpu)
    found = check(studio)
    assert (found.state, words in found.finding) == ("fail", True), found.finding


def test_missing_weights_are_named_with_both_places(studio, tmp_path, monkeypatch):
    machine = deploy_machine(monkeypatch, tmp_path)
    found = check(studio)
    assert found.state == "fail"
    assert f"model of this project in {machine.facts.weights}, and s3://" in found.finding
    assert f"{studio.bucket}/models/small-flow/ has no" in found.finding


def test_a_model_that_needs_a_gpu_is_refused_without_one(studio, tmp_path, monkeypatch):
    more = dict.fromkeys(("diffusers", "transformers", "peft"), "")
    deploy_machine(monkeypatch, tmp_path, packages=more)
    found = check(studio, open_model="flux2-klein-base-4b")
    assert (found.state, "has no GPU that a driver knows" in found.finding) == ("fail", True)


def test_the_machine_of_a_queue_is_looked_at_by_its_workers(studio, tmp_path, monkeypatch):
    deploy_machine(monkeypatch, tmp_path, where="queue", queue="gpu", python="/there/python")
    store_whole_weights(studio)
    found = check(studio)
    assert found.state == "pass"
    assert found.finding.startswith("the machine of queue gpu, looked at when the training begins")


def test_auto_takes_the_machine_where_aws_cannot_train(studio, tmp_path, monkeypatch):
    deploy_machine(monkeypatch, Path(tmp_path))
    store_whole_weights(studio)
    tools = studio.tools(
        trainer="auto",
        open_model="small-flow",
        base_model_id="example.unknown-v1:0",
        instance_types=["ml.g6e.2xlarge"],
    )
    settled = settle_trainer(tools, "paper-lantern")
    assert settled.settings.trainer == settled.choice.trainer == "own_gpu", settled.choice
    assert "bedrock cannot (base model: " in settled.choice.why
    assert "sagemaker cannot (machines: " in settled.choice.why
