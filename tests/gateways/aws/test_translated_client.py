"""Errors of pages, bodies and awaits are translated; what is no call is passed on."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from storyboard_ops.domain.error_tree import (
    BrokenOff,
    NotPermitted,
    Throttled,
)
from storyboard_ops.gateways.aws.errors import (
    translated,
    translating,
)
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from tests.gateways.aws.refusals import ARN, URI, Refusing, answered


def test_a_page_that_fails_later_fails_with_a_domain_error(s3: Any) -> None:
    first = {
        "IsTruncated": True,
        "NextContinuationToken": "2",
        "Contents": [{"Key": "a", "Size": 1, "ETag": '"e"'}],
    }
    with Stubber(s3) as stub:
        stub.add_response("list_objects_v2", first)
        stub.add_client_error("list_objects_v2", "SlowDown")
        listed = ObjectStore(s3).list(URI)
        assert next(listed).uri.key == "a"
        with pytest.raises(Throttled, match=f"s3 ListObjectsV2 of {URI}"):
            next(listed)


def test_a_body_that_breaks_off_breaks_off_with_a_domain_error(s3: Any) -> None:
    with Stubber(s3) as stub:
        cut = StreamingBody(io.BytesIO(b"half"), content_length=8)
        stub.add_response("get_object", {"Body": cut, "ContentLength": 10})
        with pytest.raises(BrokenOff, match=f"s3 GetObject of {URI} failed with IncompleteRead"):
            ObjectStore(s3).get(URI)


def test_a_body_is_read_in_parts_too(s3: Any) -> None:
    with Stubber(s3) as stub:
        stub.add_response(
            "get_object", {"Body": StreamingBody(io.BytesIO(b"whole"), 5), "ContentLength": 5}
        )
        body = translated("s3", s3).get_object(Bucket="studio", Key="a")["Body"]
        assert (body.read(2), body.read()) == (b"wh", b"ole")


def test_an_await_is_translated() -> None:
    async def call() -> None:
        with translating("sqs", "GetQueueUrl", "uploads"):
            await asyncio.sleep(0)
            raise answered("AccessDenied")

    with pytest.raises(NotPermitted, match="sqs GetQueueUrl of uploads failed with AccessDenied"):
        asyncio.run(call())


def test_the_error_of_botocore_stays_visible_as_the_cause() -> None:
    refusal = answered("ThrottlingException")
    with pytest.raises(Throttled) as raised:
        BedrockControl(Refusing(refusal)).tags(ARN)  # type: ignore[arg-type]
    assert raised.value.__cause__ is refusal
    assert ARN in str(raised.value)


def test_what_is_no_call_is_handed_out_as_it_is(s3: Any) -> None:
    assert translated("s3", s3).meta is s3.meta
