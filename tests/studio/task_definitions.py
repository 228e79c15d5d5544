"""Task definitions of ECS, as somebody registers them before a run."""

from __future__ import annotations

import uuid

from tests.studio.studio_fixture import Studio


def define_task(studio: Studio, **size: str) -> str:
    """Register a task definition of a size; return its ARN."""
    answer = studio.client("ecs").register_task_definition(
        family=f"heavy-{uuid.uuid4().hex}",
        containerDefinitions=[{"name": "main", "image": "any"}],
        **size,
    )
    return str(answer["taskDefinition"]["taskDefinitionArn"])
