"""An error about one item leaves the others; a failure of a service stops the batch at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace

import botocore.exceptions
import pytest
from botocore.exceptions import ClientError

from storyboard_ops.domain.error_tree import (
    AnswerUnusable,
    BadInput,
    CredentialsExpired,
    GateClosed,
    KeyUnusable,
    ModelFailed,
    ModelNotOffered,
    NotFound,
    NotPermitted,
    NotReady,
    ObjectMissing,
    ObjectNotFound,
    QuotaExhausted,
    RequestRefused,
    ServiceError,
    ServiceFailed,
    SettingsError,
    StoryboardError,
    Throttled,
    Unreachable,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.aws.call_pool import BATCH, call_each, call_in_batches
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.storage.object_store import ObjectStore
from tests.fakes.memory_bucket import MemoryBucket


def test_outcomes_come_in_the_order_of_the_items() -> None:
    outcomes = call_each(range(100), lambda n: n * n)
    assert [(one.item, one.value) for one in outcomes] == [(n, n * n) for n in range(100)]


@pytest.mark.parametrize(
    "error",
    [
        ObjectNotFound("One object is missing."),
        ObjectMissing("One object is missing."),
        BadInput("3 bytes are not a readable picture."),
        AnswerUnusable("The answer is empty."),
        ModelFailed("The model could not process the picture."),
        RequestRefused("The picture is too large."),
    ],
)
def test_a_failed_item_has_its_reason_and_the_others_go_on(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def call(n: int) -> int:
        if n == 3:
            raise error
        return n

    with caplog.at_level(logging.WARNING):
        outcomes = call_each(range(6), call)
    assert [one.value for one in outcomes] == [0, 1, 2, None, 4, 5]
    assert outcomes[3].failure == str(error)
    assert str(error) in caplog.text


@pytest.mark.parametrize(
    "kind",
    [
        CredentialsExpired,
        GateClosed,
        KeyUnusable,
        ModelNotOffered,
        NotFound,
        NotPermitted,
        NotReady,
        QuotaExhausted,
        ServiceError,  # with a code that is not known
        ServiceFailed,
        SettingsError,
        Throttled,
        Unreachable,
    ],
)
def test_a_failure_that_is_not_about_the_item_ends_the_batch(kind: type[StoryboardError]) -> None:
    asked: list[int] = []

    def call(n: int) -> int:
        asked.append(n)
        if n == 2:
            raise kind("no")
        return n

    with pytest.raises(kind):
        call_each(range(500), call, threads=1)
    assert asked == [0, 1, 2]


#: Every code that AWS documents for a failure that has nothing to do with the picture.
OF_THE_SERVICE = [
    *("ExpiredToken", "ExpiredTokenException", "InvalidToken", "UnrecognizedClientException"),
    *("InvalidClientTokenId", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired"),
    *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
    *("TokenRetrievalError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "ProfileNotFound"),
    *("AccessDenied", "AccessDeniedException", "OptInRequired", "KmsAccessDenied"),
    *("KMS.DisabledException", "KMS.KMSInvalidStateException", "ModelNotReadyException"),
    *("ServiceQuotaExceededException", "LimitExceededException", "ThrottlingException"),
    *("ProvisionedThroughputExceededException", "SlowDown", "ServiceUnavailableException"),
    *("InternalServerException", "EndpointConnectionError", "ReadTimeoutError"),
    *("ConnectTimeoutError", "ProxyConnectionError", "SSLError", "ResourceNotFoundException"),
    *("ResourceNotReadyException", "NewInTheYear2031"),
]


@pytest.mark.parametrize("code", OF_THE_SERVICE)
def test_an_error_code_of_the_service_stops_at_the_first_call(code: str) -> None:
    def refuse(**_: object) -> None:
        if kind := getattr(botocore.exceptions, code, None):
            error = kind.__new__(kind)
            Exception.__init__(error, "the service's words")
            raise error
        said = {"Error": {"Code": code, "Message": "the service's words"}}
        raise ClientError(said, "Converse")  # type: ignore[arg-type]

    called: list[int] = []
    client = translated("bedrock-runtime", SimpleNamespace(converse=refuse))

    def call(n: int) -> None:
        called.append(n)
        client.converse()

    with pytest.raises(ServiceError, match=f"{code}: the service's words"):
        call_each(range(50), call, threads=1)
    assert called == [0]


def test_of_any_number_of_items_a_batch_is_taken_at_a_time() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(2 * BATCH + 3):
            taken.append(number)
            yield number

    outcomes = call_in_batches(items(), lambda number: number**2)
    assert next(outcomes).value == 0
    assert len(taken) == BATCH
    assert [one.value for one in outcomes] == [n**2 for n in range(1, 2 * BATCH + 3)]


def test_the_right_to_read_is_not_a_property_of_one_object() -> None:
    class Denied(MemoryBucket):
        def get_object(self, **_: object) -> dict[str, object]:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    for bucket, stops in ((Denied(), True), (MemoryBucket(), False)):
        objects = ObjectStore(bucket)  # type: ignore[arg-type]
        expected = pytest.raises(ObjectMissing) if stops else nullcontext()
        with expected:
            (one,) = call_each([S3Uri("studio", "a.png")], objects.get)
            assert one.failure.startswith("s3://studio/a.png does not exist")


def test_calls_in_flight_end_and_others_do_not_start() -> None:
    ended: list[int] = []
    started = threading.Barrier(2)

    def call(n: int) -> None:
        started.wait(10)
        if n == 0:
            raise Throttled("no")
        time.sleep(0.1)
        ended.append(n)

    with pytest.raises(Throttled):
        call_each(range(100), call, threads=2)
    assert ended == [1]


def test_a_fault_of_our_own_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        call_each([1, 0], lambda n: 1 // n)
