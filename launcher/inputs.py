"""What a person hands over, checked in full before anything is started."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from launcher.errors import BadInput
from launcher.layout import Project
from launcher.product import (
    ProductBadInput,
    Production,
    parse_production,
    parse_settings,
)

S3_SCHEME = "s3://"
FOOTAGE_VARIABLE = "STORYBOARD_FOOTAGE"
BUNDLED_NAME = re.compile(r"^[a-z0-9_-]+$")


@dataclass(frozen=True)
class ProductionFile:
    """A valid production file on this machine and, per character id, its reference pictures.

    `references` and `strangers` follow the order of the file; an entry is a path that exists or an
    S3 URI.
    """

    path: Path
    production: Production
    references: Mapping[str, tuple[Path | str, ...]]
    strangers: tuple[Path | str, ...] = ()


@dataclass(frozen=True)
class Request:
    """One run as asked for: videos are existing files or S3 URIs."""

    videos: tuple[Path | str, ...]
    production: ProductionFile | str
    params: Mapping[str, Any]


def read_request(
    project: Project, videos: str, production: str, params: str, defaults: Mapping[str, Any]
) -> Request:
    """Check everything that can be checked without a network.

    Args:
        videos: files or S3 URIs, separated by commas.
        production: a YAML file, the name of one in include/productions, or an S3 URI.
        params: a JSON object of DAG parameters; `defaults` apply where it is silent.

    Raises:
        BadInput: naming the first thing that is wrong.
    """
    found = tuple(_video(each.strip()) for each in videos.split(",") if each.strip())
    if not found:
        raise BadInput("No video was given. Name one or more: VIDEO=film.mp4,other.mp4")
    return _read(project, found, production, params, defaults)


def read_preflight_request(
    project: Project, videos: str, production: str, params: str, defaults: Mapping[str, Any]
) -> Request:
    """As `read_request`, for checks alone: there may be no video yet."""
    found = tuple(_video(each.strip()) for each in videos.split(",") if each.strip())
    return _read(project, found, production, params, defaults)


def _read(
    project: Project,
    videos: tuple[Path | str, ...],
    production: str,
    params: str,
    defaults: Mapping[str, Any],
) -> Request:
    sheet = read_production(project, production)
    merged = {**defaults, **_params(params)}
    check_params(merged)
    return Request(videos, sheet, merged)


def _video(text: str) -> Path | str:
    if text.startswith(S3_SCHEME):
        return text
    path = Path(text).expanduser()
    if not path.exists():
        raise BadInput(f"The video {text} does not exist. Give the path of a file, or an S3 URI.")
    if not path.is_file():
        raise BadInput(f"The video {text} is not a file. Name each film by itself.")
    if not os.access(path, os.R_OK):
        raise BadInput(f"The video {text} may not be read. Check its permissions.")
    if path.stat().st_size == 0:
        raise BadInput(f"The video {text} is empty (0 bytes). Copy or export it again.")
    return path


def _params(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"PARAMS is not valid JSON: {error}. Write PARAMS='{{\"seed\": 7}}'."
        ) from error
    if not isinstance(params, dict):
        raise BadInput(f"PARAMS has to be a JSON object, like '{{\"seed\": 7}}'; got {text}.")
    reserved = sorted({"videos", "production"} & params.keys())
    if reserved:
        raise BadInput(
            f"{' and '.join(reserved)} cannot be set in PARAMS: use VIDEO and PRODUCTION."
        )
    return params


def check_params(params: Mapping[str, Any]) -> None:
    """Raise BadInput when a parameter is unknown or out of bounds, with every fault."""
    stand_in = {"videos": ["s3://bucket/video.mp4"], "production": "name"}
    try:
        parse_settings({**stand_in, **params})
    except ProductBadInput as error:
        raise BadInput(str(error)) from error


def read_production(project: Project, given: str) -> ProductionFile | str:
    """A production file with its reference pictures found; an S3 URI is passed on as it is."""
    if given.startswith(S3_SCHEME):
        return given
    path = _production_path(project, given)
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"The production file {path} is not valid YAML: {error}") from error
    try:
        production = parse_production(document, str(path))
    except ProductBadInput as error:
        raise BadInput(str(error)) from error
    references = {
        character.id: tuple(_reference(project, path, each) for each in character.references)
        for character in production.characters
    }
    strangers = tuple(_reference(project, path, each) for each in production.strangers)
    return ProductionFile(path, production, references, strangers)


def _production_path(project: Project, given: str) -> Path:
    bundled = project.productions / f"{given}.yaml"
    if BUNDLED_NAME.match(given) and bundled.is_file():
        return bundled
    if not given:
        raise BadInput("No production file was given. Name one: PRODUCTION=characters.yaml")
    path = Path(given).expanduser()
    if not path.is_file():
        raise BadInput(
            f"The production file {given} does not exist. Give the path of a YAML file, "
            "or the name of one in include/productions."
        )
    return path


def _reference(project: Project, sheet: Path, reference: str) -> Path | str:
    if reference.startswith(S3_SCHEME):
        return reference
    path = sheet.parent / expand_footage(project, reference)
    if not path.is_file():
        raise BadInput(
            f"{sheet} names the reference picture {reference}, which does not exist ({path})."
        )
    return path


def expand_footage(project: Project, text: str) -> str:
    """Replace `${STORYBOARD_FOOTAGE}`; unset, it is `../shared/footage` beside the project."""
    default = project.root.parent / "shared" / "footage"
    return text.replace(f"${{{FOOTAGE_VARIABLE}}}", os.environ.get(FOOTAGE_VARIABLE, str(default)))
