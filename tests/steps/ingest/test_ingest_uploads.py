"""Messages about uploads: each becomes one run, or is rejected with its reason."""

import json
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import ClientError

from launcher.aws.blueprint import MAX_ATTEMPTS
from storyboard_ops.domain.deployment import Deployment
from storyboard_ops.domain.error_tree import ServiceFailed, SettingsError, Throttled
from storyboard_ops.domain.input_limits import MOST_RECEIVES, MOST_RECORDS
from storyboard_ops.gateways.aws.message_queue import Message
from storyboard_ops.steps.ingest import ingest_uploads
from storyboard_ops.steps.ingest.ingest_uploads import delete_message, receive_films
from tests.films.tiny_film import tiny_film
from tests.studio.bucket_encryption import make_key
from tests.studio.studio_fixture import Studio
from tests.studio.upload_queues import UploadQueues, put

#: What the operator decides about runs that uploads start.
PARAMS = {"review_desk": "page", "budget_usd": 100}
PRODUCTIONS = {"tiny": {"budget_usd": 40, "sample_interval_s": 0.5}}


@pytest.fixture
def queues(studio: Studio, monkeypatch) -> UploadQueues:
    """Two configured workspaces whose uploads start runs; uploads into them are announced."""
    uploads = {"uploads": {"params": PARAMS, "productions": PRODUCTIONS}}
    workspaces = {f"s3://{studio.bucket}{folder}": uploads for folder in ("", "/team")}
    return UploadQueues(studio, monkeypatch, Deployment(workspaces=workspaces))


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    return tiny_film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2).read_bytes()


def test_a_film_becomes_a_run_of_its_production(studio, queues, film):
    put(studio, "team/productions/tiny/production.yaml", b"production: Tiny")
    put(studio, "team/incoming/tiny/a film.mp4", film)
    (found,) = receive_films(studio.client)
    assert found.run_id.startswith("upload__a-film-mp4-")
    assert found.conf == {
        "videos": [f"s3://{studio.bucket}/team/incoming/tiny/a film.mp4"],
        "production": f"s3://{studio.bucket}/team/productions/tiny/production.yaml",
        "workspace": f"s3://{studio.bucket}/team",
        "review_desk": "page",
        "budget_usd": 40,
        "sample_interval_s": 0.5,
    }


def test_a_production_that_comes_with_the_pipeline_needs_no_file(studio, queues, film):
    put(studio, "incoming/paper-lantern/film.mp4", film)
    (found,) = receive_films(studio.client)
    assert found.conf["production"] == "paper-lantern"
    assert found.conf["budget_usd"] == 100


def test_the_message_stays_until_it_is_forgotten(studio, queues, film):
    """Killed between the start of the run and the deletion: the same run again."""
    put(studio, "incoming/paper-lantern/film.mp4", film)
    (first,) = receive_films(studio.client)
    assert receive_films(studio.client) == []  # hidden while somebody works on it
    queues.show_again(first)
    (again,) = receive_films(studio.client)
    assert again.run_id == first.run_id
    delete_message(studio.client, again)
    delete_message(studio.client, again)
    assert queues.waiting() == 0


def test_the_same_upload_announced_twice_is_one_run(studio, queues, film):
    put(studio, "incoming/paper-lantern/film.mp4", film)
    put(studio, "incoming/paper-lantern/film.mp4", film)
    found = receive_films(studio.client)
    assert len(found) == 2
    assert len({film.run_id for film in found}) == 1


def test_the_version_that_is_there_counts_whatever_the_order_of_events(studio, queues, film):
    put(studio, "incoming/paper-lantern/film.mp4", film)
    (old,) = receive_films(studio.client)
    put(studio, "incoming/paper-lantern/film.mp4", film + b"\0" * 8)
    (new,) = receive_films(studio.client)
    queues.show_again(old)  # the event of the old version comes once more, late
    late = receive_films(studio.client)
    assert new.run_id != old.run_id
    assert [film.run_id for film in late] == [new.run_id]


def test_several_objects_in_one_message_become_messages_of_their_own(studio, queues, film):
    put(studio, "incoming/paper-lantern/a.mp4", film)
    put(studio, "incoming/paper-lantern/b.mp4", film)
    records = []
    for message in queues.uploads.receive():  # and the test events of S3
        records += json.loads(message.body).get("Records", [])
        queues.uploads.delete(message.receipt)
    queues.uploads.send(json.dumps({"Records": records}))
    found = receive_films(studio.client)
    assert len({film.run_id for film in found}) == 2
    assert queues.waiting() == 2


def event_of(studio: Studio, key: str) -> dict[str, Any]:
    return {
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": studio.bucket}, "object": {"key": key}},
    }


def test_events_by_s3_sns_and_event_bridge_start_the_same_runs(studio, queues, film):
    keys = [f"incoming/paper-lantern/{name}.mp4" for name in ("a", "b+1 c", "d%2B")]
    for key in keys:
        put(studio, key, film)
    direct = receive_films(studio.client)
    assert len(direct) == 3

    def wrapped(message: dict[str, Any]) -> dict[str, Any]:
        return {"Type": "Notification", "Message": json.dumps(message)}

    def record(key: str) -> dict[str, Any]:
        described = {"bucket": {"name": studio.bucket}, "object": {"key": quote_plus(key)}}
        return {"eventName": "ObjectCreated:Put", "s3": described}

    messages = [
        wrapped({"Records": [record(key) for key in keys]}),  # is split into one each
        wrapped({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
        *(event_of(studio, key) for key in keys),
        *(wrapped(event_of(studio, key)) for key in keys),
        {"Type": "SubscriptionConfirmation", "Token": "x", "SubscribeURL": "https://sns/"},
        {**event_of(studio, keys[0]), "detail-type": "Object Deleted"},
    ]
    for message in messages:
        queues.uploads.send(json.dumps(message))
    found = receive_films(studio.client)
    assert sorted(film.run_id for film in found) == sorted(3 * [film.run_id for film in direct])
    assert len({film.run_id for film in found}) == 3
    deleted, confirmation = queues.reasons()
    assert "'Object Deleted' of 'aws.s3'" in deleted
    assert "'SubscriptionConfirmation' of SNS" in confirmation


@pytest.mark.parametrize("most", [1, 11, 12])
def test_no_more_films_are_received_than_airflow_maps(studio, queues, film, most):
    for number in range(12):
        put(studio, f"incoming/paper-lantern/{number}.mp4", film)
    first = receive_films(studio.client, most)
    assert len(first) == most
    assert len(receive_films(studio.client)) == 12 - most


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        (
            "incoming/paper-lantern/notes.txt",
            b"call the agent",
            "the name of a film must end in .mp4",
        ),
        ("incoming/paper-lantern/film.mp4", b"call the agent", "Not a film: "),
        ("incoming/paper-lantern/empty.mp4", b"", "Not a film: "),
        ("incoming/unknown/film.mp4", b"x", "there is no production 'unknown'; upload s3://"),
    ],
)
def test_a_file_that_is_not_a_film_is_rejected_with_its_reason(studio, queues, key, body, reason):
    put(studio, key, body)
    assert receive_films(studio.client) == []
    (said,) = queues.reasons()
    assert reason in said
    assert f"s3://{studio.bucket}/{key}" in said
    assert queues.waiting() == 0


def test_a_message_of_somebody_else_and_a_deleted_film_are_rejected(studio, queues, film):
    queues.uploads.send("hello")
    put(studio, "incoming/paper-lantern/film.mp4", film)
    studio.client("s3").delete_object(Bucket=studio.bucket, Key="incoming/paper-lantern/film.mp4")
    assert receive_films(studio.client) == []
    malformed, gone = queues.reasons()
    assert "not JSON" in malformed
    assert "film.mp4 no longer exists" in gone


def test_a_bucket_that_cannot_be_is_rejected_and_the_films_beside_it_go_on(studio, queues, film):
    record = {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "no bucket"}, "object": {"key": "incoming/two/film.mp4"}},
    }
    queues.uploads.send(json.dumps({"Records": [record]}))
    put(studio, "incoming/paper-lantern/film.mp4", film)
    assert len(receive_films(studio.client)) == 1
    assert queues.reasons() == ["'s3://no bucket' is not an S3 URI; write it as s3://bucket/key."]


GREEDY = b'{"review_desk": "without_people", "budget_usd": 1000000, "commitment": "SixMonths"}'


def test_an_uploader_cannot_name_a_workspace_of_their_own(studio, queues, film):
    """They would decide about its production, budget and review desk."""
    for folder in ("incoming/evil", "team/incoming/x/y"):
        put(studio, f"{folder}/productions/tiny/production.yaml", b"production: Mine")
        put(studio, f"{folder}/productions/tiny/settings.json", GREEDY)
        put(studio, f"{folder}/incoming/tiny/film.mp4", film)
    assert receive_films(studio.client) == []
    reasons = [reason for reason in queues.reasons() if reason.split(": ")[0].endswith("film.mp4")]
    assert len(reasons) == 2
    for reason in reasons:
        assert "is not a workspace whose uploads start runs" in reason
        assert "add it to include/deployment.yaml" in reason
    assert queues.waiting() == 0


@pytest.mark.parametrize(
    "key",
    [
        "productions/paper-lantern/settings.json",
        "settings.json",
        "incoming/paper-lantern/settings.json",
        "incoming/settings.json",
    ],
)
def test_no_file_in_the_bucket_sets_parameters(studio, queues, film, key):
    put(studio, key, GREEDY)
    put(studio, "incoming/paper-lantern/film.mp4", film)
    (found,) = receive_films(studio.client)
    set_by_others = found.conf.keys() - {"videos", "production", "workspace"}
    assert {name: found.conf[name] for name in set_by_others} == PARAMS


def test_a_workspace_without_uploads_starts_no_run(studio, queues, film, monkeypatch):
    configured = Deployment(workspaces={f"s3://{studio.bucket}": {}})
    monkeypatch.setattr(ingest_uploads, "read_deployment", lambda: configured)
    put(studio, "incoming/paper-lantern/film.mp4", film)
    assert receive_films(studio.client) == []
    assert "is not a workspace whose uploads start runs" in queues.reasons()[0]


def test_a_malformed_deployment_file_fails_the_task_and_rejects_no_film(
    studio, queues, film, monkeypatch
):
    put(studio, "incoming/paper-lantern/film.mp4", film)

    def malformed():
        raise SettingsError("include/deployment.yaml is not valid")

    monkeypatch.setattr(ingest_uploads, "read_deployment", malformed)
    with pytest.raises(SettingsError, match=r"deployment\.yaml is not valid"):
        receive_films(studio.client)
    assert queues.reasons() == []
    assert queues.waiting() > 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("[" * 50_000, "The message is nested deeper than 64 levels"),
        ("x" * 1_048_576, "Only the start and the end of the message are kept."),
        ("é" * 300_000, "The message has more than 200,000 bytes"),
        ('{"Records": [' + "1," * MOST_RECORDS + "1]}", "has 101 records; at most 100 are read"),
        ('{"Records": ["\\ud800"]}', "half of a surrogate pair"),
        ('{"Records": [{"eventName": "x", "s3": {"bucket": {"name": {}}, "object": []}}]}', "is"),
        ('{"Records": [[]]}', "The record is not an S3 event"),
        ("\r\n", "is not JSON"),
    ],
    ids=lambda value: value[:20].strip(),
)
def test_one_bad_message_stops_nothing(studio, queues, film, body, reason):
    queues.uploads.send(body)
    put(studio, "incoming/paper-lantern/film.mp4", film)
    queues.uploads.send(body)
    assert len(receive_films(studio.client)) == 1
    reasons = queues.reasons()
    assert len(reasons) == 2
    assert all(reason in said for said in reasons)
    assert queues.waiting() == 1  # the film's, until its run exists


@pytest.mark.parametrize(
    "key",
    [
        "incoming/paper-lantern/a\\u0000b.mp4",
        "incoming/paper-lantern/a%00%1B%0D%0A.mp4",
        "incoming/paper-lantern/%EF%BF%BE%EF%BF%BF.txt",
        "incoming/paper-lantern/%ED%A0%80.mp4",
        "incoming/" + "x" * 100_000,
        "incoming/paper-lantern/" + "%F0%9F%8E%AC" * 300 + ".mp4",
    ],
    ids=lambda key: key[:40],
)
def test_a_key_that_no_queue_takes_as_a_reason_is_rejected_all_the_same(studio, queues, film, key):
    described = f'"s3": {{"bucket": {{"name": "{studio.bucket}"}}, "object": {{"key": "{key}"}}}}'
    queues.uploads.send(f'{{"Records": [{{"eventName": "ObjectCreated:Put", {described}}}]}}')
    put(studio, "incoming/paper-lantern/film.mp4", film)
    assert len(receive_films(studio.client)) == 1
    (reason,) = queues.reasons()
    assert reason.isprintable()
    assert len(reason) <= 1_000


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), ValueError("x" * 10**6), KeyError("\x00"), MemoryError()]
)
def test_an_error_that_nobody_foresaw_rejects_one_message(
    studio, queues, film, monkeypatch, caplog, error
):
    whole = ingest_uploads.upload_run_id

    def fails_once(uri, etag):
        if uri.name == "bad.mp4":
            raise error
        return whole(uri, etag)

    monkeypatch.setattr(ingest_uploads, "upload_run_id", fails_once)
    for name in ("a", "bad", "b"):
        put(studio, f"incoming/paper-lantern/{name}.mp4", film)
    assert len(receive_films(studio.client)) == 2
    (reason,) = queues.reasons()
    assert reason.startswith(f"It cannot be handled: {type(error).__name__}")
    assert len(reason) <= 1_000
    assert any(record.exc_info for record in caplog.records), "the log has the traceback"


def failing(studio: Studio, service: str, operation: str, code: str, times: int) -> Any:
    """Clients of the studio; one operation fails the first times that it is called."""
    left = [times]

    def clients(name: str) -> Any:
        client = studio.client(name)
        if name != service:
            return client
        return _Failing(client, operation, code, left)

    return clients


class _Failing:
    def __init__(self, client: Any, operation: str, code: str, left: list[int]) -> None:
        self._client, self._operation, self._code, self._left = client, operation, code, left

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, name) if name == self._operation else getattr(self._client, name)

    def _call(self, name: str, **asked: Any) -> Any:
        if self._left[0]:
            self._left[0] -= 1
            raise ClientError({"Error": {"Code": self._code}}, name)
        return getattr(self._client, name)(**asked)


@pytest.mark.parametrize(
    ("service", "operation", "code", "error"),
    [
        ("s3", "head_object", "503", ServiceFailed),
        ("s3", "get_object", "SlowDown", Throttled),
        ("s3", "put_object", "InternalError", ServiceFailed),
        ("sqs", "send_message", "ThrottlingException", Throttled),
        ("sqs", "delete_message", "ServiceUnavailable", ServiceFailed),
    ],
)
def test_a_service_that_is_out_stops_the_task_and_loses_nothing(
    studio, queues, film, service, operation, code, error
):
    queues.uploads.send("hello")
    for name in ("a", "b"):
        put(studio, f"incoming/paper-lantern/{name}.mp4", film + name.encode())
    with queues.shown_again(), pytest.raises(error):
        receive_films(failing(studio, service, operation, code, times=1))
    assert len(receive_films(studio.client)) == 2
    assert set(queues.reasons()) == {"The message is not JSON: Expecting value: line 1 column 1 "
                                     "(char 0). Correct it."}  # fmt: skip


@pytest.mark.parametrize("code", ["400", "403", "404", "InvalidArgument", "AccessDenied"])
def test_an_object_that_s3_refuses_alone_is_rejected(studio, queues, film, code):
    """HEAD answers 400 for an object that is encrypted with a key of the uploader (SSE-C)."""
    for name in ("a", "b"):
        put(studio, f"incoming/paper-lantern/{name}.mp4", film)
    assert len(receive_films(failing(studio, "s3", "head_object", code, times=1))) == 1
    (reason,) = queues.reasons()
    assert "a.mp4" in reason


def test_a_message_that_is_received_again_and_again_is_rejected_with_its_reason(studio, queues):
    assert MOST_RECEIVES < MAX_ATTEMPTS, "or SQS would move it without a reason"
    inbox = ingest_uploads._Inbox(studio.client, ingest_uploads.read_deployment())
    queues.uploads.send('{"Records": [1]}')
    message = next(each for each in queues.uploads.receive() if "Event" not in each.body)
    assert message.received == 1
    often = Message(message.body, message.receipt, MOST_RECEIVES + 1)
    assert inbox.films_of(often) == []
    assert f"was received {MOST_RECEIVES + 1} times" in queues.reasons()[0]


def test_a_call_ends_although_messages_keep_coming(studio, queues, film, monkeypatch):
    monkeypatch.setattr(ingest_uploads, "MOST_MESSAGES", 20)
    for _ in range(40):
        queues.uploads.send("hello")
    receive_films(studio.client)
    assert queues.waiting() >= 20


def test_many_records_are_split_and_the_bad_ones_rejected_alone(studio, queues, film):
    put(studio, "incoming/paper-lantern/a.mp4", film)
    put(studio, "incoming/paper-lantern/b.mp4", film)
    records: list[Any] = [1, "x" * 150_000, {}, None]
    for message in queues.uploads.receive():  # and the test events of S3
        records += json.loads(message.body).get("Records", [])
        queues.uploads.delete(message.receipt)
    queues.uploads.send(json.dumps({"Records": records}))
    assert len(receive_films(studio.client)) == 2
    assert len(queues.reasons()) == 4


def test_a_film_with_a_key_of_its_uploader_is_rejected_and_the_others_go_on(studio, queues, film):
    key = make_key(studio.endpoint)
    put(studio, "incoming/paper-lantern/a.mp4", film)
    studio.client("s3").put_object(
        Bucket=studio.bucket,
        Key="incoming/paper-lantern/foreign.mp4",
        Body=film,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    studio.client("kms").disable_key(KeyId=key)
    assert len(receive_films(studio.client)) == 1
    (reason,) = queues.reasons()
    assert "foreign.mp4 cannot be read: " in reason
    assert f"KMS.DisabledException: {key} is disabled" in reason
