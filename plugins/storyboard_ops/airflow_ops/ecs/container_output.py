"""What a container wrote, from the CloudWatch Logs stream of ECS's log driver ``awslogs``."""

from __future__ import annotations

import json
from typing import Any

from storyboard_ops.domain.bounded_text import one_line, shorten

#: Most characters of a line that is shown with a reason.
WIDTH = 300


class ContainerOutput:
    """Reads the output of the tasks of one task definition.

    ``ecs`` and ``logs`` are boto3 clients; ``container`` is the container's name.
    """

    def __init__(self, ecs: Any, logs: Any, definition: str, container: str) -> None:
        self._ecs = ecs
        self._logs = logs
        self._definition = definition
        self._container = container
        self._options: dict[str, str] | None = None

    def read(self, task_arn: str, most: int) -> list[str]:
        """Return the last lines, ``most`` at most; none where the driver is another one.

        Raises ClientError, also when the container has not written anything yet.
        """
        options = self._log_options()
        if "awslogs-group" not in options:
            return []
        task_id = task_arn.rpartition("/")[2]
        prefix = options.get("awslogs-stream-prefix", "ecs")
        answer = self._logs.get_log_events(
            logGroupName=options["awslogs-group"],
            logStreamName=f"{prefix}/{self._container}/{task_id}",
            limit=most,
        )
        return [event["message"] for event in answer["events"]]

    def _log_options(self) -> dict[str, str]:
        if self._options is None:
            answer = self._ecs.describe_task_definition(taskDefinition=self._definition)
            self._options = {}
            for container in answer["taskDefinition"]["containerDefinitions"]:
                logging = container.get("logConfiguration", {})
                if container["name"] == self._container and logging.get("logDriver") == "awslogs":
                    self._options = logging.get("options", {})
        return self._options


def read_line(line: str) -> str:
    """Return what people read of a line: of Airflow's JSON, the message and the error."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or "event" not in event:
        return shorten(one_line(line), WIDTH)
    error = event.get("error_detail") or event.get("exception") or event.get("error")
    if isinstance(error, list):
        error = f"{error[0].get('exc_type')}: {error[0].get('exc_value')}"
    said = f"{event['event']}: {error}" if error else str(event["event"])
    return shorten(one_line(said), WIDTH)
