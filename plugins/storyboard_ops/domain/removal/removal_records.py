"""Request and record of a removal: "remove this film, shot or person everywhere"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from storyboard_ops.domain.base_record import Record, digest_of, faults_of
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import slug
from storyboard_ops.domain.sampling.film_spans import FilmSpan
from storyboard_ops.domain.settings.form import S3_PREFIX_PATTERN, filled_in, under
from storyboard_ops.domain.training.model_facts import TrainedModel

#: What the form begins with; what else is deleted is folded.
REMOVAL_FIRST = (
    *("workspace", "film", "shot", "from_s", "to_s", "production", "character"),
    *("reason", "requested_by", "dry_run"),
)


@under("What")
class _TargetSection(Record):
    """What to remove: a film, a part of it, or a person."""

    workspace: str = Field(
        "s3://storyboard-studio",
        pattern=S3_PREFIX_PATTERN,
        title="Workspace",
        description="Bucket, and optional prefix, that contains everything.",
    )
    film: str = Field(
        "",
        pattern=r"^$|^[0-9a-f]{64}$|^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$",
        title="Film",
        description=(
            "S3 URI of the film, or the SHA-256 by which the lineage names its content. "
            "Every version ever used under the URI is removed."
        ),
    )
    shot: int | None = Field(
        None,
        ge=0,
        title="Shot",
        description="Only this shot of the film, by its number in the lineage.",
    )
    from_s: float | None = Field(
        None,
        ge=0,
        title="From (seconds)",
        description="Only the part from this second.",
    )
    to_s: float | None = Field(
        None,
        gt=0,
        title="To (seconds)",
        description="Only the part before this second.",
    )
    production: str = Field(
        "",
        pattern=r"^[a-z0-9-]{0,60}$",
        title="Production",
        description="To remove a person: slug of the production that names them.",
    )
    character: str = Field(
        "",
        pattern=r"^[a-z0-9_]{0,40}$",
        title="Person",
        description=(
            "Id of the character in that production. Every frame in which they were found is "
            "removed, with all crops of it."
        ),
    )


@under("Why")
class _ReasonSection(Record):
    """Why it is removed."""

    reason: str = Field(
        min_length=3,
        max_length=500,
        title="Reason",
        description="Written into removed.json and shown to every later run.",
    )
    requested_by: str = Field(
        min_length=1,
        max_length=120,
        title="Requested by",
        description="Who requested the removal.",
    )


@under("How")
class _EffectSection(Record):
    """Whether to delete, and what else."""

    dry_run: bool = Field(
        True,
        title="Dry run",
        description="Only report what would be deleted and rewritten.",
    )
    delete_models: bool = Field(
        False,
        title="Delete the models too",
        description="Delete the customized models trained on it, and their capacity.",
    )
    delete_film: bool = Field(
        False,
        title="Delete the film itself",
        description="Delete the film's file too, when it is in the workspace.",
    )


class RemovalRequest(_EffectSection, _ReasonSection, _TargetSection):
    """A film, a part of it, or a person to remove, and the reason."""

    @model_validator(mode="after")
    def _has_one_target(self) -> RemovalRequest:
        part = self.shot is not None or self.from_s is not None or self.to_s is not None
        if bool(self.film) == bool(self.character):
            raise ValueError("set either film, or production and character")
        if bool(self.character) != bool(self.production):
            raise ValueError("set both production and character to name a person")
        if part and not self.film:
            raise ValueError("shot, from_s and to_s are parts of a film: set film")
        if self.shot is not None and (self.from_s is not None or self.to_s is not None):
            raise ValueError("set either shot, or from_s and to_s")
        if self.to_s is not None and self.to_s <= (self.from_s or 0):
            raise ValueError("to_s must be greater than from_s")
        if self.delete_film and (part or not self.film):
            raise ValueError("delete_film needs a whole film")
        if self.delete_film and not self.film_uri:
            raise ValueError("delete_film needs the S3 URI of the film")
        return self

    @property
    def whole_film(self) -> bool:
        return bool(self.film) and self.shot is None and self.from_s is None and self.to_s is None

    @property
    def film_uri(self) -> str:
        """The URI of the film; empty when the request names it by SHA-256."""
        return self.film if self.film.startswith("s3://") else ""

    @property
    def what(self) -> str:
        """What is removed, in a few words."""
        if self.character:
            return f"{self.character} of {self.production}"
        if self.shot is not None:
            return f"shot {self.shot} of {self.film}"
        if self.whole_film:
            return f"film {self.film}"
        start = f"{self.from_s or 0:g} s"
        return f"{start} to {'the end' if self.to_s is None else f'{self.to_s:g} s'} of {self.film}"

    @property
    def removal_id(self) -> str:
        """Id of the removal, equal for equal targets: a repeated request continues the removal."""
        thing = (self.film, self.shot, self.from_s, self.to_s, self.production, self.character)
        name = slug(self.character or self.film.rpartition("/")[2])[:32].strip("-")
        return f"{name}-{digest_of(thing)[:8]}"


def parse_request(params: Mapping[str, Any]) -> RemovalRequest:
    """Validate a request; raises SettingsError with one line per fault."""
    try:
        return RemovalRequest.model_validate(filled_in(params))
    except ValidationError as error:
        raise SettingsError("\n".join(faults_of(error, "removal", RemovalRequest))) from error


class AffectedModel(Record):
    """A model that was trained on removed material."""

    run_key: str
    job_name: str = ""
    job_arn: str = ""
    model_name: str = ""
    model_arn: str = ""
    exists: bool = False  # when last checked
    deleted_at: str = ""  # ISO 8601; empty: not deleted by a removal


class ObjectLine(Record):
    """One object that a removal deletes or rewrites."""

    uri: str
    size: int = Field(ge=0)  # bytes, before
    version: str = ""  # in a versioned bucket; empty: the only one
    rows: int = Field(0, ge=0)  # rows removed from a rewritten manifest


class RemovalRecord(Record):
    """``removals/{id}.json``: what was found, deleted and rewritten.

    It is written before anything is changed, with everything needed to resume the removal if it is
    interrupted.
    """

    removal_id: str
    state: Literal["planned", "begun", "done"]
    request: RemovalRequest
    spans: tuple[FilmSpan, ...] = ()
    begun_at: str = ""  # ISO 8601
    done_at: str = ""
    deleted: tuple[ObjectLine, ...] = ()
    to_delete: tuple[ObjectLine, ...] = ()  # by the current attempt; none once it is done
    rewritten: tuple[ObjectLine, ...] = ()
    pages: tuple[str, ...] = ()  # URIs of run reports that were or will be rewritten
    runs: tuple[str, ...] = ()  # run keys
    unfinished_runs: tuple[str, ...] = ()  # those without a receipt: they may still write
    models: tuple[AffectedModel, ...] = ()
    stopped_loops: tuple[str, ...] = ()  # human loops that were open
    digests: tuple[str, ...] = ()  # of removed frames, pictures and panels
    notes: tuple[str, ...] = ()  # what a person must know or do

    def names(self, model: TrainedModel) -> bool:
        """Return whether a model was trained on removed material."""
        jobs = {one.job_name for one in self.models}
        arns = {one.model_arn for one in self.models} - {""}
        return model.job_name in jobs or model.model_arn in arns

    @property
    def bytes_deleted(self) -> int:
        return sum(line.size for line in self.deleted)

    @property
    def rows_removed(self) -> int:
        return sum(line.rows for line in self.rewritten)

    @property
    def sentence(self) -> str:
        """Summary in one line, for the log and the command line."""
        did = "deleted" if self.state == "done" else "would delete"
        models = ", ".join(model.model_arn or model.job_arn for model in self.models) or "none"
        return (
            f"{self.request.what}: {did} {len(self.deleted):,} objects, "
            f"{self.bytes_deleted / 1e6:.1f} MB, "
            f"{'removed' if self.state == 'done' else 'would remove'} {self.rows_removed:,} rows "
            f"from {len(self.rewritten):,} manifests, in {len(self.runs):,} runs; "
            f"trained models: {models}"
        )
