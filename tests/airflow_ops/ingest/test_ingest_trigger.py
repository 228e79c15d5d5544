"""The watcher of the uploads queue: it fires while messages wait, and takes none."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from storyboard_ops.airflow_ops.ingest.trigger import UploadsTrigger


@pytest.fixture
def queue() -> str:
    return f"uploads-{uuid.uuid4().hex}"


async def event(events, seconds: float = 20) -> dict:
    return (await asyncio.wait_for(anext(events), timeout=seconds)).payload


def test_it_comes_back_from_its_own_data(queue):
    path, data = UploadsTrigger(queue, 7).serialize()
    assert path == "storyboard_ops.airflow_ops.ingest.trigger.UploadsTrigger"
    assert UploadsTrigger(**data).serialize() == (path, data)


async def test_it_fires_again_and_again_while_messages_wait_and_takes_none(aws, queue):
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    events = UploadsTrigger(queue, 0.1).run()
    assert await event(events) == {"queue": queue, "waiting": 2}
    assert await event(events) == {"queue": queue, "waiting": 2}
    sqs.purge_queue(QueueUrl=url)
    with pytest.raises(TimeoutError):
        await event(events, seconds=1)


async def test_a_queue_that_is_not_there_yet_is_asked_again(aws, queue):
    events = UploadsTrigger(queue, 0.1).run()
    waiting = asyncio.create_task(event(events))
    await asyncio.sleep(0.5)
    url = aws.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="a")
    assert await waiting == {"queue": queue, "waiting": 1}
