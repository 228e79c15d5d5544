"""The worker portal over HTTP: login, list, task, frame, and rejected requests."""

import html
import json
import re
from typing import Any

import pytest
import requests

from storyboard_ops.gateways.review.worker_template import worker_template
from tests.local_aws.bedrock_data import picture
from tests.local_aws.review_data import ReviewDesk, open_desk, portal_token
from tests.studio.endpoint_fixture import RunningEndpoint


@pytest.fixture
def desk(local_endpoint: RunningEndpoint, bucket: str) -> ReviewDesk:
    return open_desk(local_endpoint, bucket)


@pytest.fixture
def browser(local_endpoint: RunningEndpoint) -> requests.Session:
    """A browser that has opened the printed address."""
    session = requests.Session()
    session.get(local_endpoint.ready["portal_url"], timeout=10).raise_for_status()
    return session


def portal(desk: ReviewDesk, path: str = "") -> str:
    return f"{desk.endpoint.url}/_localaws/portal{path}"


def form_token(page: str) -> str:
    match = re.search(r'(?:data-form-token|name="form_token" value)="([\w-]{16})"', page)
    assert match is not None
    return match[1]


def test_the_printed_address_logs_in_once(local_endpoint: RunningEndpoint) -> None:
    answer = requests.get(local_endpoint.ready["portal_url"], timeout=10, allow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/_localaws/portal"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Path=/_localaws/portal" in cookie


@pytest.mark.parametrize("path", ["", "/loops/any", "/loops/any/frame", "?token=" + "0" * 64])
def test_without_the_token_nothing_is_shown(desk: ReviewDesk, path: str) -> None:
    answer = requests.get(portal(desk, path), timeout=10)

    assert answer.status_code == 403
    assert "Waiting for you" not in answer.text


def test_a_host_name_from_the_web_is_refused(desk: ReviewDesk, browser: requests.Session) -> None:
    headers = {"Host": "attacker.example"}

    assert browser.get(portal(desk), headers=headers, timeout=10).status_code == 403


def test_an_open_loop_is_listed_and_its_task_rendered(
    desk: ReviewDesk, browser: requests.Session
) -> None:
    desk.endpoint.client("s3").put_object(Bucket=desk.bucket, Key="a b.png", Body=picture())
    uri = f"s3://{desk.bucket}/a b.png"
    name = desk.start({"title": "<Pick>", "pictures": [{"uri": uri, "caption": 'Mara\'s "hat"'}]})

    listed = browser.get(portal(desk), timeout=10).text
    task = browser.get(portal(desk, f"/loops/{name}"), timeout=10)
    frame = browser.get(portal(desk, f"/loops/{name}/frame"), timeout=10)

    assert f'href="/_localaws/portal/loops/{name}"' in listed
    assert 'sandbox="allow-scripts"' in task.text
    assert frame.headers["Content-Security-Policy"].startswith("sandbox allow-scripts;")
    assert "&lt;Pick&gt;" in frame.text and "<Pick>" not in frame.text
    assert "assets.crowd.aws" not in frame.text
    assert 'customElements.define("crowd-form"' in frame.text
    link = html.unescape(re.findall(r'<img src="([^"]+)"', frame.text)[0])
    shown = requests.get(link, timeout=10)
    assert (shown.status_code, shown.content) == (200, picture())
    assert requests.get(link.replace("a%20b", "c"), timeout=10).status_code == 403


def test_a_browser_submits_its_answer(desk: ReviewDesk, browser: requests.Session) -> None:
    name = desk.start()
    task = browser.get(portal(desk, f"/loops/{name}"), timeout=10).text

    stored = browser.post(
        portal(desk, f"/loops/{name}/answers"),
        headers={"X-Form-Token": form_token(task)},
        json={"answerContent": {"decisions": "[]"}},
        timeout=10,
    )

    assert stored.status_code == 201
    assert desk.describe(name)["HumanLoopStatus"] == "Completed"
    closed = browser.get(portal(desk, f"/loops/{name}"), timeout=10)
    assert closed.status_code == 409
    assert "This task is closed" in closed.text


@pytest.mark.parametrize(
    "headers", [{}, {"X-Form-Token": "0" * 64}, {"Origin": "http://127.0.0.1:1"}]
)
def test_an_answer_from_another_site_is_refused(
    desk: ReviewDesk, browser: requests.Session, headers: dict[str, str]
) -> None:
    name = desk.start()
    if "Origin" in headers:
        page = browser.get(portal(desk, f"/loops/{name}"), timeout=10).text
        headers = {**headers, "X-Form-Token": form_token(page)}

    sent = browser.post(
        portal(desk, f"/loops/{name}/answers"),
        headers=headers,
        json={"answerContent": {}},
        timeout=10,
    )

    assert sent.status_code == 403
    assert desk.describe(name)["HumanLoopStatus"] == "InProgress"


def test_a_reviewer_chooses_a_name(desk: ReviewDesk, browser: requests.Session) -> None:
    token = form_token(browser.get(portal(desk), timeout=10).text)
    chosen = browser.post(
        portal(desk, "/worker"), data={"form_token": token, "worker": "ana"}, timeout=10
    )
    refused = browser.post(
        portal(desk, "/worker"), data={"form_token": token, "worker": "<b>"}, timeout=10
    )

    assert 'value="ana"' in chosen.text
    assert refused.status_code == 400


def test_the_products_own_template_renders(
    local_endpoint: RunningEndpoint, bucket: str, browser: requests.Session
) -> None:
    desk = open_desk(local_endpoint, bucket, template=worker_template())
    shown = {
        "id": "a1",
        "picture_uri": f"s3://{bucket}/crops/a1.png",
        "thumb_uri": f"s3://{bucket}/thumbs/a1.jpg",
        "caption": "Mara </div><script>waves</script>",
        "neighbours": [{"uri": f"s3://{bucket}/frames/7.jpg", "timecode": "00:00:07.000"}],
    }
    document = {"run": {"title": "Approve Mara"}, "items": [shown]}
    name = desk.start(document)

    frame = browser.get(portal(desk, f"/loops/{name}/frame"), timeout=10).text

    (written,) = re.findall(r'<div id="document" hidden>(.*?)</div>', frame)
    assert json.loads(html.unescape(written)) == document
    assert "<script>waves" not in frame
    links = re.findall(r'data-(picture|thumb|frame)="([^"]+X-Amz-Signature[^"]+)"', frame)
    assert [kind for kind, _ in links] == ["picture", "thumb", "frame"]


def test_scripted_reviewers_use_the_bearer_token(desk: ReviewDesk) -> None:
    content: dict[str, Any] = {"title": "T", "pictures": [{"image_id": "a"}]}
    name = desk.start(content)

    listed = desk.script("GET", "loops", params={"status": "InProgress"}).json()["loops"]
    shown = desk.script("GET", f"loops/{name}").json()

    assert name in {loop["name"] for loop in listed}
    assert shown["input"] == content
    assert shown["flowDefinitionArn"] == desk.flow_arn
    assert desk.script("GET", "loops/no-such-loop").status_code == 404
    assert desk.answer(name, "<b>", {}).status_code == 400
    assert desk.answer(name, "ana", "not an object").status_code == 400


def test_the_bearer_token_is_needed_and_the_cookie_is_not_enough(
    desk: ReviewDesk, browser: requests.Session
) -> None:
    assert browser.get(portal(desk, "/api/loops"), timeout=10).status_code == 403
    wrong = {"Authorization": "Bearer " + "0" * 64}
    assert requests.get(portal(desk, "/api/loops"), headers=wrong, timeout=10).status_code == 403


def test_the_portals_token_opens_no_admin_path(desk: ReviewDesk) -> None:
    headers = {"x-localaws-token": portal_token(desk.endpoint)}
    answer = requests.get(f"{desk.endpoint.url}/_localaws/bill", headers=headers, timeout=10)

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["portal.css", "task.js", "list.js", "frame_storage.js"])
def test_static_files_are_served(desk: ReviewDesk, name: str) -> None:
    assert requests.get(portal(desk, f"/static/{name}"), timeout=10).status_code == 200


@pytest.mark.parametrize("name", ["..%2fpages.py", "none.css", "%2e%2e"])
def test_only_static_files_are_served(desk: ReviewDesk, name: str) -> None:
    assert requests.get(portal(desk, f"/static/{name}"), timeout=10).status_code == 404


def test_answers_are_json_objects(desk: ReviewDesk) -> None:
    name = desk.start()
    sent = desk.script("POST", f"loops/{name}/answers", data=b"{broken")

    assert sent.status_code == 400
    assert json.loads(sent.text)["error"].startswith("workerId")
