"""What the estimate of a run was made from, so that it can be made again with other panels."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.money.container_time import ContainerSize


class RequestTokens(Record):
    """The most tokens of requests to multimodal models; 0 where a run sends none."""

    detection: int = 0  # input of one request
    caption: int = 0  # input of one request
    breakdown: int = 0  # input of one request for each part of the script together
    breakdown_answers: int = 0  # output of these


class ContainerPlan(Record):
    """Containers on Fargate that run the heavy tasks."""

    size: ContainerSize
    callers: int = 1  # tasks that call detectors at once, and share the rate of the account


class EstimateBasis(Record):
    """Counts that do not depend on the panels."""

    frames: int = 0  # sampled from all videos
    tokens: RequestTokens = RequestTokens()
    hosting_hours: int = 1  # for which capacity is billed
    containers: ContainerPlan | None = None  # None: heavy tasks cost nothing of their own
