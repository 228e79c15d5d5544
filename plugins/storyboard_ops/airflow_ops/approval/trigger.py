"""Wait for all human loops of a run, with one call per interval whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent
from botocore.config import Config

from storyboard_ops.core.review.loop_watch import LoopWatch
from storyboard_ops.domain.error_tree import NotFound, Outage, RequestRefused
from storyboard_ops.gateways.aws.errors import translating

#: boto3's name of the service.
SERVICE = "sagemaker-a2i-runtime"
PAGE_SIZE = 100  # the maximum of ListHumanLoops
#: No retries by the client: the next interval is the retry.
ONE_CALL = Config(retries={"total_max_attempts": 1}, connect_timeout=20, read_timeout=30)


class HumanLoopsTrigger(BaseTrigger):
    """Fire when every named loop has ended or is missing; the event has the states by name.

    When they have not by ``remind_at``, fire ``{"ended": n}`` then: the task reminds people, and
    waits again.

    The timeout of the deferral ends the wait. A restart loses nothing: started again from its
    serialized form, the trigger fires the same event.
    """

    def __init__(
        self,
        flow_definition_arn: str,
        loop_names: list[str],
        created_after: str,
        poll_seconds: float,
        aws_conn_id: str | None = "aws_default",
        remind_at: str = "",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flow_definition_arn = flow_definition_arn
        self.loop_names = loop_names
        self.created_after = created_after  # ISO 8601
        self.poll_seconds = poll_seconds
        self.aws_conn_id = aws_conn_id
        self.remind_at = remind_at  # ISO 8601; empty: nobody is reminded

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "flow_definition_arn": self.flow_definition_arn,
                "loop_names": self.loop_names,
                "created_after": self.created_after,
                "poll_seconds": self.poll_seconds,
                "aws_conn_id": self.aws_conn_id,
                "remind_at": self.remind_at,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        watch = LoopWatch.for_loops(self.loop_names)
        reported = -1
        hook = AwsBaseHook(aws_conn_id=self.aws_conn_id, client_type=SERVICE, config=ONE_CALL)
        async with await hook.get_async_conn() as client:
            while not watch.done:
                # Sleep first: Airflow can lose a trigger that fires at once.
                await asyncio.sleep(self.poll_seconds)
                await self._call_once(client, watch)
                if watch.ended != reported:
                    reported = watch.ended
                    self.log.info("%d of %d human loops have ended.", reported, len(watch.names))
                if not watch.done and self._is_time_to_remind():
                    yield TriggerEvent({"ended": watch.ended})
                    return
        yield TriggerEvent({"states": watch.states})

    def _is_time_to_remind(self) -> bool:
        now = datetime.now(UTC)
        return bool(self.remind_at) and now >= datetime.fromisoformat(self.remind_at)

    async def _call_once(self, client: Any, watch: LoopWatch) -> None:
        """Make one call; log an outage and leave it to the next interval."""
        try:
            if name := watch.in_doubt:
                await self._describe(client, watch, name)
            else:
                await self._read_page(client, watch)
        except RequestRefused as error:
            if not watch.next_page:
                raise
            watch.restart_sweep()  # the token of the page is not valid any more
            self.log.warning("Reading the list of human loops from the start: %s", error)
        except Outage as error:
            self.log.warning("The service is unavailable; trying again later: %s", error)

    async def _read_page(self, client: Any, watch: LoopWatch) -> None:
        with translating(SERVICE, "ListHumanLoops", self.flow_definition_arn):
            page = await client.list_human_loops(**self._list_arguments(watch))
        statuses = {
            loop["HumanLoopName"]: loop["HumanLoopStatus"] for loop in page["HumanLoopSummaries"]
        }
        watch.add_page(statuses, page.get("NextToken"))

    async def _describe(self, client: Any, watch: LoopWatch, name: str) -> None:
        """Look up a loop that is not in the list, which may be out of date."""
        try:
            with translating(SERVICE, "DescribeHumanLoop", name):
                found = await client.describe_human_loop(HumanLoopName=name)
        except NotFound:
            found = {"HumanLoopStatus": None}
        watch.settle(name, found["HumanLoopStatus"])

    def _list_arguments(self, watch: LoopWatch) -> dict[str, Any]:
        token = {"NextToken": watch.next_page} if watch.next_page else {}
        return {
            "FlowDefinitionArn": self.flow_definition_arn,
            "CreationTimeAfter": datetime.fromisoformat(self.created_after),
            "MaxResults": PAGE_SIZE,
            **token,
        }
