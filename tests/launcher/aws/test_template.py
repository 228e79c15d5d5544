"""The CloudFormation template: as committed, as the linter wants it, and with the same rights."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.aws import blueprint
from launcher.aws.template import build_template, render_template
from launcher.state.layout import Project

PROJECT = Project()
NAMES = blueprint.Names(
    account="123456789012",
    region="us-gov-west-1",
    bucket="studio",
    prefix="a/",
    partition="aws-us-gov",
)
KEY = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/0a1b2c3d"
VALUES = {
    "${AWS::AccountId}": NAMES.account,
    "${AWS::Region}": NAMES.region,
    "${AWS::Partition}": NAMES.partition,
    "${BucketName}": NAMES.bucket,
    "${Prefix}": NAMES.prefix,
    "${KmsKeyArn}": KEY,
}
NO_VALUE = {"Ref": "AWS::NoValue"}


def resources(workers: blueprint.Workers = "account", with_key: bool = False) -> dict:
    """The template's resources with an account's names in them, and answers to conditions."""
    template = build_template(PROJECT)
    assert template["Conditions"] == {
        "WorkersOnEcs": {"Fn::Equals": [{"Ref": "Workers"}, "ecs"]},
        "HeavyOnEcs": {"Fn::Equals": [{"Ref": "Workers"}, "heavy"]},
        "BucketHasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": "KmsKeyArn"}, ""]}]},
    }
    answers = {
        "WorkersOnEcs": workers == "ecs",
        "HeavyOnEcs": workers == "heavy",
        "BucketHasKey": with_key,
    }

    def resolve(item: dict) -> Any:
        if "Fn::If" in item:
            name, if_true, if_false = item["Fn::If"]
            return if_true if answers[name] else if_false
        if "Statement" in item:
            return {**item, "Statement": [one for one in item["Statement"] if one != NO_VALUE]}
        return item.get("Fn::Sub", item)

    text = json.dumps(template["Resources"])
    for reference, value in VALUES.items():
        text = text.replace(reference, value)
    return json.loads(text, object_hook=resolve)


def test_the_committed_template_is_what_the_documents_say():
    """Run `python -m launcher.aws.template` when this fails."""
    assert PROJECT.template.read_text(encoding="utf-8") == render_template(PROJECT)
    assert yaml.safe_load(render_template(PROJECT)) == build_template(PROJECT)


def test_the_linter_finds_no_fault():
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [linter, "--regions", "us-east-1", "--", PROJECT.template],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("workers", "key"), [("account", ""), ("ecs", ""), ("heavy", ""), ("account", KEY)]
)
def test_roles_have_the_rights_that_the_set_up_gives(workers, key):
    made = resources(workers, with_key=bool(key))
    names = replace(NAMES, key=key)
    for role in blueprint.ROLES:
        properties = made[role]["Properties"]
        (access,) = properties["Policies"]
        assert access["PolicyDocument"] == blueprint.read_access(PROJECT.policies, names, role)
        trust = blueprint.trust_file(role, workers)
        assert properties["AssumeRolePolicyDocument"] == blueprint.read_policy(
            PROJECT.policies, NAMES, trust
        )


def test_no_arn_names_a_partition():
    text = PROJECT.template.read_text(encoding="utf-8")
    assert "arn:aws" not in text.replace(blueprint.KEY_PATTERN, "")
    assert "arn:${AWS::Partition}:s3:::${BucketName}" in text


def test_uploads_reach_the_queue_that_lets_the_bucket_in():
    made = resources()
    (rule,) = made["Bucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    wanted = blueprint.notification(NAMES)
    assert [rule["Event"]] == wanted["Events"]
    assert rule["Queue"] == wanted["QueueArn"]
    assert rule["Filter"]["S3Key"]["Rules"] == wanted["Filter"]["Key"]["FilterRules"]
    policy = made["UploadsQueuePolicy"]["Properties"]["PolicyDocument"]
    assert policy == blueprint.read_policy(PROJECT.policies, NAMES, "queue-policy")
    attributes = made["UploadsQueue"]["Properties"]
    assert attributes.items() >= blueprint.uploads_attributes(NAMES).items()


@pytest.mark.parametrize("key", ["", KEY])
def test_the_bucket_is_encrypted_as_the_set_up_does(key):
    (rule,) = resources(with_key=bool(key))["Bucket"]["Properties"]["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    default = rule.pop("ServerSideEncryptionByDefault")
    wanted = blueprint.encryption_rule(replace(NAMES, key=key))
    assert {"ApplyServerSideEncryptionByDefault": default, **rule} == wanted


def test_the_bucket_is_closed_and_outlives_the_stack():
    bucket = resources()["Bucket"]
    assert bucket["DeletionPolicy"] == "Retain"
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
