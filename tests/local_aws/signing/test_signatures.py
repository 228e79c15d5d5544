"""Signatures: valid ones pass, everything else gets the service's own error."""

import datetime
import hashlib
import io
import uuid
from typing import Any
from urllib.parse import quote

import boto3
import botocore.auth
import pytest
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local_aws.http.messages import HttpRequest
from local_aws.signing.issued_keys import KeySecret
from local_aws.signing.request_signature import (
    Signature,
    SignatureProblem,
    Verifier,
    canonical_request,
    read_signature,
)
from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint


def credentials(endpoint: RunningEndpoint) -> Credentials:
    return Credentials(endpoint.ready["access_key_id"], endpoint.ready["secret_access_key"])


def signed_put(endpoint: RunningEndpoint, bucket: str, body: bytes) -> requests.PreparedRequest:
    request = AWSRequest("PUT", f"{endpoint.url}/{bucket}/key", data=body)
    request.headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
    S3SigV4Auth(credentials(endpoint), "s3", "us-east-1").add_auth(request)
    return requests.Request("PUT", request.url, headers=dict(request.headers), data=body).prepare()


def send(request: requests.PreparedRequest) -> requests.Response:
    with requests.Session() as session:
        return session.send(request, timeout=10)


def clock(monkeypatch: pytest.MonkeyPatch, shift: datetime.timedelta) -> None:
    """Make botocore sign as if its clock was off by `shift`."""
    monkeypatch.setattr(
        botocore.auth,
        "get_current_datetime",
        lambda: datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + shift,
    )


def test_a_signed_body_is_stored(local_endpoint: RunningEndpoint, s3: Any, bucket: str) -> None:
    assert send(signed_put(local_endpoint, bucket, b"as signed")).status_code == 200
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"as signed"


def test_an_altered_body_is_refused_and_leaves_no_object(
    local_endpoint: RunningEndpoint, s3: Any, bucket: str
) -> None:
    request = signed_put(local_endpoint, bucket, b"as signed")
    request.body = b"as forged"
    answer = send(request)
    assert answer.status_code == 400
    assert "<Code>XAmzContentSHA256Mismatch</Code>" in answer.text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_an_altered_path_is_refused(local_endpoint: RunningEndpoint, bucket: str) -> None:
    request = signed_put(local_endpoint, bucket, b"x")
    request.url = f"{request.url}2"
    answer = send(request)
    assert answer.status_code == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in answer.text


def test_an_unsigned_request_is_refused(local_endpoint: RunningEndpoint, bucket: str) -> None:
    answer = requests.get(f"{local_endpoint.url}/{bucket}/key", timeout=10)
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("s3", "list_buckets", "SignatureDoesNotMatch", 403),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", 403),
        ("sqs", "list_queues", "InvalidSignatureException", 400),
        ("bedrock", "list_custom_models", "InvalidSignatureException", 403),
        ("rekognition", "list_collections", "InvalidSignatureException", 400),
    ],
)
def test_a_wrong_secret_is_refused(
    local_endpoint: RunningEndpoint, service: str, operation: str, code: str, status: int
) -> None:
    forged = RunningEndpoint(
        local_endpoint.process,
        local_endpoint.data_dir,
        {**local_endpoint.ready, "secret_access_key": "not-the-secret"},
    )
    with pytest.raises(ClientError) as refusal:
        getattr(forged.client(service), operation)()
    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("iam", "list_roles", "InvalidClientTokenId"),
        ("rekognition", "list_collections", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused(
    local_endpoint: RunningEndpoint, service: str, operation: str, code: str
) -> None:
    stranger = RunningEndpoint(
        local_endpoint.process,
        local_endpoint.data_dir,
        {**local_endpoint.ready, "access_key_id": "AKIASTRANGER"},
    )
    with pytest.raises(ClientError) as refusal:
        getattr(stranger.client(service), operation)()
    assert refusal.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_more_than_15_minutes_off_is_refused(
    s3: Any, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    clock(monkeypatch, datetime.timedelta(minutes=minutes))
    with pytest.raises(ClientError) as refusal:
        s3.list_buckets()
    assert refusal.value.response["Error"]["Code"] == "RequestTimeTooSkewed"


def test_another_region_is_refused(local_endpoint: RunningEndpoint) -> None:
    elsewhere = local_endpoint.in_region("eu-west-1")
    with pytest.raises(ClientError) as refusal:
        elsewhere.client("sts").get_caller_identity()
    assert refusal.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def assumed(endpoint: RunningEndpoint) -> dict[str, str]:
    """Temporary keys of a role, as settings of a boto3 client."""
    role = endpoint.client("iam").create_role(
        RoleName=f"role-{uuid.uuid4().hex}", AssumeRolePolicyDocument="{}"
    )["Role"]
    given = endpoint.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")
    return {
        "aws_access_key_id": given["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": given["Credentials"]["SecretAccessKey"],
        "aws_session_token": given["Credentials"]["SessionToken"],
    }


def client_with(endpoint: RunningEndpoint, service: str, keys: dict[str, str]) -> Any:
    return boto3.client(service, endpoint_url=endpoint.url, region_name="us-east-1", **keys)


def test_the_keys_of_an_assumed_role_are_accepted(
    local_endpoint: RunningEndpoint, bucket: str
) -> None:
    keys = assumed(local_endpoint)
    client_with(local_endpoint, "s3", keys).head_bucket(Bucket=bucket)
    identity = client_with(local_endpoint, "sts", keys).get_caller_identity()
    assert ":assumed-role/role-" in identity["Arn"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "InvalidToken"),
        ("bedrock", "list_custom_models", "UnrecognizedClientException"),
    ],
)
def test_temporary_keys_need_their_token(
    local_endpoint: RunningEndpoint, service: str, operation: str, code: str
) -> None:
    keys = {**assumed(local_endpoint), "aws_session_token": "another"}
    with pytest.raises(ClientError) as refusal:
        getattr(client_with(local_endpoint, service, keys), operation)()
    assert refusal.value.response["Error"]["Code"] == code


def test_expired_keys_are_refused() -> None:
    noon = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
    verifier = Verifier(lambda key: KeySecret("secret", "token", noon), "us-east-1")
    request = HttpRequest("GET", "/", "", {"x-amz-security-token": "token"}, io.BytesIO())
    signature = Signature("key", "20260302", "us-east-1", "s3", ("host",), "0", "20260302T120001Z")
    with pytest.raises(SignatureProblem, match="ExpiredToken"):
        verifier.verify(request, signature, "hash", noon + datetime.timedelta(seconds=1))


def test_a_deleted_access_key_is_refused(local_endpoint: RunningEndpoint) -> None:
    iam = local_endpoint.client("iam")
    name = f"user-{uuid.uuid4().hex}"
    iam.create_user(UserName=name)
    given = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
    }
    s3 = client_with(local_endpoint, "s3", keys)
    s3.list_buckets()
    iam.delete_access_key(UserName=name, AccessKeyId=given["AccessKeyId"])
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3.list_buckets()


def test_a_presigned_get_reads_without_keys(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b+c.png", Body=b"pixels")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a b+c.png"})
    assert requests.get(url, timeout=10).content == b"pixels"


def test_a_presigned_put_writes_without_keys(s3: Any, bucket: str) -> None:
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "up"})
    assert requests.put(url, data=b"sent", timeout=10).status_code == 200
    assert s3.get_object(Bucket=bucket, Key="up")["Body"].read() == b"sent"


def test_an_expired_presigned_url_is_refused(
    s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    clock(monkeypatch, datetime.timedelta(minutes=-2))
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "key"}, ExpiresIn=60)
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 403
    assert "<Message>Request has expired</Message>" in answer.text
    assert "<X-Amz-Expires>60</X-Amz-Expires>" in answer.text


def test_a_presigned_url_is_bound_to_its_key(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="secret", Body=b"x")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "public"})
    assert requests.get(url.replace("public", "secret"), timeout=10).status_code == 403


@pytest.mark.parametrize(
    "key",
    [
        "plain",
        "a/b//c",
        "blank and+plus",
        "per%20cent",
        "ümlaut/日本",
        "q?u=e&r#y",
        "~.-_",
        "./../x",
    ],
)
def test_keys_of_any_spelling_are_signed_the_same(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_the_canonical_request_is_the_one_in_the_documentation() -> None:
    """The worked GET example of the S3 API Reference ("Examples: Signature Calculations")."""
    empty = hashlib.sha256(b"").hexdigest()
    request = HttpRequest(
        "GET",
        "/test.txt",
        "",
        {
            "host": "examplebucket.s3.amazonaws.com",
            "range": "bytes=0-9",
            "x-amz-content-sha256": empty,
            "x-amz-date": "20130524T000000Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1"
            "/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        },
        body=None,  # type: ignore[arg-type]
    )
    signature = read_signature(request)
    assert signature is not None
    digest = hashlib.sha256(canonical_request(request, signature, empty).encode()).hexdigest()
    assert digest == "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"


def test_a_slash_in_an_arn_survives_the_path(local_endpoint: RunningEndpoint) -> None:
    arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-canvas-v1:0"
    details = local_endpoint.client("bedrock").get_foundation_model(modelIdentifier=arn)
    assert details["modelDetails"]["modelId"] == "amazon.nova-canvas-v1:0"


@pytest.mark.parametrize("name", ["rekognition", "bedrock"])
def test_a_header_that_is_not_signed_is_refused(local_endpoint: RunningEndpoint, name: str) -> None:
    request = AWSRequest("GET", f"{local_endpoint.url}/foundation-models")
    SigV4Auth(credentials(local_endpoint), name, "us-east-1").add_auth(request)
    headers = {**dict(request.headers), "x-amz-security-token": quote("slipped in")}
    answer = requests.get(request.url, headers=headers, timeout=10)
    assert answer.json()["__type"] == "InvalidSignatureException"


def test_signature_version_2_is_refused_by_name(local_endpoint: RunningEndpoint) -> None:
    s3 = local_endpoint.client("s3", signature_version="s3")
    with refused("InvalidRequest", 400) as error:
        s3.list_buckets()
    assert "AWS4-HMAC-SHA256" in error["Message"]
    url = s3.generate_presigned_url("get_object", {"Bucket": "films", "Key": "key"})
    assert requests.get(url, timeout=10).status_code == 400
