"""IAM and STS, implemented by moto behind this endpoint's own signature check.

moto keeps its state in memory. Requests that change something are stored and replayed at the next
start, so roles and policies survive a restart; their ids and dates are then new. Policies are
stored and enforced for KMS keys only: every signed caller may do everything else.
SimulatePrincipalPolicy evaluates them, with the resource types of each action in
`data/iam_actions.yaml`: an action without any is allowed by a statement on `*` only.
"""

import importlib
import json
import os
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from local_aws.http.messages import HttpAnswer, HttpRequest
from local_aws.services.iam import policy_simulation
from local_aws.signing.issued_keys import store_issued_key
from local_aws.storage.state_store import StateStore

if TYPE_CHECKING:
    from moto.core.request import Request as MotoRequest

MOTO_SERVICES = ("iam", "sts")
JOURNAL = "moto-journal"
JOURNALED_PREFIXES = {
    "iam": ("Create", "Put", "Attach", "Detach", "Delete", "Update", "Tag", "Untag", "Add"),
    "sts": (),
}


class MotoServices:
    """Dispatches requests to moto and keeps a journal of the changes."""

    def __init__(self, account_id: str, state: StateStore) -> None:
        self._account_id = account_id
        self._state = state
        self._lock = threading.Lock()
        self._replayed = False

    def operation(self, request: HttpRequest, body: bytes) -> str:
        """Return the name of the requested operation; empty if there is none."""
        return _parse_form(body).get("Action") or request.argument("Action") or ""

    def answer(self, service: str, request: HttpRequest, body: bytes) -> HttpAnswer:
        """Return moto's answer; changes are stored before this returns."""
        self._replay_once()
        operation = self.operation(request, body)
        if operation == policy_simulation.OPERATION:
            return policy_simulation.simulate(
                _parse_form(body), self._account_id, str(uuid.uuid4())
            )
        answer = self._dispatch(service, request, body)
        if operation == "GetCallerIdentity":
            return self._name_owner(answer)
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            assert isinstance(answer.body, bytes)
            form = _parse_form(body)
            principal = self._find_principal(form)
            store_issued_key(operation, form, answer.body, self._state, principal)
            if operation.startswith(JOURNALED_PREFIXES[service]):
                self._add_to_journal(service, request, body)
        return answer

    def trust_policy(self, role_name: str) -> dict[str, Any] | None:
        """Return the trust policy of an IAM role; None if there is no such role."""
        self._replay_once()
        from moto.iam.models import iam_backends

        for role in iam_backends[self._account_id]["aws"].roles.values():
            if role.name == role_name:
                document: dict[str, Any] = json.loads(role.assume_role_policy_document)
                return document
        return None

    def decide_access(
        self, principal: str, action: str, resource: str, context: Mapping[str, str]
    ) -> str | None:
        """Return what the policies of a user or role say; see `policy_simulation.decide`."""
        self._replay_once()
        return policy_simulation.decide(principal, self._account_id, action, resource, context)

    def _find_principal(self, form: Mapping[str, str]) -> str:
        """Return the ARN of the role or user that a request names; empty if it names none."""
        from moto.iam.models import iam_backends

        users = iam_backends[self._account_id]["aws"].users
        user = users.get(form.get("UserName", ""))
        return form.get("RoleArn") or (user.arn if user else "")

    def _name_owner(self, answer: HttpAnswer) -> HttpAnswer:
        """Replace moto's placeholder for the owner of an unknown key with the endpoint's user."""
        assert isinstance(answer.body, bytes)
        unknown = f"arn:aws:sts::{self._account_id}:user/moto".encode()
        owner = policy_simulation.make_owner_arn(self._account_id).encode()
        return replace(answer, body=answer.body.replace(unknown, owner))

    def _dispatch(self, service: str, request: HttpRequest, body: bytes) -> HttpAnswer:
        moto_request = self._convert_request(request, body)
        status, headers, content = _load_responder(service).dispatch(
            moto_request, moto_request.url, moto_request.headers
        )
        kept = {str(name): str(value) for name, value in headers.items() if name != "status"}
        return HttpAnswer(
            status, kept, content.encode() if isinstance(content, str) else bytes(content)
        )

    def _convert_request(self, request: HttpRequest, body: bytes) -> "MotoRequest":
        from moto.core.request import Request

        url = f"http://{request.headers.get('host', '127.0.0.1')}{request.path}"
        if request.query:
            url = f"{url}?{request.query}"
        return Request.from_primitives(request.method, url, request.headers, body)

    def _add_to_journal(self, service: str, request: HttpRequest, body: bytes) -> None:
        with self._lock:
            entry = {
                "service": service,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "headers": dict(request.headers),
                "body": body.decode("latin-1"),
            }
            self._state.create(JOURNAL, f"{len(self._state.list(JOURNAL)):08d}", entry)

    def _replay_once(self) -> None:
        if self._replayed:
            return
        with self._lock:
            if self._replayed:
                return
            os.environ["MOTO_ACCOUNT_ID"] = self._account_id
            for entry in self._state.list(JOURNAL):
                self._replay(entry)
            self._replayed = True

    def _replay(self, entry: dict[str, Any]) -> None:
        body = entry["body"].encode("latin-1")
        request = HttpRequest(
            entry["method"], entry["path"], entry["query"], entry["headers"], _EmptyStream()
        )
        self._dispatch(entry["service"], request, body)


def _parse_form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


class _EmptyStream:
    def read(self, size: int = -1, /) -> bytes:
        return b""


def _load_responder(service: str) -> Any:
    """Return moto's response class of a service, imported at its first use."""
    class_name = {"iam": "IamResponse", "sts": "TokenResponse"}[service]
    return getattr(importlib.import_module(f"moto.{service}.responses"), class_name)
