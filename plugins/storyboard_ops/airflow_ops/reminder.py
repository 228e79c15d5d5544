"""Notify people of what needs them, by the Airflow connection REMINDER.

That is a review that nobody has finished, a run that is late, and what bills past its lease.

A connection of type ``smtp`` sends a mail: its extra has ``from_email``, and ``to`` with the
addresses, separated by commas. One of type ``http`` posts ``{"text": …}`` to its address, which
Slack's, Mattermost's and Teams' incoming webhooks accept; its password is the secret last part of
the address. Without the connection nobody is notified.
"""

from __future__ import annotations

import logging
from html import escape
from urllib.parse import quote

from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

log = logging.getLogger(__name__)

REMINDER = "storyboard_reminder"


def remind(subject: str, text: str, link: str) -> None:
    """Send a reminder; a failure is logged and does not end the wait."""
    try:
        connection = BaseHook.get_connection(REMINDER)
    except AirflowNotFoundException:
        log.info("Nobody is reminded: Airflow has no connection %s.", REMINDER)
        return
    send = SENDERS.get(connection.conn_type or "")
    if send is None:
        kinds = " or ".join(SENDERS)
        log.warning("The connection %s is not of type %s.", REMINDER, kinds)
        return
    try:
        send(connection, subject, text, link)
    except Exception as error:  # noqa: BLE001  # of whichever library sends it
        log.warning("The reminder by the connection %s could not be sent: %s", REMINDER, error)
        return
    log.info("Reminded people by the connection %s.", REMINDER)


def _send_mail(connection: Connection, subject: str, text: str, link: str) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    extra = connection.extra_dejson
    addresses = [address.strip() for address in str(extra.get("to", "")).split(",")]
    body = f'<p>{escape(text)}</p><p><a href="{escape(link)}">{escape(link)}</a></p>'
    with SmtpHook(smtp_conn_id=REMINDER) as smtp:
        smtp.send_email_smtp(to=addresses, subject=subject, html_content=body)


def _post(connection: Connection, subject: str, text: str, link: str) -> None:
    from airflow.providers.http.hooks.http import HttpHook

    secret = quote(connection.password or "", safe="/")
    HttpHook(method="POST", http_conn_id=REMINDER, auth_type=_no_login).run(
        endpoint=secret, json={"text": f"{subject}. {text} {link}"}
    )


def _no_login(*_: object) -> None:
    """Send no password: it is a part of the address."""


SENDERS = {"smtp": _send_mail, "http": _post}
