"""The sample film, drawn once per version of its drawing code and kept in the cache."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import sample_film
from launcher.environment import base_environment, without_aws
from launcher.layout import Project, StateFolder
from launcher.supervisor import Job, ProcessSpec, Supervisor

RENDER_TIMEOUT = 1200.0


class SampleFilm:
    """The film's folder in the cache; `start` draws it if it is not there."""

    def __init__(self, project: Project) -> None:
        self.folder = project.cache / "sample_film" / sample_film.film_digest()
        self._partial = self.folder.with_name(f".{self.folder.name}.partial")
        self._job: Job | None = None

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Begin drawing beside everything else, unless the film is in the cache.

        Films of other versions, and one that was left half-drawn, are removed from it.
        """
        if self.folder.exists():
            return
        shutil.rmtree(self.folder.parent, ignore_errors=True)
        self._partial.mkdir(parents=True)
        self._job = supervisor.start_job(
            ProcessSpec(
                name="drawing the sample film",
                command=(sys.executable, "-m", "sample_film", "film", str(self._partial)),
                environment=without_aws(base_environment()),
                log=state.logs / "sample_film.log",
                folder=project.root,
            )
        )

    @property
    def drawn(self) -> Path | None:
        """The film, when it is in the cache."""
        return next(self.folder.glob("*.mp4"), None)

    def wait(self, supervisor: Supervisor) -> Path:
        """The film, complete."""
        if self._job:
            supervisor.wait_until("The sample film", self._job.is_done, RENDER_TIMEOUT)
            self._partial.rename(self.folder)
        (film,) = self.folder.glob("*.mp4")
        return film
