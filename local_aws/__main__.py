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
from local_aws.signing.identity import Identity, load_identity

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 5.0


class StopRequested(SystemExit):
    """A signal stops the endpoint."""


def main() -> int:
    """Start the endpoint, print how to use it, and serve until a signal stops it."""
    settings = read_settings(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    # Imported after the arguments are valid, so that a usage error is reported at once.
    from local_aws.account.fault_plan import read_fault
    from local_aws.backend import Backend
    from local_aws.endpoint import Endpoint
    from local_aws.http.server import EndpointServer

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    identity = load_identity(settings.data_dir)
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


def format_start_up(url: str, settings: EndpointSettings, identity: Identity) -> str:
    """Return what is printed at the start: the address, and the variables to export."""
    return f"""\
Local AWS endpoint at {url}
  simulates S3, SQS, IAM, STS, Rekognition, Bedrock, SageMaker A2I, ECS, Service Quotas
  (docs/local-endpoint.md says what each of them does and does not do)
  simulated calendar day: {settings.today} (choose another with --today YYYY-MM-DD)
  data: {settings.data_dir.resolve()}
  worker portal: {make_portal_address(url, identity)}

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
        "pid": os.getpid(),
    }
    partial = path.with_name(path.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
