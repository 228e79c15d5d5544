"""Where AWS calls go: the local endpoint, which is started here, or the user's own account."""

from __future__ import annotations

import sys
from typing import Protocol

from launcher.environment import Endpoint, base_environment, without_aws
from launcher.layout import Project, StateFolder
from launcher.supervisor import ProcessSpec, Supervisor

ENDPOINT_TIMEOUT = 60.0
#: No outage of AWS has to be waited for here; in an account the DAGs' own pauses hold.
SHORT_PAUSES = {"AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": "10"}  # seconds


class Cloud(Protocol):
    """Where AWS calls go: prepares what is needed and gives the variables for every process."""

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Begin whatever has to run; does not wait."""

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        """Wait until it is usable; the base environment of every Airflow process."""


class LocalCloud:
    """The local AWS endpoint, as a supervised process on a free loopback port."""

    def __init__(self) -> None:
        self._endpoint: Endpoint | None = None
        self._state: StateFolder | None = None

    def ready_endpoint(self) -> Endpoint:
        """The endpoint, once `environment` has waited for it."""
        assert self._endpoint is not None, "the endpoint has not been waited for"
        return self._endpoint

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        state.endpoint_ready.unlink(missing_ok=True)
        self._state = state
        supervisor.start(
            ProcessSpec(
                name="the local AWS endpoint",
                command=endpoint_command(state),
                environment=without_aws(base_environment()),
                log=state.logs / "local_aws.log",
                folder=project.root,
            )
        )

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        assert self._state is not None, "start() comes first"
        ready = self._state.endpoint_ready
        supervisor.wait_until("The local AWS endpoint", ready.exists, ENDPOINT_TIMEOUT)
        self._endpoint = Endpoint.from_ready_file(ready)
        return {**without_aws(base_environment()), **self._endpoint.variables(), **SHORT_PAUSES}


class UsersCloud:
    """The AWS account of whoever runs the launcher; nothing is started for it."""

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Nothing runs here for it."""

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        return base_environment()


def endpoint_command(state: StateFolder) -> tuple[str, ...]:
    """The endpoint on a free port, keeping its state in the state folder."""
    data, ready = str(state.endpoint_data), str(state.endpoint_ready)
    return (
        *(sys.executable, "-m", "local_aws"),
        *("--port", "0", "--data", data, "--ready-file", ready),
        # Long enough to see the waits, short enough not to mind them.
        *("--customization-seconds", "6", "--throughput-seconds", "3"),
    )
