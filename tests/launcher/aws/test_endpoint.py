"""The description of the running endpoint."""

from __future__ import annotations

import json
import os
from pathlib import Path

from launcher.aws.endpoint import Endpoint

READY = {
    "url": "http://127.0.0.1:9",
    "access_key_id": "AKID",
    "secret_access_key": "hush",
    "admin_token": "not needed here",
    "region": "us-east-1",
    "portal_url": "http://127.0.0.1:9/portal?token=t",
    "pid": 1,
}


def test_the_endpoint_is_read_from_its_ready_file_and_hides_its_secrets(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text(json.dumps(READY))
    endpoint = Endpoint.from_ready_file(path)
    variables = endpoint.variables()
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert "hush" not in repr(endpoint) and "token" not in repr(endpoint)
