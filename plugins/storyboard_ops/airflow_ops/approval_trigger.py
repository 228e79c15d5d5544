"""Waits for all human loops of a run, with one listing per interval whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent

#: A loop in one of these states will not change any more.
ENDED = frozenset({"Completed", "Failed", "Stopped"})
#: Answers of the service that pass: the next interval asks again.
PASSING = frozenset(
    {
        "ThrottlingException",
        "TooManyRequestsException",
        "InternalServerException",
        "ServiceUnavailable",
        "500",
        "502",
        "503",
    }
)


class HumanLoopsTrigger(BaseTrigger):
    """Fires when every named loop has ended; the event carries their states by name.

    It has no deadline of its own: the deferral's timeout ends the wait.
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
        ended = -1
        hook = AwsBaseHook(aws_conn_id=self.aws_conn_id, client_type="sagemaker-a2i-runtime")
        async with await hook.get_async_conn() as client:
            while True:
                # Sleeping first: a trigger that fires at once can be lost.
                await asyncio.sleep(self.poll_seconds)
                states = await self._states(client)
                if states is None:
                    continue
                now_ended = sum(state in ENDED for state in states.values())
                if now_ended != ended:
                    ended = now_ended
                    self.log.info("%d of %d human loops have ended.", ended, len(self.loop_names))
                if ended == len(self.loop_names):
                    yield TriggerEvent({"states": states})
                    return

    async def _states(self, client: Any) -> dict[str, str] | None:
        """State by loop name; None when the service could not answer this time."""
        pages = client.get_paginator("list_human_loops").paginate(
            FlowDefinitionArn=self.flow_definition_arn,
            CreationTimeAfter=datetime.fromisoformat(self.created_after),
        )
        wanted = set(self.loop_names)
        try:
            return {
                loop["HumanLoopName"]: loop["HumanLoopStatus"]
                async for page in pages
                for loop in page["HumanLoopSummaries"]
                if loop["HumanLoopName"] in wanted
            }
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in PASSING:
                raise
            self.log.warning("The list of human loops is not to be had now: %s", error)
            return None
