"""Waits for all human loops of a run, with one call per interval whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent
from botocore.config import Config

from storyboard_ops.core.review.loop_watch import LoopWatch
from storyboard_ops.domain.error_tree import NotFound, Outage, RequestRefused
from storyboard_ops.gateways.aws.errors import translating

#: The service, as boto3 names it.
SERVICE = "sagemaker-a2i-runtime"
PAGE_SIZE = 100  # the most that ListHumanLoops gives
#: The interval is the retry: one call each, whatever it comes to.
ONE_CALL = Config(retries={"total_max_attempts": 1}, connect_timeout=20, read_timeout=30)


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
        watch = LoopWatch.for_loops(self.loop_names)
        reported = -1
        hook = AwsBaseHook(aws_conn_id=self.aws_conn_id, client_type=SERVICE, config=ONE_CALL)
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
        except RequestRefused as error:
            if not watch.next_page:
                raise
            watch.restart_sweep()  # the token of the page is not valid any more
            self.log.warning("The list of human loops is read anew: %s", error)
        except Outage as error:
            self.log.warning("The service does not tell now, asking again later: %s", error)

    async def _read_page(self, client: Any, watch: LoopWatch) -> None:
        with translating(SERVICE, "ListHumanLoops", self.flow_definition_arn):
            page = await client.list_human_loops(**self._question(watch))
        statuses = {
            loop["HumanLoopName"]: loop["HumanLoopStatus"] for loop in page["HumanLoopSummaries"]
        }
        watch.add_page(statuses, page.get("NextToken"))

    async def _ask_for(self, client: Any, watch: LoopWatch, name: str) -> None:
        """Ask for a loop that the list does not show: the list may be behind."""
        try:
            with translating(SERVICE, "DescribeHumanLoop", name):
                found = await client.describe_human_loop(HumanLoopName=name)
        except NotFound:
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
