"""Preflight: bad input gives one clear error naming the thing, before anything is paid."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.ground import GROUND
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.gateways.money.pricing import cost_of
from storyboard_ops.steps.money.cost_gate import cost_facts, require_passed_preflight
from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from tests.films.tiny_film import tiny_film, tiny_production
from tests.material.factories import picture
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio

OPERATION = {
    "detection_model_id": "Converse",
    "caption_model_id": "Converse",
    "embedding_model_id": "InvokeModel",
}


@pytest.fixture
def ready(studio: Studio, tmp_path) -> dict:
    """Parameters of a run that preflight lets through."""
    studio.ensure_a2i()
    film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=3))
    return {"videos": [film], "production": tiny_production(studio)}


def test_a_run_that_can_work_passes_and_is_written_down(studio, ready):
    report = check_preflight(studio.tools(**ready))
    assert {check.state for check in report.checks} == {"pass"}
    assert "3 frames to sample" in next(c.finding for c in report.checks if c.name == "videos")
    production = studio.read_json("runs/run-1/production.json")
    assert production["characters"][0]["references"][0].startswith(
        f"s3://{studio.bucket}/library/references/"
    )
    assert studio.read_json("runs/run-1/settings.json")["videos"] == ready["videos"]


def test_the_estimate_counts_training_and_one_hour_of_capacity(studio, ready):
    report = check_preflight(studio.tools(**ready, step_count=100, batch_size=8))
    amounts = {(usage.item, usage.unit): usage.amount for usage in report.estimate}
    assert amounts["amazon.nova-canvas-v1:0", "training_image"] == 800
    assert amounts["amazon.nova-canvas-v1:0", "model_unit_hour"] == 1
    assert report.estimate_usd > 800 * 0.005 + 60.5


def test_the_estimate_counts_every_hour_that_capacity_is_kept(studio, ready):
    until = datetime.now(UTC) + timedelta(hours=5)
    kept = check_preflight(studio.tools(**ready, keep_capacity_until=until, budget_usd=1000))
    hours = {usage.unit: usage.amount for usage in kept.estimate}["model_unit_hour"]
    assert hours == 5
    term = preflight_report(studio.tools(**ready, commitment="OneMonth"))
    assert term.estimate_usd > 30 * 24 * 60.5
    assert [check.name for check in term.failed] == ["budget"]


def test_faces_of_an_animation_are_warned_of_and_custom_labels_is_estimated(studio, ready):
    chosen = {**ready, "production": "paper-lantern", "detectors": ["faces", "custom_labels"]}
    report = preflight_report(studio.tools(**chosen))
    by_name = {check.name: check for check in report.checks}
    assert by_name["faces"].state == "warn"
    assert "do not support drawn and animated faces" in by_name["faces"].finding
    assert by_name["custom labels"].finding == "trained on 12 reference pictures, tested on 3."
    items = {usage.item for usage in report.estimate}
    assert {"IndexFaces", "CustomLabelsTraining", "DetectCustomLabels"} <= items


def test_one_reference_picture_is_too_few_for_custom_labels(studio, ready):
    message = refusal(studio, **ready, detectors=["custom_labels"])
    assert "Character 'mira' has 1 reference picture; Custom Labels needs 2 or more" in message


def test_a_report_for_the_curious_writes_nothing(studio, ready):
    assert not preflight_report(studio.tools(**ready)).failed
    assert preflight_report(studio.tools(**{**ready, "production": "nobody"})).failed
    written = studio.client("s3").list_objects_v2(Bucket=studio.bucket, Prefix="runs/")
    assert written["KeyCount"] == 0


def refusal(studio: Studio, **params) -> str:
    """The message of a preflight that refuses; of the run there is its report, and no more."""
    with pytest.raises(GateClosed) as refused:
        check_preflight(studio.tools(**params))
    listed = studio.client("s3").list_objects_v2(Bucket=studio.bucket, Prefix="runs/")
    written = [item["Key"] for item in listed.get("Contents", ())]
    there = not params.get("workspace", "").startswith("s3://no-such")
    assert written == (["runs/run-1/preflight.json"] if there else [])
    assert "nothing has been paid" in str(refused.value)
    if there:
        _assert_the_training_stays_closed(studio, str(refused.value))
    return str(refused.value)


def _assert_the_training_stays_closed(studio: Studio, message: str) -> None:
    """The report names what the message names, and nobody takes it for an accepted one."""
    report = PreflightReport.model_validate(studio.read_json("runs/run-1/preflight.json"))
    assert report.failed
    assert all(check.finding in message for check in report.failed)
    with pytest.raises(GateClosed, match="Preflight has refused this run"):
        require_passed_preflight(studio.tools())


def test_a_missing_video_is_named(studio, ready):
    missing = f"s3://{studio.bucket}/videos/nowhere.mp4"
    message = refusal(studio, **{**ready, "videos": [missing]})
    assert f"{missing}: it does not exist or may not be read" in message


def test_a_text_file_named_mp4_is_refused_with_its_reason(studio, ready, tmp_path):
    fake = tmp_path / "fake.mp4"
    fake.write_text("this is no film")
    message = refusal(studio, **{**ready, "videos": [studio.upload(fake)]})
    assert "videos/fake.mp4" in message
    assert "1 of 1 cannot be read" in message


def test_one_bad_video_of_three_is_a_warning(studio, ready, tmp_path):
    good = [studio.upload(tiny_film(tmp_path / f"{n}.mp4", seconds=2)) for n in "ab"]
    videos = [*good, f"s3://{studio.bucket}/videos/nowhere.mp4"]
    report = check_preflight(studio.tools(**{**ready, "videos": videos}))
    check = next(check for check in report.checks if check.name == "videos")
    assert (check.state, check.finding[:22]) == ("warn", "1 of 3 cannot be read.")


def test_a_film_of_one_frame_is_a_finding(studio, ready, tmp_path):
    with av.open(str(tmp_path / "still.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(1, 64, 64))))
        container.mux(stream.encode())
    still = studio.upload(tmp_path / "still.mp4")
    report = check_preflight(studio.tools(**{**ready, "videos": [*ready["videos"], still]}))
    check = next(check for check in report.checks if check.name == "videos")
    assert (check.state, check.finding) == (
        "warn",
        f"2 readable, 4 frames to sample. {still}: a single frame, as of a still picture.",
    )


def test_more_films_than_airflow_maps_are_refused_with_number_and_remedy(studio, ready, tmp_path):
    films = [studio.upload(tiny_film(tmp_path / f"{n}.mp4", seconds=2)) for n in "abc"]
    tools = studio.tools(**{**ready, "videos": films})
    passed = preflight_report(replace(tools, most_mapped_tasks=3))
    assert passed.failed == ()
    with pytest.raises(GateClosed) as refused:
        check_preflight(replace(tools, most_mapped_tasks=2))
    assert "3 films need a mapped task each, and Airflow maps at most 2" in str(refused.value)
    assert "several runs" in str(refused.value)
    assert "AIRFLOW__CORE__MAX_MAP_LENGTH" in str(refused.value)


def test_a_bucket_that_does_not_exist_is_named(studio, ready, monkeypatch):
    monkeypatch.setenv("STORYBOARD_WORKSPACES", "s3://no-such-bucket-anywhere")
    message = refusal(studio, **ready, workspace="s3://no-such-bucket-anywhere")
    assert "bucket 'no-such-bucket-anywhere' does not exist" in message


@pytest.mark.parametrize("folder", ["/incoming/evil", "/team", "/team/../x", "/x//y"])
def test_a_workspace_that_is_not_configured_is_refused_and_written_nothing(studio, ready, folder):
    workspace = f"s3://{studio.bucket}{folder}"
    tools = studio.tools(**ready, workspace=workspace)
    with pytest.raises(GateClosed, match="nothing has been paid") as refused:
        check_preflight(tools)
    assert "is not configured in this deployment" in str(refused.value)
    assert "Add it to include/deployment.yaml" in str(refused.value)
    listed = studio.client("s3").list_objects_v2(Bucket=studio.bucket)
    written = {item["Key"].partition("/")[0] for item in listed["Contents"]}
    assert written == {"videos", "productions"}


def test_a_workspace_of_the_variable_is_configured(studio, ready, monkeypatch):
    monkeypatch.setenv("STORYBOARD_WORKSPACES", f"s3://x-y-z, s3://{studio.bucket}/team/")
    report = preflight_report(studio.tools(**ready, workspace=f"s3://{studio.bucket}/team"))
    assert {check.state for check in report.checks if check.name == "workspace"} == {"pass"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget_usd", 1_000_000),
        ("review_desk", "without_people"),
        ("over_budget", "ask"),
        ("commitment", "SixMonths"),
        ("keep_model", False),
        ("role_arn", "arn:aws:iam::123456789012:role/other"),
        ("workspace", "s3://other"),
    ],
)
def test_a_production_file_cannot_decide_about_money_or_people(studio, ready, name, value):
    production = tiny_production(studio, **{name: value})
    message = refusal(studio, **{**ready, "production": production})
    assert f"A production file cannot set {name}. Those who start a run decide" in message


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("detection_model_id", "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/x"),
        ("detection_model_id", "vendor.model-of-tomorrow-v1:0"),
        ("caption_model_id", "vendor.model-of-tomorrow-v1:0"),
        ("embedding_model_id", "vendor.embeddings-v1:0"),
    ],
)
def test_a_model_without_a_price_closes_the_gate_whoever_chooses_it(studio, ready, name, model):
    production = tiny_production(studio, **{name: model})
    unpriced = f"no sourced price in us-east-1 for {OPERATION[name]} of {model}"
    message = refusal(studio, **{**ready, "production": production})
    assert unpriced in message
    assert "Add the prices with date and source to include/prices/aws-us-east-1.yaml" in message
    own = {**ready, "production": tiny_production(studio), name: model}
    assert unpriced in refusal(studio, **own)


def estimate_usd(studio: Studio, ready: dict, model: str) -> float:
    chosen = {"detection_model_id": model, "caption_model_id": model, "budget_usd": 1_000_000}
    return preflight_report(studio.tools(**ready, **chosen)).estimate_usd


@pytest.mark.parametrize(
    "profile",
    [
        "us.amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
    ],
)
def test_an_inference_profile_is_estimated_at_the_price_of_its_model(studio, ready, profile):
    plain = estimate_usd(studio, ready, "amazon.nova-pro-v1:0")
    assert estimate_usd(studio, ready, profile) == plain
    assert plain > estimate_usd(studio, ready, "amazon.nova-lite-v1:0")


#: Prices that nobody pays, so that a run in Frankfurt can be estimated at all.
TEST_PRICES = """
date: "2026-11-28"
region: eu-central-1
test_only: true
prices:
  - {service: bedrock, item: "amazon.nova-pro-v1:0", unit: input_token, usd: 1.0e-6, source: test}
  - {service: bedrock, item: "amazon.nova-pro-v1:0", unit: output_token, usd: 1.0e-6, source: test}
  - {service: bedrock, item: amazon.titan-embed-image-v1, unit: image, usd: 1.0e-6, source: test}
"""


def test_a_region_without_prices_closes_the_gate_by_name(tmp_path, monkeypatch):
    """Frankfurt has no price table, and Virginia's prices are not used instead."""
    arguments = ("--region", "eu-central-1", "--today", "2026-11-28")
    with running_endpoint(tmp_path / "data", arguments) as endpoint:
        studio = Studio.opened(endpoint)
        film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=3))
        tools = studio.tools(
            videos=[film],
            production=tiny_production(studio),
            trainer="dataset_only",
            review_desk="page",
        )
        checks = {check.name: check for check in preflight_report(tools).checks}
        monkeypatch.setenv("STORYBOARD_PRICES", str(tmp_path))
        (tmp_path / "aws-eu-central-1.yaml").write_text(TEST_PRICES)
        priced = {check.name: check for check in check_preflight(tools).checks}
        routes = studio.read_json("runs/run-1/models.json")["routes"]
    assert [name for name, check in checks.items() if check.state == "fail"] == ["budget"]
    assert checks["budget"].finding == (
        "no sourced price in eu-central-1 for Converse of amazon.nova-pro-v1:0, "
        "InvokeModel of amazon.titan-embed-image-v1, so the budget does not cover it."
    )
    assert "include/prices/aws-eu-central-1.yaml" in checks["budget"].remedy
    assert priced["budget"].state == "pass"
    assert "its price table is for tests only" in priced["region"].finding
    assert {route["model_id"]: route["called"] for route in routes} == {
        "amazon.nova-pro-v1:0": "eu.amazon.nova-pro-v1:0",
        "amazon.titan-embed-image-v1": "amazon.titan-embed-image-v1",
    }


def test_an_unknown_production_is_named(studio, ready):
    message = refusal(studio, **{**ready, "production": "no-such-production"})
    assert "productions/no-such-production.yaml is missing" in message


def test_a_script_with_an_unknown_character_is_refused(studio, ready):
    production = tiny_production(studio, in_script="kai")
    message = refusal(studio, **{**ready, "production": production})
    assert "unknown character 'kai'; known are" in message


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


def test_a_base_model_that_cannot_be_tuned_is_refused(studio, ready):
    message = refusal(studio, **ready, base_model_id="amazon.nova-micro-of-nowhere-v1:0")
    assert "amazon.nova-micro-of-nowhere-v1:0 is not offered by Bedrock" in message
    assert "or to dataset_only" in message


def test_a_role_that_does_not_trust_bedrock_is_refused(studio, ready):
    role = studio.client("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:iam::{role}:role/StoryboardReview"
    assert "does not trust bedrock.amazonaws.com" in refusal(studio, **ready, role_arn=arn)


def test_an_estimate_above_the_budget_is_refused(studio, ready):
    message = refusal(studio, **ready, budget_usd=10)
    assert "above the budget of 10.00 USD" in message


def test_preflight_and_the_gate_before_the_training_agree_to_the_cent(studio, ready):
    """The estimate is not a whole number of cents: it is rounded up for both."""
    exact = preflight_report(studio.tools(**ready)).estimate_usd
    usages = preflight_report(studio.tools(**ready)).estimate
    assert 0 < exact - cost_of(usages, "us-east-1")[0] < 0.01
    for budget, state, due in ((exact, "pass", None), (round(exact - 0.01, 2), "warn", exact)):
        tools = studio.tools(**ready, budget_usd=budget, over_budget="ask")
        report = check_preflight(tools)
        assert {check.name: check.state for check in report.checks}["budget"] == state
        assert cost_facts(tools).consent_usd == due


def test_an_estimate_above_the_budget_may_be_asked_about_instead(studio, ready):
    report = check_preflight(studio.tools(**ready, budget_usd=10, over_budget="ask"))
    (budget,) = [check for check in report.checks if check.name == "budget"]
    assert budget.state == "warn"
    assert "the run will request approval before the training" in budget.finding


@pytest.mark.parametrize("over_budget", ["refuse", "ask"])
def test_a_dataset_above_the_budget_is_refused_because_asking_comes_after_it(
    studio, ready, over_budget
):
    message = refusal(studio, **ready, budget_usd=0.01, over_budget=over_budget)
    assert re.search(
        r"above the budget of 0\.01 USD, \d\.\d\d USD of it for the dataset\.", message
    )
    assert "Raise budget_usd, or lower the number of films, or raise sample_interval_s." in message


def test_every_fault_is_named_at_once(studio, ready):
    message = refusal(
        studio,
        **{
            **ready,
            "production": "nobody",
            "budget_usd": 0,
            "videos": [f"s3://{studio.bucket}/videos/gone.mp4"],
        },
    )
    assert "nobody" in message
    assert "gone.mp4" in message


def test_past_its_end_of_life_the_base_model_is_refused_but_the_dataset_can_be_made(
    tmp_path_factory, tmp_path
):
    data = tmp_path_factory.mktemp("later") / "data"
    with running_endpoint(data, ("--today", "2026-11-22")) as endpoint:
        studio = Studio.opened(endpoint)
        film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=2))
        ready = {"videos": [film], "production": tiny_production(studio)}
        ready |= {"review_desk": "choose"}  # as by default
        assert "past its end of life" in refusal(studio, **ready)
        report = check_preflight(studio.tools(**ready, trainer="dataset_only"))
        assert not report.failed
        assert report.desk is not None
        assert report.desk.desk == "page"


def test_frames_are_estimated_at_the_size_of_the_largest_film(studio, ready, tmp_path):
    """Two seconds of a small film and two of another; each question twice."""
    small = studio.upload(tiny_film(tmp_path / "small.mp4", seconds=2))
    chosen = {**ready, "detection_model_id": "amazon.nova-lite-v1:0", "trainer": "dataset_only"}
    read = []
    for width, height in ((320, 180), (1920, 1080)):
        name = tmp_path / f"{width}.mp4"
        other = studio.upload(tiny_film(name, seconds=2, width=width, height=height))
        report = preflight_report(studio.tools(**{**chosen, "videos": [small, other]}))
        amounts = {(usage.item, usage.unit): usage.amount for usage in report.estimate}
        read.append(amounts["amazon.nova-lite-v1:0", "input_token"])
    enlarged, hd = 896 * 504 / 650, 1920 * 1080 / 650
    assert read[1] - read[0] == pytest.approx(2 * 4 * (hd - enlarged), abs=16)
