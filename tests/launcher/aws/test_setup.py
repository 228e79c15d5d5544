"""Setting an account up, again, and tearing it down, against the local endpoint."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from rich.console import Console

from launcher.__main__ import main
from launcher.aws import blueprint
from launcher.aws.announcers import explain_others
from launcher.aws.setup import read_names
from launcher.commands.account import set_up_account, tear_down_account
from launcher.context import Context
from launcher.errors import RunFailed, UsageError
from launcher.processes.interrupts import Interrupts
from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE, Clients
from launcher.state.layout import Project
from storyboard_ops.domain.deployment import parse_deployment
from storyboard_ops.gateways.aws.account import denied_actions, role_trusts
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint

BUCKET = "studio-bucket"


@pytest.fixture
def endpoint(tmp_path) -> Iterator[RunningEndpoint]:
    """An account of its own: roles and queues are shared by everybody in one."""
    with running_endpoint(tmp_path / "data") as endpoint:
        yield endpoint


@pytest.fixture
def clients(endpoint) -> Clients:
    made: dict[str, Any] = {}

    def client(service: str):
        return made.setdefault(service, endpoint.client(service))

    return client


def context(out: io.StringIO) -> Context:
    return Context(Project(), Console(file=out, width=100), Interrupts())


def set_up(clients: Clients, prefix: str = "") -> str:
    """Set the account up; what the command shows."""
    out = io.StringIO()
    set_up_account(context(out), BUCKET, prefix, clients)
    return out.getvalue()


def tear_down(clients: Clients, with_content: bool = False) -> str:
    out = io.StringIO()
    tear_down_account(context(out), BUCKET, with_content, clients)
    return out.getvalue()


def words(shown: str) -> set[str]:
    """What was done, whatever to."""
    return set(re.findall(r"\b(created|changed|unchanged|removed|did not exist)\b", shown))


#: What the command proposes for runs that uploads start.
PROPOSED = {"uploads": {"params": {"budget_usd": 100}}}


def lines_to_add(shown: str) -> Any:
    """The lines for include/deployment.yaml that the command prints last."""
    _, lines = shown.split("Add it to include/deployment.yaml, under workspaces:\n")
    added = yaml.safe_load(lines)
    assert parse_deployment({"workspaces": added}, "the lines").known()
    return added


def test_set_up_again_change_repair_and_tear_down(clients):
    """One story, because an endpoint of its own takes its time."""
    shown = set_up(clients)
    assert words(shown) == {"created", "unchanged"}  # encryption is there by itself
    assert lines_to_add(shown) == {f"s3://{BUCKET}": PROPOSED}
    assert words(set_up(clients)) == {"unchanged"}

    s3, sqs, iam = clients("s3"), clients("sqs"), clients("iam")
    s3.delete_bucket_cors(Bucket=BUCKET)
    iam.delete_role_policy(RoleName="StoryboardBedrock", PolicyName="access")
    url = sqs.get_queue_url(QueueName=UPLOADS_QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    assert words(set_up(clients)) == {"created", "changed", "unchanged"}
    assert words(set_up(clients)) == {"unchanged"}

    s3.put_object(Bucket=BUCKET, Key="incoming/paper-lantern/film.mp4", Body=b"film")
    bodies = received(sqs, url)
    keys = [r["s3"]["object"]["key"] for b in bodies for r in json.loads(b).get("Records", [])]
    assert keys == ["incoming/paper-lantern/film.mp4"]

    with pytest.raises(UsageError, match=r"holds objects, incoming/paper-lantern/film\.mp4"):
        tear_down(clients)
    assert s3.head_bucket(Bucket=BUCKET)
    assert iam.get_role(RoleName="StoryboardAirflow")
    names = read_names(clients("sts"), BUCKET)
    heavy = json.dumps(blueprint.read_policy(Project().policies, names, "heavy-access"))
    policy = iam.create_policy(PolicyName="StoryboardHeavy", PolicyDocument=heavy)["Policy"]
    iam.attach_role_policy(RoleName="StoryboardAirflow", PolicyArn=policy["Arn"])
    assert words(tear_down(clients, with_content=True)) == {"removed"}
    assert words(tear_down(clients)) == {"did not exist"}
    assert s3.list_buckets()["Buckets"] == []
    assert sqs.list_queues().get("QueueUrls", []) == []
    assert [r for r in iam.list_roles()["Roles"] if "Storyboard" in r["RoleName"]] == []


def received(sqs, url: str) -> list[str]:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in found]


def test_what_was_made_is_what_preflight_and_the_watcher_ask_for(clients):
    set_up(clients, prefix="/team/a/")
    iam, sqs, s3 = clients("iam"), clients("sqs"), clients("s3")
    account = clients("sts").get_caller_identity()["Account"]
    for role, service in (("StoryboardBedrock", "bedrock"), ("StoryboardReview", "sagemaker")):
        arn = f"arn:aws:iam::{account}:role/{role}"
        assert role_trusts(iam, arn, f"{service}.amazonaws.com")
    data = f"arn:aws:s3:::{BUCKET}/team/a/runs/r/dataset/train.jsonl"
    bedrock = f"arn:aws:iam::{account}:role/StoryboardBedrock"
    assert not denied_actions(iam, bedrock, ("s3:GetObject",), data)
    assert denied_actions(iam, bedrock, ("s3:PutObject",), data)

    url = sqs.get_queue_url(QueueName=UPLOADS_QUEUE)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(REJECTED_QUEUE)
    (statement,) = json.loads(attributes["Policy"])["Statement"]
    assert statement["Condition"]["ArnEquals"] == {"aws:SourceArn": f"arn:aws:s3:::{BUCKET}"}
    (rule,) = s3.get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"]
    assert rule["Filter"]["Key"]["FilterRules"][0]["Value"] == "team/a/incoming/"

    others = {"ID": "others", "AllowedMethods": ["PUT"], "AllowedOrigins": ["https://x.example"]}
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [others]})
    set_up(clients, prefix="team/a")
    assert s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"] == [others, blueprint.CORS_RULE]


@pytest.mark.parametrize(
    "prefix", ["*", "team/*", "a//b", "${aws:username}", "team?", "a/../b", "two words", 'a","b']
)
def test_a_prefix_that_policies_take_for_a_pattern_is_refused(prefix):
    def unused(service: str):
        raise AssertionError(f"{service} is called with a prefix of another meaning")

    with pytest.raises(UsageError, match=r"cannot be used in policies: write folders"):
        set_up(unused, prefix)


@pytest.mark.parametrize("bucket", ["studio-*", "Studio", "a", "x" * 64, "studio/films", 'a"b'])
def test_a_bucket_that_policies_take_for_a_pattern_is_refused(bucket):
    with pytest.raises(UsageError, match="is not the name of a bucket"):
        set_up_account(context(io.StringIO()), bucket, "", lambda service: None)


def test_workers_on_ecs_assume_the_role_and_nobody_else(clients):
    set_up(clients)
    out = io.StringIO()
    set_up_account(context(out), BUCKET, "", clients, workers="ecs")
    assert words(out.getvalue()) == {"changed", "unchanged"}
    iam, account = clients("iam"), clients("sts").get_caller_identity()["Account"]
    (trust,) = iam.get_role(RoleName="StoryboardAirflow")["Role"]["AssumeRolePolicyDocument"][
        "Statement"
    ]
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{account}:*"},
    }


def test_names_are_of_the_partition_of_the_caller():
    class OtherPartition:
        meta = SimpleNamespace(region_name="us-gov-west-1")

        def get_caller_identity(self) -> dict[str, str]:
            arn = "arn:aws-us-gov:sts::123456789012:assumed-role/admin/ann"
            return {"Account": "123456789012", "Arn": arn}

    names = read_names(OtherPartition(), BUCKET, "team/")
    assert names.partition == "aws-us-gov"
    assert names.queue_arn("q") == "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q"
    for file in Project().policies.glob("*.json"):
        policy = json.dumps(blueprint.read_policy(Project().policies, names, file.stem))
        assert "arn:aws:" not in policy


def test_people_have_the_rights_of_their_role_as_iam_simulates_them(clients):
    set_up(clients, prefix="team")
    iam = clients("iam")
    account = clients("sts").get_caller_identity()["Account"]

    def denied(role: str, action: str, key: str) -> bool:
        arn = f"arn:aws:iam::{account}:role/{role}"
        return bool(denied_actions(iam, arn, (action,), f"arn:aws:s3:::{BUCKET}/{key}"))

    assert not denied("StoryboardUploader", "s3:PutObject", "team/incoming/x/film.mp4")
    for key in ("productions/x/settings.json", "runs/r/receipt.json", "library/references/1.png"):
        assert denied("StoryboardUploader", "s3:PutObject", f"team/{key}")
    assert denied("StoryboardUploader", "s3:GetObject", "team/incoming/x/film.mp4")
    assert not denied("StoryboardAuthor", "s3:PutObject", "team/productions/x/production.yaml")
    assert denied("StoryboardAuthor", "s3:PutObject", "team/incoming/x/film.mp4")
    assert not denied("StoryboardAirflow", "s3:DeleteObjectVersion", "team/videos/1/film.mp4")
    assert denied("StoryboardAirflow", "s3:PutObject", "team/productions/x/production.yaml")
    assert denied("StoryboardBedrock", "s3:GetObject", "team/incoming/x/dataset/train.jsonl")


def test_a_refusal_of_aws_ends_the_command_with_its_reason(clients, endpoint):
    fault = {"kind": "error", "service": "sqs", "operation": "CreateQueue", "code": "AccessDenied"}
    endpoint.admin("PUT", "faults", {"faults": [{**fault, "times": 1}]})
    with pytest.raises(RunFailed, match=r"The account is not set up completely: .*AccessDenied"):
        set_up(clients)
    assert words(set_up(clients)) == {"created", "unchanged"}


def test_the_commands_use_the_account_of_the_environment(endpoint, monkeypatch, stop_signals):
    for name, value in endpoint.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["setup-aws", "--bucket", ""]) == UsageError.exit_code
    arguments = ["--bucket", BUCKET]
    assert main(["setup-aws", *arguments, "--prefix", "team"]) == 0
    endpoint.client("s3").put_object(Bucket=BUCKET, Key="team/runs/r/report.html", Body=b"page")
    assert main(["teardown-aws", *arguments]) == UsageError.exit_code
    assert main(["teardown-aws", *arguments, "--with-content"]) == 0
    assert endpoint.client("s3").list_buckets()["Buckets"] == []


def announce_to(s3: Any, **configuration: Any) -> None:
    """Notify others of the bucket's uploads, as an operator has done before the set-up."""
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration=configuration, SkipDestinationValidation=True
    )


def notifications(s3: Any) -> dict[str, Any]:
    found = s3.get_bucket_notification_configuration(Bucket=BUCKET)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def statement(sid: str, service: str) -> dict[str, Any]:
    """A statement that lets a service send to the queue, as include/iam/README.md shows it."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:us-east-1:000000000000:{UPLOADS_QUEUE}",
    }


def test_notifications_of_others_are_neither_replaced_nor_doubled(clients):
    """A topic covers the uploads; then EventBridge does; then nobody."""
    s3, sqs = clients("s3"), clients("sqs")
    s3.create_bucket(Bucket=BUCKET)
    topic = {
        "Id": "films",
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:films",
        "Events": ["s3:ObjectCreated:Put"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "team/"}]}},
    }
    announce_to(s3, TopicConfigurations=[topic])
    shown = " ".join(set_up(clients, prefix="team").split())
    assert "left to others" in shown
    assert (
        f"{topic['TopicArn']} gets the uploads into team/incoming/ already, by the notification "
        "'films' of the bucket, and S3 takes no second one for them, so none was added. Subscribe "
        f"the queue {UPLOADS_QUEUE} to the topic, and let the topic send to it "
        "(include/iam/README.md, Uploads through SNS or EventBridge)."
    ) in shown
    assert notifications(s3) == {"TopicConfigurations": [topic]}

    url = sqs.get_queue_url(QueueName=UPLOADS_QUEUE)["QueueUrl"]
    policy = json.loads(
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    )
    policy["Statement"].append(statement("UploadsTopicTells", "sns"))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    shown = set_up(clients, prefix="team")
    assert words(shown) == {"unchanged"}  # the statement of others stays in the policy
    assert f"The queue {UPLOADS_QUEUE} lets topics send to it: check that it is subscribed" in shown

    announce_to(s3, EventBridgeConfiguration={})
    policy["Statement"][-1] = statement("UploadsRuleTells", "events")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    shown = set_up(clients, prefix="team")
    assert "EventBridge is on for the bucket and may send to the queue" in shown
    assert notifications(s3) == {"EventBridgeConfiguration": {}}

    policy["Statement"].pop()
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    assert "left to others" not in set_up(clients, prefix="team")
    assert set(notifications(s3)) == {"EventBridgeConfiguration", "QueueConfigurations"}


@pytest.mark.parametrize(
    ("listed", "member", "arn"),
    [
        ("QueueConfigurations", "QueueArn", "arn:aws:sqs:us-east-1:000000000000:theirs"),
        (
            "LambdaFunctionConfigurations",
            "LambdaFunctionArn",
            "arn:aws:lambda:us-east-1:000000000000:function:theirs",
        ),
    ],
)
def test_another_receiver_of_the_uploads_is_named(listed, member, arn):
    configuration = {listed: [{"Id": "theirs", member: arn, "Events": ["s3:ObjectCreated:*"]}]}
    names = blueprint.Names("000000000000", "us-east-1", BUCKET)
    said = explain_others(configuration, [], names)
    assert said.startswith(f"{arn} gets the uploads into incoming/ already")
    assert "Narrow that notification" in said


def test_a_notification_of_another_name_to_our_queue_is_enough():
    names = blueprint.Names("000000000000", "us-east-1", BUCKET)
    ours = {**blueprint.notification(names), "Id": "by hand"}
    said = explain_others({"QueueConfigurations": [ours]}, [], names)
    assert said == (
        f"The notification 'by hand' of the bucket sends uploads to {UPLOADS_QUEUE} already, so "
        "none was added. Check that it covers all of incoming/."
    )


def test_notifications_about_other_keys_or_events_are_no_obstacle():
    elsewhere = {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "logs/"}]}}
    queue = {"Id": "x", "QueueArn": "arn:aws:sqs:us-east-1:000000000000:theirs"}
    configuration = {
        "QueueConfigurations": [
            {**queue, "Events": ["s3:ObjectCreated:*"], "Filter": elsewhere},
            {**queue, "Events": ["s3:ObjectRemoved:*"]},
        ],
        "EventBridgeConfiguration": {},
    }
    names = blueprint.Names("000000000000", "us-east-1", BUCKET)
    assert explain_others(configuration, [], names) == ""
