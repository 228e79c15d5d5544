"""Rekognition: labels, faces and collections, Custom Labels."""

from local_aws.operation_table import Handler
from local_aws.services import rekognition_faces, rekognition_labels

OPERATIONS: dict[str, Handler] = {
    **rekognition_labels.OPERATIONS,
    **rekognition_faces.OPERATIONS,
}
"""AWS operation name -> handler."""
