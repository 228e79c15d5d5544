"""Custom Labels: answers converted, and refusals that mean that it is so already."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from storyboard_ops.domain.error_tree import QuotaExhausted
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom

WHEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/cast/1700000000000"
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/cast/version/v1/1700000000001"


def custom(stub: Stubber) -> RekognitionCustom:
    return RekognitionCustom(stub.client)


def test_a_label_without_a_box_is_left_out(stub):
    box = {"Left": 0.25, "Top": 0.5, "Width": 0.5, "Height": 0.25}
    labels = [
        {"Name": "mira", "Confidence": 88.0, "Geometry": {"BoundingBox": box}},
        {"Name": "pell", "Confidence": 70.0},
        {"Name": "orso", "Confidence": 60.0, "Geometry": {}},
    ]
    asked = {"ProjectVersionArn": VERSION, "Image": {"Bytes": b"jpeg"}, "MinConfidence": 30.0}
    stub.add_response("detect_custom_labels", {"CustomLabels": labels}, asked)
    found, usages = custom(stub).detect(VERSION, b"jpeg", 0.3)
    assert found == [{"label": "mira", "box": [0.25, 0.5, 0.75, 0.75], "confidence": 0.88}]
    assert usages == ()  # the running hour is billed, not the call


def test_an_answer_without_labels_is_an_answer(stub):
    stub.add_response("detect_custom_labels", {"CustomLabels": []})
    assert custom(stub).detect(VERSION, b"jpeg", 0.3)[0] == []


@pytest.mark.parametrize(
    ("status", "bills"),
    [
        ("TRAINING_IN_PROGRESS", False),
        ("TRAINING_COMPLETED", False),
        ("TRAINING_FAILED", False),
        ("STARTING", True),
        ("RUNNING", True),
        ("FAILED", False),
        ("STOPPING", False),
        ("STOPPED", False),
    ],
)
def test_which_states_cost_money(stub, status, bills):
    described = {
        "ProjectVersionArn": VERSION,
        "Status": status,
        "CreationTimestamp": WHEN,
        "BillableTrainingTimeInSeconds": 5_400,
    }
    stub.add_response("describe_project_versions", {"ProjectVersionDescriptions": [described]})
    (found,) = custom(stub).versions(PROJECT)
    assert (found.version, found.bills, found.training_hours) == ("v1", bills, 1.5)


def test_a_project_lists_its_datasets_by_type(stub):
    dataset = {
        "DatasetType": "TRAIN",
        "DatasetArn": f"{PROJECT}/dataset/train/1",
        "Status": "CREATE_FAILED",
        "StatusMessage": "The manifest cannot be read.",
    }
    project = {
        "ProjectArn": PROJECT,
        "Status": "CREATED",
        "CreationTimestamp": WHEN,
        "Datasets": [dataset],
    }
    stub.add_response("describe_projects", {"ProjectDescriptions": [project]})
    found = custom(stub).find_project("cast")
    assert found is not None
    assert found.datasets["TRAIN"].message == "The manifest cannot be read."
    stub.add_response("describe_projects", {"ProjectDescriptions": []})
    assert custom(stub).find_project("cast") is None


def test_what_is_so_already_is_no_error(stub):
    taken = "ResourceInUseException"
    stub.add_client_error("create_project", taken)
    custom(stub).create_project("cast", {})
    stub.add_client_error("create_dataset", "ResourceAlreadyExistsException")
    custom(stub).create_dataset(PROJECT, "TRAIN", S3Uri("studio", "train.manifest"))
    stub.add_client_error("create_project_version", taken)
    custom(stub).train(PROJECT, "v1", S3Uri("studio", "out"), {})
    stub.add_client_error("start_project_version", taken)
    custom(stub).start(VERSION, 1)
    stub.add_client_error("delete_project_version", "ResourceNotFoundException")
    custom(stub).delete_version(VERSION)


def test_a_model_says_whether_it_takes_the_order_to_stop(stub):
    stub.add_response("stop_project_version", {"Status": "STOPPING"})
    assert custom(stub).stop(VERSION) is True
    stub.add_client_error("stop_project_version", "ResourceInUseException")
    assert custom(stub).stop(VERSION) is False


def test_every_other_refusal_is_an_error(stub):
    stub.add_client_error("start_project_version", "LimitExceededException")
    with pytest.raises(QuotaExhausted, match="LimitExceededException"):
        custom(stub).start(VERSION, 1)
