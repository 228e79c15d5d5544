"""Receive and send messages of SQS. Each method is one call plus conversion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from storyboard_ops.domain.error_tree import NotFound, ObjectMissing
from storyboard_ops.gateways.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: The largest batch that the service returns.
MOST_AT_ONCE = 10
#: Long polling queries every server of the queue; short polling may miss messages.
WAIT_SECONDS = 1
RECEIVED = "ApproximateReceiveCount"


@dataclass(frozen=True)
class Message:
    """A message, hidden from others until the queue's visibility timeout has passed."""

    body: str
    receipt: str
    received: int  # how often, this time included


class MessageQueue:
    """One queue, identified by its name."""

    def __init__(self, client: SQSClient, name: str) -> None:
        self._client = translated("sqs", client)
        self.name = name

    @cached_property
    def url(self) -> str:
        """The URL of the queue; raises ObjectMissing when it does not exist."""
        try:
            return str(self._client.get_queue_url(QueueName=self.name)["QueueUrl"])
        except NotFound as error:
            raise ObjectMissing(
                f"The queue {self.name} does not exist; run make aws-setup to create it."
            ) from error

    def receive(self, most: int = MOST_AT_ONCE) -> list[Message]:
        """Return up to ``most`` waiting messages, ten at most; the list may be empty."""
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=min(most, MOST_AT_ONCE),
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=[RECEIVED],
        )
        return [
            Message(message["Body"], message["ReceiptHandle"], int(message["Attributes"][RECEIVED]))
            for message in answer.get("Messages", ())
        ]

    def send(self, body: str, **attributes: str) -> None:
        """Send a message with text attributes."""
        self._client.send_message(
            QueueUrl=self.url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": text}
                for name, text in attributes.items()
            },
        )

    def delete(self, receipt: str) -> None:
        """Delete a received message; deleting it again is not an error."""
        self._client.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
