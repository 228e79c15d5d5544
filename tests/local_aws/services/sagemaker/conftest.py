"""The endpoint on which the jobs of a module are played."""

from collections.abc import Iterator

import pytest

from tests.local_aws.conftest import new_bucket
from tests.local_aws.services.sagemaker.job_scripts import ARGUMENTS, Jobs
from tests.studio.endpoint_fixture import quick_folder, running_endpoint


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    """Jobs on an endpoint of this module."""
    with quick_folder() as folder, running_endpoint(folder / "data", ARGUMENTS) as endpoint:
        yield Jobs(endpoint, new_bucket(endpoint.client("s3")))
