"""What the gateways make of a refusal themselves: absence, a lost race, a state that forbids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.stub import Stubber

from storyboard_ops.domain.error_tree import (
    Contended,
    CredentialsExpired,
    NotFound,
    NotPermitted,
    NotReady,
    NotYetDeletable,
    ObjectMissing,
    ObjectNotFound,
    QuotaExhausted,
    RequestRefused,
    ServiceError,
)
from storyboard_ops.gateways.aws import account
from storyboard_ops.gateways.aws.errors import (
    CODES,
    ERRORS,
)
from storyboard_ops.gateways.aws.message_queue import MessageQueue
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.gateways.detection.rekognition_faces import RekognitionFaces
from storyboard_ops.gateways.review.human_review import HumanReview
from storyboard_ops.gateways.sampling.s3_bytes import S3Bytes
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from tests.gateways.aws.refusals import ARN, URI, Refusing, answered


@pytest.mark.parametrize("code", ["403", "404"])
def test_an_object_that_head_does_not_show_is_not_there(s3: Any, code: str) -> None:
    with Stubber(s3) as stub:
        for _ in range(3):
            stub.add_client_error("head_object", code, http_status_code=int(code))
        stub.add_client_error("head_bucket", code, http_status_code=int(code))
        assert ObjectStore(s3).head(URI) is None
        assert ObjectStore(s3).head(URI) is None
        with pytest.raises(ObjectMissing, match=str(URI)):
            S3Bytes(s3, URI)
        assert not ObjectStore(s3).bucket_exists("studio")


@pytest.mark.parametrize(
    ("code", "kind"), [("400", CredentialsExpired), ("500", ServiceError), ("503", ServiceError)]
)
def test_head_hides_no_other_refusal(s3: Any, code: str, kind: type[ServiceError]) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("head_object", code, http_status_code=int(code))
        with pytest.raises(kind) as raised:
            ObjectStore(s3).head(URI)
    assert raised.value.code == code


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket", "AccessDenied"])
def test_an_object_that_cannot_be_read_is_missing(s3: Any, code: str) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", code)
        with pytest.raises(ObjectMissing, match=f"{URI} does not exist or may not be read") as told:
            ObjectStore(s3).get(URI)
    assert isinstance(told.value.__cause__, NotFound | ObjectNotFound | NotPermitted)


@pytest.mark.parametrize("code", CODES[Contended])
def test_a_conditional_write_that_lost_wrote_nothing(s3: Any, code: str) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", code)
        stub.add_client_error("put_object", code)
        assert ObjectStore(s3).create(URI, b"x", "text/plain") is False
        assert ObjectStore(s3).replace(URI, b"x", "text/plain", "etag") is False


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "SlowDown", "NoSuchBucket"])
def test_a_conditional_write_that_was_refused_is_no_lost_race(s3: Any, code: str) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", code)
        stub.add_client_error("put_object", code)
        with pytest.raises(ERRORS[code]):
            ObjectStore(s3).create(URI, b"x", "text/plain")
        with pytest.raises(ERRORS[code]):
            ObjectStore(s3).replace(URI, b"x", "text/plain", "etag")


FOUND_BY_NAME: Mapping[str, Callable[[Any], object]] = {
    "job": lambda client: BedrockControl(client).find_job("j"),
    "model": lambda client: BedrockControl(client).find_model("m"),
    "base model": lambda client: BedrockControl(client).lifecycle("m"),
    "capacity": lambda client: BedrockControl(client).find_throughput("t"),
    "human loop": lambda client: HumanReview(None, client).find_loop("l"),
    "collection": lambda client: RekognitionFaces(client).find_collection("c"),
    "role": lambda client: account.role_trusts(client, ARN, "bedrock.amazonaws.com"),
}


@pytest.mark.parametrize("what", FOUND_BY_NAME)
def test_what_does_not_exist_is_none_and_everything_else_is_raised(what: str) -> None:
    find = FOUND_BY_NAME[what]
    assert find(Refusing(answered("ResourceNotFoundException"))) is None
    for code in ("AccessDeniedException", "ExpiredTokenException", "ThrottlingException"):
        with pytest.raises(ERRORS[code]):
            find(Refusing(answered(code)))


def test_a_queue_that_does_not_exist_is_named() -> None:
    for code in ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"):
        with pytest.raises(ObjectMissing, match="The queue uploads does not exist"):
            MessageQueue(Refusing(answered(code)), "uploads").receive()  # type: ignore[arg-type]


def test_a_picture_without_a_face_matches_nobody() -> None:
    faces = RekognitionFaces(Refusing(answered("InvalidParameterException")))  # type: ignore[arg-type]
    assert faces.search("c", b"jpeg", 0.9)[0] == []
    too_large = Refusing(answered("ImageTooLargeException"))
    with pytest.raises(RequestRefused):
        RekognitionFaces(too_large).search("c", b"jpeg", 0.9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("LimitExceededException", QuotaExhausted),
        ("ResourceNotFoundException", NotFound),
        ("ResourceNotReadyException", NotReady),
    ],
)
def test_a_model_that_cannot_be_started_says_why(code: str, kind: type[ServiceError]) -> None:
    with pytest.raises(kind):
        RekognitionCustom(Refusing(answered(code))).start(ARN, 1)  # type: ignore[arg-type]


def test_a_model_in_another_state_is_not_started_and_not_stopped() -> None:
    custom = RekognitionCustom(Refusing(answered("ResourceInUseException")))  # type: ignore[arg-type]
    assert custom.start(ARN, 1) is False
    assert custom.stop(ARN) is False
    with pytest.raises(NotYetDeletable):
        custom.delete_project(ARN)
