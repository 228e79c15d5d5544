"""The `Image` member of Rekognition requests: bytes or an S3 object, within the service's limits.

Sources: Guidelines and quotas in Amazon Rekognition, developer guide; the same, "Detection", in the
Custom Labels guide. The API's model limits bytes to 5 MB.
"""

from dataclasses import dataclass
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.encryption import make_reader
from local_aws.vision.picture_cache import answers, content_hash
from local_aws.vision.picture_codec import (
    Pixels,
    UnreadablePictureError,
    decode_picture,
    picture_format,
)

FORMATS = ("png", "jpeg")
MOST_OBJECT_BYTES = 15 * 1024 * 1024


@dataclass(frozen=True)
class PictureLimits:
    """The limits of an operation: bytes in the request, sides in pixels, aspect ratio."""

    most_bytes: int
    least_side: int
    longest_side: int
    most_aspect: float


IMAGE_LIMITS = PictureLimits(5 * 1024 * 1024, 80, 10_000, float("inf"))
CUSTOM_LABELS_LIMITS = PictureLimits(4 * 1024 * 1024, 64, 4_096, 20.0)


@dataclass(frozen=True)
class InputImage:
    """A picture within the limits: its file, content hash, and sides in pixels."""

    data: bytes
    sha256: str
    height: int
    width: int

    def pixels(self) -> Pixels:
        """Decode the picture, BGR."""
        return decode_picture(self.data)

    def ratios(self, left: float, top: float, width: float, height: float) -> dict[str, float]:
        """Convert a box in pixels to a Rekognition BoundingBox, in ratios of the picture."""
        return {
            "Left": left / self.width,
            "Top": top / self.height,
            "Width": width / self.width,
            "Height": height / self.height,
        }


def read_image(
    image: dict[str, Any], context: Context, limits: PictureLimits = IMAGE_LIMITS
) -> InputImage:
    """Read the picture of a request.

    Raises:
        ServiceError: InvalidParameterException without one source, or if too small or oblong;
            InvalidS3ObjectException; ImageTooLargeException for too many bytes or pixels;
            InvalidImageFormatException for anything but a readable PNG or JPEG.
    """
    match image:
        case {"Bytes": data} if "S3Object" not in image:
            if len(data) > limits.most_bytes:
                raise ServiceError("ImageTooLargeException", "Image size is too large")
        case {"S3Object": {"Bucket": bucket, "Name": key}} if "Bytes" not in image:
            data = _read_object(bucket, key, context)
        case _:
            raise ServiceError("InvalidParameterException", "Request has invalid parameters")
    sha256 = content_hash(data)
    height, width = answers.get(("rekognition-size", sha256), lambda: _read_size(data))
    check_sides(height, width, limits)
    return InputImage(data, sha256, height, width)


def check_sides(height: int, width: int, limits: PictureLimits) -> None:
    """Raise ServiceError ImageTooLargeException or InvalidParameterException by the sides."""
    short, long = sorted((height, width))
    if long > limits.longest_side:
        raise ServiceError(
            "ImageTooLargeException",
            f"Input image dimensions {width} x {height} exceed maximum dimension size of "
            f"{limits.longest_side} pixels",
        )
    if short < limits.least_side:
        raise ServiceError(
            "InvalidParameterException",
            f"The image is {width} x {height} pixels; the least is {limits.least_side} a side.",
        )
    if long > limits.most_aspect * short:
        raise ServiceError(
            "InvalidParameterException",
            f"The image is {width} x {height} pixels; its sides may be {limits.most_aspect:g} : 1.",
        )


def _read_object(bucket: str, key: str, context: Context) -> bytes:
    try:
        if context.objects.head(bucket, key).size <= MOST_OBJECT_BYTES:
            return make_reader(context)(bucket, key)
    except ServiceError as error:
        raise ServiceError(
            "InvalidS3ObjectException",
            "Unable to get object metadata from S3. "
            "Check object key, region and/or access permissions.",
        ) from error
    raise ServiceError("ImageTooLargeException", "Image size is too large")


def _read_size(data: bytes) -> tuple[int, int]:
    if picture_format(data) not in FORMATS:
        raise ServiceError("InvalidImageFormatException", "Request has invalid image format")
    try:
        height, width = decode_picture(data).shape[:2]
    except UnreadablePictureError as error:
        raise ServiceError(
            "InvalidImageFormatException", f"Request has invalid image format: {error}"
        ) from error
    return height, width
