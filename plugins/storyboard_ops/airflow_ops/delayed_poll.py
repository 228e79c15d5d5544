"""Let the provider's triggers poll for the first time after one delay.

A trigger that fires at once can be lost between scheduler and triggerer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from airflow.triggers.base import BaseTrigger, TriggerEvent


class DelayedPoll(BaseTrigger):
    """Delays a trigger of the provider; the first base of its subclass."""

    waiter_delay: int  # seconds

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(self.waiter_delay)
        async for event in super().run():
            yield event
