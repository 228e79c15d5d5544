"""The pictures that Rekognition accepts, and DetectLabels on pictures with known content."""

import numpy as np
import pytest

from local_aws.vision.picture_codec import encode_png
from tests.local_aws.refusals import refused
from tests.local_aws.vision.drawn_pictures import meadow


@pytest.fixture
def rekognition(local_endpoint):
    return local_endpoint.client("rekognition")


def flat(height, width):
    return encode_png(np.full((height, width, 3), 120, np.uint8))


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"Bytes": b"GIF89a" + bytes(100)}, "InvalidImageFormatException"),
        ({"Bytes": b"\x89PNG\r\n\x1a\n broken"}, "InvalidImageFormatException"),
        ({"Bytes": flat(79, 200)}, "InvalidParameterException"),
        ({"Bytes": flat(80, 10_001)}, "ImageTooLargeException"),
        ({}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": "nowhere", "Name": "a.png"}}, "InvalidS3ObjectException"),
    ],
    ids=["gif", "damaged", "small", "wide", "no source", "no object"],
)
def test_an_image_out_of_the_limits_is_refused(rekognition, image, code):
    for operation in (rekognition.detect_labels, rekognition.detect_faces):
        with refused(code, 400):
            operation(Image=image)


def test_the_api_takes_at_most_5_megabytes_of_bytes(rekognition):
    """The API's model rejects it, before the service reads it."""
    rekognition.detect_faces(Image={"Bytes": flat(80, 80).ljust(5 * 1024 * 1024, b"\0")})
    with refused("ValidationException", 400):
        rekognition.detect_faces(Image={"Bytes": flat(80, 80).ljust(5 * 1024 * 1024 + 1, b"\0")})


def test_an_object_over_15_megabytes_is_too_large(rekognition, s3, bucket):
    s3.put_object(Bucket=bucket, Key="big.png", Body=flat(100, 100) + bytes(15 * 1024 * 1024))
    with refused("ImageTooLargeException", 400):
        rekognition.detect_labels(Image={"S3Object": {"Bucket": bucket, "Name": "big.png"}})


def test_a_picture_in_s3_is_read(rekognition, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a.png", Body=encode_png(meadow()))
    answer = rekognition.detect_labels(Image={"S3Object": {"Bucket": bucket, "Name": "a.png"}})
    assert answer["LabelModelVersion"] == "3.0"


def test_a_picture_without_people_has_no_person(rekognition):
    labels = rekognition.detect_labels(Image={"Bytes": encode_png(meadow())})["Labels"]
    assert "Person" not in {label["Name"] for label in labels}


def test_a_dark_picture_is_labelled_night_only_below_its_confidence(rekognition):
    picture = encode_png((meadow() * 0.12).astype(np.uint8))
    names = {
        label["Name"] for label in rekognition.detect_labels(Image={"Bytes": picture})["Labels"]
    }
    assert "Night" in names
    assert rekognition.detect_labels(Image={"Bytes": picture}, MinConfidence=90)["Labels"] == []
    assert rekognition.detect_labels(Image={"Bytes": picture}, MaxLabels=0)["Labels"] == []


def test_filters_and_image_properties_are_refused(rekognition):
    picture = {"Bytes": encode_png(meadow())}
    assert "Labels" in rekognition.detect_labels(Image=picture, Features=["GENERAL_LABELS"])
    for options in ({"Features": ["IMAGE_PROPERTIES"]}, {"Settings": {"GeneralLabels": {}}}):
        with refused("InvalidParameterException", 400):
            rekognition.detect_labels(Image=picture, **options)
