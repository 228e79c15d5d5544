"""Custom Labels from the project to the answer, and the rejected requests."""

import uuid
from contextlib import contextmanager

import numpy as np
import pytest

from local_aws.vision.picture_codec import encode_png
from tests.local_aws.bedrock_data import until
from tests.local_aws.custom_labels_data import manifest, scene
from tests.local_aws.refusals import refused
from tests.local_aws.vision.drawn_pictures import title_card


@pytest.fixture
def rekognition(local_endpoint):
    """A client that waits when the endpoint's calls per second are spent."""
    return local_endpoint.client("rekognition", retries={"total_max_attempts": 8})


@pytest.fixture
def project(rekognition):
    return rekognition.create_project(ProjectName=f"film-{uuid.uuid4().hex}")["ProjectArn"]


def flat(height, width):
    return encode_png(np.full((height, width, 3), 120, np.uint8))


#: Custom Labels takes less than the other operations: 4 MB, 64 to 4,096 pixels, 20 : 1.
OUT_OF_LIMITS = [
    ({"Bytes": flat(64, 64).ljust(4 * 1024 * 1024 + 1, b"\0")}, "ImageTooLargeException"),
    ({"Bytes": flat(100, 4_097)}, "ImageTooLargeException"),
    ({"Bytes": flat(63, 100)}, "InvalidParameterException"),
    ({"Bytes": flat(64, 1_290)}, "InvalidParameterException"),
]


def put_dataset(rekognition, project, s3, bucket):
    return rekognition.create_dataset(
        ProjectArn=project, DatasetType="TRAIN", DatasetSource=manifest(s3, bucket)
    )["DatasetArn"]


def train(rekognition, project, bucket, **data):
    return rekognition.create_project_version(
        ProjectArn=project, VersionName="v1", OutputConfig={"S3Bucket": bucket}, **data
    )["ProjectVersionArn"]


def description(rekognition, project):
    answer = rekognition.describe_project_versions(ProjectArn=project, VersionNames=["v1"])
    return answer["ProjectVersionDescriptions"][0]


def wait(rekognition, project, *states):
    return until(lambda: description(rekognition, project), lambda found: found["Status"] in states)


def test_a_model_is_trained_started_asked_stopped_and_billed_by_the_hour(
    local_endpoint, rekognition, s3, bucket, project
):
    put_dataset(rekognition, project, s3, bucket)
    arn = train(rekognition, project, bucket)
    picture, boxes = scene(5)
    question = {"ProjectVersionArn": arn, "Image": {"Bytes": encode_png(picture)}}
    with refused("ResourceNotReadyException", 400):
        rekognition.detect_custom_labels(**question)
    wait(rekognition, project, "TRAINING_COMPLETED")
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert wait(rekognition, project, "RUNNING")["MinInferenceUnits"] == 1
    assert arn in {line["resource"] for line in local_endpoint.admin("GET", "bill")["running"]}

    labels = rekognition.detect_custom_labels(**question)["CustomLabels"]
    assert {label["Name"] for label in labels} == {"mira", "bolt"}
    found = {label["Name"]: label["Geometry"]["BoundingBox"] for label in labels}
    assert found["mira"]["Left"] * 640 == pytest.approx(boxes[0][0], abs=40)
    assert len(rekognition.detect_custom_labels(**question, MaxResults=1)["CustomLabels"]) == 1
    empty = {**question, "Image": {"Bytes": encode_png(title_card("END"))}}
    assert rekognition.detect_custom_labels(**empty)["CustomLabels"] == []
    for image, code in OUT_OF_LIMITS:
        with refused(code, 400):
            rekognition.detect_custom_labels(**{**question, "Image": image})

    with refused("ResourceInUseException", 400):
        rekognition.delete_project_version(ProjectVersionArn=arn)
    rekognition.stop_project_version(ProjectVersionArn=arn)
    assert arn not in {line["resource"] for line in local_endpoint.admin("GET", "bill")["running"]}
    wait(rekognition, project, "STOPPED")
    with refused("ResourceInUseException", 400):
        rekognition.delete_project(ProjectArn=project)
    rekognition.delete_project_version(ProjectVersionArn=arn)
    rekognition.delete_project(ProjectArn=project)
    assert project not in {
        each["ProjectArn"] for each in rekognition.describe_projects()["ProjectDescriptions"]
    }


def test_a_model_is_trained_on_the_dataset_of_its_project(rekognition, s3, bucket, project):
    with refused("InvalidParameterException", 400):
        train(rekognition, project, bucket)
    arn = put_dataset(rekognition, project, s3, bucket)
    with refused("InvalidParameterException", 400):
        train(rekognition, project, bucket, TrainingData={"Assets": [manifest(s3, bucket)]})
    (dataset,) = next(
        each["Datasets"]
        for each in rekognition.describe_projects()["ProjectDescriptions"]
        if each["ProjectArn"] == project
    )
    assert (dataset["DatasetArn"], dataset["Status"]) == (arn, "CREATE_COMPLETE")
    with refused("ResourceAlreadyExistsException", 400):
        put_dataset(rekognition, project, s3, bucket)
    train(rekognition, project, bucket)
    wait(rekognition, project, "TRAINING_COMPLETED")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "cannot be read"),
        (b"not json", "Line 1"),
        (b'{"source-ref": "s3://nowhere/1.png"}', "Line 1"),
    ],
    ids=["missing", "not json", "no picture"],
)
def test_a_bad_manifest_fails_the_dataset_with_a_reason(
    rekognition, s3, bucket, project, content, part
):
    if content is not None:
        s3.put_object(Bucket=bucket, Key="bad.manifest", Body=content)
    asset = {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": "bad.manifest"}}}
    rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=asset)
    name = project.split("/")[1]
    (found,) = rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    assert found["Datasets"][0]["Status"] == "CREATE_FAILED"
    assert part in found["Datasets"][0]["StatusMessage"]


def test_a_dataset_without_boxes_fails_the_training(rekognition, s3, bucket, project):
    source = manifest(s3, bucket)
    s3.put_object(Bucket=bucket, Key="train.manifest", Body=b"")
    rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)
    arn = train(rekognition, project, bucket)
    assert "0 labels" in wait(rekognition, project, "TRAINING_FAILED")["StatusMessage"]
    with refused("ResourceInUseException", 400):
        rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)


def test_a_picture_that_is_gone_fails_the_training(rekognition, s3, bucket, project):
    put_dataset(rekognition, project, s3, bucket)
    s3.delete_object(Bucket=bucket, Key="2.png")
    train(rekognition, project, bucket)
    assert "Line 2" in wait(rekognition, project, "TRAINING_FAILED")["StatusMessage"]


def test_names_are_used_once(rekognition, s3, bucket, project):
    name = project.split("/")[1]
    with refused("ResourceInUseException", 400):
        rekognition.create_project(ProjectName=name)
    put_dataset(rekognition, project, s3, bucket)
    train(rekognition, project, bucket)
    with refused("ResourceInUseException", 400):
        train(rekognition, project, bucket)


def test_what_is_not_there_is_not_found(rekognition, bucket):
    arn = "arn:aws:rekognition:us-east-1:000000000000:project/none/1"
    with refused("ResourceNotFoundException", 400):
        train(rekognition, arn, bucket)
    with refused("ResourceNotFoundException", 400):
        rekognition.detect_custom_labels(
            ProjectVersionArn=arn.replace("/1", "/version/v/1"),
            Image={"Bytes": encode_png(np.zeros((90, 90, 3), np.uint8))},
        )


def test_tags_are_kept_on_models_projects_and_collections(rekognition, s3, bucket):
    name = f"tagged-{uuid.uuid4().hex}"
    project = rekognition.create_project(ProjectName=name, Tags={"of": "project"})["ProjectArn"]
    put_dataset(rekognition, project, s3, bucket)
    version = train(rekognition, project, bucket, Tags={"a": "1"})
    rekognition.create_collection(CollectionId=name, Tags={"of": "collection"})
    collection = rekognition.describe_collection(CollectionId=name)["CollectionARN"]

    def tags(arn):
        return rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]

    rekognition.tag_resource(ResourceArn=version, Tags={"a": "2", "b": "3"})
    assert tags(version) == {"a": "2", "b": "3"}
    assert tags(project) == {"of": "project"}
    assert tags(collection) == {"of": "collection"}
    with refused("ResourceNotFoundException"):
        tags(version + "0")


def test_a_training_is_billed_when_it_succeeds(local_endpoint, rekognition, s3, bucket, project):
    put_dataset(rekognition, project, s3, bucket)
    arn = train(rekognition, project, bucket)
    assert billed_training(local_endpoint, arn) == pytest.approx(0.2 / 3600)
    found = wait(rekognition, project, "TRAINING_COMPLETED")
    assert found["BillableTrainingTimeInSeconds"] == 0  # of a training that took 0.2 s
    with ordered_failure(local_endpoint, "CreateProjectVersion", "no capacity"):
        failed = rekognition.create_project_version(
            ProjectArn=project, VersionName="v2", OutputConfig={"S3Bucket": bucket}
        )["ProjectVersionArn"]
    assert billed_training(local_endpoint, failed) is None


def test_a_model_that_does_not_start_says_why_and_bills_nothing(
    local_endpoint, rekognition, s3, bucket, project
):
    put_dataset(rekognition, project, s3, bucket)
    arn = train(rekognition, project, bucket)
    wait(rekognition, project, "TRAINING_COMPLETED")
    with ordered_failure(local_endpoint, "StartProjectVersion", "no capacity"):
        rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert wait(rekognition, project, "FAILED")["StatusMessage"] == "no capacity"
    assert arn not in {line["resource"] for line in local_endpoint.admin("GET", "bill")["running"]}
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    wait(rekognition, project, "RUNNING")
    rekognition.stop_project_version(ProjectVersionArn=arn)


def billed_training(endpoint, arn):
    hours = {
        line["resource"]: line["quantity"]
        for line in endpoint.admin("GET", "bill")["lines"]
        if line["item"] == "CustomLabelsTraining"
    }
    return hours.get(arn)


@contextmanager
def ordered_failure(endpoint, operation, reason):
    fault = {"kind": "fail", "operation": operation, "message": reason}
    endpoint.admin("PUT", "faults", {"faults": [fault]})
    try:
        yield
    finally:
        endpoint.admin("DELETE", "faults")
