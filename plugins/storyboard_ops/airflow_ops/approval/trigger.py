"""Waits for all human loops of a run, with one call per interval whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotReached

from storyboard_ops.core.review.loop_watch import LoopWatch

#: Answers of the service that pass: the next interval asks again.
PASSING = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "SlowDown",
        "InternalServerException",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "500",
        "502",
        "503",
        "504",
    }
)
PAGE_SIZE = 100  # the most that ListHumanLoops gives
#: The interval is the retry: one call each, whatever it comes to.
ONE_CALL = Config(retries={"total_max_attempts": 1}, connect_timeout=20, read_timeout=30)


def passes_by_itself(error: BotoCoreError | ClientError) -> bool:
    """Whether a call that failed so is worth another at the next interval."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in PASSING
    return isinstance(error, NotReached | HTTPClientError)


class HumanLoopsTrigger(BaseTrigger):
    """Fires when every named loop has ended or is missing; the event carries states by name.

    It has no deadline of its own: the deferral's timeout ends the wait. It holds no state that a
    restart could lose: whoever runs it from its serialized form comes to the same event.
    """

    def __init__(
        self,
        flow_definition_arn: str,
        loop_names: list[str],
        created_after: str,
        poll_seconds: float,
        aws_conn_id: str | None = "aws_default",
    ) -> None:
        super().__init__()
        self.flow_definition_arn = flow_definition_arn
        self.loop_names = loop_names
        self.created_after = created_after  # ISO 8601
        self.poll_seconds = poll_seconds
        self.aws_conn_id = aws_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "flow_definition_arn": self.flow_definition_arn,
                "loop_names": self.loop_names,
                "created_after": self.created_after,
                "poll_seconds": self.poll_seconds,
                "aws_conn_id": self.aws_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        watch = LoopWatch.over(self.loop_names)
        reported = -1
        hook = AwsBaseHook(
            aws_conn_id=self.aws_conn_id, client_type="sagemaker-a2i-runtime", config=ONE_CALL
        )
        async with await hook.get_async_conn() as client:
            while not watch.done:
                # Sleeping first: a trigger that fires at once can be lost.
                await asyncio.sleep(self.poll_seconds)
                await self._look(client, watch)
                if watch.ended != reported:
                    reported = watch.ended
                    self.log.info("%d of %d human loops have ended.", reported, len(watch.names))
        yield TriggerEvent({"states": watch.states})

    async def _look(self, client: Any, watch: LoopWatch) -> None:
        """Make one call; what passes by itself is left to the next interval."""
        try:
            if name := watch.in_doubt:
                await self._ask_for(client, watch, name)
            else:
                await self._read_page(client, watch)
        except (BotoCoreError, ClientError) as error:
            if watch.next_page and _says(error, "ValidationException"):
                watch.start_over()  # the token of the page is not valid any more
            elif not passes_by_itself(error):
                raise
            self.log.warning("The service does not tell now, asking again later: %s", error)

    async def _read_page(self, client: Any, watch: LoopWatch) -> None:
        page = await client.list_human_loops(**self._question(watch))
        statuses = {
            loop["HumanLoopName"]: loop["HumanLoopStatus"] for loop in page["HumanLoopSummaries"]
        }
        watch.take(statuses, page.get("NextToken"))

    async def _ask_for(self, client: Any, watch: LoopWatch, name: str) -> None:
        """Ask for a loop that the list does not show: the list may be behind."""
        try:
            found = await client.describe_human_loop(HumanLoopName=name)
        except ClientError as error:
            if not _says(error, "ResourceNotFoundException"):
                raise
            found = {"HumanLoopStatus": None}
        watch.settle(name, found["HumanLoopStatus"])

    def _question(self, watch: LoopWatch) -> dict[str, Any]:
        token = {"NextToken": watch.next_page} if watch.next_page else {}
        return {
            "FlowDefinitionArn": self.flow_definition_arn,
            "CreationTimeAfter": datetime.fromisoformat(self.created_after),
            "MaxResults": PAGE_SIZE,
            **token,
        }


def _says(error: BotoCoreError | ClientError, code: str) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] == code
