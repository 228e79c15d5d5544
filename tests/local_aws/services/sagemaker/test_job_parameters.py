"""No parameter of a job is ignored: each has its effect or is refused by its name."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StructureShape

from local_aws.protocol.errors import ServiceError
from local_aws.protocol.service_models import service_model
from local_aws.services.sagemaker.jobs import parameters

OPERATIONS = {
    "CreateTrainingJob": parameters.TRAINING,
    "CreateProcessingJob": parameters.PROCESSING,
    "ListTrainingJobs": parameters.LISTING,
    "ListProcessingJobs": parameters.LISTING,
}


def unplayed(shape: Shape, played: Any) -> Iterator[tuple[Any, str]]:
    """Yield a value with one member that is not played, and the path of that member."""
    if isinstance(shape, ListShape):
        for value, path in unplayed(shape.member, played):
            yield [value], f"[0].{path}"
    elif isinstance(shape, StructureShape) and played is not parameters.ANY:
        for name, member in shape.members.items():
            if name not in played:
                yield {name: "any"}, name
            elif isinstance(played[name], tuple):
                yield {name: "another value"}, f"{name} 'another value'; it plays"
            else:
                for value, path in unplayed(member, played[name]):
                    yield {name: value}, f"{name}.{path}".replace(".[", "[")


def unknown(shape: Shape, played: Any) -> Iterator[str]:
    """Yield the names in the table that the model does not have."""
    inner = shape.member if isinstance(shape, ListShape) else shape
    if isinstance(played, tuple):
        enum = inner.metadata.get("enum")
        yield from (value for value in played if enum and value not in enum)
    elif played is not parameters.ANY:
        for name, below in played.items():
            if name not in inner.members:
                yield name
            else:
                yield from unknown(inner.members[name], below)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_member_of_the_model_is_played_or_refused_by_name(operation: str) -> None:
    shape = service_model("sagemaker").operation_model(operation).input_shape
    assert shape is not None
    cases = list(unplayed(shape, OPERATIONS[operation]))
    assert cases
    for value, path in cases:
        with pytest.raises(ServiceError) as refused:
            parameters.require_played(value, OPERATIONS[operation])
        assert refused.value.code == "NotImplemented"
        assert f"does not play {path}" in refused.value.message


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_table_names_members_of_the_model(operation: str) -> None:
    shape = service_model("sagemaker").operation_model(operation).input_shape
    assert shape is not None
    assert list(unknown(shape, OPERATIONS[operation])) == []
