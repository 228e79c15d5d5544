"""`python -m local_aws --data DIR`: run the endpoint until SIGTERM or SIGINT."""

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

from local_aws.account.settings import EndpointSettings, read_settings
from local_aws.portal.access import make_portal_address
from local_aws.signing.identity import Identity, discard_identity, load_identity
from local_aws.storage.private_files import (
    UMASK,
    NotOwnerError,
    make_private_folder,
    write_private,
)

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 5.0


class StopRequested(SystemExit):
    """A signal stops the endpoint."""


def main() -> int:
    """Start the endpoint, print how to use it, and serve until a signal stops it."""
    os.umask(UMASK)
    settings = read_settings(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # Imported after the arguments are valid, so that a usage error is reported at once.
    from local_aws.account.fault_plan import read_fault
    from local_aws.backend import Backend
    from local_aws.endpoint import Endpoint
    from local_aws.http.server import EndpointServer

    try:
        identity = open_identity(settings.data_dir)
    except NotOwnerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    backend = Backend(settings, identity)
    if settings.faults_file is not None:
        document = json.loads(settings.faults_file.read_text(encoding="utf-8"))
        backend.faults.replace([read_fault(fault) for fault in document["faults"]])
    server = EndpointServer((settings.host, settings.port), Endpoint(backend).answer)
    try:
        server.prepare()
    except OSError as error:
        sys.stderr.write(
            f"Cannot listen on {settings.host}:{settings.port}: {error}.\n"
            "Stop what uses the port, or choose another with --port (0: a free one).\n"
        )
        return 1
    for number in STOP_SIGNALS:
        signal.signal(number, _stop_serving)
    url = f"http://{settings.host}:{server.port}"
    sys.stdout.write(format_start_up(url, settings, identity))
    sys.stdout.flush()
    if settings.ready_file is not None:
        write_ready_file(settings.ready_file, url, settings, identity)
    try:
        server.serve()
    except StopRequested:
        return 0
    finally:
        backend.stop_work()
        server.stop()
        backend.close()
    return 0


def _stop_serving(number: int, frame: FrameType | None) -> NoReturn:
    """End the serving loop of the main thread; ignore further signals during the stop."""
    for other in STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    # A request that does not end must not delay the stop. A hard exit loses nothing: the state
    # survives a kill at any moment.
    exit_timer = threading.Timer(STOP_SECONDS, os._exit, (0,))
    exit_timer.daemon = True
    exit_timer.start()
    raise StopRequested


def open_identity(data_dir: Path) -> Identity:
    """Close the data folder to other users and return its keys; raises NotOwnerError.

    Keys that others could read until now, in the folder or in a log beside it, are replaced.
    """
    if make_private_folder(data_dir) and discard_identity(data_dir):
        logging.warning(
            "Other users of this machine could read %s. Its mode is 0700 now, and the endpoint "
            "has new keys: export them again where you use them.",
            data_dir,
        )
    return load_identity(data_dir)


def format_start_up(url: str, settings: EndpointSettings, identity: Identity) -> str:
    """Return what is printed at the start: the address, and how to get the keys.

    The output of a supervised endpoint is a log, so a secret is printed only if there is no ready
    file to read it from.
    """
    access = "the account has it" if settings.has_a2i else "closed to this account"
    return f"""\
Local AWS endpoint at {url}
  simulates S3, SQS, IAM, STS, Rekognition, Bedrock, SageMaker A2I and jobs, ECS, Service Quotas
  (docs/local-endpoint.md says what each of them does and does not do)
  simulated calendar day: {settings.today} (choose another with --today YYYY-MM-DD)
  Amazon A2I: {access} (choose with --a2i or --no-a2i)
  data: {settings.data_dir.resolve()}
{_format_secrets(url, settings, identity)}"""


def _format_secrets(url: str, settings: EndpointSettings, identity: Identity) -> str:
    if settings.ready_file is not None:
        return f"""\
  keys, admin token and address of the worker portal: {settings.ready_file.resolve()}
  (only the user who runs this can read it)
"""
    return f"""\
  worker portal: {make_portal_address(url, identity)}

These keys let a program read and change every object and, by ECS RunTask and SageMaker's jobs, run
commands as the user who runs this endpoint. Do not write them to a file or log that others can
read.

export AWS_ENDPOINT_URL={url}
export AWS_ACCESS_KEY_ID={identity.access_key_id}
export AWS_SECRET_ACCESS_KEY={identity.secret_access_key}
export AWS_DEFAULT_REGION={settings.region}
export AWS_EC2_METADATA_DISABLED=true
"""


def write_ready_file(path: Path, url: str, settings: EndpointSettings, identity: Identity) -> None:
    """Write the ready file, atomically: the endpoint answers, and where."""
    document = {
        "url": url,
        "access_key_id": identity.access_key_id,
        "secret_access_key": identity.secret_access_key,
        "admin_token": identity.admin_token,
        "region": settings.region,
        "portal_url": make_portal_address(url, identity),
        "today": settings.today.isoformat(),
        "pid": os.getpid(),
    }
    write_private(path, json.dumps(document, indent=2))


if __name__ == "__main__":
    sys.exit(main())
