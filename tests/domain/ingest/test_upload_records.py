"""Uploads: what S3 says, what a key means, and one run id for one version."""

import json

import pytest

from storyboard_ops.domain.ingest.upload_records import (
    UploadRejected,
    announced_objects,
    created_object,
    parse_upload_key,
    upload_run_id,
)
from storyboard_ops.domain.object_keys import S3Uri


def record(event: str = "ObjectCreated:Put", key: str = "incoming/tiny/a+film%2B1.mp4") -> dict:
    return {"eventName": event, "s3": {"bucket": {"name": "studio"}, "object": {"key": key}}}


def test_a_key_of_an_event_is_url_encoded():
    assert str(created_object(record())) == "s3://studio/incoming/tiny/a film+1.mp4"


def test_the_test_event_of_s3_announces_nothing():
    assert announced_objects('{"Service": "Amazon S3", "Event": "s3:TestEvent"}') == []


@pytest.mark.parametrize("body", ["hello", "[]", "{}", '{"Records": []}', '{"Records": 3}', "null"])
def test_a_message_of_somebody_else_is_rejected(body):
    with pytest.raises(UploadRejected, match="message is"):
        announced_objects(body)


def test_records_are_handed_on():
    assert announced_objects(json.dumps({"Records": [record()]})) == [record()]


@pytest.mark.parametrize("broken", [{}, {"eventName": "x"}, "text", None, {**record(), "s3": None}])
def test_a_broken_record_is_rejected(broken):
    with pytest.raises(UploadRejected, match="not an S3 event"):
        created_object(broken)


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
    landed = parse_upload_key(S3Uri("studio", key))
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
        parse_upload_key(S3Uri("studio", key))


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
