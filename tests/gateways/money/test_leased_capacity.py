"""What bills under a lease, as the sweep lists it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from storyboard_ops.gateways.money.leased_capacity import CAPACITY_KINDS, Billing

PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/film"


def version(name: str, status: str) -> dict[str, str]:
    return {"ProjectVersionArn": f"{PROJECT}/version/{name}/1", "Status": status}


class Rekognition:
    """One project with models in three states."""

    PAGES = {
        "describe_projects": [{"ProjectDescriptions": [{"ProjectArn": f"{PROJECT}/1"}]}],
        "describe_project_versions": [
            {"ProjectVersionDescriptions": [version("v1", "STOPPED"), version("v2", "RUNNING")]},
            {"ProjectVersionDescriptions": [version("v3", "STARTING")]},
        ],
    }

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: self.PAGES[operation])


def test_a_model_that_runs_or_starts_is_named_by_project_and_version() -> None:
    (kind,) = (kind for kind in CAPACITY_KINDS if kind.service == "rekognition")
    assert list(kind.find(Rekognition())) == [
        Billing(f"{PROJECT}/version/v2/1", "film/v2", claimed_as="film"),
        Billing(f"{PROJECT}/version/v3/1", "film/v3", claimed_as="film"),
    ]
