"""Messages about uploads: each becomes one run, or is rejected with its reason."""

import json
import uuid

import pytest

from storyboard_ops.domain.ingest.upload_records import UploadedFilm
from storyboard_ops.gateways.aws.message_queue import MessageQueue
from storyboard_ops.steps.ingest import ingest_uploads
from storyboard_ops.steps.ingest.ingest_uploads import delete_message, receive_films
from tests.films.tiny_film import tiny_film
from tests.studio.studio_fixture import Studio


@pytest.fixture
def queues(studio: Studio, monkeypatch) -> "Queues":
    return Queues(studio, monkeypatch)


class Queues:
    """The two queues of a studio, and a bucket that announces what comes into incoming/."""

    def __init__(self, studio: Studio, monkeypatch) -> None:
        self.sqs = studio.client("sqs")
        names = {name: f"{name.lower()}-{uuid.uuid4().hex}" for name in ("UPLOADS", "REJECTED")}
        for name, queue in names.items():
            monkeypatch.setattr(ingest_uploads, f"{name}_QUEUE", queue)
            self.sqs.create_queue(QueueName=queue)
        self.uploads = MessageQueue(self.sqs, names["UPLOADS"])
        self.rejected = MessageQueue(self.sqs, names["REJECTED"])
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.uploads.url, AttributeNames=["QueueArn"]
        )["Attributes"]
        rules = [
            {
                "QueueArn": attributes["QueueArn"],
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
            }
            for prefix in ("incoming/", "team/incoming/")
        ]
        studio.client("s3").put_bucket_notification_configuration(
            Bucket=studio.bucket, NotificationConfiguration={"QueueConfigurations": rules}
        )

    def show_again(self, *films: UploadedFilm) -> None:
        """Let hidden messages be received again, as after the visibility timeout."""
        for film in films:
            self.sqs.change_message_visibility(
                QueueUrl=self.uploads.url, ReceiptHandle=film.receipt, VisibilityTimeout=0
            )

    def waiting(self) -> int:
        """Messages in the uploads queue, hidden ones included."""
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.uploads.url, AttributeNames=counts)
        return sum(map(int, answer["Attributes"].values()))

    def reasons(self) -> list[str]:
        """Why messages were rejected."""
        answer = self.sqs.receive_message(
            QueueUrl=self.rejected.url, MaxNumberOfMessages=10, MessageAttributeNames=["reason"]
        )
        found = answer.get("Messages", ())
        return sorted(m["MessageAttributes"]["reason"]["StringValue"] for m in found)


def put(studio: Studio, key: str, body: bytes) -> None:
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    return tiny_film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2).read_bytes()


def test_a_film_becomes_a_run_of_its_production(studio, queues, film):
    put(studio, "team/productions/tiny/production.yaml", b"production: Tiny")
    put(studio, "team/productions/tiny/settings.json", b'{"sample_interval_s": 0.5}')
    put(studio, "team/incoming/tiny/a film.mp4", film)
    (found,) = receive_films(studio.client)
    assert found.run_id.startswith("upload__a-film-mp4-")
    assert found.conf == {
        "videos": [f"s3://{studio.bucket}/team/incoming/tiny/a film.mp4"],
        "production": f"s3://{studio.bucket}/team/productions/tiny/production.yaml",
        "workspace": f"s3://{studio.bucket}/team",
        "sample_interval_s": 0.5,
    }


def test_a_production_that_comes_with_the_pipeline_needs_no_file(studio, queues, film):
    put(studio, "incoming/paper-lantern/film.mp4", film)
    (found,) = receive_films(studio.client)
    assert found.conf["production"] == "paper-lantern"


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


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (b'{"step_count": 3}', "'step_count': Input should be greater than or equal to 10"),
        (b'{"videos": []}', "cannot set videos"),
        (b"[]", "must be a JSON object"),
        (b"{", "not JSON"),
    ],
)
def test_settings_that_cannot_be_are_named(studio, queues, film, settings, reason):
    put(studio, "productions/paper-lantern/settings.json", settings)
    put(studio, "incoming/paper-lantern/film.mp4", film)
    assert receive_films(studio.client) == []
    (said,) = queues.reasons()
    assert reason in said


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
