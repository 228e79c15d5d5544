"""Derive every S3 key and every name sent to AWS.

Identifiers are content hashes. Names sent to AWS derive from the run key and a digest, so that a
retry finds what an earlier attempt created. Nothing derives from ``logical_date``, which may be
null.

    {workspace}/videos/                              films
    {workspace}/incoming/{production}/               films whose upload starts a run
    {workspace}/productions/{slug}/                  production files with their reference pictures
    {workspace}/scripts/                             scripts for storyboards drawn by themselves
    {workspace}/approved/{slug}/{run_key}.json       which runs have an approved dataset
    {workspace}/models/{slug}/current.json           the promoted model and those before it
    {workspace}/models/{slug}/last_training.json     dataset of the last nightly training
    {workspace}/library/{video_sha}/{sampling_sha}/  frames and detections, shared by every run
    {workspace}/library/answers/{operation}/         paid answers, by digest of the question
    {workspace}/library/boards/{slug}/{board}/       revisions of a board: 0001.json, 0002.json ...
    {workspace}/library/decisions/{slug}/            which runs people have reviewed
    {workspace}/library/detectors/{name}/            detectors trained on a production's references
    {workspace}/library/trainer/{digest}/            versions of the training program
    {workspace}/library/under_way/{run_key}.json     which runs have begun and not released yet
    {workspace}/models/{base model}/                 weights of base and embedding models
    {workspace}/runs/{run_key}/                      output of one run
    {workspace}/removed.json                         tombstones of removed material
    {workspace}/removals/{removal_id}.json, .html    what each removal deleted and rewrote
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from storyboard_ops.domain.error_tree import SettingsError

_S3_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<key>.*))?", re.S)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DIGEST = re.compile(r"[0-9a-f]{8}")
#: The DAGs whose runs have a folder.
RUN_DAGS = ("train_character_model", "draw_storyboard", "nightly_retraining")
MOST_RUN_KEY, MOST_AWS_NAME = 48, 63  # characters
#: Beneath the library, which every role that draws may use.
BOARDS = "library/boards/"


@dataclass(frozen=True)
class S3Uri:
    """``s3://bucket/key``, split; the key never starts with a slash."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> S3Uri:
        """Split a URI; slashes at its end do not count, as in the name of a folder.

        Raises SettingsError naming it when it is not of the form s3://bucket/key, or its key begins
        with a slash, which makes it another object than the one that is probably meant.
        """
        match = _S3_URI.fullmatch(uri)
        if match is None:
            raise SettingsError(f"{uri!r} is not an S3 URI; write it as s3://bucket/key.")
        key = match["key"] or ""
        if key.startswith("/"):
            raise SettingsError(
                f"{uri!r} has two slashes after the bucket, so it names another object than "
                f"'s3://{match['bucket']}/{key.lstrip('/')}'; write one slash."
            )
        return cls(match["bucket"], key.rstrip("/"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}" if self.key else f"s3://{self.bucket}"

    def __truediv__(self, part: str) -> S3Uri:
        return S3Uri(self.bucket, f"{self.folder.key}{part}")

    @property
    def folder(self) -> S3Uri:
        """The prefix of what is in the folder of this key, and in none whose name is longer."""
        key = self.key.rstrip("/")
        return S3Uri(self.bucket, f"{key}/" if key else "")

    @property
    def name(self) -> str:
        """The last part of the key."""
        return PurePosixPath(self.key).name


@dataclass(frozen=True)
class Workspace:
    """The bucket and prefix under which everything is written."""

    root: S3Uri

    @classmethod
    def at(cls, uri: str) -> Workspace:
        return cls(S3Uri.parse(uri))

    def sampling(self, video_sha: str, sampling_sha: str) -> S3Uri:
        """Return the prefix for the frames of one video's content with one set of settings."""
        return self.root / f"library/{video_sha[:32]}/{sampling_sha[:16]}"

    def answer(self, operation: str, digest: str) -> S3Uri:
        """Return the key of a paid answer: ``library/answers/bedrock.converse/9c/9c41….json``."""
        return self.root / f"library/answers/{operation}/{digest[:2]}/{digest}.json"

    def reference(self, sha: str) -> S3Uri:
        """Return the key of a reference picture by the digest of its bytes."""
        return self.root / f"library/references/{sha}.png"

    def board(self, production: str, board: str) -> S3Uri:
        """Return the prefix of the revisions of a production's board."""
        return self.root / f"{BOARDS}{production}/{board}"

    def detector(self, name: str) -> S3Uri:
        """Return the prefix of a shared detector: training manifests and the runs using it."""
        return self.root / f"library/detectors/{name}"

    def program(self, digest: str) -> S3Uri:
        """Return the prefix of a version of the training program."""
        return self.root / f"library/trainer/{digest[:32]}"

    def production(self, name: str, file: str) -> S3Uri:
        """Return the key of a file, as ``productions/paper-lantern/production.yaml``."""
        return self.root / f"productions/{name}/{file}"

    def approved(self, production: str) -> S3Uri:
        """Return the prefix of the records of runs with an approved dataset."""
        return self.root / f"approved/{production}"

    def decisions(self, production: str) -> S3Uri:
        """Return the prefix of the records of runs that people have reviewed."""
        return self.root / f"library/decisions/{production}"

    def under_way(self, key: str = "") -> S3Uri:
        """Return the key of the record of a run that has begun; by default their prefix."""
        return self.root / f"library/under_way/{key and f'{key}.json'}"

    def model_line(self, production: str) -> S3Uri:
        """Return the key of a production's promoted model and the history of evaluated ones."""
        return self.root / f"models/{production}/current.json"

    @property
    def removed(self) -> S3Uri:
        """The list of tombstones, which every run honours."""
        return self.root / "removed.json"

    def removal(self, removal_id: str, suffix: str) -> S3Uri:
        """Return the key of a removal's record, for machines (``json``) or people (``html``)."""
        return self.root / f"removals/{removal_id}.{suffix}"

    def last_training(self, production: str) -> S3Uri:
        """Return the key of the dataset that the last nightly training started with."""
        return self.root / f"models/{production}/last_training.json"

    @property
    def runs(self) -> S3Uri:
        """The prefix of the folders of all runs."""
        return self.root / "runs"

    def run(self, key: str) -> S3Uri:
        return self.root / f"runs/{key}"


def run_key(dag_id: str, run_id: str) -> str:
    """Return the slug of a DAG run for keys and AWS names: ``[a-z0-9-]``, at most 48 characters.

    A digest of both ids keeps the keys of different runs apart.

    >>> run_key("train_character_model", "manual__2026-11-23T03:00:00+00:00")
    'manual-2026-11-23t03-00-00-00-00-b9f7ac21'
    """
    digest = hashlib.sha256(f"{dag_id}\0{run_id}".encode()).hexdigest()[:8]
    return f"{slug(run_id)[: MOST_RUN_KEY - 9].rstrip('-')}-{digest}"


def run_keys(name: str) -> list[str]:
    """Return the keys that a run may have, by its key or by its id as Airflow writes it.

    >>> run_keys("manual__2026-11-23T03:00:00+00:00")[0]
    'manual-2026-11-23t03-00-00-00-00-b9f7ac21'
    """
    own = [name] if is_run_key(name) else []
    return own + [run_key(dag_id, name) for dag_id in RUN_DAGS]


def is_run_key(text: str) -> bool:
    """Return whether a text from outside may be a run key, and so a part of an S3 key.

    >>> is_run_key("manual-2026-11-23t03-00-00-00-00-b9f7ac21"), is_run_key("../run-1")
    (True, False)
    """
    return len(text) <= MOST_RUN_KEY and _SLUG.fullmatch(text) is not None


def slug(text: str) -> str:
    """Reduce text to lower-case letters, digits and single hyphens; never empty."""
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("-") or "x"


def aws_name(purpose: str, key: str, digest: str) -> str:
    """Name a paid resource ``storyboard-{purpose}-{run}-{digest}``, at most 63 characters.

    The name matches the strictest pattern of the services: ``([0-9a-zA-Z][_-]?){1,63}``.
    """
    head = f"storyboard-{slug(purpose)}-{slug(key)}"[: MOST_AWS_NAME - 9].rstrip("-")
    return f"{head}-{digest[:8]}"


def is_aws_name(name: str, purpose: str) -> bool:
    """Return whether a name is one that ``aws_name`` gives for this purpose.

    >>> is_aws_name("storyboard-capacity-run-1-9c41a2f0", "capacity")
    True
    """
    head, _, digest = name.rpartition("-")
    key = head.removeprefix(f"storyboard-{purpose}-")
    return (
        len(name) <= MOST_AWS_NAME
        and key != head
        and _SLUG.fullmatch(key) is not None
        and _DIGEST.fullmatch(digest) is not None
    )


def client_token(digest: str) -> str:
    """Return the ``clientRequestToken``, equal for retries of a request; at most 64 characters."""
    return f"storyboard-{digest[:48]}"
