"""Rekognition: labels, faces and collections, Custom Labels."""

from local_aws.services.rekognition import (
    custom_labels_models,
    custom_labels_projects,
    faces,
    labels,
    tags,
)

PARTS = (labels, faces, custom_labels_projects, custom_labels_models, tags)
"""Their functions answer the operations; see `services.registry`."""
