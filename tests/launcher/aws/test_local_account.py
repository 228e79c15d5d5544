"""The account of local runs: a customer of A2I, unless the endpoint plays a new customer's."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from launcher.aws.endpoint import Endpoint
from launcher.aws.local_account import prepare_account
from launcher.state.layout import Project
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


def prepare(endpoint: RunningEndpoint) -> None:
    known = {each.name: endpoint.ready[each.name] for each in fields(Endpoint)}
    prepare_account(Endpoint(**known), Project())


def test_the_account_has_reviewed_on_a2i_before(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data") as endpoint:
        for _ in range(2):  # a second time changes nothing
            prepare(endpoint)
        flows = endpoint.client("sagemaker").list_flow_definitions()["FlowDefinitionSummaries"]
    assert [flow["FlowDefinitionName"] for flow in flows] == ["earlier-review"]


def test_the_account_of_a_new_customer_is_prepared_without_a2i(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data", ("--no-a2i",)) as endpoint:
        prepare(endpoint)
        assert endpoint.client("s3").list_buckets()["Buckets"]
        with pytest.raises(ClientError, match="closed to new customers"):
            endpoint.client("sagemaker").list_flow_definitions()
