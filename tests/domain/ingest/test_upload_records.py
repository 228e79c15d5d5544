"""Uploads: what S3 says, what a key means, and one run id for one version."""

import json
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
