"""The worker portal in a real browser: the stand-in crowd elements and the way of an answer.

Each template submits itself, so that opening its page in headless Chromium is a whole review.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.bedrock_data import until
from tests.local_aws.review_data import ReviewDesk, open_desk
from tests.studio.endpoint_fixture import RunningEndpoint

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")
BROWSER_SECONDS = 40.0

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the PATH")


@contextmanager
def opened(address: str, profile: Path) -> Iterator[None]:
    """Open `address` in a browser while the block runs."""
    assert CHROMIUM is not None
    browser = subprocess.Popen(
        [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        browser.terminate()
        browser.wait(10)


def review(
    endpoint: RunningEndpoint, bucket: str, profile: Path, form: str, script: str
) -> dict[str, Any]:
    """Open a loop's page in a browser, run `script` once it is loaded, and return the answer."""
    ready = f'<script>addEventListener("load", () => setTimeout(() => {{{script}}}, 50));</script>'
    desk = open_desk(endpoint, bucket, template=form + ready)
    name = desk.start()
    portal, _, token = endpoint.ready["portal_url"].partition("?")
    with opened(f"{portal}/loops/{name}?{token}", profile):
        until(lambda: desk.describe(name), is_completed, BROWSER_SECONDS)
    return only_answer(desk, name)


def is_completed(loop: dict[str, Any]) -> bool:
    return bool(loop["HumanLoopStatus"] == "Completed")


def only_answer(desk: ReviewDesk, name: str) -> dict[str, Any]:
    uri = desk.describe(name)["HumanLoopOutput"]["OutputS3Uri"]
    key = uri.removeprefix(f"s3://{desk.bucket}/")
    body = desk.endpoint.client("s3").get_object(Bucket=desk.bucket, Key=key)["Body"].read()
    (answer,) = json.loads(body)["humanAnswers"]
    return dict(answer)


def test_the_crowd_elements_answer_as_a2i_stores_it(
    local_endpoint: RunningEndpoint, bucket: str, tmp_path: Path
) -> None:
    form = """
    <crowd-form>
      <input type="hidden" name="decisions" value="[]">
      <crowd-input name="who" label="Who" value="Mara"></crowd-input>
      <crowd-text-area name="why" label="Why"></crowd-text-area>
      <crowd-checkbox name="sure" value="yes" checked>Sure</crowd-checkbox>
      <crowd-radio-group>
        <crowd-radio-button name="kind" value="good">Good</crowd-radio-button>
        <crowd-radio-button name="kind" value="bad" checked>Bad</crowd-radio-button>
      </crowd-radio-group>
      <crowd-instructions link-text="Help">Look closely.</crowd-instructions>
    </crowd-form>
    """
    script = """
      document.querySelector("crowd-text-area textarea").value = "blurred";
      document.querySelector("[value=good] input").click();
      document.querySelector("crowd-button button").click();
    """

    answer = review(local_endpoint, bucket, tmp_path, form, script)

    assert answer["workerId"] == "reviewer-1"
    assert answer["answerContent"] == {
        "decisions": "[]",
        "who": "Mara",
        "why": "blurred",
        "sure": {"yes": True},
        "kind": {"good": True, "bad": False},
    }


def test_a_form_is_sent_once_it_is_complete_and_its_script_agrees(
    local_endpoint: RunningEndpoint, bucket: str, tmp_path: Path
) -> None:
    form = """
    <crowd-form>
      <crowd-input name="who" required></crowd-input>
      <input type="hidden" name="tries" value="0">
    </crowd-form>
    """
    script = """
      const tries = document.querySelector("[name=tries]");
      document.querySelector("crowd-form").addEventListener("submit", (event) => {
        if (tries.value !== "3") event.preventDefault();
      });
      for (const who of ["", "Mara", "Mara"]) {
        document.querySelector("crowd-input input").value = who;
        tries.value = Number(tries.value) + 1;
        document.querySelector("crowd-button button").click();
      }
    """

    answer = review(local_endpoint, bucket, tmp_path, form, script)

    assert answer["answerContent"] == {"who": "Mara", "tries": "3"}


def test_a_template_cannot_reach_the_portal(
    local_endpoint: RunningEndpoint, bucket: str, tmp_path: Path
) -> None:
    form = '<crowd-form><input type="hidden" name="found" value="nothing"></crowd-form>'
    script = """
      const field = document.querySelector("input[name=found]");
      try { field.value = document.cookie || "no cookie"; } catch { field.value = "no cookie"; }
      try { field.value += parent.document.title; } catch { field.value += ", no parent"; }
      document.querySelector("crowd-button button").click();
    """

    answer = review(local_endpoint, bucket, tmp_path, form, script)

    assert answer["answerContent"] == {"found": "no cookie, no parent"}
