"""What of a request for a job is played; everything else is refused by its name.

See `docs/decisions/0013-jobs-are-played-by-processes.md`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.protocol.errors import ServiceError

ANY = object()
"""Every value of this member has its effect."""

Played = Mapping[str, Any]
"""Maps members to ANY, to a tuple of the values that are played, or to the members of a structure;
of a list, those of its elements."""

_NO = (False,)
_S3_SOURCE = {
    "S3DataType": ("S3Prefix",),
    "S3Uri": ANY,
    "S3DataDistributionType": ("FullyReplicated",),
}

TRAINING: Played = {
    "TrainingJobName": ANY,
    "HyperParameters": ANY,
    "AlgorithmSpecification": {
        "TrainingImage": ANY,
        "TrainingInputMode": ("File",),
        "MetricDefinitions": ANY,
        "EnableSageMakerMetricsTimeSeries": _NO,
        "ContainerEntrypoint": ANY,
        "ContainerArguments": ANY,
    },
    "RoleArn": ANY,
    "InputDataConfig": {
        "ChannelName": ANY,
        "DataSource": {"S3DataSource": _S3_SOURCE},
        "ContentType": ANY,
        "CompressionType": ("None",),
        "RecordWrapperType": ("None",),
        "InputMode": ("File",),
    },
    "OutputDataConfig": {"KmsKeyId": ANY, "S3OutputPath": ANY, "CompressionType": ANY},
    "ResourceConfig": {
        "InstanceType": ANY,
        "InstanceCount": (1,),
        "VolumeSizeInGB": ANY,
        "KeepAlivePeriodInSeconds": (0,),
        "InstancePreferences": {"InstanceType": ANY, "InstanceCount": (1,)},
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": ANY, "MaxWaitTimeInSeconds": ANY},
    "Tags": ANY,
    "EnableNetworkIsolation": ANY,
    "EnableInterContainerTrafficEncryption": _NO,
    "EnableManagedSpotTraining": ANY,
    "CheckpointConfig": {"S3Uri": ANY, "LocalPath": ANY},
    "ProfilerConfig": {"DisableProfiler": (True,)},
    "Environment": ANY,
    "RemoteDebugConfig": {"EnableRemoteDebug": _NO},
    "InfraCheckConfig": {"EnableInfraCheck": _NO},
}

PROCESSING: Played = {
    "ProcessingInputs": {
        "InputName": ANY,
        "AppManaged": _NO,
        "S3Input": {
            **_S3_SOURCE,
            "LocalPath": ANY,
            "S3InputMode": ("File",),
            "S3CompressionType": ("None",),
        },
    },
    "ProcessingOutputConfig": {
        "Outputs": {
            "OutputName": ANY,
            "S3Output": {"S3Uri": ANY, "LocalPath": ANY, "S3UploadMode": ANY},
            "AppManaged": _NO,
        },
        "KmsKeyId": ANY,
    },
    "ProcessingJobName": ANY,
    "ProcessingResources": {
        "ClusterConfig": {
            "InstanceCount": (1,),
            "InstanceType": ANY,
            "VolumeSizeInGB": ANY,
            "InstancePreferences": {"InstanceType": ANY, "InstanceCount": (1,)},
        }
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": ANY},
    "AppSpecification": {
        "ImageUri": ANY,
        "ContainerEntrypoint": ANY,
        "ContainerArguments": ANY,
    },
    "Environment": ANY,
    "NetworkConfig": {
        "EnableInterContainerTrafficEncryption": _NO,
        "EnableNetworkIsolation": ANY,
    },
    "RoleArn": ANY,
    "Tags": ANY,
}

LISTING: Played = {
    **dict.fromkeys(("NextToken", "MaxResults", "CreationTimeAfter", "CreationTimeBefore"), ANY),
    **dict.fromkeys(("LastModifiedTimeAfter", "LastModifiedTimeBefore"), ANY),
    **dict.fromkeys(("NameContains", "StatusEquals", "SortOrder"), ANY),
    "SortBy": ("CreationTime",),
}


def require_played(value: Any, played: Any, path: str = "") -> None:
    """Raise ServiceError NotImplemented for the first member or value that is not played."""
    if played is ANY:
        return
    if isinstance(value, Sequence) and not isinstance(value, str):
        for number, element in enumerate(value):
            require_played(element, played, f"{path}[{number}]")
    elif isinstance(played, tuple):
        if value not in played:
            accepted = " or ".join(repr(one) for one in played)
            raise _make_refusal(f"{path} {value!r}; it plays {accepted}")
    else:
        for name, member in value.items():
            below = f"{path}.{name}".lstrip(".")
            if name not in played:
                raise _make_refusal(below)
            require_played(member, played[name], below)


def _make_refusal(what: str) -> ServiceError:
    return ServiceError("NotImplemented", f"The local endpoint does not play {what}.")
