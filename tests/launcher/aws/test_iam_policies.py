"""Least privilege: the Airflow role may do what the product calls, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import botocore.session
import pytest
from botocore import xform_name

from launcher.aws import blueprint
from launcher.state.layout import Project
from storyboard_ops.domain.money.resource_lease import OWNER_TAG, Lease
from storyboard_ops.gateways.training.model_files import sagemaker_facts
from tests.studio.iam_rights import (
    FREE,
    Account,
    action_of,
    allows,
    product_files,
    service_may,
)

KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f"
ACCOUNT = Account(account="123456789012", region="us-east-1", bucket="studio", key=KEY)
SERVICES = (
    "s3", "sqs", "sts", "iam", "kms", "bedrock", "bedrock-runtime", "rekognition", "sagemaker",
    "sagemaker-a2i-runtime", "service-quotas",
)  # fmt: skip
#: Needed without an operation of that name in the code, and why.
IMPLIED = {
    "iam:PassRole": "the calls that create jobs and flow definitions name a role",
    "sagemaker:AddTags": "CreateTrainingJob and CreateProcessingJob with tags",
    "s3:DeleteObjectVersion": "DeleteObjects with a version",
    "s3:GetObjectVersion": "GetObject with a version",
    "kms:Decrypt": "GetObject, when a key encrypts the bucket",
    "kms:GenerateDataKey": "PutObject, when a key encrypts the bucket",
}
#: The account of AWS that publishes the training image.
IMAGES = f":{sagemaker_facts().image.account}:repository/{sagemaker_facts().image.repository}"
#: Attributes that only look like an operation of AWS.
NO_OPERATION = frozenset({
    "create_app",  # the review page's web application
    "search",  # of regular expressions
})  # fmt: skip
#: Services of files whose clients are called `client`, for operations that several services have.
SERVICE_OF_FILE = {"bedrock": "bedrock", "rekognition": "rekognition"}


@pytest.fixture(scope="module")
def operations() -> dict[str, list[tuple[str, str]]]:
    """Name of a boto3 method to the operations it may be."""
    session = botocore.session.get_session()
    found: dict[str, list[tuple[str, str]]] = {}
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            found.setdefault(xform_name(operation), []).append((service, operation))
    return found


def called(operations: dict[str, list[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """Every operation that the product's code calls, as (service, operation)."""
    for file in product_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for receiver, name in _names(node):
                if name not in NO_OPERATION:
                    yield from _meant(operations.get(name, []), receiver, file.stem)


def _names(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(receiver, method) of calls on clients: a method, or its name as a text, as for listings."""
    if isinstance(node, ast.Attribute):
        yield _last_name(node.value), node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield "", node.value


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _meant(candidates: list[tuple[str, str]], receiver: str, stem: str) -> list[tuple[str, str]]:
    if len(candidates) < 2:
        return candidates
    service = receiver if receiver in SERVICES else SERVICE_OF_FILE.get(stem.partition("_")[0])
    return [candidate for candidate in candidates if candidate[0] == service]


def test_the_airflow_role_may_do_what_the_product_calls_and_nothing_else(operations):
    """Add a missing action to include/iam/airflow-access.json, with its reason in
    include/iam/README.md; remove one that is not needed from both.
    """
    needed = {action_of(*one) for one in set(called(operations)) - FREE} | set(IMPLIED)
    statements = ACCOUNT.statements("airflow-access")
    allowed = {action for statement in statements for action in statement["Action"]}
    assert allowed == needed


def policies() -> list[str]:
    return sorted(file.stem for file in Project().policies.glob("*-access.json"))


@pytest.mark.parametrize("file", policies())
def test_every_statement_says_in_the_readme_why_it_is_there(file):
    readme = (Project().policies / "README.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| (\w+) \| \w.+ \|$", readme, re.MULTILINE)
    sids = [statement["Sid"] for statement in ACCOUNT.statements(file)]
    assert set(sids) <= set(explained)


@pytest.mark.parametrize("file", policies())
def test_no_action_is_a_wildcard_and_everything_has_a_resource_that_is_ours(file):
    for statement in ACCOUNT.statements(file):
        assert not [action for action in statement["Action"] if "*" in action]
        if statement["Resource"] != ["*"]:
            ours = (ACCOUNT.account, ACCOUNT.bucket, "::foundation-model/", IMAGES)
            assert all(any(one in arn for one in ours) for arn in statement["Resource"])


def test_the_readme_explains_nothing_that_is_gone():
    readme = (Project().policies / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| (\w+) \| \w.+ \|$", readme, re.MULTILINE)) - {
        "statement",
        "role",
        "place",
    }
    sids = {statement["Sid"] for file in policies() for statement in ACCOUNT.statements(file)}
    assert explained == sids


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::another-bucket/film.mp4"),
        ("s3:DeleteBucket", "arn:aws:s3:::studio"),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/Administrator"),
        ("iam:CreateRole", "arn:aws:iam::123456789012:role/StoryboardBedrock"),
        ("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/other.model-v1"),
        ("sqs:DeleteMessage", "arn:aws:sqs:us-east-1:123456789012:storyboard-uploads-rejected"),
        ("rekognition:DeleteCollection", "arn:aws:rekognition:us-east-1:123456789012:collection/x"),
    ],
)
def test_what_is_not_the_pipelines_is_not_allowed(action, resource):
    assert not allows(ACCOUNT.statements("airflow-access"), action, resource)


def test_what_bills_is_ended_only_where_the_owners_tag_is_on_it():
    ending = ("bedrock:Delete", "bedrock:Stop", "rekognition:Stop", "sagemaker:StopTraining")
    for statement in ACCOUNT.statements("airflow-access"):
        if any(action.startswith(ending) for action in statement["Action"]):
            wanted = {"aws:ResourceTag/storyboard:owner": "storyboard-pipeline"}
            assert statement["Condition"] == {"StringEquals": wanted}


def test_tags_are_written_only_as_leases_are():
    """Owner, run and expiry; the tags of another owner cannot be replaced by ours."""
    (statement,) = (
        one
        for one in ACCOUNT.statements("airflow-access")
        if "bedrock:TagResource" in one["Action"]
    )
    tagging = ["bedrock:TagResource", "sagemaker:AddTags"]
    assert statement["Action"] == tagging, "tags of any owner may be read"
    ours = Lease(run="run-1", expires=None).tags
    allowed = statement["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
    assert sorted(allowed) == sorted(ours)
    assert statement["Condition"]["StringEqualsIfExists"] == {
        f"aws:{place}/{OWNER_TAG}": ours[OWNER_TAG] for place in ("ResourceTag", "RequestTag")
    }


@pytest.mark.parametrize("role", list(blueprint.ROLES))
def test_a_policy_fits_what_iam_takes(role):
    """Inline policies of a role: at most 10,240 characters without blanks (IAM User Guide)."""
    key = KEY.replace("arn:aws:kms:us-east-1", "arn:aws-us-gov:kms:us-gov-west-1")
    names = blueprint.Names(
        ACCOUNT.account, "us-gov-west-1", "b" * 63, partition="aws-us-gov", key=key
    )
    policy = blueprint.read_access(Project().policies, names, role)
    assert len(json.dumps(policy, separators=(",", ":"))) <= 10_240


#: A workspace that shares its bucket with others.
TEAM = replace(ACCOUNT, prefix="team/")
#: Documents about the bucket.
BUCKET_DOCUMENTS = [*policies(), "bucket-policy"]


def s3_arns(statement: dict) -> list[str]:
    named = statement["Resource"]
    arns = [named] if isinstance(named, str) else named
    return [arn for arn in arns if arn.startswith("arn:aws:s3:")]


@pytest.mark.parametrize("file", BUCKET_DOCUMENTS)
def test_objects_are_named_by_the_prefix_and_a_folder_of_the_workspace(file):
    """A wildcard before the folder would match the folder's name anywhere in a key."""
    folder = re.compile(r"arn:aws:s3:::studio/team/(removed\.json$|[a-z]+/)")
    for statement in TEAM.statements(file):
        if statement["Effect"] == "Allow":
            for arn in s3_arns(statement):
                assert arn == "arn:aws:s3:::studio" or folder.match(arn), statement["Sid"]


def may(role: str, action: str, key: str, account: Account = TEAM) -> bool:
    """Whether a role may act on a key of the bucket."""
    return allows(account.statements(f"{role}-access"), action, f"arn:aws:s3:::studio/{key}")


@pytest.mark.parametrize(
    ("role", "action", "key"),
    [
        ("airflow", "s3:GetObject", "team/videos/1234/film.mp4"),
        ("airflow", "s3:GetObject", "team/incoming/paper-lantern/film.mp4"),
        ("airflow", "s3:GetObject", "team/productions/paper-lantern/production.yaml"),
        ("airflow", "s3:GetObject", "team/scripts/night.txt"),
        ("airflow", "s3:PutObject", "team/runs/run-1/receipt.json"),
        ("airflow", "s3:PutObject", "team/library/references/1.png"),
        ("airflow", "s3:PutObject", "team/approved/paper-lantern/run-1.json"),
        ("airflow", "s3:PutObject", "team/models/paper-lantern/current.json"),
        ("airflow", "s3:PutObject", "team/removed.json"),
        ("airflow", "s3:PutObject", "team/removals/1.html"),
        ("airflow", "s3:DeleteObjectVersion", "team/videos/1234/film.mp4"),
        ("airflow", "s3:DeleteObjectVersion", "team/incoming/paper-lantern/film.mp4"),
        ("airflow", "s3:DeleteObject", "team/library/answers/op/1.json"),
        ("bedrock", "s3:GetObject", "team/runs/run-1/dataset/train.jsonl"),
        ("bedrock", "s3:PutObject", "team/runs/run-1/model/metrics.csv"),
        ("review", "s3:GetObject", "team/runs/run-1/crops/1.png"),
        ("review", "s3:GetObject", "team/runs/run-1/review/thumbs/1.jpg"),
        ("review", "s3:GetObject", "team/library/film/sampling/frames/0000001.jpg"),
        ("review", "s3:GetObject", "team/library/references/1.png"),
        ("review", "s3:PutObject", "team/library/review/flow/output.json"),
        ("reviewer", "s3:GetObject", "team/runs/run-1/report.html"),
        ("reviewer", "s3:GetObject", "team/runs/run-1/storyboard/storyboard.pdf"),
        ("uploader", "s3:PutObject", "team/incoming/paper-lantern/film.mp4"),
        ("author", "s3:PutObject", "team/productions/paper-lantern/production.yaml"),
        ("author", "s3:GetObject", "team/productions/paper-lantern/mira.png"),
    ],
)
def test_roles_may_do_their_work(role, action, key):
    assert may(role, action, key)


@pytest.mark.parametrize(
    ("role", "action", "key"),
    [
        # Films of others in the bucket, and what people deliver.
        ("airflow", "s3:GetObject", "film.mp4"),
        ("airflow", "s3:GetObject", "others/videos/film.mp4"),
        ("airflow", "s3:GetObject", "team-b/runs/run-1/report.html"),
        ("airflow", "s3:PutObject", "team/productions/paper-lantern/production.yaml"),
        ("airflow", "s3:PutObject", "team/incoming/paper-lantern/film.mp4"),
        ("airflow", "s3:PutObject", "team/videos/1234/film.mp4"),
        ("airflow", "s3:DeleteObject", "team/productions/paper-lantern/production.yaml"),
        # Records of removals stay, so that removed material stays out.
        ("airflow", "s3:DeleteObject", "team/removed.json"),
        ("airflow", "s3:DeleteObjectVersion", "team/removals/1.json"),
        # Services see the folders that they work on, in this workspace only.
        ("bedrock", "s3:GetObject", "team/runs/run-1/crops/1.png"),
        ("bedrock", "s3:GetObject", "team/incoming/x/dataset/train.jsonl"),
        ("bedrock", "s3:GetObject", "others/runs/run-1/dataset/train.jsonl"),
        ("bedrock", "s3:PutObject", "team/incoming/x/model/metrics.csv"),
        ("review", "s3:GetObject", "team/library/answers/bedrock.converse/1.json"),
        ("review", "s3:GetObject", "team/incoming/library/references/1.png"),
        ("review", "s3:GetObject", "others/library/references/1.png"),
        ("review", "s3:PutObject", "team/runs/run-1/review/answers.json"),
        ("review", "s3:PutObject", "team/incoming/x/review/film.mp4"),
        ("reviewer", "s3:GetObject", "team/incoming/x/report.html"),
        ("reviewer", "s3:GetObject", "team/videos/1234/film.mp4"),
        ("reviewer", "s3:PutObject", "team/runs/run-1/report.html"),
        # Whoever delivers films delivers films.
        *(("uploader", "s3:PutObject", f"team/{key}") for key in (
            "productions/x/production.yaml", "productions/x/settings.json", "removed.json",
            "runs/run-1/receipt.json", "library/references/1.png", "include/deployment.yaml",
            "models/x/current.json", "approved/x/run-1.json", "videos/1234/film.mp4",
        )),
        ("uploader", "s3:PutObject", "incoming/x/film.mp4"),
        ("uploader", "s3:PutObject", "others/incoming/x/film.mp4"),
        ("uploader", "s3:GetObject", "team/incoming/x/film.mp4"),
        ("uploader", "s3:DeleteObject", "team/incoming/x/film.mp4"),
        ("author", "s3:PutObject", "team/incoming/x/film.mp4"),
        ("author", "s3:PutObject", "team/runs/run-1/production.json"),
        ("author", "s3:PutObject", "team/library/references/1.png"),
        ("author", "s3:PutObject", "others/productions/x/production.yaml"),
    ],
)  # fmt: skip
def test_roles_may_do_nothing_else_in_the_bucket(role, action, key):
    assert not may(role, action, key)


def test_people_who_deliver_have_no_right_beyond_the_bucket():
    for role in ("uploader", "author"):
        actions = {a for s in TEAM.statements(f"{role}-access") for a in s["Action"]}
        assert {action.partition(":")[0] for action in actions} == {"s3", "kms"}


READS, WRITES = {"kms:Decrypt"}, {"kms:GenerateDataKey"}
LOOKS = {"kms:DescribeKey", "kms:GetKeyPolicy"}


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("airflow", READS | WRITES | LOOKS),
        ("bedrock", READS | WRITES),
        ("review", READS | WRITES),
        ("reviewer", READS),
        ("uploader", READS | WRITES),  # S3 reads the parts of an upload
        ("author", READS | WRITES),
    ],
)
def test_each_role_may_use_the_key_as_it_uses_the_bucket(role, rights):
    of_key = [s for s in ACCOUNT.statements(f"{role}-access") if s["Resource"] == [KEY]]
    assert {action for statement in of_key for action in statement["Action"]} == rights
    for statement in of_key:
        if not LOOKS & set(statement["Action"]):
            via_s3 = {"StringLike": {"kms:ViaService": "s3.us-east-1.amazonaws.com*"}}
            assert statement["Condition"] == via_s3
    without = replace(ACCOUNT, key="").statements(f"{role}-access")
    assert without == [s for s in ACCOUNT.statements(f"{role}-access") if s not in of_key]


def test_the_key_policy_allows_what_the_roles_policies_allow_and_no_more():
    assert {
        (arn.rpartition("/")[2], action)
        for statement in ACCOUNT.statements("key-policy")
        for arn in statement["Principal"]["AWS"]
        for action in statement["Action"]
    } == {
        (role, action)
        for role, stem in blueprint.ROLES.items()
        for statement in ACCOUNT.statements(f"{stem}-access")
        for action in statement["Action"]
        if action.startswith("kms:")
    }


def custom_labels(action: str, key: str, **context: str) -> bool:
    """Whether Rekognition may act on a key when a model of the account is trained."""
    given = {"aws:SourceAccount": TEAM.account} | {
        name.replace("__", ":"): value for name, value in context.items()
    }
    resource = f"arn:aws:s3:::studio/{key}".rstrip("/")
    return service_may(TEAM.statements("bucket-policy"), "rekognition", action, resource, given)


OWNER_KEEPS = {"s3__x-amz-acl": "bucket-owner-full-control"}


def test_custom_labels_reads_references_and_writes_its_notes():
    assert custom_labels("s3:GetBucketLocation", "")
    assert custom_labels("s3:GetObject", "team/library/references/1.png")
    assert custom_labels("s3:GetObject", "team/library/detectors/storyboard-x/train.manifest")
    notes = "team/library/detectors/storyboard-x/evaluation.json"
    assert custom_labels("s3:PutObject", notes, **OWNER_KEEPS)
    assert not custom_labels("s3:PutObject", notes)


@pytest.mark.parametrize(
    "key",
    [
        "team/incoming/library/references/x.png",
        "team/incoming/paper-lantern/library/detectors/x.manifest",
        "team/productions/library/references/x.png",
        "team/my-library/references/x.png",
        "others/library/references/1.png",
        "library/references/1.png",
        "team/library/answers/op/1.json",
    ],
)
def test_a_key_that_only_contains_the_folders_name_is_not_for_custom_labels(key):
    assert not custom_labels("s3:GetObject", key)
    assert not custom_labels("s3:PutObject", key, **OWNER_KEEPS)


@pytest.mark.parametrize("source", ["999999999999", "", "123456789013"])
@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("s3:GetBucketAcl", ""),
        ("s3:GetObject", "team/library/references/1.png"),
        ("s3:PutObject", "team/library/detectors/storyboard-x/evaluation.json"),
    ],
)
def test_rekognition_of_another_account_is_refused(source, action, key):
    context = {**OWNER_KEEPS, "aws__SourceAccount": source}
    assert custom_labels(action, key, **OWNER_KEEPS)
    assert not custom_labels(action, key, **context)


def test_people_list_only_their_own_folder():
    """S3 passes the requested prefix; a list without one shows every key of the bucket."""
    for role, folder in (("author", "productions"), ("reviewer", "runs")):
        (listing,) = (
            one for one in TEAM.statements(f"{role}-access") if "s3:ListBucket" in one["Action"]
        )
        assert listing["Condition"] == {"StringLike": {"s3:prefix": [f"team/{folder}/*"]}}


@pytest.mark.parametrize("folder", ["incoming", "productions", "videos", "scripts", "runs"])
def test_the_readme_says_who_writes_a_folder(folder):
    readme = (Project().policies / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| .*`{folder}/`.* \|", readme, re.MULTILINE)


def test_the_readme_says_that_the_deployment_file_spends_money():
    readme = " ".join((Project().policies / "README.md").read_text(encoding="utf-8").split())
    assert "`include/deployment.yaml` is not in the bucket" in readme
    assert "can spend the account's money" in readme
