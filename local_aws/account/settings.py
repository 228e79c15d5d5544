"""Settings of the endpoint, read from the command line and validated once."""

import argparse
import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
INSTANCE_QUOTA = re.compile(r"ml\.\S+ for (spot training|training|processing) job usage")
"""The names of the quotas that may have other values than the file's."""

DEFAULT_DAY = date(2026, 3, 2)
"""A day on which Nova Canvas was active and could be customized."""

A2I_CLOSED = date(2026, 11, 22)
"""From this day the account is a new customer, whom A2I refuses. AWS documents the closing without
its date; this is the day on which its documentation was read."""


@dataclass(frozen=True)
class EndpointSettings:
    """Settings of one endpoint process; names give the unit of durations."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    today: date = DEFAULT_DAY
    region: str = "us-east-1"
    account_id: str = "000000000000"
    customization_seconds: float = 20.0
    throughput_seconds: float = 10.0
    answer_delay_ms: float = 0.0
    quotas: bool = True
    quota_values: dict[str, float] = field(default_factory=dict)
    """Values of quotas by name that replace those of the file."""
    training_python: Path | None = None
    """The interpreter that stands for `python3` in the image of SageMaker jobs."""
    job_start_seconds: float = 0.5
    job_stop_seconds: float = 120.0
    """Between SIGTERM and SIGKILL to a SageMaker job, in seconds of the machine's clock."""
    task_start_seconds: float = 0.2
    """How long an ECS task is provisioned and pending; it is deprovisioned for half as long."""
    a2i: bool | None = None
    """Whether the account is a customer of A2I; None: until A2I_CLOSED."""
    ready_file: Path | None = None
    faults_file: Path | None = None

    @property
    def has_a2i(self) -> bool:
        """Whether the account may use A2I on the simulated day."""
        return self.today < A2I_CLOSED if self.a2i is None else self.a2i


def read_settings(arguments: Sequence[str]) -> EndpointSettings:
    """Read the command-line arguments; exits with a usage error if they are invalid."""
    parser = argparse.ArgumentParser(
        prog="python -m local_aws", description="The local AWS endpoint, on loopback only."
    )
    parser.add_argument(
        "--host", type=_parse_address, default="127.0.0.1", help="a loopback address"
    )
    parser.add_argument("--port", type=_parse_port, default=0, help="0 chooses a free port")
    parser.add_argument(
        "--data", type=Path, required=True, dest="data_dir", help="folder of all state"
    )
    parser.add_argument(
        "--today", type=_parse_day, default=DEFAULT_DAY, help="simulated calendar day (YYYY-MM-DD)"
    )
    parser.add_argument(
        "--region", type=_parse_region, default="us-east-1", help="the region of every service"
    )
    parser.add_argument(
        "--customization-seconds", type=_parse_number, default=20.0, help="how long training takes"
    )
    parser.add_argument(
        "--throughput-seconds",
        type=_parse_number,
        default=10.0,
        help="how long capacity takes to start",
    )
    parser.add_argument(
        "--answer-delay-ms", type=_parse_number, default=0.0, help="delay before every answer"
    )
    parser.add_argument(
        "--quotas",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="enforce the calls per second that the services allow",
    )
    parser.add_argument(
        "--quota",
        action="append",
        type=_parse_quota,
        default=[],
        dest="quota_values",
        metavar="NAME=VALUE",
        help="value of a quota, such as 'ml.g6e.2xlarge for training job usage=1'; repeatable",
    )
    parser.add_argument(
        "--training-python",
        type=_parse_program,
        help="the interpreter that stands for python3 in the image of SageMaker jobs",
    )
    parser.add_argument(
        "--job-start-seconds",
        type=_parse_number,
        default=0.5,
        help="how long the instance of a SageMaker job takes to start",
    )
    parser.add_argument(
        "--job-stop-seconds",
        type=_parse_number,
        default=120.0,
        help="how long a SageMaker job that is stopped may continue after SIGTERM",
    )
    parser.add_argument(
        "--task-start-seconds",
        type=_parse_number,
        default=0.2,
        help="how long an ECS task takes to start",
    )
    parser.add_argument(
        "--a2i",
        action=argparse.BooleanOptionalAction,
        help=f"whether the account has Amazon A2I; by default, before {A2I_CLOSED}",
    )
    parser.add_argument(
        "--ready-file", type=Path, help="JSON file written once the endpoint answers"
    )
    parser.add_argument(
        "--faults",
        type=Path,
        dest="faults_file",
        help="JSON file of faults that are active from the start",
    )
    values = vars(parser.parse_args(arguments))
    return EndpointSettings(**{**values, "quota_values": dict(values["quota_values"])})


def _parse_address(text: str) -> str:
    try:
        address = ipaddress.ip_address("127.0.0.1" if text == "localhost" else text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address; use 127.0.0.1") from error
    if not address.is_loopback:
        raise argparse.ArgumentTypeError(
            f"{text} is not a loopback address; the endpoint listens on 127.0.0.1 only"
        )
    return str(address)


def _parse_port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use 0 (a free one) to 65535")
    return int(text)


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write YYYY-MM-DD") from error


def _parse_region(text: str) -> str:
    if not REGION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a region; write it like eu-central-1")
    return text


def _parse_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number; use 0 or more") from error
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is out of range; use 0 or more")
    return value


def _parse_quota(text: str) -> tuple[str, float]:
    name, _, value = text.rpartition("=")
    if not INSTANCE_QUOTA.fullmatch(name):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a value of a quota of instances; "
            "write it like 'ml.g6e.2xlarge for training job usage=1'"
        )
    return name, _parse_number(value)


def _parse_program(text: str) -> Path:
    # Not resolved: a virtual environment's interpreter is a link.
    path = Path(text).absolute()
    if not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text} is not a program that can be run")
    return path
