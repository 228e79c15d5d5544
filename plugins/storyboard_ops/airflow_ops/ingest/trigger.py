"""Watches the uploads queue for an asset: it looks how many messages wait, and takes none.

The provider's queue trigger receives messages. With deletion it loses those whose event is lost;
without, every look counts as a delivery, and a queue with a dead-letter queue throws good messages
away while nobody works on them. Here the event says only "something waits".
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
    """Fires whenever messages wait in a queue, again and again until somebody has taken them."""

    def __init__(
        self, queue: str, poll_seconds: float = 20, aws_conn_id: str | None = "aws_default"
    ) -> None:
        super().__init__()
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
                waiting = await self._waiting(client)
                if waiting:
                    self.log.info("%d messages wait in %s.", waiting, self.queue)
                    yield TriggerEvent({"queue": self.queue, "waiting": waiting})

    async def _waiting(self, client: Any) -> int:
        """How many messages wait; 0 when the queue cannot be asked this time."""
        try:
            with translating("sqs", "GetQueueAttributes", self.queue):
                url = (await client.get_queue_url(QueueName=self.queue))["QueueUrl"]
                answer = await client.get_queue_attributes(QueueUrl=url, AttributeNames=[WAITING])
        except ServiceError as error:
            # A watcher that ends is not started again: it outlives everything but its DAG.
            self.log.warning("The queue %s cannot be asked now: %s", self.queue, error)
            return 0
        return int(answer["Attributes"][WAITING])
