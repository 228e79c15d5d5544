"""A studio for tests: a workspace on the local endpoint, with roles, and its tool boxes."""

from __future__ import annotations

import json
import os
import string
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from launcher.aws.local_account import become_a2i_customer
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.settings.run import AnySettings, RunSettings, parse_as
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.endpoint_fixture import RunningEndpoint

FOOTAGE = Path(
    os.environ.get("STORYBOARD_FOOTAGE")
    or Path(__file__).resolve().parents[3] / "shared" / "footage"
)
TEST_PRODUCTIONS = Path(__file__).parents[1] / "productions"
#: What makes a run quick and small against the endpoint.
QUICK = {
    "step_count": 10,
    "poll_seconds": 1,
    "panel_width": 512,
    "panel_height": 320,
}
#: The same, with the desk and the trainer that preflight has chosen.
AFTER_PREFLIGHT = {**QUICK, "review_desk": "a2i", "trainer": "bedrock"}


@dataclass(frozen=True)
class Studio:
    """One bucket of its own on a shared endpoint."""

    endpoint: RunningEndpoint
    bucket: str

    @classmethod
    def opened(cls, endpoint: RunningEndpoint) -> Studio:
        """Create the bucket and the roles that preflight asks for; configure the workspace."""
        studio = cls(endpoint, f"studio-{uuid.uuid4().hex[:12]}")
        studio.configure()
        region = endpoint.ready["region"]
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        created = {"CreateBucketConfiguration": place} if place else {}
        studio.client("s3").create_bucket(Bucket=studio.bucket, **created)
        roles = {"Bedrock": "bedrock", "Review": "review", "SageMaker": "sagemaker"}
        for name, kind in roles.items():
            studio.ensure_role(f"Storyboard{name}", f"{kind}-trust.json", f"{kind}-access.json")
        return studio

    def configure(self, prefix: str = "") -> None:
        """Let runs use a workspace of the bucket, as an operator does; nobody else has its name."""
        configured = os.environ.get(WORKSPACES_VARIABLE, "").split(",")
        uri = str(S3Uri(self.bucket, prefix))
        os.environ[WORKSPACES_VARIABLE] = ",".join(filter(None, {*configured, uri}))

    @property
    def workspace(self) -> Workspace:
        """The workspace of the tool boxes."""
        return Workspace.at(f"s3://{self.bucket}")

    def ensure_role(self, name: str, trust: str, access: str) -> None:
        """Create a role with policies of include/iam, for the buckets of every studio."""
        account = self.client("sts").get_caller_identity()["Account"]
        names = {
            "account": account,
            "region": self.endpoint.ready["region"],
            "bucket": "studio-*",
            "prefix": "",
            "partition": "aws",
        }

        def policy(file: str) -> str:
            return string.Template(include_text(f"iam/{file}")).substitute(names)

        iam = self.client("iam")
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
            iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=policy(access))

    @cached_property
    def _clients(self) -> dict[tuple[str, str | None], Any]:
        return {}

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client of the endpoint, made once; ``region``: another than the endpoint's."""
        if (service, region) not in self._clients:
            endpoint = self.endpoint.in_region(region) if region else self.endpoint
            self._clients[service, region] = endpoint.client(
                service, retries={"total_max_attempts": 5}, max_pool_connections=16
            )
        return self._clients[service, region]

    def ensure_a2i(self) -> None:
        """Create a flow definition, which only a customer of A2I has."""
        account = self.client("sts").get_caller_identity()["Account"]
        become_a2i_customer(self.client("sagemaker"), account, self.bucket)

    def upload(self, file: Path, name: str = "") -> str:
        """Put a file under videos/; returns its S3 URI."""
        key = f"videos/{name or file.name}"
        self.client("s3").upload_file(str(file), self.bucket, key)
        return str(S3Uri(self.bucket, key))

    def upload_production(self, file: Path) -> str:
        """Put a test production with its reference pictures into the bucket; returns its URI."""
        text = file.read_text().replace("${STORYBOARD_FOOTAGE}", "footage")
        folder = S3Uri(self.bucket, f"productions/{file.stem}")
        for line in text.splitlines():
            reference = line.strip().removeprefix("- ")
            if reference.startswith("footage/"):
                body = (FOOTAGE / reference.removeprefix("footage/")).read_bytes()
                self.client("s3").put_object(
                    Bucket=self.bucket, Key=f"{folder.key}/{reference}", Body=body
                )
        self.client("s3").put_object(
            Bucket=self.bucket, Key=f"{folder.key}/{file.name}", Body=text.encode()
        )
        return str(folder / file.name)

    def tools(self, run_key: str = "run-1", **params: Any) -> ToolBox[RunSettings]:
        """A tool box with quick settings; ``params`` override them."""
        given = {"videos": [f"s3://{self.bucket}/videos/x.mp4"], **params}
        return self.tools_of(RunSettings, run_key, **given)

    def tools_of(
        self, settings: type[AnySettings], run_key: str, **params: Any
    ) -> ToolBox[AnySettings]:
        """A tool box with quick settings of one kind, e.g. of a run without films."""
        known = AFTER_PREFLIGHT.keys() & settings.model_fields.keys()
        quick = {name: AFTER_PREFLIGHT[name] for name in known}
        given = {"workspace": f"s3://{self.bucket}", **quick, **params}
        return ToolBox(run_key, parse_as(settings, given), self.client)

    def read_json(self, key: str) -> Any:
        """A JSON object of the bucket."""
        answer = self.client("s3").get_object(Bucket=self.bucket, Key=key)
        return json.loads(answer["Body"].read())
