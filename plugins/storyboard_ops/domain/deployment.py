"""The deployment file: the workspaces, what an upload may start in each, the studio's own GPU.

It belongs to those who deploy the DAGs. Uploaders and authors of production files cannot change it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.settings.run import parse_settings

#: Parameters of an upload's run that its key determines, with values that are always valid.
OF_THE_UPLOAD: dict[str, Any] = {
    "videos": ["s3://uploads/incoming/production/film.mp4"],
    "production": "production",
    "workspace": "s3://uploads",
}


class UploadRuns(Record):
    """Parameters of the runs that uploads start in one workspace."""

    #: Parameters of every such run.
    params: dict[str, Any] = {}
    #: Parameters by name of the production; they replace those of every run.
    productions: dict[str, dict[str, Any]] = {}

    def params_of(self, production: str) -> dict[str, Any]:
        """Return the parameters of a production's runs."""
        return {**self.params, **self.productions.get(production, {})}

    @model_validator(mode="after")
    def _can_start_runs(self) -> UploadRuns:
        for name in ("", *self.productions):  # "": a production that is not named
            given = self.params_of(name)
            if taken := sorted(given.keys() & OF_THE_UPLOAD.keys()):
                raise ValueError(f"{', '.join(taken)} cannot be set: the upload determines it")
            try:
                parse_settings({**given, **OF_THE_UPLOAD})
            except SettingsError as error:
                raise ValueError(str(error)) from error
        return self


class WorkspaceRules(Record):
    """What the deployment allows in one workspace."""

    uploads: UploadRuns | None = None  # None: an upload starts no run


AbsolutePath = Annotated[str, Field(pattern=r"^/[^\x00-\x1f]*[^\x00-\x1f/]$", max_length=1024)]


class Gpu(Record):
    """The studio's own machine, which trains and draws for ``trainer: own_gpu``."""

    #: process: the worker's machine. queue: that of the workers on a queue of their own. ssh: one
    #: that an Airflow connection reaches.
    where: Literal["process", "queue", "ssh"]
    python: AbsolutePath  # on that machine, an interpreter with the packages of the program
    work_folder: AbsolutePath  # of the jobs' files
    weights_folder: AbsolutePath | None = None  # has, or gets, a folder for each base model
    keep_files: bool = False  # of jobs that have ended, for a look at them
    connection: str = ""  # where: ssh, the id of the Airflow connection
    queue: str = ""  # where: queue, that of the workers that train and draw
    pool: str = ""  # with a slot for each GPU

    @property
    def weights(self) -> str:
        """The folder of the weights."""
        return self.weights_folder or f"{self.work_folder}/weights"

    @property
    def name(self) -> str:
        """How messages name the machine."""
        if self.connection:
            return f"The machine of connection {self.connection}"
        return f"The machine of queue {self.queue}" if self.queue else "The worker's machine"

    @model_validator(mode="after")
    def _is_reached_one_way(self) -> Gpu:
        named = bool(self.queue), bool(self.connection)
        if named != (self.where == "queue", self.where == "ssh"):
            raise ValueError("where: queue needs queue, where: ssh needs connection, and no other")
        return self


class Deployment(Record):
    """The deployment file."""

    #: By S3 URI. Runs write to these workspaces only, and leases are honoured only there.
    workspaces: dict[str, WorkspaceRules] = Field(min_length=1)
    gpu: Gpu | None = None  # None: ``own_gpu`` cannot work here

    @field_validator("workspaces")
    @classmethod
    def _by_normal_uri(cls, given: dict[str, WorkspaceRules]) -> dict[str, WorkspaceRules]:
        normal: dict[str, WorkspaceRules] = {}
        for uri, rules in given.items():
            try:
                root = str(Workspace.at(uri).root)
            except SettingsError as error:
                raise ValueError(str(error)) from error
            if root in normal:
                raise ValueError(f"{uri!r} is {root} once more; give each workspace once")
            normal[root] = rules
        for outer in normal:
            for inner in normal:
                if f"{inner}/".startswith(f"{outer}/incoming/"):
                    raise ValueError(
                        f"{inner} is in the incoming folder of {outer}: those who upload there "
                        "could write its productions; choose another folder"
                    )
        return normal

    def knows(self, workspace: Workspace) -> bool:
        """Return whether the workspace is configured."""
        return str(workspace.root) in self.workspaces

    def known(self) -> tuple[Workspace, ...]:
        """Return the configured workspaces in the order of the file."""
        return tuple(Workspace.at(uri) for uri in self.workspaces)

    def uploads(self, workspace: Workspace) -> UploadRuns | None:
        """Return what uploads start in a workspace; None: nothing, or it is not configured."""
        rules = self.workspaces.get(str(workspace.root))
        return rules.uploads if rules else None


def parse_deployment(document: Any, origin: str) -> Deployment:
    """Validate a loaded YAML document; raises SettingsError with the file and every fault."""
    try:
        return Deployment.model_validate(document)
    except ValidationError as error:
        faults = "\n  ".join(faults_of(error, "file", Deployment))
        raise SettingsError(f"{origin} is not valid:\n  {faults}") from error
