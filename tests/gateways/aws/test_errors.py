"""Every code of the table, injected into a call of every gateway, is seen as its domain error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.exceptions
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
)

from storyboard_ops.domain.error_tree import (
    BrokenOff,
    Conflict,
    CredentialsExpired,
    KeyUnusable,
    ModelNotOffered,
    NameTaken,
    NotPermitted,
    NotYetDeletable,
    QuotaExhausted,
    RequestRefused,
    ServiceError,
    Throttled,
    Unreachable,
)
from storyboard_ops.gateways.aws import account
from storyboard_ops.gateways.aws.bucket_keys import bucket_key_id, describe_key
from storyboard_ops.gateways.aws.errors import (
    CODES,
    ERRORS,
    error_class,
    translate,
)
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.gateways.detection.rekognition_faces import RekognitionFaces
from storyboard_ops.gateways.detection.rekognition_labels import RekognitionLabels
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.drawing_forms import CanvasRequest, StabilityRequest
from storyboard_ops.gateways.money.leased_capacity import CAPACITY_KINDS
from storyboard_ops.gateways.removal.stored_versions import StoredVersion, StoredVersions
from storyboard_ops.gateways.review.human_review import HumanReview
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from tests.gateways.aws.refusals import ARN, URI, Refusing, answered

#: One call or more of every gateway that handles no error itself, with the service it asks.
CALLS: Mapping[str, Callable[[Any], object]] = {
    "sts caller": account.caller_arn,
    "sts account": account.account_id,
    "s3 region": lambda client: account.bucket_region(client, "studio"),
    "s3 encryption": lambda client: bucket_key_id(client, "studio"),
    "kms key": lambda client: describe_key(client, "key", "123456789012"),
    "iam policies": lambda client: account.policy_source(
        client, "arn:aws:sts::1:assumed-role/worker/session"
    ),
    "iam rights": lambda client: account.denied_actions(client, ARN, ["s3:GetObject"], "*"),
    "service-quotas quota": lambda client: account.quota(client, "bedrock", "units"),
    "sagemaker teams": account.private_workteams,
    "s3 put": lambda client: ObjectStore(client).put(URI, b"x"),
    "s3 copy": lambda client: ObjectStore(client).copy(URI, URI),
    "s3 list": lambda client: list(ObjectStore(client).list(URI)),
    "s3 delete": lambda client: ObjectStore(client).delete([URI]),
    "s3 link": lambda client: ObjectStore(client).link(URI, 60),
    "s3 versioning": lambda client: StoredVersions(client).keeps_versions("studio"),
    "s3 versions": lambda client: list(StoredVersions(client).list(URI)),
    "s3 version": lambda client: StoredVersions(client).get(StoredVersion(URI, 1)),
    "s3 delete versions": lambda client: StoredVersions(client).delete([StoredVersion(URI, 1)]),
    "bedrock capacity": lambda client: BedrockControl(client).units_in_use("none"),
    "bedrock tags": lambda client: BedrockControl(client).tags(ARN),
    "sagemaker flow": lambda client: HumanReview(client, None).flow_status("flow"),
    "sagemaker-a2i-runtime stop": lambda client: HumanReview(None, client).stop_loop("loop"),
    "bedrock-runtime converse": lambda client: BedrockRuntime(client).converse("m", "s", ["?"], 9),
    "bedrock-runtime embed": lambda client: BedrockRuntime(client).embed(
        "amazon.titan-embed-image-v1", b"jpeg"
    ),
    "bedrock-runtime draw": lambda client: BedrockRuntime(client).draw(
        "m", CanvasRequest("a fox", 512, 512, 1, 7.0)
    ),
    "bedrock-runtime draw on demand": lambda client: BedrockRuntime(client).draw_on_demand(
        "m", StabilityRequest("a fox", "1:1", 1)
    ),
    "rekognition labels": lambda client: RekognitionLabels(client).detect(b"jpeg", 0.5),
    "rekognition faces": lambda client: RekognitionFaces(client).detect(b"jpeg"),
    "rekognition index": lambda client: RekognitionFaces(client).index("c", b"jpeg", "fox"),
    "rekognition collections": lambda client: RekognitionFaces(client).collection_names(),
    "rekognition project": lambda client: RekognitionCustom(client).find_project("p"),
    "rekognition versions": lambda client: RekognitionCustom(client).versions(ARN),
    "rekognition custom": lambda client: RekognitionCustom(client).detect(ARN, b"jpeg", 0.5),
    **{
        f"{kind.service} {kind.name}": lambda client, kind=kind: list(
            kind.find(kind.client(lambda _: client))
        )
        for kind in CAPACITY_KINDS
    },
}


def unanswered(name: str) -> BotoCoreError:
    """An error of botocore by the name of its class."""
    kind = getattr(botocore.exceptions, name)
    error: BotoCoreError = kind.__new__(kind)
    Exception.__init__(error, f"{name}'s words")
    return error


def raised_for(code: str) -> Exception:
    return unanswered(code) if hasattr(botocore.exceptions, code) else answered(code)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_gateway_raises_the_domain_error_of_every_code(code: str) -> None:
    for call, ask in CALLS.items():
        with pytest.raises(ServiceError) as raised:
            ask(Refusing(raised_for(code)))
        error = raised.value
        kind = error_class(code, error.operation)
        assert type(error) is kind, call
        assert issubclass(kind, ERRORS[code]), call
        assert (error.service, error.code) == (call.split()[0], code), call
        assert error.operation[0].isupper(), call
        assert f"{error.service} {error.operation}" in str(error), call
        assert kind.advice in str(error), call


def test_every_class_below_service_error_has_codes_or_is_raised_by_hand() -> None:
    def below(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
        for child in root.__subclasses__():
            yield child
            yield from below(child)

    by_operation = {"NotYetDeletable"}  # a Conflict, see CONFLICTS
    by_words = {"ModelNotOffered"}  # see WORDINGS
    by_hand = {"DeletionRefused"}  # S3 reports it within an answer that succeeds
    groups = {"Outage"}
    unmapped = {kind.__name__ for kind in below(ServiceError) if kind not in CODES}
    assert unmapped == by_operation | by_words | by_hand | groups


def test_no_code_has_two_classes() -> None:
    assert len(ERRORS) == sum(len(codes) for codes in CODES.values())


def test_an_unknown_code_is_kept_by_the_general_class() -> None:
    for call, ask in CALLS.items():
        with pytest.raises(ServiceError, match="NewInTheYear2031: the service's words") as raised:
            ask(Refusing(answered("NewInTheYear2031")))
        assert type(raised.value) is ServiceError, call
        assert raised.value.code == "NewInTheYear2031", call


def test_an_unknown_error_of_botocore_is_kept_by_the_general_class() -> None:
    error = translate(botocore.exceptions.NoRegionError(), "s3", "GetObject")
    assert (type(error), error.code) == (ServiceError, "NoRegionError")


def test_an_answer_without_a_code_is_a_service_error() -> None:
    assert type(translate(ClientError({}, "GetObject"), "s3", "GetObject")) is ServiceError


def test_an_error_of_our_own_passes() -> None:
    with pytest.raises(ZeroDivisionError):
        ObjectStore(Refusing(ZeroDivisionError())).put(URI, b"x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("CreateModelCustomizationJob", NameTaken),
        ("CreateHumanTaskUi", NameTaken),
        ("StartHumanLoop", NameTaken),
        ("DeleteCustomModel", NotYetDeletable),
        ("StopModelCustomizationJob", NotYetDeletable),
        ("StartProjectVersion", Conflict),
        ("DetectCustomLabels", Conflict),
    ],
)
def test_what_a_conflict_means_depends_on_the_operation(
    operation: str, kind: type[ServiceError]
) -> None:
    for code in CODES[Conflict]:
        assert error_class(code, operation) is kind


#: Words of Bedrock as users report them; the last ones are about one request.
BEDROCK_WORDS = [
    (
        "ThrottlingException",
        "Too many tokens per day, please wait before trying again.",
        QuotaExhausted,
    ),
    ("ThrottlingException", "Too many requests, please wait before trying again.", Throttled),
    (
        "ValidationException",
        "Invocation of model ID amazon.nova-2-lite-v1:0 with on-demand throughput isn\u2019t "
        "supported. Retry your request with the ID or ARN of an inference profile that contains "
        "this model.",
        ModelNotOffered,
    ),
    ("ValidationException", "The provided model identifier is invalid.", ModelNotOffered),
    ("ValidationException", "Operation not allowed", ModelNotOffered),
    (
        "ValidationException",
        "This request has been blocked by our content filters.",
        RequestRefused,
    ),
    ("ValidationException", "Could not process image", RequestRefused),
]


@pytest.mark.parametrize(("code", "words", "kind"), BEDROCK_WORDS)
def test_where_bedrock_has_one_code_for_two_causes_its_words_decide(
    code: str, words: str, kind: type[ServiceError]
) -> None:
    refusal = ClientError({"Error": {"Code": code, "Message": words}}, "Converse")
    found = translate(refusal, "bedrock-runtime", "Converse", "m")
    assert (type(found), found.code) == (kind, code)
    assert words.rstrip(".") in str(found)
    assert type(translate(refusal, "sagemaker", "ListWorkteams")) is error_class(code)


#: Words of S3 about a right on the key of an object, as users report them; the last one is about
#: the object.
S3_WORDS = [
    (
        "User: arn:aws:sts::123456789012:assumed-role/worker/task is not authorized to perform: "
        "kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:123456789012:key/x because no "
        "identity-based policy allows the kms:GenerateDataKey action",
        KeyUnusable,
    ),
    (
        "User: arn:aws:sts::123456789012:assumed-role/worker/task is not authorized to perform: "
        "kms:Decrypt on this resource because the resource does not exist in this Region, no "
        "resource-based policies allow access, or a resource-based policy explicitly denies access",
        KeyUnusable,
    ),
    (
        "The ciphertext refers to a customer master key that does not exist, does not exist in "
        "this region, or you are not allowed to access.",
        KeyUnusable,
    ),
    (
        "User: arn:aws:sts::123456789012:assumed-role/worker/task is not authorized to perform: "
        "s3:GetObject on resource: arn:aws:s3:::studio/kms: the film.mp4",
        NotPermitted,
    ),
    ("Access Denied", NotPermitted),
]


@pytest.mark.parametrize(("words", "kind"), S3_WORDS)
def test_a_right_on_the_key_that_is_missing_is_told_from_one_on_the_object(
    words: str, kind: type[ServiceError]
) -> None:
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": words}}, "GetObject")
    assert type(translate(refusal, "s3", "GetObject", "s3://studio/film.mp4")) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NoCredentialsError(), CredentialsExpired),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), Unreachable),
        (ConnectTimeoutError(endpoint_url="http://127.0.0.1:1"), Unreachable),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), BrokenOff),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), BrokenOff),
    ],
)
def test_without_an_answer_the_code_is_the_name_of_the_exception(
    error: BotoCoreError, kind: type[ServiceError]
) -> None:
    found = translate(error, "s3", "GetObject", "s3://studio/a")
    assert (type(found), found.code) == (kind, type(error).__name__)
