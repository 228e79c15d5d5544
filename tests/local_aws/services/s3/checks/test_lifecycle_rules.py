"""Lifecycle rules are stored with their dates, and refused as S3 refuses them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.local_aws.refusals import refused

MIDNIGHT = datetime(2027, 1, 1, tzinfo=UTC)
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
RULE = {"ID": "1", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 365}}
IA = "STANDARD_IA"


def put(s3: Any, bucket: str, *rules: Any, **arguments: Any) -> Any:
    return s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}, **arguments
    )


def test_dates_are_given_back(s3: Any, bucket: str) -> None:
    rules = [
        {**RULE, "Expiration": {"Date": MIDNIGHT}},
        {**RULE, "ID": "2", "Transitions": [{"Date": MIDNIGHT, "StorageClass": IA}]},
    ]
    put(s3, bucket, *rules)
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules


def test_a_rule_without_an_id_gets_one(s3: Any, bucket: str) -> None:
    put(s3, bucket, {name: value for name, value in RULE.items() if name != "ID"})
    (kept,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert kept["ID"]


def test_the_smallest_transition_is_a_setting(s3: Any, bucket: str) -> None:
    name, default = "TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"
    assert put(s3, bucket, RULE)[name] == default
    put(s3, bucket, RULE, **{name: "varies_by_storage_class"})
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert kept[name] == "varies_by_storage_class"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Expiration": {"Date": NOON}}, "InvalidArgument"),
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Expiration": {"Days": 1, "Date": MIDNIGHT}}, "MalformedXML"),
        ({"Expiration": {}}, "MalformedXML"),
        ({"ID": "x" * 256}, "InvalidArgument"),
        ({"Prefix": "both"}, "MalformedXML"),
        ({"Filter": {"Prefix": "a", "ObjectSizeLessThan": 1}}, "MalformedXML"),
        ({"Transitions": [{"Days": 29, "StorageClass": IA}]}, "InvalidArgument"),
        ({"Transitions": [{"Days": 365, "StorageClass": IA}]}, "InvalidArgument"),
        ({"Transitions": [{"Days": -1, "StorageClass": "GLACIER"}]}, "InvalidArgument"),
        ({"Transitions": [{"Date": NOON, "StorageClass": IA}]}, "InvalidArgument"),
        ({"Transitions": [{"StorageClass": IA}]}, "MalformedXML"),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "InvalidArgument"),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}}, "InvalidArgument"),
    ],
)
def test_an_invalid_rule_is_refused(
    s3: Any, bucket: str, change: dict[str, Any], code: str
) -> None:
    with refused(code, 400):
        put(s3, bucket, {**RULE, **change})


def test_rules_have_an_action_and_ids_of_their_own(s3: Any, bucket: str) -> None:
    with refused("InvalidRequest", 400):
        put(s3, bucket, {name: value for name, value in RULE.items() if name != "Expiration"})
    with refused("InvalidArgument", 400):
        put(s3, bucket, RULE, RULE)
    with refused("MalformedXML", 400):
        put(s3, bucket)
