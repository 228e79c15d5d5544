"""Watch the uploads queue for an asset: count the waiting messages, and receive none.

The provider's queue trigger receives messages. With deletion it loses the messages of a lost event;
without it, every poll counts as a delivery, and the queue moves good messages to its dead-letter
queue before a task has processed them. This trigger only reports that messages wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.gateways.aws.errors import translating

WAITING = "ApproximateNumberOfMessages"


class UploadsTrigger(BaseEventTrigger):
    """Fire at every poll at which messages wait in the queue."""

    def __init__(
        self, queue: str, poll_seconds: float = 20, aws_conn_id: str | None = "aws_default"
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.queue = queue  # its name
        self.poll_seconds = poll_seconds
        self.aws_conn_id = aws_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "queue": self.queue,
                "poll_seconds": self.poll_seconds,
                "aws_conn_id": self.aws_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        hook = AwsBaseHook(aws_conn_id=self.aws_conn_id, client_type="sqs")
        async with await hook.get_async_conn() as client:
            while True:
                await asyncio.sleep(self.poll_seconds)
                waiting = await self._count_messages(client)
                if waiting:
                    self.log.info("%d messages wait in %s.", waiting, self.queue)
                    yield TriggerEvent({"queue": self.queue, "waiting": waiting})

    async def _count_messages(self, client: Any) -> int:
        """Return the number of waiting messages, or 0 when the queue cannot be read now."""
        try:
            with translating("sqs", "GetQueueAttributes", self.queue):
                url = (await client.get_queue_url(QueueName=self.queue))["QueueUrl"]
                answer = await client.get_queue_attributes(QueueUrl=url, AttributeNames=[WAITING])
        except ServiceError as error:
            # Airflow does not restart a watcher that has ended, so it must survive every error.
            self.log.warning("The queue %s cannot be read now: %s", self.queue, error)
            return 0
        return int(answer["Attributes"][WAITING])
