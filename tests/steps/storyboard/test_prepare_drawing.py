"""Drawing by itself: the script that is named, and a model that is there."""

import pytest

from storyboard_ops.domain.error_tree import ObjectMissing, ProductionError
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.steps.storyboard.prepare_drawing import find_model, read_script
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.material.approved_runs import started


@pytest.fixture
def drawing(studio):
    """Opens the tool box of a drawing run whose preflight has passed."""

    def opened(**params):
        given = {"production": tiny_production(studio), **params}
        return started(studio.tools_of(DrawingSettings, "draw-1", **given))

    return opened


def test_a_script_in_the_bucket_takes_the_place_of_the_productions(drawing, studio):
    body = "\ufeffEXT. HILL - DAY\n\nMira runs.\n\nA tree.\n".encode()
    studio.client("s3").put_object(Bucket=studio.bucket, Key="scripts/a.txt", Body=body)
    read_script(drawing(script=f"s3://{studio.bucket}/scripts/a.txt"))
    (scene,) = studio.read_json("runs/draw-1/production.json")["storyboard"]
    assert scene["scene"] == "EXT. HILL - DAY"
    assert [(p["description"], p["characters"]) for p in scene["panels"]] == [
        ("Mira runs.", ["mira"]),
        ("A tree.", []),
    ]


def test_panels_one_by_one_are_a_script_too(drawing):
    production = read_script(drawing(panels=["Mira sleeps.", "Mira wakes. (1 s)"]))
    assert [panel.seconds for panel in production.storyboard[0].panels] == [3.0, 1.0]


def test_without_a_script_the_productions_own_is_drawn(drawing):
    assert read_script(drawing()).storyboard[0].scene == "EXT. HILL"


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", "storyboard: .* at least 1"), (b"x" * 801, "description: .* at most 800")],
)
def test_a_script_that_cannot_be_drawn_is_named_with_its_fault(drawing, studio, body, words):
    studio.client("s3").put_object(Bucket=studio.bucket, Key="scripts/a.txt", Body=body)
    with pytest.raises(ProductionError, match=rf"(?s)scripts/a\.txt.*{words}"):
        read_script(drawing(script=f"s3://{studio.bucket}/scripts/a.txt"))


def test_a_model_that_does_not_exist_is_named(drawing):
    with pytest.raises(ObjectMissing, match=r"abc123def456 does not exist in this account"):
        find_model(drawing(model=factories.MODEL_ARN))
