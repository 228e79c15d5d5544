"""What the image and the containers may do, read from Dockerfile and docker-compose.yaml."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from launcher.containers import __main__ as containers
from launcher.containers import warm
from launcher.containers.__main__ import environment
from launcher.containers.dotenv import write_env
from launcher.containers.users import read_users
from launcher.errors import UsageError
from launcher.state.layout import PROJECT_ROOT

DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (PROJECT_ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
CODE = PurePosixPath("/opt/storyboard")
PINNED = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$|AUTH$")
OURS = "storyboard-pipeline"
#: Only root writes, everybody reads.
MODES = "chmod -R u=rwX,go=rX ."
#: The value of ``${NAME:-value}`` where nothing is set.
DEFAULT = re.compile(r"^\$\{\w+:-(.*)\}$")
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
            named = value.partition(" AS ")[0]
            base = VARIABLE.sub(lambda found: arguments[found[1] or found[3]], named)
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
    if not all(map(_modes_are_set, stages(steps))):
        yield "the code keeps the modes of the checkout"


def stages(steps: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The instructions by the image that they build, which the next may copy from."""
    begins = [at for at, (name, _) in enumerate(steps) if name == "FROM"]
    return [steps[begin:end] for begin, end in pairwise([*begins, len(steps)])]


def _modes_are_set(stage: list[tuple[str, str]]) -> bool:
    """Whether what a stage copies of the checkout into its work folder gets modes afterwards."""
    copies = [
        at
        for at, (name, value) in enumerate(stage)
        if name in ("COPY", "ADD") and "--from=" not in value and not value.endswith(" .")
    ]
    after = stage[copies[-1] :] if copies else [("RUN", MODES)]
    return any(name == "RUN" and MODES in value for name, value in after)


def _reaches_code(word: str) -> bool:
    place = CODE / word
    return place.is_relative_to(CODE) or CODE.is_relative_to(place)


def test_the_image_is_pinned_and_its_code_is_not_the_users():
    assert list(image_faults(DOCKERFILE)) == []
    copied = copied_from_checkout()
    assert copied == [
        *("requirements.txt", "launcher/containers/warm.py"),  # for the packages
        *("dags", "plugins", "include", "local_aws", "launcher", "trainer"),
    ]


def copied_from_checkout() -> list[str]:
    """What the image takes of the checkout, and not of an earlier stage."""
    places = [value.split()[0] for name, value in instructions(DOCKERFILE) if name == "COPY"]
    return [place for place in places if not place.startswith("--from=")]


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        (r"@sha256:\w+", "", "python:3.11-slim-bookworm is not an image by digest"),
        (r"FROM \S+\n", "FROM python:latest\n", "python:latest is not an image by digest"),
        (r"@sha256:\w+", "@sha256:abc", "python:3.11-slim-bookworm@sha256:abc is not an image"),
        (r"COPY plugins", "COPY --chown=airflow plugins", "does not belong to root"),
        (r"COPY dags", "ADD --chown=50000:0 dags", "does not belong to root"),
        (r"chown -R airflow", "chown -R airflow .", "gives code away"),
        (r"chown -R airflow", "chown -R airflow plugins", "gives code away"),
        (r"chown -R airflow", "chown -R airflow /opt", "gives code away"),
        (r"chmod -R u=rwX,go=rX \.", "true", "keeps the modes of the checkout"),
        (r"COPY --from=code \S+ \.", "COPY plugins plugins", "keeps the modes of the checkout"),
        (r"USER airflow", "", "the user is root"),
        (r"USER airflow", "USER airflow\nUSER root", "the user is root"),
        (r"ENV AIRFLOW_HOME=", "ENV FERNET_KEY=x AIRFLOW_HOME=", "FERNET_KEY is in the image"),
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
    assert allowed == {place.split("/")[0] for place in copied_from_checkout()}
    assert ".env" in (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_the_image_compiles_is_in_its_lock():
    """The build imports these; a package that is no longer needed would break it."""
    assert [name for name in warm.MODULES if find_spec(name) is None] == []


def compose_faults(text: str) -> Iterator[str]:
    """What containers must not be: open to the network, or with a password that all know."""
    for name, operation, bare in VARIABLE.findall(_without_comments(text)):
        if SECRET.search(name or bare) and not operation.startswith(":?"):
            yield f"{name or bare} has a default"
    document = yaml.safe_load(text)
    for name, service in document["services"].items():
        image = DEFAULT.sub(r"\1", service["image"])  # tests may name another
        if image != OURS and not PINNED.fullmatch(image):
            yield f"{image} is not an image by digest"
        if image == OURS and "build" not in service and service.get("pull_policy") != "never":
            yield f"{name} may take an image of this name from a registry"
        lasts = "restart" in service and "healthcheck" in service
        ends = service.get("entrypoint") == ["true"] or service.get("restart") == "on-failure:5"
        if not lasts and not ends:
            yield f"{name} stays down when it is killed, or nobody sees whether it works"
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
        if value is None:
            continue  # what those who start the containers have
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
        (r"(redis:7-bookworm)@\S+", r"\1}", "redis:7-bookworm is not an image by digest"),
        (r"(postgres:16)\S+", r"\1}", "postgres:16 is not an image by digest"),
        (r"pull_policy: never", "pull_policy: missing", "may take an image of this name"),
        (r"restart: unless-stopped\n  network", "network", "worker stays down"),
        (r"    restart: unless-stopped\n    user: redis", "    user: redis", "redis stays down"),
        (r"    healthcheck: .*pg_isready.*", "", "postgres stays down"),
    ],
)
def test_a_fault_of_the_containers_is_found(part, instead, fault):
    changed, count = re.subn(part, instead, COMPOSE, count=1)
    assert count == 1
    assert any(fault in found for found in compose_faults(changed))


def test_the_example_becomes_a_file_with_every_secret_for_its_owner_only(tmp_path):
    shutil.copy(PROJECT_ROOT / ".env.example", tmp_path)
    written = write_env(tmp_path)
    lines = [line for line in written.read_text().splitlines() if line and line[0] != "#"]
    values = dict(line.split("=", 1) for line in lines)
    needed = {
        name for name, operation, _ in VARIABLE.findall(COMPOSE) if operation.startswith(":?")
    }
    assert needed <= values.keys()
    [user] = read_users(values["STORYBOARD_USERS"])
    assert (user.name, user.role) == ("admin", "admin")
    secrets = [values[name] for name in needed - {"STORYBOARD_USERS"}]
    assert min(map(len, secrets)) >= 44 and len({*secrets, user.password}) == len(secrets) + 1
    assert Fernet(values["FERNET_KEY"]).decrypt(Fernet(values["FERNET_KEY"]).encrypt(b"x")) == b"x"
    assert written.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists, and the database was created with its secrets"):
        write_env(tmp_path)


READY = {
    "url": "http://127.0.0.1:4566",
    "access_key_id": "AKIALOCAL",
    "secret_access_key": "secret $HOME \"'",
    "region": "us-east-1",
    "portal_url": "http://127.0.0.1:4566/_localaws/portal?token=1",
}


def test_a_container_gets_the_keys_of_the_endpoint_where_the_profile_is_local(tmp_path):
    ready = tmp_path / "ready.json"
    ready.write_text(json.dumps(READY))
    local = environment({"STORYBOARD_PROFILES": "local,metrics"}, ready)
    assert local["AWS_SECRET_ACCESS_KEY"] == "secret $HOME \"'"
    assert local["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert environment({"STORYBOARD_PROFILES": ""}, ready) == {}, (
        "AWS itself, though a file is left"
    )


def test_users_log_in_with_their_own_passwords(tmp_path):
    given = {
        "AIRFLOW_HOME": str(tmp_path),
        "STORYBOARD_USERS": "ana:user:Lantern1,bo:admin:x1234567",
    }
    variables = environment(given)
    assert variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "ana:user,bo:admin"
    file = Path(variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(file.read_text()) == {"ana": "Lantern1", "bo": "x1234567"}
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("users", "message"),
    [
        ("", "user 1 is not written name:role:password"),
        ("ana:user:Lantern12,", "user 2 is not written"),
        ("ana:owner:Lantern12", "the role is one of viewer, user, op, admin"),
        ("ana:user:short12", "8 or more"),
        ("ana:user:pass word", "user 1 is not written"),
        ("ana:user:Lantern12,ana:admin:Lantern13", "names ana more than once"),
    ],
)
def test_users_are_refused_without_showing_a_password(users, message):
    with pytest.raises(UsageError, match=message) as refused:
        read_users(users)
    assert "Lantern1" not in str(refused.value)


def test_two_workers_have_two_names(tmp_path, monkeypatch):
    """Containers on the host's network share its name, and Celery tells workers apart by theirs."""
    monkeypatch.setattr(containers, "WORKER_NAME", tmp_path / "name")
    first, second = (containers.with_own_name(["airflow", "celery", "worker"]) for _ in range(2))
    assert first[:4] == ["airflow", "celery", "worker", "--celery-hostname"]
    assert first[4] != second[4]
    assert second[4] == f"{(tmp_path / 'name').read_text()}@%h"
