"""What the user passes in, checked in full before anything starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from launcher.errors import UsageError
from launcher.product import (
    MAKE_A_FILM,
    BadInput,
    Production,
    Workspace,
    did_you_mean,
    film_fault,
    is_still_picture,
    parse_production,
    parse_settings,
    read_json,
    read_references,
    read_yaml,
    sequence_fault,
    slug,
)
from launcher.state.layout import Project

S3_SCHEME = "s3://"
WEB_LINK = re.compile(r"^[a-z]+://", re.I)
HEAD_BYTES = 16
#: Files of a folder that are compared with the name of one that is not there.
MOST_NEIGHBOURS = 1_000
#: Characters of a production's slug in the id of a run, which becomes part of keys.
MOST_NAME = 30
BUNDLED_NAME = re.compile(r"^[a-z0-9_-]+$")


@dataclass(frozen=True)
class ProductionFile:
    """A valid production file of this machine, and its reference pictures per character id.

    `document` is the file as it was read; `references` and `strangers` keep its order. An entry is
    the bytes of a picture, or an S3 URI. Everything is read once, so that what is uploaded is what
    was checked.
    """

    document: Mapping[str, Any]
    production: Production
    references: Mapping[str, Sequence[bytes | str]]
    strangers: Sequence[bytes | str] = ()
    remarks: Sequence[str] = ()  # what was done to pictures, for people to know


@dataclass(frozen=True)
class Request:
    """One requested run: videos are existing files or S3 URIs."""

    videos: tuple[Path | str, ...]
    production: ProductionFile | str
    params: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What its results are named after: the production's slug, or what its URI names it."""
        if not isinstance(self.production, str):
            return self.production.production.slug[:MOST_NAME]
        folder, _, file = self.production.rpartition("/")
        stem = file.rpartition(".")[0] or file
        # In the workspace each production has a folder: productions/<slug>/production.yaml.
        return slug(folder.rpartition("/")[2] if stem == "production" else stem)[:MOST_NAME]

    @property
    def remarks(self) -> Sequence[str]:
        """What people should know about the inputs before the run starts."""
        return () if isinstance(self.production, str) else self.production.remarks

    @property
    def workspace(self) -> Workspace:
        """The workspace of the run; raises UsageError if the parameters name none."""
        if "workspace" not in self.params:
            raise UsageError(
                "On AWS a workspace is required. Name it: "
                'PARAMS=\'{"workspace": "s3://your-bucket/prefix"}\'.'
            )
        return Workspace.at(self.params["workspace"])


@dataclass(frozen=True)
class Arguments:
    """What the command line says about a run, unchecked.

    Attributes:
        videos: files or S3 URIs, separated by commas.
        production: a YAML file, the name of one in include/productions, or an S3 URI.
        params: a JSON object of DAG parameters.
        agreed: the user accepts the cost in advance; only AWS costs money.
    """

    videos: str
    production: str
    params: str
    agreed: bool = False


def read_request(
    project: Project, arguments: Arguments, defaults: Mapping[str, Any], *, needs_video: bool = True
) -> Request:
    """Check everything that can be checked without a network.

    Args:
        defaults: DAG parameters for those that the arguments do not set.
        needs_video: False for checks alone, when there may be no video yet.

    Raises:
        UsageError: naming the first thing that is wrong.
    """
    names = [name.strip() for name in arguments.videos.split(",")]
    videos = tuple(_check_video(name) for name in names if name)
    if needs_video and not videos:
        raise UsageError("No video was given. Name one or more: VIDEO=film.mp4,other.mp4")
    production = read_production(project, arguments.production)
    _refuse_repeated_files(videos)
    params = {**defaults, **_parse_params(arguments.params)}
    check_params(params, [video for video in videos if isinstance(video, str)])
    return Request(videos, production, params)


def read_films(given: str) -> tuple[Path, ...]:
    """Return the films of this machine that `given` names, separated by commas.

    Raises:
        UsageError: naming the first that cannot be used.
    """
    names = [name.strip() for name in given.split(",")]
    films = []
    for name in filter(None, names):
        film = _check_video(name)
        if isinstance(film, str):
            raise UsageError(
                f"{film} is in S3, and figures are looked for on this machine. Copy it here first: "
                f"aws s3 cp {film} ."
            )
        films.append(film)
    if not films:
        raise UsageError("No video was given. Name one or more: VIDEO=film.mp4,other.mp4")
    _refuse_repeated_files(films)
    return tuple(films)


def _check_video(text: str) -> Path | str:
    fault = sequence_fault(text)
    if text.startswith(S3_SCHEME):
        if fault:
            raise UsageError(fault)
        return text
    _refuse_link("video", text)
    path = Path(text).expanduser()
    if not path.exists():
        reason = fault or "Give the path of a file, or an S3 URI."
        raise UsageError(f"The video {text} does not exist.{_like_it(path)} {reason}")
    if not path.is_file():
        raise UsageError(
            f"The video {text} is not a file. Name each film separately. {MAKE_A_FILM}"
        )
    if not os.access(path, os.R_OK):
        raise UsageError(f"The video {text} cannot be read. Check its permissions.")
    if path.stat().st_size == 0:
        raise UsageError(f"The video {text} is empty (0 bytes). Copy or export it again.")
    with path.open("rb") as file:
        if is_still_picture(file.read(HEAD_BYTES)):
            raise UsageError(
                f"The video {text} is a still picture, whatever its name says. Give a film; "
                "pictures of a character belong into the production file, as references."
            )
    return path


def refuse_unreadable_films(request: Request) -> None:
    """Raise UsageError for a file that is not a film, before anything starts."""
    for film in request.videos:
        if isinstance(film, Path) and (fault := film_fault(film)):
            raise UsageError(fault)


def _refuse_repeated_files(videos: Sequence[Path | str]) -> None:
    """Raise UsageError when two paths name one file, also by a link."""
    named: dict[tuple[int, int], Path] = {}
    for path in (video for video in videos if isinstance(video, Path)):
        facts = path.stat()
        other = named.setdefault((facts.st_dev, facts.st_ino), path)
        if other is not path:
            raise UsageError(f"{path} is the same file as {other}. Name each film once.")


def _like_it(path: Path) -> str:
    """Suggest a file of the same folder that is named like one that is not there."""
    if not path.parent.is_dir():
        return f" The folder {path.parent} does not exist either."
    names = sorted(each.name for each in islice(path.parent.iterdir(), MOST_NEIGHBOURS))
    return did_you_mean(path.name, names)


def _refuse_link(what: str, text: str) -> None:
    if WEB_LINK.match(text):
        raise UsageError(
            f"The {what} {text} is a web link, which a run does not read. Download it and give its "
            "path, or copy it to S3 and give its URI, s3://bucket/key."
        )


def _parse_params(text: str) -> dict[str, Any]:
    try:
        params = read_json(text, "PARAMS")
    except BadInput as error:
        apostrophe = " Write an apostrophe in it as \\u0027." if "'" in text else ""
        raise UsageError(f"{error} Write PARAMS='{{\"seed\": 7}}'.{apostrophe}") from error
    if not isinstance(params, dict):
        raise UsageError(f"PARAMS must be a JSON object, like '{{\"seed\": 7}}'; got {text}.")
    reserved = sorted({"videos", "production"} & params.keys())
    if reserved:
        raise UsageError(
            f"{' and '.join(reserved)} cannot be set in PARAMS: use VIDEO and PRODUCTION."
        )
    return params


def check_params(params: Mapping[str, Any], videos: Sequence[str] = ()) -> None:
    """Raise UsageError, naming all parameters that are unknown or out of bounds.

    `videos`: the films that are S3 URIs already.
    """
    given = {"videos": [*videos] or ["s3://bucket/video.mp4"], "production": "name"}
    try:
        parse_settings({**given, **params})
    except BadInput as error:
        raise UsageError(str(error)) from error


def read_production(project: Project, given: str) -> ProductionFile | str:
    """Read a production file and its reference pictures; return an S3 URI as it is."""
    if given.startswith(S3_SCHEME):
        return given
    path = _find_production(project, given)
    try:
        body = path.read_bytes()
        document = read_yaml(body, f"The production file {path}")
        production = parse_production(document, str(path), body)
        remarks: list[str] = []
        references, strangers = read_references(production, path, remarks.append)
    except BadInput as error:
        raise UsageError(str(error)) from error
    return ProductionFile(document, production, references, strangers, remarks)


def _find_production(project: Project, given: str) -> Path:
    bundled = project.productions / f"{given}.yaml"
    if BUNDLED_NAME.match(given) and bundled.is_file():
        return bundled
    if not given:
        raise UsageError(
            "No production file was given: it names the characters of your films. "
            "`make production VIDEO=film.mp4` makes one; then name it: "
            "PRODUCTION=productions/film/production.yaml"
        )
    _refuse_link("production file", given)
    path = Path(given).expanduser()
    if path.is_dir():
        raise UsageError(
            f"The production file {given} is a folder. Give the path of the YAML file in it."
        )
    if not path.is_file():
        names = sorted(each.stem for each in project.productions.glob("*.yaml"))
        raise UsageError(
            f"The production file {given} does not exist.{did_you_mean(given, names)} Give the "
            "path of a YAML file, or the name of one in include/productions: "
            f"{', '.join(names) or 'there is none'}."
        )
    return path
