"""Reference pictures: unusable ones are refused, others are stored as detectors see them."""

import io

import numpy as np
import pytest
import yaml
from PIL import Image

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.ground import GROUND
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from tests.films.tiny_film import tiny_production
from tests.material.factories import picture
from tests.steps.preflight.answers import refusal
from tests.studio.studio_fixture import Studio


@pytest.mark.parametrize(("width", "height"), [(64, 64), (2048, 128)])
def test_a_reference_picture_that_is_too_small_or_too_oblong_is_named(studio, ready, width, height):
    production = tiny_production(studio, reference=picture(1, width=width, height=height))
    message = refusal(studio, **{**ready, "production": production})
    assert "Reference picture 1 of character 'mira' is 64 px" in message


@pytest.mark.parametrize(
    ("changed", "twice"),
    [
        ({"references": ["mira.png", "./mira.png"]}, "Reference picture 2 of character 'mira'"),
        ({"references": ["mira.png", "copy.png"]}, "Reference picture 2 of character 'mira'"),
        ({"strangers": ["copy.png"]}, "Reference picture 1 of character 'none_of_them'"),
    ],
)
def test_one_picture_by_two_names_is_refused(studio, ready, changed, twice):
    uri = S3Uri.parse(tiny_production(studio))
    s3 = studio.client("s3")
    sheet = yaml.safe_load(s3.get_object(Bucket=uri.bucket, Key=uri.key)["Body"].read())
    sheet["characters"][0]["references"] = changed.get("references", ["mira.png"])
    sheet["strangers"] = changed.get("strangers", [])
    folder = uri.key.rpartition("/")[0]
    source = {"Bucket": uri.bucket, "Key": f"{folder}/mira.png"}
    s3.copy_object(Bucket=uri.bucket, Key=f"{folder}/copy.png", CopySource=source)
    body = yaml.safe_dump(sheet).encode()
    s3.put_object(Bucket=uri.bucket, Key=f"{folder}/twice.yaml", Body=body)
    message = refusal(studio, **{**ready, "production": f"s3://{uri.bucket}/{folder}/twice.yaml"})
    assert f"{twice} is the same picture as reference picture 1 of character 'mira'" in message


def cut_out(shape: str) -> bytes:
    """A PNG of a figure on a transparent ground, or of nothing."""
    pixels = np.dstack([picture(1, width=200, height=200), np.zeros((200, 200), np.uint8)])
    if shape == "figure":
        pixels[50:150, 50:150, 3] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def store_reference(studio: Studio, production: str, encoded: bytes) -> None:
    """Replace the reference picture of the tiny production."""
    uri = S3Uri.parse(production)
    key = f"{uri.key.rpartition('/')[0]}/mira.png"
    studio.client("s3").put_object(Bucket=uri.bucket, Key=key, Body=encoded)


def test_cut_out_references_are_laid_on_one_ground_and_the_report_says_so(studio, ready):
    store_reference(studio, ready["production"], cut_out("figure"))
    tools = studio.tools(**ready)
    findings = {check.name: check.finding for check in check_preflight(tools).checks}
    assert findings["production"] == (
        "Tiny: Mira; 1 reference pictures. Transparent parts of 1 picture are laid on mid-grey."
    )
    (stored,) = tools.read_record("production.json", Production).characters[0].references
    seen = decode_rgb(tools.objects.get(S3Uri.parse(stored)))
    assert (seen[10, 10].tolist(), seen[100, 100].tolist()) == (
        [GROUND] * 3,
        picture(1, width=200, height=200)[100, 100].tolist(),
    )


def test_a_scan_of_81_megapixels_is_shrunk_and_that_is_said(studio, ready):
    scan = io.BytesIO()
    Image.fromarray(picture(1)).resize((9_000, 9_000)).save(scan, "JPEG")
    store_reference(studio, ready["production"], scan.getvalue())
    tools = studio.tools(**ready)
    findings = {check.name: check.finding for check in check_preflight(tools).checks}
    assert findings["production"] == (
        "Tiny: Mira; 1 reference pictures. Reference picture 1 of character 'mira': it has 9,000 x "
        "9,000 pixels and is used at 4,096 x 4,096."
    )
    (stored,) = tools.read_record("production.json", Production).characters[0].references
    assert decode_rgb(tools.objects.get(S3Uri.parse(stored))).shape == (2_048, 2_048, 3)  # stored


def test_a_reference_of_which_nothing_is_seen_is_refused(studio, ready):
    store_reference(studio, ready["production"], cut_out("nothing"))
    message = refusal(studio, **ready)
    assert "Reference picture 1 of character 'mira' is transparent throughout" in message
