"""Uploads: what S3 says, what a key means, and one run id for one version."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.ingest.upload_records import (
    UploadRejected,
    announced_objects,
    created_object,
    parse_upload_key,
    printable,
    upload_run_id,
)
from storyboard_ops.domain.object_keys import S3Uri, Workspace

#: The configured workspaces.
WORKSPACES = [Workspace.at("s3://studio"), Workspace.at("s3://studio/team/a")]


def record(event: str = "ObjectCreated:Put", key: str = "incoming/tiny/a+film%2B1.mp4") -> dict:
    return {"eventName": event, "s3": {"bucket": {"name": "studio"}, "object": {"key": key}}}


def by_sns(message: Any, **changed: Any) -> str:
    """Wrap a message as SNS does without raw message delivery."""
    text = message if isinstance(message, str) else json.dumps(message)
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "TopicArn": "arn:aws:sns:us-east-1:111122223333:films",
            "Subject": "Amazon S3 Notification",
            "Message": text,
            "Timestamp": "2026-11-29T00:00:00.000Z",
            "SignatureVersion": "1",
            **changed,
        }
    )


def by_event_bridge(key: Any = "incoming/tiny/a film+1.mp4", **changed: Any) -> dict[str, Any]:
    """An event of S3 as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-11-29T00:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::studio"],
        "detail": {
            "version": "0",
            "bucket": {"name": "studio"},
            "object": {"key": key, "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184"},
            "request-id": "N4N7GDK58NMKJ12R",
            "reason": "PutObject",
        },
        **changed,
    }


def film_of(body: str) -> str:
    (announced,) = announced_objects(body)
    return str(created_object(announced))


def test_an_event_through_sns_is_the_event_of_s3():
    assert announced_objects(by_sns({"Records": [record(), record()]})) == [record(), record()]


def test_an_event_through_event_bridge_is_an_upload():
    assert film_of(json.dumps(by_event_bridge())) == "s3://studio/incoming/tiny/a film+1.mp4"


def test_an_event_through_event_bridge_and_sns_is_an_upload():
    assert film_of(by_sns(by_event_bridge())) == "s3://studio/incoming/tiny/a film+1.mp4"


@pytest.mark.parametrize(
    "key", ["a b", "a+b", "a%2Bb", "a%b", "%", "日本 🎬", "é%C3%A9", "a&b=c?#"]
)
def test_a_key_of_event_bridge_is_not_url_encoded(key):
    assert film_of(json.dumps(by_event_bridge(f"incoming/{key}"))) == f"s3://studio/incoming/{key}"


def test_a_test_event_through_sns_announces_nothing():
    assert announced_objects(by_sns({"Service": "Amazon S3", "Event": "s3:TestEvent"})) == []


def test_two_topics_may_wrap_an_event_and_three_may_not():
    twice = by_sns(by_sns({"Records": [record()]}))
    assert announced_objects(twice) == [record()]
    with pytest.raises(UploadRejected, match="more than 2 notifications of SNS; subscribe"):
        announced_objects(by_sns(twice))


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_a_confirmation_of_sns_is_rejected_with_what_to_do(kind):
    with pytest.raises(UploadRejected, match=f"'{kind}' of SNS.*subscribe"):
        announced_objects(
            by_sns("You have chosen to subscribe", Type=kind, SubscribeURL="https://x")
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (by_sns("hello"), "The Message of the notification of SNS is not JSON"),
        (
            by_sns("[" * 65 + "]" * 65),
            "The Message of the notification of SNS is nested deeper than 64",
        ),
        (by_sns("{}"), "is not an S3 event: it has no Records"),
        (by_sns("", Message=None), "has no text as its Message"),
        (by_sns("", Message={"Records": [record()]}), "has no text as its Message"),
        (by_sns({"Records": [{}] * 101}), "The message has 101 records; at most 100"),
        (by_sns("", Type={"a": ["b"] * 1_000}), "of SNS, not a Notification"),
        (by_sns("x" * 200_000), "The message has more than 200,000 bytes"),
    ],
    ids=lambda value: value[-40:],
)
def test_a_notification_that_is_not_about_s3_is_refused_in_short(body, words):
    with pytest.raises(BadInput, match=words) as refused:
        announced_objects(body)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (by_event_bridge(**{"detail-type": "Object Deleted"}), "is 'Object Deleted' of 'aws.s3'"),
        (by_event_bridge(source="my.app"), "is 'Object Created' of 'my.app'; only"),
        (by_event_bridge(source=None), "of None; only 'Object Created' of 'aws.s3'"),
        (by_event_bridge(**{"detail-type": ["x"] * 10_000}), "Narrow the pattern of the rule"),
        (by_event_bridge(detail=None), "lacks the bucket or the key"),
        (by_event_bridge(detail={"bucket": {"name": "studio"}}), "the key: 'object'"),
        (by_event_bridge(detail={"object": {"key": "x"}, "bucket": "studio"}), "lacks the bucket"),
        (by_event_bridge(key=7), "lacks the bucket or the key"),
        (by_event_bridge(key=["x"]), "lacks the bucket or the key"),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_another_event_of_event_bridge_is_refused_in_short(event, words):
    with pytest.raises(UploadRejected, match=words) as refused:
        announced_objects(json.dumps(event))
    assert len(str(refused.value)) < 400


def test_a_key_of_event_bridge_has_the_bounds_of_s3():
    with pytest.raises(UploadRejected, match=r"more than 1,024 bytes"):
        film_of(json.dumps(by_event_bridge("incoming/tiny/" + "é" * 600)))


def test_a_key_of_an_event_is_url_encoded():
    assert str(created_object(record())) == "s3://studio/incoming/tiny/a film+1.mp4"


def test_the_test_event_of_s3_announces_nothing():
    assert announced_objects('{"Service": "Amazon S3", "Event": "s3:TestEvent"}') == []


@pytest.mark.parametrize("body", ["hello", "[]", "{}", '{"Records": []}', '{"Records": 3}', "null"])
def test_a_message_of_somebody_else_is_rejected(body):
    with pytest.raises(BadInput, match="message is"):
        announced_objects(body)


def test_records_are_handed_on():
    assert announced_objects(json.dumps({"Records": [record()]})) == [record()]


@pytest.mark.parametrize("broken", [{}, {"eventName": "x"}, "text", None, {**record(), "s3": None}])
def test_a_broken_record_is_rejected(broken):
    with pytest.raises(UploadRejected, match="not an S3 event"):
        created_object(broken)


@pytest.mark.parametrize("bucket", ["studio/team", "studio/", "Studio", "studio\n", "", "*", "a"])
def test_a_bucket_is_named_as_a_whole(bucket):
    described = {"bucket": {"name": bucket}, "object": {"key": "incoming/tiny/film.mp4"}}
    with pytest.raises(BadInput, match=r"is not (an S3 URI|the name of a bucket)"):
        created_object({"eventName": "ObjectCreated:Put", "s3": described})


def test_a_deletion_is_no_upload():
    with pytest.raises(UploadRejected, match="ObjectRemoved:Delete, not an upload"):
        created_object(record("ObjectRemoved:Delete"))


@pytest.mark.parametrize(
    ("key", "workspace"),
    [
        ("incoming/tiny/film.mp4", "s3://studio"),
        ("team/a/incoming/tiny/film.MOV", "s3://studio/team/a"),
    ],
)
def test_the_key_says_workspace_and_production(key, workspace):
    landed = parse_upload_key(S3Uri("studio", key), WORKSPACES)
    assert (landed.workspace, landed.production) == (workspace, "tiny")
    assert landed.film == f"s3://studio/{key}"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("incoming/tiny/notes.txt", "notes.txt: the name of a film must end in .mp4"),
        ("incoming/film.mp4", "upload films to incoming/<production>/<film>"),
        ("incoming/Tiny Tales/film.mp4", "lower-case letters"),
        ("incoming/tiny/take/film.mp4", "upload films to incoming"),
        ("videos/tiny/film.mp4", "upload films to incoming"),
    ],
)
def test_what_is_no_film_in_an_incoming_folder_is_rejected_with_the_reason(key, words):
    with pytest.raises(UploadRejected, match=words):
        parse_upload_key(S3Uri("studio", key), WORKSPACES)


@pytest.mark.parametrize(
    "key",
    [
        "incoming/evil/incoming/tiny/film.mp4",  # a workspace of the uploader's own
        "incoming/incoming/tiny/film.mp4",
        "team/a/incoming/x/incoming/tiny/film.mp4",
        "team/incoming/tiny/film.mp4",  # a folder above a workspace
        "team/a/b/incoming/tiny/film.mp4",  # a folder below one
        "team/ab/incoming/tiny/film.mp4",  # one that begins alike
        "/incoming/tiny/film.mp4",
        "team//a/incoming/tiny/film.mp4",
        "team/a//incoming/tiny/film.mp4",
        "Team/a/incoming/tiny/film.mp4",
        "../incoming/tiny/film.mp4",
        "incoming/../incoming/tiny/film.mp4",
    ],
)
def test_a_folder_that_is_not_configured_starts_no_run(key):
    with pytest.raises(UploadRejected, match=r"is not a workspace whose uploads start .*add it to"):
        parse_upload_key(S3Uri("studio", key), WORKSPACES)


def test_a_bucket_that_is_not_configured_starts_no_run():
    with pytest.raises(UploadRejected, match="s3://studio2/ is not a workspace"):
        parse_upload_key(S3Uri("studio2", "incoming/tiny/film.mp4"), WORKSPACES)


@pytest.mark.parametrize(
    "key",
    [
        "incoming/tiny/film.mp4\n",
        "incoming/tiny/a\x00.mp4",
        "incoming/tiny\n/film.mp4",
        "incoming/tiny/\x1b[31m.mp4",
        "incoming/tiny/film.mp4/",
        f"incoming/{'x' * 61}/film.mp4",
        "incoming//film.mp4",
        "xincoming/tiny/film.mp4",
        "incoming",
    ],
)
def test_an_odd_key_is_not_a_film_in_a_folder(key):
    with pytest.raises(UploadRejected, match="upload films to incoming/<production>/<film>"):
        parse_upload_key(S3Uri("studio", key), WORKSPACES)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[" * 50_000, "The message is nested deeper than 64 levels"),
        ('{"Records": ' * 10_000, "The message is nested deeper than 64 levels"),
        ("[" * 65 + "]" * 65, "The message is nested deeper than 64 levels"),
        ('"' + "x" * 200_000 + '"', "The message has more than 200,000 bytes"),
        ('"' + "é" * 100_000 + '"', "The message has more than 200,000 bytes"),
        ('{"Records": [' + "{}," * 100 + "{}]}", "The message has 101 records; at most 100"),
        ('{"Records": [NaN]}', "NaN is not a JSON number"),
        ('{"Records": ["\\ud800"]}', "half of a surrogate pair"),
    ],
    ids=lambda value: value[:20],
)
def test_a_message_without_bounds_is_refused(body, words):
    with pytest.raises(BadInput, match=words):
        announced_objects(body)


@pytest.mark.parametrize("key", ["incoming/tiny/" + "x" * 1_020, "é" * 600, "x" * 150_000])
def test_a_key_that_s3_does_not_allow_is_refused_in_short(key):
    with pytest.raises(UploadRejected, match=r"more than 1,024 bytes") as refused:
        created_object(record(key=quote_plus(key)))
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("film\x00.mp4: not a film", "film .mp4: not a film"),
        ("a\nERROR all is lost", "a ERROR all is lost"),
        ("\ud800 \ufffe\uffff \x1b[31m", "[31m"),
        ("", "no reason"),
        ("\r\n\t", "no reason"),
        ("日本.mp4 🎬", "日本.mp4 🎬"),
    ],
)
def test_a_reason_is_one_line_that_a_queue_accepts(reason, shown):
    assert printable(reason) == shown


def test_a_long_reason_keeps_its_start_and_end():
    shown = printable("s3://studio/" + "x" * 500_000 + " no longer exists.")
    assert len(shown) == 1_000
    assert shown.startswith("s3://studio/x")
    assert shown.endswith(" no longer exists.")


def test_one_version_has_one_run_and_another_version_another():
    film = S3Uri("studio", "incoming/tiny/film.mp4")
    assert upload_run_id(film, "a") == upload_run_id(film, "a")
    others = [
        upload_run_id(film, "b"),
        upload_run_id(S3Uri("studio", "incoming/tiny/film2.mp4"), "a"),
        upload_run_id(S3Uri("studio2", "incoming/tiny/film.mp4"), "a"),
    ]
    assert upload_run_id(film, "a") not in others
    assert len(set(others)) == 3
