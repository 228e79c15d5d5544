"""Bytes of films on disk, on a web server, in S3."""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from storyboard_ops.domain.error_tree import (
    BrokenOff,
    KeyUnusable,
    ObjectMissing,
    Throttled,
    VideoUnreadable,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.sampling.byte_source import FileBytes, content_id, open_local_or_web
from storyboard_ops.gateways.sampling.s3_bytes import TRIES, S3Bytes
from storyboard_ops.gateways.sampling.web_bytes import WebBytes

BODY = bytes(range(256)) * 40


class RangeServer(BaseHTTPRequestHandler):
    """Serves BODY: by ranges below /film, whole at /whole, not to all at /signed, else nowhere."""

    status = {"/whole": 200, "/signed": 403}
    tag = '"v1"'

    def do_GET(self) -> None:
        if self.path.startswith("/film"):
            first, last = map(int, re.findall(r"\d+", self.headers["Range"]))
            part = BODY[first : last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(BODY)}")
            self.send_header("ETag", self.tag)
        else:
            part = BODY
            self.send_response(self.status.get(self.path.partition("?")[0], 404))
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *message: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), RangeServer) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="films")
        client.put_object(Bucket="films", Key="film.mp4", Body=BODY)
        yield client


def check(source) -> None:
    assert source.size == len(BODY)
    assert source.read(300, 10) == BODY[300:310]
    assert source.read(len(BODY) - 5, 100) == BODY[-5:]
    assert source.read(len(BODY), 100) == b""
    source.close()


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(BODY)
    check(open_local_or_web(str(path)))


def test_a_web_server(server: str) -> None:
    check(open_local_or_web(f"{server}/film.mp4", private=True))


def test_an_object_in_s3(s3) -> None:
    check(S3Bytes(s3, S3Uri("films", "film.mp4")))


@pytest.mark.parametrize("key", ["gone.mp4", "gone/again.mp4"])
def test_a_missing_object_is_named(s3, key: str) -> None:
    with pytest.raises(ObjectMissing, match=f"s3://films/{re.escape(key)} does not exist"):
        S3Bytes(s3, S3Uri("films", key))


def test_an_object_that_is_replaced_while_it_is_read_is_an_error_not_a_mixture(s3) -> None:
    source = S3Bytes(s3, S3Uri("films", "film.mp4"))
    s3.put_object(Bucket="films", Key="film.mp4", Body=BODY[::-1])
    with pytest.raises(VideoUnreadable, match=r"film\.mp4: it was replaced since the run began"):
        source.read(0, 10)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("NoSuchKey", "upload it"),
        ("InvalidObjectState", "it is archived; restore it"),
        ("AccessDenied", "kms:Decrypt"),
    ],
)
def test_what_s3_refuses_of_one_object_is_told_with_what_helps(s3, code: str, remedy: str) -> None:
    source = S3Bytes(s3, S3Uri("films", "film.mp4"))
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", code)
        with pytest.raises(VideoUnreadable, match=remedy):
            source.read(0, 10)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("KMS.DisabledException", "arn:aws:kms:us-east-1:1:key/x is disabled."),
        (
            "AccessDenied",
            "User: arn:aws:sts::1:assumed-role/worker/task is not authorized to perform: "
            "kms:Decrypt on resource: arn:aws:kms:us-east-1:1:key/x",
        ),
    ],
)
def test_a_key_that_cannot_be_used_now_is_no_matter_of_the_film(s3, code: str, words: str) -> None:
    source = S3Bytes(s3, S3Uri("films", "film.mp4"))
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", code, words)
        with pytest.raises(KeyUnusable, match=re.escape(words.rstrip("."))):
            source.read(0, 10)


def test_a_service_in_trouble_is_no_matter_of_the_film(s3) -> None:
    source = S3Bytes(s3, S3Uri("films", "film.mp4"))
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", "SlowDown", http_status_code=503)
        with pytest.raises(Throttled, match="SlowDown"):
            source.read(0, 10)


def answers(stub: Stubber, *bodies: bytes) -> None:
    """Ten bytes are promised each time."""
    for body in bodies:
        stub.add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), 10)})


def test_an_answer_that_breaks_off_is_asked_for_again(s3) -> None:
    source = S3Bytes(s3, S3Uri("films", "film.mp4"))
    with Stubber(s3) as stub:
        answers(stub, BODY[:4], BODY[:7], BODY[:10])
        assert source.read(0, 10) == BODY[:10]


def test_an_answer_that_breaks_off_every_time_is_given_up(s3) -> None:
    source = S3Bytes(s3, S3Uri("films", "film.mp4"))
    with Stubber(s3) as stub:
        answers(stub, *[BODY[:4]] * TRIES)
        with pytest.raises(BrokenOff, match="IncompleteReadError"):
            source.read(0, 10)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing, match=r"gone\.mp4 cannot be opened: No such file"):
        FileBytes(tmp_path / "gone.mp4")


def test_a_folder_a_pipe_and_a_device_are_refused_before_they_are_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    for place in (tmp_path, pipe, Path(os.devnull)):
        with pytest.raises(ObjectMissing, match=f"{re.escape(str(place))} is a folder, a pipe or"):
            FileBytes(place)


@pytest.mark.parametrize(("page", "status"), [("whole", 200), ("gone", 404)])
def test_a_server_without_ranges_is_refused_with_the_way_out(
    server: str, page: str, status: int
) -> None:
    with pytest.raises(ObjectMissing, match=f"answered {status} to a range request(.|\n)*S3 URI"):
        WebBytes(f"{server}/{page}", private=True)


def test_what_signs_a_link_stays_out_of_names_and_messages(server: str) -> None:
    place = server.replace("//", "//ana:secret@")
    assert (
        WebBytes(f"{place}/film.mp4?X-Amz-Signature=abc", private=True).uri == f"{server}/film.mp4"
    )
    with pytest.raises(ObjectMissing, match=r"/signed may not be read \(403\)") as refused:
        WebBytes(f"{place}/signed?X-Amz-Signature=abc", private=True)
    with pytest.raises(ObjectMissing, match="cannot be reached") as lost:
        WebBytes("http://127.0.0.1:1/film.mp4?X-Amz-Signature=abc", private=True)
    assert lost.value.__suppress_context__, "the reason behind it names the whole link"
    for said in (str(refused.value), str(lost.value)):
        assert "secret" not in said
        assert "Signature" not in said


def test_a_file_of_the_web_that_is_replaced_while_it_is_read_is_no_mixture(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = WebBytes(f"{server}/film.mp4", private=True)
    monkeypatch.setattr(RangeServer, "tag", '"v2"')
    with pytest.raises(VideoUnreadable, match="it was replaced or its link has expired"):
        source.read(0, 10)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(ObjectMissing, match=r"127\.0\.0\.1:1/film\.mp4 cannot be reached"):
        WebBytes("http://127.0.0.1:1/film.mp4", private=True)


def test_the_content_id_follows_the_version_and_not_the_place(s3) -> None:
    s3.put_object(Bucket="films", Key="copy.mp4", Body=BODY)
    s3.put_object(Bucket="films", Key="other.mp4", Body=BODY[::-1])
    film, copy, other = (
        content_id(S3Bytes(s3, S3Uri("films", key)))
        for key in ("film.mp4", "copy.mp4", "other.mp4")
    )
    assert film == copy != other
    assert re.fullmatch("[0-9a-f]{64}", film)
