"""What the training program is asked to do, wherever it runs: inputs, numbers, places in S3."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.steps.run.tool_box import ToolBox

#: The file in which the program writes how far it is.
PROGRESS = "progress.json"


@dataclass(frozen=True)
class JobTask(ABC):
    """One job of the training program; its folders are named as SageMaker names them."""

    tools: ToolBox[CommonSettings]

    #: In the name of the job, see ``aws_name``.
    purpose: ClassVar[str]
    #: The task to clear for another try.
    task_id: ClassVar[str]
    #: The folder of the inputs, with one folder for each, and the file that is run.
    input_folder: ClassVar[str]
    entry_point: ClassVar[str]
    #: The folder that is written while the program runs, and that it resumes from.
    live_folder: ClassVar[str]
    #: The folder of the result, and the file in it that is written last.
    result_folder: ClassVar[str]
    result_mark: ClassVar[str]

    @property
    @abstractmethod
    def base(self) -> BaseModel:
        """The base model."""

    @property
    @abstractmethod
    def inputs(self) -> Any:
        """What decides the result, as plain data: equal inputs give equal names."""

    @property
    @abstractmethod
    def hours(self) -> float:
        """The longest time that the job may run."""

    @abstractmethod
    def write_inputs(self, name: str) -> None:
        """Write the objects that only this job reads."""

    @abstractmethod
    def channels(self, name: str, program: S3Uri) -> dict[str, S3Uri]:
        """Return the prefixes of the inputs by the names of their folders.

        ``program``: prefix of the training program's files.
        """

    @property
    def numbers(self) -> Mapping[str, str]:
        """The hyperparameters; none: the program reads no such file."""
        return {}

    @abstractmethod
    def live_uri(self, name: str) -> S3Uri:
        """Return the prefix that the live folder is copied to."""

    @abstractmethod
    def result_uri(self, name: str) -> S3Uri:
        """Return the prefix that the result is copied to."""

    def progress_uri(self, name: str) -> S3Uri:
        """Return where the program's progress is copied to."""
        return self.live_uri(name) / PROGRESS
