"""The one image that is played: Hugging Face's for PyTorch training, by a local interpreter.

An image is not loaded. Its `python3` is the interpreter of the setting `--training-python`, its
`/opt/ml` the folder of the job, in arguments and values of the environment.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_aws.account.settings import EndpointSettings
from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.containers.container_process import INHERITED_VARIABLES
from local_aws.storage.state_store import Document

IMAGE = r"\d{{12}}\.dkr\.ecr\.{region}\.amazonaws\.com/huggingface-pytorch-training[:@].+"
ML_ROOT = re.compile(r"/opt/ml(?![\w.-])")
INTERPRETERS = ("python", "python3")


def require_image(context: Context, image: str) -> None:
    """Raise ServiceError NotImplemented unless the image is the one that is played."""
    if not re.fullmatch(IMAGE.format(region=re.escape(context.region)), image):
        raise ServiceError(
            "NotImplemented",
            f"The local endpoint does not play the image {image}; it plays "
            f"ACCOUNT.dkr.ecr.{context.region}.amazonaws.com/huggingface-pytorch-training:TAG.",
        )


def explain_missing_interpreter(job: Document, settings: EndpointSettings) -> str | None:
    """Return why the image cannot be played, or None."""
    if job["command"][0] not in INTERPRETERS or settings.training_python is not None:
        return None
    return (
        f"ClientError: the local endpoint has no interpreter that stands for {job['command'][0]} "
        f"in the image {job['image']}. Start the endpoint with --training-python PATH, an "
        "interpreter that has what the job imports."
    )


def make_command(job: Document, settings: EndpointSettings, ml: Path) -> list[str]:
    """Return the command of the job's process."""
    command = [ML_ROOT.sub(str(ml), argument) for argument in job["command"]]
    if command[0] in INTERPRETERS:
        command[0] = str(settings.training_python)
    return command


def make_environment(
    job: Document, settings: EndpointSettings, ml: Path, home: Path
) -> dict[str, str]:
    """Return the environment of the job's process: what the request says, and no keys of AWS."""
    own = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
    given: Mapping[str, str] = job["environment"]
    return {
        **own,
        "HOME": str(home),
        "TMPDIR": str(home),
        **({} if job["isolated"] else _describe_network(settings)),
        **job["facts"],
        **{name: ML_ROOT.sub(str(ml), value) for name, value in given.items()},
    }


def _describe_network(settings: EndpointSettings) -> dict[str, str]:
    return {"AWS_REGION": settings.region, "AWS_EC2_METADATA_DISABLED": "true"}


def join_command(entry_point: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return the command of a request; raises ServiceError NotImplemented without an entry."""
    if not entry_point:
        raise ServiceError(
            "NotImplemented",
            "The local endpoint does not play the image's own entry point; "
            "give a ContainerEntrypoint.",
        )
    return [*entry_point, *arguments]
