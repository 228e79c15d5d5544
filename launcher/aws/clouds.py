"""Where the AWS calls of a stack go: a local endpoint that it starts, or the user's account."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Protocol

from launcher.aws.endpoint import Endpoint
from launcher.aws.played_account import BY_DEFAULT, PlayedAccount
from launcher.aws.small_model import endpoint_arguments
from launcher.processes.environment import base_environment, without_aws
from launcher.processes.supervisor import ProcessSpec, Supervisor
from launcher.state.layout import Project, StateFolder
from launcher.state.reviewers import reviewers_from

ENDPOINT_TIMEOUT = 60.0
#: The local endpoint has no outages to wait for; on AWS, the retry delays of the DAGs apply.
SHORT_RETRY_DELAY = {"AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": "10"}  # seconds
#: The user of Airflow as whom a script reviews, so that its decisions carry its name. It exists
#: beside the local endpoint only.
SCRIPTED_REVIEWER = "scripted-reviewer"


class Cloud(Protocol):
    """Where AWS calls go; it provides the variables that send every process there."""

    @property
    def users(self) -> Mapping[str, str]:
        """Users of Airflow besides its owner, with their roles in the simple auth manager."""

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Start what it needs, without waiting."""

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        """Wait until it is usable; return the base environment of every Airflow process."""


class LocalCloud:
    """A local AWS endpoint, as a supervised process on a free loopback port."""

    def __init__(self, played: PlayedAccount = BY_DEFAULT) -> None:
        self.users: Mapping[str, str] = {SCRIPTED_REVIEWER: "user", **reviewers_from()}
        self.played = played
        self._endpoint: Endpoint | None = None
        self._state: StateFolder | None = None

    def ready_endpoint(self) -> Endpoint:
        """The endpoint; call `environment` first, which waits for it."""
        assert self._endpoint is not None, "call environment() first"
        return self._endpoint

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        state.endpoint_ready.unlink(missing_ok=True)
        self._state = state
        supervisor.start(
            ProcessSpec(
                name="the local AWS endpoint",
                command=(
                    *endpoint_command(state),
                    *self.played.arguments(),
                    *endpoint_arguments(project),
                ),
                environment=without_aws(base_environment()),
                log=state.logs / "local_aws.log",
                folder=project.root,
            )
        )

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        assert self._state is not None, "call start() first"
        ready = self._state.endpoint_ready
        supervisor.wait_until("The local AWS endpoint", ready.exists, ENDPOINT_TIMEOUT)
        self._endpoint = Endpoint.from_ready_file(ready)
        return {
            **without_aws(base_environment()),
            **self._endpoint.variables(),
            **SHORT_RETRY_DELAY,
        }


class UsersCloud:
    """The AWS account of the user; nothing is started for it."""

    def __init__(self) -> None:
        self.users: Mapping[str, str] = reviewers_from()

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Do nothing."""

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        return base_environment()


def endpoint_command(state: StateFolder) -> tuple[str, ...]:
    """The command that runs the endpoint on a free port, with its data in the state folder."""
    data, ready = str(state.endpoint_data), str(state.endpoint_ready)
    return (
        *(sys.executable, "-m", "local_aws"),
        *("--port", "0", "--data", data, "--ready-file", ready),
        # Long enough to see the waits, short enough not to be a nuisance.
        *("--customization-seconds", "6", "--throughput-seconds", "3"),
    )
