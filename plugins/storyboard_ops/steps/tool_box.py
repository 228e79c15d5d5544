"""What a step works with: the run, its settings, and the gateways, built once per task."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.run_settings import RunSettings
from storyboard_ops.gateways.object_store import ManifestStore, ObjectStore


class Clients(Protocol):
    """Gives boto3 clients; Airflow's connection is behind it in a task, plain boto3 in a test."""

    def __call__(self, service: str) -> Any: ...


@dataclass(frozen=True)
class ToolBox:
    """Everything a step may use."""

    run_key: str
    settings: RunSettings
    clients: Clients

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace.at(self.settings.workspace)

    @cached_property
    def run_root(self) -> S3Uri:
        """Where this run writes what is its own."""
        return self.workspace.run(self.run_key)

    @cached_property
    def objects(self) -> ObjectStore:
        return ObjectStore(self.clients("s3"))

    @cached_property
    def manifests(self) -> ManifestStore:
        return ManifestStore(self.objects)
