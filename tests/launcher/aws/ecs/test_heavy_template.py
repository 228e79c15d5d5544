"""The template of heavy tasks: as committed, as the linter wants it, and with the rights needed."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.aws import blueprint
from launcher.aws.ecs import settings
from launcher.aws.ecs.template import build_template, render_template, target
from launcher.state.layout import Project

PROJECT = Project()
NAMES = blueprint.Names(
    account="123456789012",
    region="us-gov-west-1",
    bucket="b" * 63,
    prefix="a/",
    partition="aws-us-gov",
)
#: Rights that no call of the executor is named after.
IMPLIED = {
    "iam:PassRole",  # RunTask names both roles
    "s3:GetObject",  # logs are read, and continued
    "s3:PutObject",
}


def resources() -> dict[str, Any]:
    found: dict[str, Any] = build_template(PROJECT)["Resources"]
    return found


def test_the_committed_template_is_what_the_documents_say():
    """Run `python -m launcher.aws.ecs.template` when this fails."""
    assert target(PROJECT).read_text(encoding="utf-8") == render_template(PROJECT)
    assert yaml.safe_load(render_template(PROJECT)) == build_template(PROJECT)


def test_the_linter_finds_no_fault():
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [linter, "--regions", "us-east-1", "--", target(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_executor_may_do_what_it_calls_and_nothing_else():
    """A new call of the provider's executor needs a right in include/iam/heavy-access.json."""
    from airflow.providers.amazon.aws.executors.ecs.ecs_executor import AwsEcsExecutor

    from storyboard_ops.airflow_ops.ecs.container_output import ContainerOutput

    code = inspect.getsource(AwsEcsExecutor) + inspect.getsource(ContainerOutput)
    called = {
        f"{service}:{''.join(word.title() for word in method.split('_'))}"
        for service, method in re.findall(r"self\._?(ecs|logs)\.(\w+)\(", code)
    }
    policy = blueprint.read_policy(PROJECT.policies, NAMES, "heavy-access")
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert allowed == called | IMPLIED


def test_the_managed_policy_fits_what_iam_takes():
    """At most 6,144 characters without blanks (IAM User Guide)."""
    policy = blueprint.read_policy(PROJECT.policies, NAMES, "heavy-access")
    assert len(json.dumps(policy, separators=(",", ":"))) <= 6_144
    assert resources()["StoryboardHeavy"]["Properties"]["Roles"] == ["StoryboardAirflow"]


def test_policies_name_what_the_template_creates():
    made = resources()
    text = json.dumps([made["StoryboardHeavy"], made["StoryboardExecution"]])
    assert made["Cluster"]["Properties"]["ClusterName"] == settings.CLUSTER
    for named in (
        f"cluster/{settings.CLUSTER}",
        f"task-definition/{settings.FAMILY}:",
        f"log-group:{settings.LOG_GROUP}:",
        f"repository/{made['Repository']['Properties']['RepositoryName']}",
        "role/StoryboardExecution",
    ):
        assert named in text


def test_a_container_gets_the_address_of_the_api_and_no_secret():
    [container] = resources()["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    given = {item["Name"]: item["Value"] for item in container["Environment"]}
    assert given["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == {"Fn::Sub": "${ExecutionApiUrl}"}
    assert not [name for name in given if re.search("SECRET|FERNET|JWT|DATABASE|TOKEN", name)]
    assert container["EntryPoint"] == ["env"], "the image's own asks for users of Airflow"
    assert container["LogConfiguration"]["Options"]["awslogs-group"] == settings.LOG_GROUP


def test_both_sides_keep_logs_in_the_same_place():
    [container] = resources()["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    inside = {item["Name"]: item["Value"] for item in container["Environment"]}
    lines, _ = build_template(PROJECT)["Outputs"]["AirflowSettings"]["Value"]["Fn::Sub"]
    outside = dict(line.split("=", 1) for line in lines.splitlines())
    for name in settings.remote_logging("s3://any/"):
        value = inside[name]
        assert outside[name] == (value["Fn::Sub"] if isinstance(value, dict) else value)
    assert outside["AIRFLOW__AWS_ECS_EXECUTOR__CONTAINER_NAME"] == container["Name"]


def test_a_task_may_wait_for_a_place_as_long_as_its_token_is_valid():
    """The pauses of the provider are 4, 16, 64 and then 120 seconds."""
    pauses = [min(4**attempt, 120) for attempt in range(1, settings.MOST_ATTEMPTS)]
    assert sum(pauses) < settings.QUEUED_SECONDS - 600, "and ten minutes are left to start"


@pytest.mark.parametrize("default", ["LocalExecutor", "CeleryExecutor"])
def test_the_alias_of_the_executor_is_the_one_that_tasks_ask_for(monkeypatch, default):
    from storyboard_ops.airflow_ops.heavy_tasks import ALIAS, heavy_executor

    network = settings.Network("subnet-1", "sg-1", "False")
    variables = settings.airflow_variables(default, "us-east-1", "s3://studio/", network)
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", variables["AIRFLOW__CORE__EXECUTOR"])
    assert heavy_executor() == ALIAS
