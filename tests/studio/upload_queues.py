"""The queues of uploads of a studio, and what the deployment says about its workspaces."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storyboard_ops.domain.deployment import Deployment
from storyboard_ops.domain.ingest.upload_records import UploadedFilm
from storyboard_ops.gateways.aws import message_queue
from storyboard_ops.gateways.aws.message_queue import MessageQueue
from storyboard_ops.steps.ingest import ingest_uploads
from tests.studio.studio_fixture import Studio


class UploadQueues:
    """The two queues of a studio, and a bucket that announces what comes into incoming/."""

    def __init__(
        self, studio: Studio, monkeypatch: pytest.MonkeyPatch, deployment: Deployment
    ) -> None:
        monkeypatch.setattr(ingest_uploads, "read_deployment", lambda: deployment)
        monkeypatch.setattr(message_queue, "WAIT_SECONDS", 0)  # the endpoint announces at once
        self.sqs = studio.client("sqs")
        names = {name: f"{name.lower()}-{uuid.uuid4().hex}" for name in ("UPLOADS", "REJECTED")}
        for name, queue in names.items():
            monkeypatch.setattr(ingest_uploads, f"{name}_QUEUE", queue)
            self.sqs.create_queue(QueueName=queue)
        self.uploads = MessageQueue(self.sqs, names["UPLOADS"])
        self.rejected = MessageQueue(self.sqs, names["REJECTED"])
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.uploads.url, AttributeNames=["QueueArn"]
        )["Attributes"]
        rules = [
            {
                "QueueArn": attributes["QueueArn"],
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
            }
            for prefix in ("incoming/", "team/incoming/")
        ]
        studio.client("s3").put_bucket_notification_configuration(
            Bucket=studio.bucket, NotificationConfiguration={"QueueConfigurations": rules}
        )

    def show_again(self, *films: UploadedFilm) -> None:
        """Let hidden messages be received again, as after the visibility timeout."""
        for film in films:
            self.sqs.change_message_visibility(
                QueueUrl=self.uploads.url, ReceiptHandle=film.receipt, VisibilityTimeout=0
            )

    @contextmanager
    def shown_again(self) -> Iterator[None]:
        """Let messages that are received in the block be received again afterwards."""
        self._hide_for(seconds=1)
        yield
        time.sleep(1.1)
        self._hide_for(seconds=30)

    def _hide_for(self, seconds: int) -> None:
        self.sqs.set_queue_attributes(
            QueueUrl=self.uploads.url, Attributes={"VisibilityTimeout": str(seconds)}
        )

    def waiting(self) -> int:
        """Messages in the uploads queue, hidden ones included."""
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.uploads.url, AttributeNames=counts)
        return sum(map(int, answer["Attributes"].values()))

    def reasons(self) -> list[str]:
        """Why messages were rejected, up to ten; they are taken off the queue."""
        answer = self.sqs.receive_message(
            QueueUrl=self.rejected.url, MaxNumberOfMessages=10, MessageAttributeNames=["reason"]
        )
        found = answer.get("Messages", ())
        for message in found:
            self.rejected.delete(message["ReceiptHandle"])
        return sorted(m["MessageAttributes"]["reason"]["StringValue"] for m in found)


def put(studio: Studio, key: str, body: bytes) -> None:
    """Upload an object into the bucket of the studio."""
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)
