"""SQS: a message is received once, again if it is not deleted in time, and survives a kill."""

import hashlib
import time
import uuid
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from local_aws.services.sqs.messages import hash_attributes
from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint, start_endpoint


@pytest.fixture
def sqs(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("sqs")


def new_queue(sqs: Any, **attributes: str) -> str:
    answer = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex}", Attributes=attributes)
    return str(answer["QueueUrl"])


def receive(sqs: Any, url: str, **arguments: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=url, **{"MaxNumberOfMessages": 10, **arguments}
    ).get("Messages", [])
    return messages


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return [message["Body"] for message in messages]


def arn_of(sqs: Any, url: str) -> str:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def test_a_message_is_received_once_and_deleted(sqs: Any) -> None:
    url = new_queue(sqs)
    sent = sqs.send_message(QueueUrl=url, MessageBody="a film <&> é")
    (message,) = receive(sqs, url)
    assert message["Body"] == "a film <&> é"
    assert message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert receive(sqs, url) == []
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert receive(sqs, url, VisibilityTimeout=0) == []


def test_a_message_that_is_not_deleted_shows_itself_again(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    names = ["ApproximateReceiveCount"]
    for count in ("1", "2"):
        (message,) = receive(sqs, url, VisibilityTimeout=0, MessageSystemAttributeNames=names)
        assert message["Attributes"] == {"ApproximateReceiveCount": count}


def test_an_old_receipt_deletes_nothing(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (first,) = receive(sqs, url, VisibilityTimeout=0)
    (second,) = receive(sqs, url, VisibilityTimeout=0)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert bodies(receive(sqs, url, VisibilityTimeout=0)) == ["x"]
    assert first["ReceiptHandle"] != second["ReceiptHandle"]


def test_a_receiver_may_show_a_message_again_at_once(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (message,) = receive(sqs, url)
    handle = message["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    assert bodies(receive(sqs, url)) == ["x"]
    with refused("AWS.SimpleQueueService.MessageNotInflight", 400):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)


def test_a_receiver_may_wait_for_a_message(sqs: Any, local_endpoint: RunningEndpoint) -> None:
    url = new_queue(sqs)
    sender = local_endpoint.client("sqs")
    began = time.monotonic()
    Timer(0.3, lambda: sender.send_message(QueueUrl=url, MessageBody="late")).start()
    assert bodies(receive(sqs, url, WaitTimeSeconds=10)) == ["late"]
    assert time.monotonic() - began < 5


def test_a_delayed_message_waits(sqs: Any) -> None:
    url = new_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    assert receive(sqs, url) == []
    assert bodies(receive(sqs, url, WaitTimeSeconds=5)) == ["later"]


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(sqs: Any) -> None:
    dead = new_queue(sqs)
    policy = f'{{"deadLetterTargetArn": "{arn_of(sqs, dead)}", "maxReceiveCount": 2}}'
    url = new_queue(sqs, RedrivePolicy=policy)
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        assert bodies(receive(sqs, url, VisibilityTimeout=0)) == ["poison"]
    assert receive(sqs, url) == []
    assert bodies(receive(sqs, dead)) == ["poison"]


def test_attributes_travel_with_the_message(sqs: Any) -> None:
    url = new_queue(sqs)
    attributes = {
        "film": {"DataType": "String", "StringValue": "a"},
        "shot": {"DataType": "Number", "StringValue": "7"},
        "hash": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    (message,) = receive(sqs, url, MessageAttributeNames=["All"], VisibilityTimeout=0)
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    (message,) = receive(sqs, url, MessageAttributeNames=["fi*"])
    assert list(message["MessageAttributes"]) == ["film"]


def test_the_digest_of_attributes_is_the_documented_one() -> None:
    """Written out by hand from the developer guide: lengths, names, types, kinds, values."""
    attributes = {"a": {"DataType": "String", "StringValue": "b"}}
    expected = b"\0\0\0\x01a" + b"\0\0\0\x06String" + b"\x01" + b"\0\0\0\x01b"
    assert hash_attributes(attributes) == hashlib.md5(expected).hexdigest()


def test_a_queue_is_described(sqs: Any) -> None:
    url = new_queue(sqs, VisibilityTimeout="60")
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    receive(sqs, url, MaxNumberOfMessages=1)
    known = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert known["VisibilityTimeout"] == "60"
    assert known["MessageRetentionPeriod"] == "345600"
    assert known["ApproximateNumberOfMessages"] == "2"
    assert known["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert known["QueueArn"].endswith(url.rpartition("/")[2])


def test_a_queue_is_found_changed_emptied_and_deleted(sqs: Any) -> None:
    url = new_queue(sqs)
    name = url.rpartition("/")[2]
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
    sqs.send_message(QueueUrl=url, MessageBody="x")
    counted = ["DelaySeconds", "ApproximateNumberOfMessagesDelayed"]
    known = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counted)["Attributes"]
    assert known == {"DelaySeconds": "1", "ApproximateNumberOfMessagesDelayed": "1"}
    sqs.purge_queue(QueueUrl=url)
    known = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counted)["Attributes"]
    assert known["ApproximateNumberOfMessagesDelayed"] == "0"
    sqs.delete_queue(QueueUrl=url)
    with refused("AWS.SimpleQueueService.NonExistentQueue", 400):
        sqs.send_message(QueueUrl=url, MessageBody="x")


def test_creating_a_queue_again_needs_the_same_attributes(sqs: Any) -> None:
    url = new_queue(sqs, VisibilityTimeout="60")
    name = url.rpartition("/")[2]
    again = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})
    assert again["QueueUrl"] == url
    with refused("QueueAlreadyExists", 400):
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "61"})


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"MaximumMessageSize": "many"}, "InvalidAttributeValue"),
        ({"Colour": "red"}, "InvalidAttributeName"),
        ({"RedrivePolicy": "{}"}, "InvalidParameterValue"),
        ({"FifoQueue": "true"}, "AWS.SimpleQueueService.UnsupportedOperation"),
    ],
)
def test_a_bad_attribute_is_refused(sqs: Any, attributes: dict[str, str], code: str) -> None:
    with refused(code, 400):
        new_queue(sqs, **attributes)


def test_a_message_larger_than_the_queue_allows_is_refused(sqs: Any) -> None:
    url = new_queue(sqs, MaximumMessageSize="1024")
    sqs.send_message(QueueUrl=url, MessageBody="x" * 1024)
    with refused("InvalidParameterValue", 400):
        sqs.send_message(QueueUrl=url, MessageBody="x" * 1025)


def test_a_character_outside_of_xml_is_refused(sqs: Any) -> None:
    with refused("InvalidMessageContents", 400):
        sqs.send_message(QueueUrl=new_queue(sqs), MessageBody="bell \x07")


def test_a_made_up_receipt_is_refused(sqs: Any) -> None:
    with refused("ReceiptHandleIsInvalid"):
        sqs.delete_message(QueueUrl=new_queue(sqs), ReceiptHandle="made up")


def test_messages_outlive_a_kill_and_another_port(tmp_path: Path) -> None:
    first = start_endpoint(tmp_path / "data")
    url = new_queue(first.client("sqs"))
    for body in ("deleted", "in flight", "waiting"):
        first.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    gone, _ = receive(first.client("sqs"), url, MaxNumberOfMessages=2)
    first.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=gone["ReceiptHandle"])
    first.kill()
    with running_endpoint(tmp_path / "data") as second:
        assert bodies(receive(second.client("sqs"), url)) == ["waiting"]


def test_a_waiting_receiver_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data") as endpoint:
        sqs = endpoint.client("sqs")
        url = new_queue(sqs)
        Timer(0.3, endpoint.process.terminate).start()
        began = time.monotonic()
        assert receive(sqs, url, WaitTimeSeconds=20) == []
        endpoint.process.wait()
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"DataType": "String", "StringValue": "a\x00b"}, "outside the allowed set"),
        ({"DataType": "String", "StringValue": "a\x1b[31mb"}, "outside the allowed set"),
        ({"DataType": "String", "StringValue": "a\ufffeb"}, "outside the allowed set"),
        ({"DataType": "String", "StringValue": ""}, "must contain a non-empty value"),
        ({"DataType": "Binary", "BinaryValue": b""}, "must contain a non-empty value"),
    ],
)
def test_an_attribute_that_the_service_refuses_is_refused(
    sqs: Any, value: dict[str, Any], words: str
) -> None:
    with refused("InvalidParameterValue", 400) as error:
        sqs.send_message(
            QueueUrl=new_queue(sqs), MessageBody="x", MessageAttributes={"reason": value}
        )
    assert words in error["Message"]


def test_attributes_count_in_the_size_of_a_message_and_ten_are_the_most(sqs: Any) -> None:
    url = new_queue(sqs)
    reason = {"reason": {"DataType": "String", "StringValue": "x"}}
    with refused("InvalidParameterValue", 400):
        sqs.send_message(QueueUrl=url, MessageBody="x" * 1_048_576, MessageAttributes=reason)
    many = {f"name{n}": reason["reason"] for n in range(11)}
    with refused("InvalidParameterValue", 400):
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=many)


def test_an_attribute_may_have_line_breaks_and_any_script(sqs: Any) -> None:
    url = new_queue(sqs)
    reason = {"reason": {"DataType": "String", "StringValue": "日本\t\r\n🎬"}}
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=reason)
    (message,) = receive(sqs, url, MessageAttributeNames=["reason"])
    assert message["MessageAttributes"] == reason
