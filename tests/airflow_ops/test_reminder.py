"""People are reminded once of a review that nobody has finished: by mail, or by a webhook."""

from __future__ import annotations

import asyncio
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_string
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskDeferred

from storyboard_ops.airflow_ops.reminder import REMINDER, remind
from storyboard_ops.gateways.aws import account
from tests.airflow_ops.approval.test_sensor import CONTEXT, Waiting
from tests.studio.studio_fixture import Studio

CONNECTION = f"AIRFLOW_CONN_{REMINDER.upper()}"


class MailServer(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps its mails (RFC 5321, the least that a client needs)."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailSession)
        self.recipients: list[str] = []
        self.mails: list[str] = []


class MailSession(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 studio\r\n")
        while line := self.rfile.readline().decode().strip():
            command = line.partition(" ")[0].upper()
            if command == "RCPT":
                self.server.recipients.append(line.partition("<")[2].partition(">")[0])
            if command == "DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                self.server.mails.append("\n".join(lines))
            self.wfile.write(b"221 bye\r\n" if command == "QUIT" else b"250 ok\r\n")
            if command == "QUIT":
                return


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server, and the connection that leads to it."""
    with serving(MailServer()) as server:
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "runs@studio.example"}
        connection = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": server.server_address[1],
            "extra": {**extra, "to": "ana@studio.example, ben@studio.example"},
        }
        monkeypatch.setenv(CONNECTION, json.dumps(connection))
        yield server


def test_people_get_one_mail_when_nobody_has_finished_in_time(
    studio: Studio, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.studio.example/a")
    page = Waiting(studio, monkeypatch, review_desk="page", remind_after_h=0.5)
    parked = page.parked()
    page.now += timedelta(minutes=29)
    parked = page.parked(parked)
    assert mails.mails == []
    page.now += timedelta(minutes=1)
    parked = page.parked(parked)
    page.now += timedelta(minutes=10)
    page.parked(parked)
    (mail,) = mails.mails
    assert mails.recipients == ["ana@studio.example", "ben@studio.example"]
    message = message_from_string(mail)
    assert message["Subject"] == "A review waits for people: Tiny"
    (part,) = [one for one in message.walk() if one.get_content_type() == "text/html"]
    body: Any = part.get_payload(decode=True)
    assert "0 approved, 0 rejected, 3 open. The run waits until" in body.decode()
    link = "https://airflow.studio.example/a/storyboard/runs/train/run%2B1/review"
    assert f'<a href="{link}">' in body.decode()


async def test_a_work_team_is_reminded_once_and_the_wait_goes_on(
    aws: Studio, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "portal_address", lambda *_: "https://x1.labeling.example")
    waiting = Waiting(aws, monkeypatch, review_desk="a2i", remind_after_h=0.5)
    with pytest.raises(TaskDeferred) as deferral:
        waiting.sensor.execute(CONTEXT)
    trigger: Any = deferral.value.trigger
    assert datetime.fromisoformat(trigger.remind_at) == waiting.now + timedelta(minutes=30)

    trigger.poll_seconds, trigger.remind_at = 0.05, datetime.now(UTC).isoformat()
    event = await asyncio.wait_for(anext(trigger.run()), timeout=30)
    assert event.payload == {"ended": 0}
    waiting.now += timedelta(minutes=30)
    with pytest.raises(TaskDeferred) as again:
        waiting.sensor.resume_execution(
            deferral.value.method_name,
            {**(deferral.value.kwargs or {}), "event": event.payload},
            CONTEXT,
        )
    (mail,) = mails.mails
    (part,) = [
        one for one in message_from_string(mail).walk() if one.get_content_type() == "text/html"
    ]
    body: Any = part.get_payload(decode=True)
    assert "0 of 1 human loop answered. The run waits until" in body.decode()
    assert '<a href="https://x1.labeling.example">' in body.decode()
    second: Any = again.value.trigger
    assert (second.remind_at, second.loop_names) == ("", trigger.loop_names)
    assert again.value.timeout == timedelta(minutes=30)


def test_a_webhook_gets_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[tuple[str, Any, str | None]] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, json.loads(body), self.headers.get("Authorization")))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Webhook)) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/services"
        connection = {"conn_type": "http", "host": address, "password": "T0/B0/secret"}
        monkeypatch.setenv(CONNECTION, json.dumps(connection))
        remind("A review waits", "3 open.", "https://airflow/review")
    text = {"text": "A review waits. 3 open. https://airflow/review"}
    assert posted == [("/services/T0/B0/secret", text, None)]


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (None, "Nobody is reminded: Airflow has no connection storyboard_reminder."),
        ({"conn_type": "ftp"}, "The connection storyboard_reminder is not of type smtp or http."),
        (
            {"conn_type": "http", "host": "http://127.0.0.1:9"},
            "The reminder by the connection storyboard_reminder could not be sent: ",
        ),
    ],
)
def test_a_reminder_that_cannot_be_sent_does_not_end_the_wait(
    connection: Any,
    words: str,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if connection:
        monkeypatch.setenv(CONNECTION, json.dumps(connection))
    with caplog.at_level("INFO"):
        remind("A review waits", "3 open.", "https://airflow/review")
    assert words in caplog.text
