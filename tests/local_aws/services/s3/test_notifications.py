"""Event notifications: an upload that matches a rule puts a message in its queue."""

import json
import uuid
from contextlib import nullcontext
from typing import Any

import pytest

from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint


class Queue:
    """A queue of the endpoint, with its address and its ARN."""

    def __init__(self, endpoint: RunningEndpoint) -> None:
        self.sqs = endpoint.client("sqs")
        self.name = f"queue-{uuid.uuid4().hex}"
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]

    def take(self) -> list[dict[str, Any]]:
        """Receive and delete every message that waits."""
        taken = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                taken.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return taken


@pytest.fixture
def queue(local_endpoint: RunningEndpoint) -> Queue:
    return Queue(local_endpoint)


def announce(s3: Any, bucket: str, queue: Queue, **rule: Any) -> None:
    """Send the bucket's events to the queue; consume the test event."""
    configuration = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"], **rule}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [configuration]}
    )
    (test_event,) = queue.take()
    assert (test_event["Event"], test_event["Bucket"]) == ("s3:TestEvent", bucket)


def test_an_upload_is_announced(s3: Any, bucket: str, queue: Queue) -> None:
    announce(s3, bucket, queue, Id="films")
    s3.put_object(Bucket=bucket, Key="a film+1.mp4", Body=b"12345")
    ((record,),) = [message["Records"] for message in queue.take()]
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["configurationId"] == "films"
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["object"]["key"] == "a+film%2B1.mp4"
    assert record["s3"]["object"]["size"] == 5


def test_only_keys_that_pass_the_filter_are_announced(s3: Any, bucket: str, queue: Queue) -> None:
    rules = [{"Name": "prefix", "Value": "videos/"}, {"Name": "suffix", "Value": ".mp4"}]
    announce(s3, bucket, queue, Filter={"Key": {"FilterRules": rules}})
    for key in ("videos/a.mp4", "videos/a.txt", "other/a.mp4"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    sent = [message["Records"][0]["s3"]["object"]["key"] for message in queue.take()]
    assert sent == ["videos/a.mp4"]


def test_a_multipart_upload_is_announced_once_when_complete(
    s3: Any, bucket: str, queue: Queue
) -> None:
    announce(s3, bucket, queue)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key")
    named = {"Bucket": bucket, "Key": "key", "UploadId": upload["UploadId"]}
    etag = s3.upload_part(**named, PartNumber=1, Body=b"x")["ETag"]
    assert queue.take() == []
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(**named, MultipartUpload=parts)
    names = [message["Records"][0]["eventName"] for message in queue.take()]
    assert names == ["ObjectCreated:CompleteMultipartUpload"]


def test_a_deletion_is_announced_to_who_asked(s3: Any, bucket: str, queue: Queue) -> None:
    announce(s3, bucket, queue, Events=["s3:ObjectRemoved:Delete"])
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="key")
    names = [message["Records"][0]["eventName"] for message in queue.take()]
    assert names == ["ObjectRemoved:Delete"]


def test_the_configuration_is_given_back(s3: Any, bucket: str, queue: Queue) -> None:
    announce(s3, bucket, queue, Id="films")
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept == [{"Id": "films", "QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]


@pytest.mark.parametrize(
    "configuration",
    [
        {
            "QueueConfigurations": [
                {
                    "QueueArn": "arn:aws:sqs:us-east-1:000000000000:missing",
                    "Events": ["s3:ObjectCreated:*"],
                }
            ]
        },
        {
            "TopicConfigurations": [
                {
                    "TopicArn": "arn:aws:sns:us-east-1:000000000000:topic",
                    "Events": ["s3:ObjectCreated:*"],
                }
            ]
        },
    ],
    ids=["queue", "topic"],
)
def test_a_destination_that_does_not_exist_is_refused(
    s3: Any, bucket: str, configuration: dict[str, Any]
) -> None:
    with refused("InvalidArgument", 400):
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=configuration
        )


TOPIC = "arn:aws:sns:us-east-1:000000000000:films"


def rule(receiver: str, prefix: str = "", suffix: str = "", event: str = "*") -> dict[str, Any]:
    """A notification about keys with this prefix and suffix, to a topic or a queue."""
    filters = [{"Name": "prefix", "Value": prefix}, {"Name": "suffix", "Value": suffix}]
    return {
        "QueueArn" if ":sqs:" in receiver else "TopicArn": receiver,
        "Events": [f"s3:ObjectCreated:{event}"],
        "Filter": {"Key": {"FilterRules": filters}},
    }


def test_settings_of_other_receivers_are_stored_when_nothing_is_validated(
    s3: Any, bucket: str, queue: Queue
) -> None:
    """They go nowhere here, and stay when the settings are written again."""
    configuration = {
        "TopicConfigurations": [{"Id": "films", **rule(TOPIC, "films/")}],
        "EventBridgeConfiguration": {},
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=configuration, SkipDestinationValidation=True
    )
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    del found["ResponseMetadata"]
    assert found == configuration
    with_queue = {**found, "QueueConfigurations": [rule(queue.arn, "incoming/")]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=with_queue)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert set(found) >= {"TopicConfigurations", "EventBridgeConfiguration", "QueueConfigurations"}


@pytest.mark.parametrize(
    ("theirs", "ours", "refused_by_s3"),
    [
        (("incoming/",), ("incoming/",), True),
        (("",), ("incoming/",), True),
        (("incoming/a/", ".mp4"), ("incoming/",), True),
        (("incoming/", "", "Put"), ("incoming/",), True),
        (("incoming/", ".mov"), ("incoming/", ".mp4"), False),
        (("videos/",), ("incoming/",), False),
        (("incoming/", "", "Put"), ("incoming/", "", "Copy"), False),
    ],
)
def test_two_rules_must_not_announce_one_object(
    s3: Any, bucket: str, queue: Queue, theirs: tuple, ours: tuple, refused_by_s3: bool
) -> None:
    configuration = {
        "TopicConfigurations": [rule(TOPIC, *theirs)],
        "QueueConfigurations": [rule(queue.arn, *ours)],
    }
    with refused("InvalidArgument", 400) if refused_by_s3 else nullcontext():
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=configuration, SkipDestinationValidation=True
        )
