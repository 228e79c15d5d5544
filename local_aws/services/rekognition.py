"""Rekognition: labels, faces and collections, Custom Labels."""

from local_aws.operation_table import Handler
from local_aws.services import (
    custom_labels_models,
    custom_labels_projects,
    rekognition_faces,
    rekognition_labels,
    rekognition_tags,
)

OPERATIONS: dict[str, Handler] = {
    **rekognition_labels.OPERATIONS,
    **rekognition_faces.OPERATIONS,
    **custom_labels_projects.OPERATIONS,
    **custom_labels_models.OPERATIONS,
    **rekognition_tags.OPERATIONS,
}
"""AWS operation name -> handler."""
