"""What the image and the containers may do, read from Dockerfile and docker-compose.yaml."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from launcher.state.layout import PROJECT_ROOT

DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (PROJECT_ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
CODE = PurePosixPath("/opt/storyboard")
PINNED = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$|AUTH$")
#: `${NAME}` in any of its forms; `$$` reaches the container as one dollar sign.
VARIABLE = re.compile(r"(?<!\$)\$(?:\{(\w+)([^}]*)\}|(\w+))")


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments, each on one line."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split()[0], line.partition(" ")[2]) for line in joined.splitlines() if line]


def image_faults(dockerfile: str) -> Iterator[str]:
    """What an image must not be: of a changing base, writable by its user, or with a secret."""
    steps = instructions(dockerfile)
    arguments = dict(value.split("=", 1) for name, value in steps if name == "ARG")
    for name, value in steps:
        if name == "FROM":
            base = VARIABLE.sub(lambda found: arguments[found[1] or found[3]], value)
            if not PINNED.fullmatch(base):
                yield f"{base} is not an image by digest"
        if name in ("ENV", "ARG"):
            named = re.findall(r"(\w+)=", value)
            yield from (f"{one} is in the image" for one in named if SECRET.search(one))
        if name in ("COPY", "ADD") and "--chown" in value:
            yield f"{value} does not belong to root"
        if name == "RUN":
            for command in re.split(r"&&|;", value):
                words = command.split()
                given = [word for word in words if not word.startswith("-")]  # chown, owner, paths
                if words[0] == "chown" and any(map(_reaches_code, given[2:])):
                    yield f"{command.strip()} gives code away"
    users = [value for name, value in steps if name == "USER"]
    if not users or users[-1] in ("root", "0"):
        yield "the user is root"
    after_copy = steps[max(i for i, (name, _) in enumerate(steps) if name in ("COPY", "ADD")) :]
    if not any(name == "RUN" and "chmod -R u=rwX,go=rX ." in value for name, value in after_copy):
        yield "the code keeps the modes of the checkout"


def _reaches_code(word: str) -> bool:
    place = CODE / word
    return place.is_relative_to(CODE) or CODE.is_relative_to(place)


def test_the_image_is_pinned_and_its_code_is_not_the_users():
    assert list(image_faults(DOCKERFILE)) == []
    copied = [value.split()[0] for name, value in instructions(DOCKERFILE) if name == "COPY"]
    assert copied == [
        "requirements.txt",
        *("dags", "plugins", "include", "local_aws", "launcher", "trainer"),
    ]


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        (r"@sha256:\w+", "", "python:3.11-slim-bookworm is not an image by digest"),
        (r"FROM .*", "FROM python:latest", "python:latest is not an image by digest"),
        (r"@sha256:\w+", "@sha256:abc", "python:3.11-slim-bookworm@sha256:abc is not an image"),
        (r"COPY plugins", "COPY --chown=airflow plugins", "does not belong to root"),
        (r"COPY dags", "ADD --chown=50000:0 dags", "does not belong to root"),
        (r"chown -R airflow", "chown -R airflow .", "gives code away"),
        (r"chown -R airflow", "chown -R airflow plugins", "gives code away"),
        (r"chown -R airflow", "chown -R airflow /opt", "gives code away"),
        (r"chmod -R u=rwX,go=rX \.", "true", "keeps the modes of the checkout"),
        (r"USER airflow", "", "the user is root"),
        (r"USER airflow", "USER airflow\nUSER root", "the user is root"),
        (r"AIRFLOW_HOME=", "FERNET_KEY=x AIRFLOW_HOME=", "FERNET_KEY is in the image"),
        (r"USER airflow", "ARG DB_PASSWORD=x\nUSER airflow", "DB_PASSWORD is in the image"),
    ],
)
def test_a_fault_of_the_image_is_found(line, instead, fault):
    changed, count = re.subn(line, instead.replace("\\", r"\\"), DOCKERFILE, count=1)
    assert count == 1
    assert any(fault in found for found in image_faults(changed))


def test_the_build_sees_only_what_the_image_holds():
    """A file of secrets beside the code never reaches the Docker daemon."""
    rules = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(rule for rule in rules if not rule.startswith("#")) == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {value.split()[0] for name, value in instructions(DOCKERFILE) if name == "COPY"}
    assert allowed == copied
    assert ".env" in (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def compose_faults(text: str) -> Iterator[str]:
    """What containers must not be: open to the network, or with a password that all know."""
    for name, operation, bare in VARIABLE.findall(_without_comments(text)):
        if SECRET.search(name or bare) and not operation.startswith(":?"):
            yield f"{name or bare} has a default"
    document = yaml.safe_load(text)
    for name, service in document["services"].items():
        if "build" not in service and not PINNED.fullmatch(service["image"]):
            yield f"{service['image']} is not an image by digest"
        yield from (
            f"{name} listens on {port}"
            for port in service.get("ports", ())
            if not port.startswith("127.0.0.1:")
        )
        yield from _credential_faults(service.get("environment", {}))
        command = service.get("command", ())
        if {"worker", "triggerer"} & set(command) and "--skip-serve-logs" not in command:
            yield f"{name} serves logs to the network"
        if "redis" in name and "requirepass $$REDISCLI_AUTH" not in str(service.get("command")):
            yield "Redis takes anybody"


def _credential_faults(environment: dict[str, Any]) -> Iterator[str]:
    for key, value in environment.items():
        if SECRET.search(key) and not re.fullmatch(r"\$\{\w+:\?[^}]+\}", value):
            yield f"{key} is written down"
        if (
            "://" in value
            and re.search(r"(CONN|URL|BACKEND)$", key)
            and "127.0.0.1:8080" not in value
        ):
            password = re.search(r"://\w*:(\$\{\w+:\?[^}]+\})@", value)
            if password is None:
                yield f"{key} needs no secret password"


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def test_the_containers_need_passwords_and_serve_this_host_only():
    assert list(compose_faults(COMPOSE)) == []


@pytest.mark.parametrize(
    ("part", "instead", "fault"),
    [
        (r"POSTGRES_PASSWORD: \$\{.*\}", "POSTGRES_PASSWORD: airflow", "is written down"),
        (r"POSTGRES_PASSWORD:\?[^}]*", "POSTGRES_PASSWORD:-airflow", "has a default"),
        (r"\$\{REDIS_PASSWORD:\?[^}]*\}", "${REDIS_PASSWORD}", "REDIS_PASSWORD has a default"),
        (r"\$\{SECRET_KEY:\?[^}]*\}", "$SECRET_KEY", "SECRET_KEY has a default"),
        (r"redis://:\$\{[^}]*\}@", "redis://", "BROKER_URL needs no secret password"),
        (r"airflow:\$\{[^}]*\}@", "airflow:airflow@", "CONN needs no secret password"),
        (r"requirepass", "maxclients", "Redis takes anybody"),
        (r"worker, --skip-serve-logs", "worker", "worker serves logs to the network"),
        (r"triggerer, --skip-serve-logs", "triggerer", "triggerer serves logs to the network"),
        (r"127\.0\.0\.1:6380:6379", "6380:6379", "redis listens on 6380:6379"),
        (r"127\.0\.0\.1:5433:", "0.0.0.0:5433:", "postgres listens on 0.0.0.0"),
        (r"(redis:7-bookworm)@\S+", r"\1", "redis:7-bookworm is not an image by digest"),
        (r"(postgres:16)\S+", r"\1", "postgres:16 is not an image by digest"),
    ],
)
def test_a_fault_of_the_containers_is_found(part, instead, fault):
    changed, count = re.subn(part, instead, COMPOSE, count=1)
    assert count == 1
    assert any(fault in found for found in compose_faults(changed))


def test_the_head_of_the_file_writes_every_secret_for_its_owner_only(tmp_path):
    head = [line[4:] for line in COMPOSE.splitlines() if line.startswith("#   ")]
    script = "\n".join(head).partition("docker compose up")[0]
    subprocess.run(["bash", "-eu", "-c", script], cwd=tmp_path, check=True)
    written = tmp_path / ".env"
    values = dict(line.split("=", 1) for line in written.read_text().splitlines())
    needed = {
        name for name, operation, _ in VARIABLE.findall(COMPOSE) if operation.startswith(":?")
    }
    assert values.keys() == needed
    assert min(map(len, values.values())) >= 44 and len(set(values.values())) == len(values)
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_container_gets_the_keys_of_the_endpoint_from_its_ready_file(tmp_path):
    ready = {
        "url": "http://127.0.0.1:4566",
        "access_key_id": "AKIALOCAL",
        "secret_access_key": "secret $HOME \"'",
        "region": "us-east-1",
        "portal_url": "http://127.0.0.1:4566/_localaws/portal?token=1",
    }
    (tmp_path / "ready.json").write_text(json.dumps(ready))
    program, option, code = yaml.safe_load(COMPOSE)["services"]["worker"]["entrypoint"]
    assert (program, option) == ("python", "-c")
    code = code.replace("/opt/local_aws/ready.json", str(tmp_path / "ready.json"))
    command = [sys.executable, option, code, "sh", "-c", 'echo "$AWS_SECRET_ACCESS_KEY $1"', "sh"]
    shown = subprocess.run(
        [*command, "argument"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout == "secret $HOME \"' argument\n"
