"""The product as the launcher uses it: the only module here that imports storyboard_ops.

`plugins/` is on Airflow's path but not on this program's, so this module adds it. The steps load
NumPy, OpenCV and pandas, which every command would wait for: each function imports what it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launcher.state.layout import PROJECT_ROOT

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

    from storyboard_ops.cli.production.desk import CastDesk

sys.path.insert(0, str(PROJECT_ROOT / "plugins"))

from storyboard_ops.airflow_ops.approval.paths import short_review_page, short_run_page
from storyboard_ops.core.text.visible import visible
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import (
    BadInput,
    CredentialsExpired,
    ObjectMissing,
    ReviewRefused,
    ServiceError,
)
from storyboard_ops.domain.error_tree import StoryboardError as ProductError
from storyboard_ops.domain.image_records import Frame, ImageRecord, Panel
from storyboard_ops.domain.ingest.upload_records import REJECTED_QUEUE, UPLOADS_QUEUE
from storyboard_ops.domain.manifest_codec import decode_manifest
from storyboard_ops.domain.money.sweep_report import Outcome, SweepReport
from storyboard_ops.domain.object_keys import S3Uri, Workspace, run_key, slug
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.report.run_figures import count_frames, count_panels, count_pictures
from storyboard_ops.domain.sampling.image_sequences import MAKE_A_FILM, sequence_fault
from storyboard_ops.domain.settings.run import (
    AccountSettings,
    RunSettings,
    parse_as,
    parse_settings,
    suited_settings,
)
from storyboard_ops.domain.suggestions import did_you_mean
from storyboard_ops.gateways.deployment_file import (
    GPU_VARIABLE,
    WORKSPACES_VARIABLE,
    read_deployment,
)
from storyboard_ops.gateways.storage.reference_files import key_beneath
from storyboard_ops.steps.run.clients import Clients

#: Bytes of a film that is looked at before anything starts; a larger one is left to preflight,
#: because some containers have to be read to their end.
MOST_LOOKED_AT = 2_000_000_000


def check_run(key: str, params: Mapping[str, Any], clients: Clients) -> PreflightReport:
    """Run every preflight check; without videos, those that need none.

    Raises:
        ProductError: the parameters are invalid, or the account cannot be read.
    """
    from storyboard_ops.steps.preflight.check_preflight import preflight_report
    from storyboard_ops.steps.run.tool_box import ToolBox

    settings_type = RunSettings if params["videos"] else AccountSettings
    return preflight_report(ToolBox(key, parse_as(settings_type, params), clients))


def find_run(workspace: Workspace, s3: Any, name: str) -> str:
    """Return the key of a run by its key or id; raises ProductError when there is none."""
    from storyboard_ops.gateways.storage.object_store import ObjectStore
    from storyboard_ops.steps.run.earlier_runs import find_run

    return find_run(workspace, ObjectStore(s3), name)


def is_still_picture(head: bytes) -> bool:
    """Return whether a file that begins like this is a PNG or JPEG picture."""
    from storyboard_ops.core.pictures.picture_header import JPEG, PNG

    return head.startswith((PNG, JPEG))


def film_fault(film: Path) -> str:
    """Return why a file cannot be read as a film; empty when it can, or is not looked at."""
    from storyboard_ops.domain.error_tree import VideoUnreadable
    from storyboard_ops.gateways.sampling.byte_source import FileBytes
    from storyboard_ops.gateways.sampling.index import read_stream

    if film.stat().st_size > MOST_LOOKED_AT:
        return ""
    try:
        with closing(FileBytes(film)) as source:
            read_stream(source)
    except VideoUnreadable as error:
        return str(error)
    return ""


def translate_aws_error(error: BotoCoreError | ClientError) -> ServiceError:
    """Return the product's error for one of boto3."""
    from storyboard_ops.gateways.aws.errors import translate

    operation = getattr(error, "operation_name", "call")
    return translate(error, "AWS", operation)


def is_configured(workspace: Workspace) -> bool:
    """Return whether runs may use a workspace; raises ProductError for a malformed file."""
    return read_deployment().knows(workspace)


def describe_progress(body: bytes) -> tuple[str, str] | None:
    """Return the phase of a job and a sentence about it; None for what is not its progress."""
    from storyboard_ops.domain.training.program_results import Progress

    try:
        progress = Progress.model_validate_json(body)
    except ValueError:
        return None
    return progress.phase, progress.sentence()


def read_object(s3: Any, uri: S3Uri) -> bytes:
    """Read an object of S3, within the product's bound on its size."""
    from storyboard_ops.gateways.storage.object_store import ObjectStore

    return ObjectStore(s3).get(uri)


def read_references(
    production: Production, file: Path, say: Callable[[str], None]
) -> tuple[dict[str, list[bytes | str]], tuple[bytes | str, ...]]:
    """Read the reference pictures of a production file of this machine, and those of strangers.

    An S3 URI is returned as it is. A picture that is too large is shrunk, and `say` is told.

    Raises:
        ProductionError: naming the first that is not a picture beneath the folder of the file.
    """
    from storyboard_ops.core.pictures.codec import decode_rgb
    from storyboard_ops.core.pictures.shrink import shrink_oversized
    from storyboard_ops.gateways.storage.production_files import read_references
    from storyboard_ops.gateways.storage.reference_files import read_beneath

    def read(reference: str) -> bytes | str:
        if reference.startswith("s3://"):
            return reference
        picture = read_beneath(file.parent, reference)
        try:
            picture, remark = shrink_oversized(picture)
            if remark:
                say(f"{reference}: {remark}")
            decode_rgb(picture)
        except BadInput as error:
            raise BadInput(f"{reference!r}: {error}") from error
        return picture

    return read_references(production, read, str(file))


def open_cast_desk(
    films: Sequence[Path],
    room: Path,
    out: Path,
    schema: Path,
    say: Callable[[str], None],
    check: Callable[[], None],
) -> CastDesk:
    """Look through films for figures, and open the desk on which people say who they are.

    Args:
        room: the folder of the draft.
        out: the folder of the production file; `schema`: the schema for editors.
        say: is told how far it is.
        check: is called for every sample, and may raise to stop.

    Raises:
        ProductError: a film cannot be read, or none shows a figure.
    """
    from storyboard_ops.cli.production.collect import collect_draft
    from storyboard_ops.cli.production.desk import CastDesk

    return CastDesk(collect_draft(films, room, say, check), room, out, schema)


def read_cast_page() -> str:
    """Return the page of the desk."""
    from storyboard_ops.gateways.review.board_pages import read_board_page

    return read_board_page("cast")


def read_cast_request(kind: str, body: bytes) -> Any:
    """Return the record of a request of that page; raises BadInput with every fault."""
    from pydantic import BaseModel, ValidationError

    from storyboard_ops.domain.base_record import faults_of
    from storyboard_ops.domain.production import draft

    kinds: dict[str, type[BaseModel]] = {
        "decisions": draft.DecisionBatch,
        "details": draft.ProductionDetails,
        "boxes": draft.DrawnBox,
        "check": draft.WriteRequest,
        "finish": draft.WriteRequest,
    }
    try:
        return kinds[kind].model_validate(read_json(body, "The request"))
    except ValidationError as error:
        raise BadInput("; ".join(faults_of(error, "request", kinds[kind]))) from error


def board_middleware() -> Sequence[Any]:
    """Return the middleware of pages that people decide on, the outermost first."""
    from storyboard_ops.airflow_ops.approval.headers import BodyLimit, SecurityHeaders

    return (SecurityHeaders, BodyLimit)


def board_files() -> dict[str, Any]:
    """Return apps that serve the files of boards, by the names of their folders."""
    from storyboard_ops.airflow_ops.approval.headers import STATIC_FOLDERS, BoardFiles
    from storyboard_ops.gateways.include_files import INCLUDE_ROOT

    return {name: BoardFiles(directory=INCLUDE_ROOT / name) for name in STATIC_FOLDERS}


def check_sheet_settings(production: Production) -> None:
    """Raise ProductError when a production file sets parameters that it cannot set."""
    film = {"videos": ["s3://bucket/film.mp4"], "production": "name"}
    suited_settings(parse_settings(film), production.settings)


def release_expired(clients: Clients) -> SweepReport:
    """Release every resource of the configured workspaces whose lease has expired."""
    from storyboard_ops.gateways.deployment_file import read_deployment
    from storyboard_ops.steps.release.release_expired import release_expired

    return release_expired(clients, read_deployment().known())


def remove(arguments: Sequence[str]) -> Callable[[Clients], None]:
    """Return what removes a film, a shot or a character everywhere.

    Raises:
        BadInput: the arguments do not say what to remove.
    """
    from storyboard_ops.cli.remove import prepare

    return prepare(arguments)


def diff(arguments: Sequence[str]) -> Callable[[Clients], None]:
    """Return what shows the changes between two datasets.

    Raises:
        BadInput: an argument is wrong.
    """
    from storyboard_ops.cli.diff import prepare

    return prepare(arguments)


__all__ = [
    "GPU_VARIABLE",
    "MAKE_A_FILM",
    "REJECTED_QUEUE",
    "UPLOADS_QUEUE",
    "WORKSPACES_VARIABLE",
    "BadInput",
    "Clients",
    "CredentialsExpired",
    "Frame",
    "ImageRecord",
    "ObjectMissing",
    "Outcome",
    "Panel",
    "PreflightReport",
    "ProductError",
    "Production",
    "ReviewRefused",
    "S3Uri",
    "SweepReport",
    "Workspace",
    "board_files",
    "board_middleware",
    "check_run",
    "check_sheet_settings",
    "count_frames",
    "count_panels",
    "count_pictures",
    "decode_manifest",
    "describe_progress",
    "did_you_mean",
    "diff",
    "find_run",
    "is_configured",
    "is_still_picture",
    "key_beneath",
    "open_cast_desk",
    "parse_production",
    "parse_settings",
    "read_cast_page",
    "read_cast_request",
    "read_json",
    "read_object",
    "read_references",
    "read_yaml",
    "release_expired",
    "remove",
    "run_key",
    "sequence_fault",
    "short_review_page",
    "short_run_page",
    "slug",
    "translate_aws_error",
    "visible",
]
