"""Call Rekognition DetectLabels: boxes of common objects such as people and animals.

Source: Amazon Rekognition developer guide, DetectLabels. Only common labels have boxes
(``Instances``); boxes are ratios of the picture and may extend beyond it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.detection.rekognition_boxes import edges
from storyboard_ops.gateways.storage.answer_store import Bought

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


class RekognitionLabels:
    """Label detection, billed per picture."""

    def __init__(self, client: RekognitionClient) -> None:
        self._client = translated("rekognition", client)

    def detect(self, picture: bytes, min_confidence: float) -> Bought:
        """Detect labels with boxes; returns ([{label, parents, box, confidence}], usage).

        A box is [left, top, right, bottom] in ratios; ``min_confidence`` and confidences are 0..1.
        Pictures are JPEG or PNG up to 5 MiB, at least 80 px per side.
        """
        answer = self._client.detect_labels(
            Image={"Bytes": picture}, MinConfidence=100 * min_confidence
        )
        found = [box for label in answer["Labels"] for box in _instances(label)]
        return found, (Usage(service="rekognition", item="DetectLabels", unit="image", amount=1),)


def _instances(label: Any) -> list[dict[str, Any]]:
    parents = [parent["Name"] for parent in label.get("Parents", ())]
    return [
        {
            "label": label["Name"],
            "parents": parents,
            "box": edges(instance["BoundingBox"]),
            "confidence": instance["Confidence"] / 100,
        }
        for instance in label.get("Instances", ())
    ]
