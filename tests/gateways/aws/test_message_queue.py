"""Messages of SQS: hidden while somebody works on them, gone when they are deleted."""

import uuid

import pytest

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.gateways.aws.message_queue import MessageQueue
from tests.studio.studio_fixture import Studio


@pytest.fixture
def queue(studio: Studio) -> MessageQueue:
    name = f"queue-{uuid.uuid4().hex}"
    studio.client("sqs").create_queue(QueueName=name)
    return MessageQueue(studio.client("sqs"), name)


def test_a_received_message_is_hidden_and_may_be_deleted_twice(queue):
    queue.send("a film", reason="uploaded")
    (message,) = queue.receive()
    assert (message.body, message.received) == ("a film", 1)
    assert queue.receive() == []
    queue.delete(message.receipt)
    queue.delete(message.receipt)


def test_attributes_travel_with_the_message(studio, queue):
    queue.send("a film", reason="no film")
    answer = studio.client("sqs").receive_message(
        QueueUrl=queue.url, MessageAttributeNames=["reason"]
    )
    (message,) = answer["Messages"]
    assert message["MessageAttributes"]["reason"]["StringValue"] == "no film"


def test_a_queue_that_is_not_there_is_named_with_what_creates_it(studio):
    queue = MessageQueue(studio.client("sqs"), "nowhere")
    with pytest.raises(ObjectMissing, match="nowhere does not exist; run make aws-setup"):
        queue.receive()
