"""Starting and stopping: fast, on loopback only, with clear messages."""

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local_aws.signing.identity import load_identity
from tests.studio.endpoint_fixture import PROJECT_ROOT, start_endpoint


def test_it_starts_in_two_cpu_seconds_and_says_how_to_use_it(
    tmp_path: Path,
) -> None:
    endpoint = start_endpoint(tmp_path / "data", ["--today", "2026-11-22"])
    used = psutil.Process(endpoint.process.pid).cpu_times()
    endpoint.process.send_signal(signal.SIGTERM)
    text, _ = endpoint.process.communicate(timeout=10)
    assert endpoint.process.returncode == 0
    assert used.user + used.system < 2  # processor time: the machine may be busy
    assert f"Local AWS endpoint at {endpoint.url}" in text
    assert "simulated calendar day: 2026-11-22" in text
    assert "Amazon A2I: closed to this account" in text


def test_without_a_ready_file_it_prints_its_keys_and_what_they_can_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local_aws", "--data", str(tmp_path / "data")]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "export AWS_EC2_METADATA_DISABLED=true\n")
    text = "".join(lines)
    process.terminate()
    process.communicate(timeout=10)
    identity = load_identity(tmp_path / "data")
    assert f"export AWS_ACCESS_KEY_ID={identity.access_key_id}\n" in text
    assert f"export AWS_SECRET_ACCESS_KEY={identity.secret_access_key}\n" in text
    assert re.search(r"worker portal: http://127\.0\.0\.1:\d+/\S+\?token=", text)
    assert "read and change every object" in text
    assert "run\ncommands as the user who runs this endpoint" in text


def test_with_a_ready_file_its_output_holds_no_secret(tmp_path: Path) -> None:
    endpoint = start_endpoint(tmp_path / "data")
    endpoint.process.terminate()
    text, _ = endpoint.process.communicate(timeout=10)
    portal_token = endpoint.ready["portal_url"].partition("token=")[2]
    for secret in ("access_key_id", "secret_access_key", "admin_token"):
        assert endpoint.ready[secret] not in text
    assert portal_token and portal_token not in text
    assert f"address of the worker portal: {tmp_path / 'data-ready.json'}" in text


def test_the_ready_file_tells_a_supervisor_everything(tmp_path: Path) -> None:
    endpoint = start_endpoint(tmp_path / "data")
    endpoint.process.send_signal(signal.SIGINT)
    endpoint.process.communicate(timeout=10)
    assert endpoint.process.returncode == 0
    assert endpoint.ready["pid"] == endpoint.process.pid
    assert endpoint.ready["url"].startswith("http://127.0.0.1:")
    assert endpoint.ready["portal_url"].startswith(endpoint.ready["url"])
    assert endpoint.ready["region"] == "us-east-1"
    assert endpoint.ready["admin_token"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 is not a loopback address"),
        (["--host", "example.com"], "'example.com' is not an IP address; use 127.0.0.1"),
        (["--port", "70000"], "use 0 (a free one) to 65535"),
        (["--today", "March"], "'March' is not a day; write YYYY-MM-DD"),
        (["--customization-seconds", "-1"], "-1 is out of range; use 0 or more"),
        (["--quota", "instances=1"], "'instances=1' is not a value of a quota of instances"),
        (["--quota", "ml.m5.xlarge for training job usage=-1"], "-1 is out of range; use 0 or"),
        (["--training-python", "/no/python"], "/no/python is not a program that can be run"),
    ],
)
def test_a_bad_setting_is_explained(tmp_path: Path, arguments: list[str], message: str) -> None:
    command = [sys.executable, "-m", "local_aws", "--data", str(tmp_path), *arguments]
    result = subprocess.run(
        command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=10, check=False
    )
    assert result.returncode == 2
    assert message in result.stderr


def test_a_port_in_use_is_explained(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "local_aws", "--data", str(tmp_path), "--port", port]
        result = subprocess.run(
            command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=10, check=False
        )
    assert result.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "choose another with --port" in result.stderr


def test_the_keys_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first, second = load_identity(tmp_path), load_identity(tmp_path)
    assert first == second
    assert (tmp_path / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "credentials.json").read_text())["access_key_id"]


def test_two_endpoints_have_different_keys(tmp_path: Path) -> None:
    assert load_identity(_folder(tmp_path, "a")) != load_identity(_folder(tmp_path, "b"))


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name
