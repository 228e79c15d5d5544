"""The entry point of the image.

    python -m launcher.containers prepare              prepare the local endpoint's account
    python -m launcher.containers upload NAME          put standard input into the local studio
    python -m launcher.containers healthy SERVICE      exit 0 when the service of this container is
    python -m launcher.containers COMMAND [ARGUMENT]   become the command, with its environment

With ``local`` among STORYBOARD_PROFILES, the environment has the address and the keys of the local
AWS endpoint; otherwise AWS's own variables or the machine's role apply.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from launcher.aws.endpoint import Endpoint
from launcher.containers.health import WORKER_NAME, is_healthy
from launcher.containers.users import read_users, write_password_file
from launcher.errors import UsageError

READY_FILE = Path("/opt/local_aws/ready.json")
WORKER = ("airflow", "celery", "worker")


def main(arguments: Sequence[str]) -> None:
    """Run one of the commands above; the last one never returns."""
    match arguments:
        case ["prepare"]:
            _prepare()
        case ["upload", name]:
            _upload(name)
        case ["healthy", service]:
            sys.exit(0 if is_healthy(service, READY_FILE) else 1)
        case [command, *_]:
            os.environ.update(environment(os.environ))
            given = with_own_name(arguments) if tuple(arguments[:3]) == WORKER else arguments
            os.execvp(command, list(given))
        case _:
            sys.exit(__doc__)


def environment(given: Mapping[str, str], ready_file: Path = READY_FILE) -> dict[str, str]:
    """Return the variables that a service needs besides those it is given."""
    variables: dict[str, str] = {}
    if "local" in given.get("STORYBOARD_PROFILES", "").split(","):
        variables |= Endpoint.from_ready_file(ready_file).variables()
    if home := given.get("AIRFLOW_HOME"):
        users = read_users(given.get("STORYBOARD_USERS", ""))
        variables |= write_password_file(users, Path(home))
    return variables


def with_own_name(command: Sequence[str]) -> list[str]:
    """Name a Celery worker differently from every other; containers share the host's name."""
    name = f"worker-{uuid4().hex[:8]}"
    WORKER_NAME.write_text(name)
    return [*command, "--celery-hostname", f"{name}@%h"]


def _prepare() -> None:
    # Imported here, because a health check needs none of it.
    from launcher.aws.local_account import prepare_account
    from launcher.state.layout import PROJECT_ROOT, Project

    prepare_account(Endpoint.from_ready_file(READY_FILE), Project(PROJECT_ROOT))


def _upload(name: str) -> None:
    """Store a film as videos/NAME in the studio's bucket on the local endpoint; print its URI."""
    from launcher.aws.clients import local_client
    from launcher.aws.local_account import STUDIO_BUCKET

    s3 = local_client("s3", endpoint=Endpoint.from_ready_file(READY_FILE))
    s3.upload_fileobj(sys.stdin.buffer, STUDIO_BUCKET, f"videos/{name}")
    sys.stdout.write(f"s3://{STUDIO_BUCKET}/videos/{name}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UsageError as error:
        sys.exit(str(error))
