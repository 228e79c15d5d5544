"""Rekognition: labels, faces and collections, Custom Labels."""

from local_aws.operations.context import Handler
from local_aws.services.rekognition import (
    custom_labels_models,
    custom_labels_projects,
    faces,
    labels,
    tags,
)

OPERATIONS: dict[str, Handler] = {
    **labels.OPERATIONS,
    **faces.OPERATIONS,
    **custom_labels_projects.OPERATIONS,
    **custom_labels_models.OPERATIONS,
    **tags.OPERATIONS,
}
"""AWS operation name -> handler."""
