"""Whatever an uploader writes, no run starts that the operator has not configured.

The uploader may write any object below the two incoming/ folders; S3 announces each in the queue.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard_ops.domain.deployment import Deployment
from storyboard_ops.domain.settings.run import parse_settings
from storyboard_ops.steps.ingest.ingest_uploads import delete_message, receive_films
from tests.films.tiny_film import tiny_film
from tests.studio.studio_fixture import Studio
from tests.studio.upload_queues import UploadQueues, put

#: By folder of the workspace: what the operator decides.
PARAMS = {
    "": {"review_desk": "page", "budget_usd": 100, "commitment": "none"},
    "team/": {"review_desk": "a2i", "budget_usd": 7, "commitment": "none"},
}
GREEDY = {"review_desk": "without_people", "budget_usd": 1_000_000, "commitment": "SixMonths"}
SETTINGS = json.dumps(GREEDY).encode()
SHEET = (
    b"production: Mine\nslug: mine\nsettings: {budget_usd: 1000000, review_desk: without_people}\n"
)

NAMES = ["Records", "s3", "key", "eventName", "Type", "Message", "detail-type", "detail"]

folders = st.sampled_from(
    ["incoming", "productions", "paper-lantern", "evil", "team", "runs", "library", "..", ".", ""]
) | st.text(max_size=8)
files = st.sampled_from(
    [
        *("film.mp4", "FILM.MOV", "a b+c%2F.mp4", "日本🎬.mp4", "x\n.mp4", ".mp4", "film.mp4.txt"),
        *("settings.json", "production.yaml", "incoming", "", "-", "%00.mp4", "'; --.mp4"),
    ]
)
roots = st.sampled_from(["incoming", "team/incoming"])
#: Anything, and what looks like a workspace of the uploader's own.
keys = st.builds(
    lambda root, parts, name: "/".join([root, *parts, name]),
    roots,
    st.lists(folders, max_size=5),
    files | st.text(max_size=12),
) | st.builds(
    lambda root, parts, below: "/".join([root, *parts, below]),
    roots,
    st.lists(folders, max_size=2),
    st.sampled_from(
        [
            "incoming/paper-lantern/film.mp4",
            "incoming/mine/film.mp4",
            "productions/mine/production.yaml",
            "productions/paper-lantern/settings.json",
        ]
    ),
)
#: Events of objects that the uploader has not written, as EventBridge sends them.
events = st.builds(
    lambda kind, source, bucket, key: {
        "detail-type": kind,
        "source": source,
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
    },
    st.sampled_from(["Object Created", "Object Deleted", 7, None]),
    st.sampled_from(["aws.s3", "aws.ec2", {}]),
    st.sampled_from(["studio", "no bucket", None, []]),
    keys | st.sampled_from([None, {}, 3]),
)
#: Messages of senders other than S3, who may also write to the queue.
unwrapped = (
    st.sampled_from(["[" * 20_000, "x" * 300_000, "{}", "null", '{"Records": [{}, 3, null]}'])
    | st.text(min_size=1, max_size=40, alphabet=st.characters(min_codepoint=32, codec="ascii"))
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
        max_leaves=8,
    ).map(json.dumps)
    | events.map(json.dumps)
)


def by_sns(body: str, times: int) -> str:
    """Wrap a message in notifications of SNS, or in confirmations of a subscription."""
    for number in range(abs(times)):
        kind = "Notification" if times > 0 else ("Notification", "SubscriptionConfirmation")[number]
        body = json.dumps({"Type": kind, "Message": body})
    return body


messages = st.builds(by_sns, unwrapped, st.integers(-2, 4))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return tiny_film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2).read_bytes()


@pytest.fixture
def queues(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> UploadQueues:
    workspaces = {
        f"s3://{studio.bucket}/{folder}": {"uploads": {"params": params}}
        for folder, params in PARAMS.items()
    }
    return UploadQueues(studio, monkeypatch, Deployment(workspaces=workspaces))


def upload_anything(studio: Studio, key: str, body: bytes) -> None:
    """Upload an object, if S3 accepts its key."""
    try:
        put(studio, key, body)
    except ClientError:
        assert studio.client("s3").head_bucket(Bucket=studio.bucket)


def folder_of(film: str, studio: Studio) -> str:
    """The workspace's folder, if a film is in an incoming/ folder; every other place fails."""
    place = film.removeprefix(f"s3://{studio.bucket}/")
    folder, incoming, _production, _name = ("/" + place).rsplit("/", 3)
    assert incoming == "incoming"
    prefix = f"{folder}/".lstrip("/")
    assert prefix in PARAMS
    return prefix


def uploads_never_exceed_what_is_configured(
    studio: Studio,
    queues: UploadQueues,
    film: bytes,
    written: list[tuple[str, int]],
    sent: list[str],
    good: int,
) -> None:
    wanted = set()
    for number in range(good):
        folder = ("", "team/")[number % 2]
        key = f"{folder}incoming/paper-lantern/good {number}.mp4"
        put(studio, key, film)
        wanted.add(f"s3://{studio.bucket}/{key}")
    for key, body in written:
        upload_anything(studio, key, (film, SETTINGS, SHEET, b"", b"no film")[body])
    for body in sent:
        queues.uploads.send(body)

    found = receive_films(studio.client)

    for each in found:
        conf: dict[str, Any] = dict(each.conf)
        (video,) = conf["videos"]
        folder = folder_of(video, studio)
        assert {name: conf.pop(name) for name in PARAMS[folder]} == PARAMS[folder]
        assert conf == {
            "videos": [video],
            "production": "paper-lantern",  # the only one that there is outside of incoming/
            "workspace": f"s3://{studio.bucket}/{folder}".rstrip("/"),
        }
        parse_settings(each.conf)
    assert wanted <= {each.conf["videos"][0] for each in found}
    for each in found:
        delete_message(studio.client, each)
    assert queues.waiting() == 0, "every other message is in the dead-letter queue"


CASES = {
    "written": st.lists(st.tuples(keys, st.integers(0, 4)), max_size=8),
    "sent": st.lists(messages, max_size=3),
    "good": st.integers(1, 4),
}
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


@settings(max_examples=40, suppress_health_check=SLOW)
@given(**CASES)
def test_no_upload_exceeds_what_is_configured(studio, queues, film, written, sent, good):
    uploads_never_exceed_what_is_configured(studio, queues, film, written, sent, good)


@pytest.mark.long
@settings(max_examples=300, suppress_health_check=SLOW)
@given(**CASES)
def test_none_of_many_uploads_exceeds_what_is_configured(studio, queues, film, written, sent, good):
    uploads_never_exceed_what_is_configured(studio, queues, film, written, sent, good)
