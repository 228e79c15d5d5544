"""The script that a run names, by plain rules: what is drawn, what is listed, what is refused."""

import pytest
import yaml

from storyboard_ops.domain.error_tree import BadInput, ProductionError
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.preflight.check_preflight import preflight_report
from storyboard_ops.steps.storyboard.breakdown.break_down import break_down_script
from tests.films.tiny_film import tiny_production
from tests.material.approved_runs import started
from tests.material.screenplays import as_fdx, as_fountain, long_screenplay


@pytest.fixture
def drawing(studio):
    """Opens the tool box of a drawing run whose preflight has passed."""

    def opened(**params):
        given = {"production": tiny_production(studio), "breakdown": "plain", **params}
        return started(studio.tools_of(DrawingSettings, "draw-1", **given))

    return opened


def read_script(tools) -> Production:
    """The production with the panels of the run."""
    break_down_script(tools)
    return tools.objects.record(tools.run_root / "production.json", Production)


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


@pytest.mark.parametrize("breakdown", ["plain", "auto"])
def test_a_script_without_a_panel_is_named(drawing, studio, breakdown):
    script = put_script(studio, b"")
    with pytest.raises(ProductionError, match=r"scripts/a\.txt has no panel to draw"):
        read_script(drawing(script=script, breakdown=breakdown))


def test_no_paragraph_is_too_long_to_be_drawn(drawing, studio):
    scenes = read_script(drawing(script=put_script(studio, b"x" * 801))).storyboard
    assert [len(panel.description) for panel in scenes[0].panels] == [800, 1]


def put_script(studio, body: bytes, name: str = "a.txt") -> str:
    studio.client("s3").put_object(Bucket=studio.bucket, Key=f"scripts/{name}", Body=body)
    return f"s3://{studio.bucket}/scripts/{name}"


@pytest.mark.parametrize(("write", "name"), [(as_fountain, "a.fountain"), (as_fdx, "a.fdx")])
def test_a_screenplay_is_drawn_by_its_actions_and_the_rest_is_listed(drawing, studio, write, name):
    script = put_script(studio, write(long_screenplay(193)).encode(), name)
    scenes = read_script(drawing(script=script)).storyboard
    assert (len(scenes), sum(len(scene.panels) for scene in scenes)) == (193, 386)
    record = studio.read_json("runs/draw-1/script.json")
    assert (record["origin"], record["scenes"], record["panels"]) == (script, 193, 386)
    assert record["elements"]["character"] == 221
    assert {omitted["kind"] for omitted in record["omitted"]} <= {"title page"}
    spoken = [line for scene in scenes for panel in scene.panels for line in panel.dialogue]
    assert len(spoken) == record["elements"]["dialogue"]


def test_the_log_says_what_is_in_no_panel(drawing, studio, caplog):
    caplog.set_level("INFO")
    script = put_script(studio, b"Title: A\nAuthor: B\n\nINT. A\n\nMira runs.\n\nMIRA\nHello!\n")
    read_script(drawing(script=script))
    assert (
        f"{script}: text with title page: 2, scene heading: 1, action: 1, character: 1, dialogue: 1"
        in caplog.text
    )
    assert "In no panel: 2 paragraphs (is on the title page)" in caplog.text
    assert "runs/draw-1/script.json" in caplog.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7", "is a PDF.* Export it as Fountain"),
        (b"<FinalDraft><Content>", "is not well-formed XML"),
        (b"\n" * 100_001, "at most 100,000 are read"),
        (b"INT. A\n\n" + b"Mira runs.\n\n" * 5_001, "has 5,001 panels; at most 5,000 are drawn"),
        (b"INT. A\n\nMira runs.\n\n" * 1_001, "has 1,001 scenes; at most 1,000 are drawn"),
    ],
    ids=["pdf", "xml", "lines", "panels", "scenes"],
)
def test_a_script_beyond_the_limits_is_refused_by_name(drawing, studio, body, words):
    script = put_script(studio, body)
    with pytest.raises(BadInput, match=rf"(?s)scripts/a\.txt.*{words}"):
        read_script(drawing(script=script))


def test_preflight_reads_the_script_and_counts_its_panels(studio):
    script = put_script(studio, as_fountain(long_screenplay(20)).encode())
    tools = studio.tools_of(
        DrawingSettings, "draw-1", production=tiny_production(studio), script=script
    )
    (check,) = [check for check in preflight_report(tools).checks if check.name == "script"]
    assert check.state == "pass"
    assert check.finding.startswith(f"{script}: text with title page: 2, scene heading: 20")
    assert check.finding.endswith("read as scenes: 20, panels: 40.")


def test_preflight_refuses_a_script_that_cannot_be_read(studio):
    given = {"production": tiny_production(studio), "script": put_script(studio, b"%PDF-1.7")}
    report = preflight_report(studio.tools_of(DrawingSettings, "draw-1", **given))
    (check,) = [check for check in report.checks if check.name == "script"]
    assert check.state == "fail"
    assert "scripts/a.txt is a PDF" in check.finding


def without_storyboard(studio) -> str:
    """A production file that has no storyboard; its URI."""
    uri = S3Uri.parse(tiny_production(studio))
    s3 = studio.client("s3")
    sheet = yaml.safe_load(s3.get_object(Bucket=uri.bucket, Key=uri.key)["Body"].read())
    del sheet["storyboard"]
    key = uri.key.replace("tiny.yaml", "without.yaml")
    s3.put_object(Bucket=uri.bucket, Key=key, Body=yaml.safe_dump(sheet).encode())
    return f"s3://{uri.bucket}/{key}"


@pytest.mark.parametrize(
    ("settings", "state", "words"),
    [
        (DrawingSettings, "fail", "there is none: nothing would be drawn"),
        (RunSettings, "warn", "the run ends with its dataset, its model and its report"),
    ],
)
def test_nothing_to_draw_is_said_before_anything_is_paid(studio, settings, state, words):
    given = {"videos": [f"s3://{studio.bucket}/a.mp4"]} if settings is RunSettings else {}
    tools = studio.tools_of(settings, "r-1", production=without_storyboard(studio), **given)
    (script,) = [one for one in preflight_report(tools).checks if one.name == "script"]
    assert (script.state, words in script.finding) == (state, True)
    assert "Name a script in the parameter script" in script.remedy


def test_a_script_is_drawn_for_a_production_without_a_storyboard(studio):
    body = b"EXT. HILL - DAY\n\nMira runs.\n"
    studio.client("s3").put_object(Bucket=studio.bucket, Key="scripts/a.txt", Body=body)
    script = f"s3://{studio.bucket}/scripts/a.txt"
    given = {"production": without_storyboard(studio), "script": script, "breakdown": "plain"}
    production = read_script(started(studio.tools_of(DrawingSettings, "draw-1", **given)))
    assert [panel.description for panel in production.storyboard[0].panels] == ["Mira runs."]
