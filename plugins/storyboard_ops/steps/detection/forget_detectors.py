"""Delete a production's detectors, which have learned its characters' faces and looks.

This is for the removal of a person. Unlike a release, it does not spare detectors that other runs
use.
"""

from __future__ import annotations

from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.gateways.detection.rekognition_faces import RekognitionFaces
from storyboard_ops.steps.detection.names import is_of_production
from storyboard_ops.steps.detection.settle import delete_project
from storyboard_ops.steps.run.clients import Clients


def forget_detectors(clients: Clients, workspace: Workspace, slug: str) -> list[str]:
    """Delete every face collection and Custom Labels project of a production; returns their names.

    ``slug`` is the production's; detectors of other workspaces for the same slug stay. Running
    models are stopped first. Raises ReleaseFailed for a model that cannot be deleted yet, such as
    one in training; a repeated call continues.
    """
    faces = RekognitionFaces(clients("rekognition"))
    custom = RekognitionCustom(clients("rekognition"))
    collections, projects = (
        [name for name in names if is_of_production(name, workspace, slug)]
        for names in (faces.collection_names(), custom.project_names())
    )
    for name in collections:
        faces.delete_collection(name)
    for name in projects:
        _delete_project(custom, name)
    return sorted(collections + projects)


def _delete_project(custom: RekognitionCustom, name: str) -> None:
    project = custom.find_project(name)
    if project is None:
        return
    for version in custom.versions(project.arn):
        if version.bills:
            custom.stop(version.arn)
    delete_project(custom, project)
