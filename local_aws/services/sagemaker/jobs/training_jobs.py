"""SageMaker training jobs, played by processes.

Implemented: the job's ContainerEntrypoint runs as a process on the folders of `/opt/ml`. Inputs
come from this endpoint's S3, checkpoints are copied there while it runs and back before it
continues, outputs are stored as files or archives: all with the rights of the job's role, which
must trust SageMaker. States follow the process; MaxRuntimeInSeconds and MaxWaitTimeInSeconds follow
the endpoint's clock. A stop sends SIGTERM, and SIGKILL after `--job-stop-seconds` of the machine's
clock. The faults "fail" with the code CapacityError, "interrupt" (spot) and "kill" happen to jobs.
A job continues when the endpoint is killed; a clean stop of the endpoint pauses it until the next
start. The instance's hours and its volume are metered, spot hours at 30 % of the price. Every
parameter has its effect or is refused by name; see
`docs/decisions/0013-jobs-are-played-by-processes.md`.
Not implemented: images. The one that is accepted, `huggingface-pytorch-training` of any account, is
played by the interpreter of `--training-python`; others are refused. CloudWatch Logs: the output of
the process is in `sagemaker-jobs/training-job-NAME/run-N/output.log` in the data folder. The
process gets no AWS credentials, and the network is not cut off: with EnableNetworkIsolation it only
finds no variable of AWS. One instance; no VPC, no Pipe or FastFile, no warm pools, no key of the
volume, no retries after internal errors.
"""

import re
from typing import Any

from local_aws.account import instance_quotas
from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.services.sagemaker.jobs import job_requests, job_store, ml_folder, parameters
from local_aws.services.sagemaker.jobs.job_play import SPOT_SHARE
from local_aws.services.sagemaker.jobs.role_files import RoleFiles, split_uri
from local_aws.services.sagemaker.jobs.stand_in_image import join_command, require_image
from local_aws.storage.state_store import Document

KIND = resources.TRAINING_JOB
DEFAULT_RUNTIME = 86_400
LONGEST_RUNTIME = 28 * 86_400
FOLDERS = ("input/config", "input/data", "model", "output/data", "checkpoints")


def create_training_job(request: Request, context: Context) -> Answer:
    """Create a job and start it; checks its role, image, quota and inputs."""
    parameters.require_played(request, parameters.TRAINING)
    job = _make_document(request, context)
    job_requests.require_role(context, request["RoleArn"])
    job_store.refuse_used_name(context, KIND, job["arn"])
    _require_inputs(job, context)
    with context.state.transaction():
        types = _choose_instances(request, context)
        job |= {"instance_type": types[0], "other_instance_types": types[1:]}
        job_store.create(context, KIND, job)
    context.play_job(KIND, job["arn"])
    return {"TrainingJobArn": job["arn"]}


def describe_training_job(request: Request, context: Context) -> Answer:
    """Return a job with its states and transitions."""
    job = job_store.require(context, KIND, request["TrainingJobName"])
    given = {name: value for name, value in job["request"].items() if name != "Tags"}
    seconds = int(job_store.count_seconds(job, context.now()))
    described = {
        **given,
        "TrainingJobArn": job["arn"],
        "ModelArtifacts": {"S3ModelArtifacts": job["model_uri"]},
        "TrainingJobStatus": job_store.status(job),
        "SecondaryStatus": job["secondary"],
        "FailureReason": job["failure"],
        "ResourceConfig": _describe_resources(job),
        "CreationTime": parse_time(job["created"]),
        "TrainingStartTime": parse_time(job["segments"][0][0]) if job["segments"] else None,
        "TrainingEndTime": parse_time(job["ended"]) if job["ended"] else None,
        "LastModifiedTime": parse_time(job["modified"]),
        "SecondaryStatusTransitions": [_parse_transition(one) for one in job["transitions"]],
        "FinalMetricDataList": [
            {**metric, "Timestamp": parse_time(metric["Timestamp"])} for metric in job["metrics"]
        ]
        or None,
        "EnableNetworkIsolation": job["isolated"],
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": job["spot"],
    }
    if job["ended"] and job["segments"]:
        described["TrainingTimeInSeconds"] = max(1, seconds)
        share = SPOT_SHARE if job["spot"] else 1.0
        described["BillableTimeInSeconds"] = max(1, int(seconds * share))
    return drop_none(described)


def list_training_jobs(request: Request, context: Context) -> Answer:
    """List jobs by time, status and part of the name, by default newest first and ten a page."""
    parameters.require_played(request, parameters.LISTING)
    page, token = job_store.list_matching(request, context, KIND)
    return drop_none(
        {"TrainingJobSummaries": [_summarize(job) for job in page], "NextToken": token}
    )


def stop_training_job(request: Request, context: Context) -> Answer:
    """Stop a job: SIGTERM, later SIGKILL; what it leaves is stored."""
    job_store.request_stop(context, KIND, request["TrainingJobName"], "training")
    return {}


def delete_training_job(request: Request, context: Context) -> Answer:
    """Delete a job that is over; its name may then be used again."""
    job_store.delete(context, KIND, request["TrainingJobName"])
    return {}


def _make_document(request: Request, context: Context) -> Document:
    name = request["TrainingJobName"]
    algorithm, output = request["AlgorithmSpecification"], request["OutputDataConfig"]
    image = algorithm.get("TrainingImage", "")
    require_image(context, image)
    _require_expressions(algorithm.get("MetricDefinitions", []))
    job_arn = resources.arn(context, KIND, name)
    inputs = request.get("InputDataConfig", [])
    archive = output.get("CompressionType", "GZIP") == "GZIP"
    results = job_requests.require_uri("S3OutputPath", output["S3OutputPath"])
    folder = ml_folder.join_uri(results, f"{name}/output")
    model = f"{folder}/model.tar.gz" if archive else f"{folder}/model/"
    data = f"{folder}/output.tar.gz" if archive else f"{folder}/data/"
    checkpoints = _read_checkpoints(request)
    return {
        **job_store.start_document(context),
        **_read_times(request),
        "arn": job_arn,
        "name": name,
        "request": request,
        "tags": request.get("Tags", []),
        "role_arn": request["RoleArn"],
        "key_id": output.get("KmsKeyId", ""),
        "image": image,
        "command": join_command(
            algorithm.get("ContainerEntrypoint", []), algorithm.get("ContainerArguments", [])
        ),
        "environment": request.get("Environment", {}),
        "facts": {"TRAINING_JOB_NAME": name, "TRAINING_JOB_ARN": job_arn},
        "isolated": request.get("EnableNetworkIsolation", False),
        "volume_gb": request.get("ResourceConfig", {}).get("VolumeSizeInGB"),
        "folders": FOLDERS,
        "configuration": _make_configuration(request),
        "inputs": [_read_channel(channel) for channel in inputs],
        "restored": checkpoints,
        "synced": checkpoints,
        "outputs": [
            {"path": "model", "uri": model, "archive": archive},
            {"path": "output/data", "uri": data, "archive": archive},
        ],
        "model_uri": model,
        "metric_definitions": algorithm.get("MetricDefinitions", []),
        "metrics": [],
    }


def _read_times(request: Request) -> Document:
    """Return the limits of time; raises ServiceError ValidationException."""
    condition = request.get("StoppingCondition", {})
    runtime = condition.get("MaxRuntimeInSeconds", DEFAULT_RUNTIME)
    wait = condition.get("MaxWaitTimeInSeconds")
    spot = request.get("EnableManagedSpotTraining", False)
    if runtime > LONGEST_RUNTIME:
        raise ServiceError(
            "ValidationException",
            f"MaxRuntimeInSeconds is {runtime}; at most {LONGEST_RUNTIME} is allowed.",
        )
    if spot and (wait is None or wait < runtime):
        raise ServiceError(
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds",
        )
    if not spot and wait is not None:
        raise ServiceError(
            "ValidationException",
            "MaxWaitTimeInSeconds is only allowed with EnableManagedSpotTraining.",
        )
    return {"max_runtime": runtime, "max_wait": wait, "spot": spot}


def _choose_instances(request: Request, context: Context) -> list[str]:
    spot = request.get("EnableManagedSpotTraining", False)
    cluster = request.get("ResourceConfig", {})
    if spot and "InstancePreferences" in cluster:
        raise ServiceError(
            "ValidationException", "InstancePreferences cannot be used with managed spot training."
        )
    use = instance_quotas.SPOT if spot else instance_quotas.TRAINING
    return job_requests.choose_instances(context, KIND, use, cluster, spot)


def _read_channel(channel: dict[str, Any]) -> Document:
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise ServiceError("ValidationException", "DataSource needs an S3DataSource.")
    uri = job_requests.require_uri("S3Uri", source["S3Uri"])
    return {"uri": uri, "path": f"input/data/{channel['ChannelName']}"}


def _read_checkpoints(request: Request) -> list[Document]:
    config = request.get("CheckpointConfig")
    if config is None:
        return []
    path = config.get("LocalPath", "/opt/ml/checkpoints")
    return [
        {
            "uri": job_requests.require_uri("CheckpointConfig.S3Uri", config["S3Uri"]),
            "path": job_requests.find_ml_path("CheckpointConfig.LocalPath", path),
        }
    ]


def _make_configuration(request: Request) -> Document:
    """Return the files of /opt/ml/input/config."""
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
            **{name: channel[name] for name in ("ContentType",) if name in channel},
        }
        for channel in request.get("InputDataConfig", [])
    }
    return {
        "input/config/hyperparameters.json": request.get("HyperParameters", {}),
        "input/config/inputdataconfig.json": channels,
        "input/config/resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }


def _require_expressions(definitions: list[dict[str, str]]) -> None:
    for definition in definitions:
        try:
            re.compile(definition["Regex"])
        except re.error as error:
            raise ServiceError(
                "ValidationException", f"The regex of {definition['Name']} is invalid: {error}."
            ) from error


def _require_inputs(job: Document, context: Context) -> None:
    """Raise ServiceError ValidationException unless every channel has objects."""
    job_requests.require_different("Channel", (item["path"] for item in job["inputs"]))
    for item in job["inputs"]:
        try:
            found = RoleFiles(context, job["role_arn"]).list(item["uri"])
        except ServiceError:
            found = []
        if not found:
            bucket = split_uri(item["uri"])[0]
            raise ServiceError(
                "ValidationException",
                f'No S3 objects found under S3 URL "{item["uri"]}" given in input data source. '
                "Please ensure that the bucket exists in the selected region "
                f"({context.region}), that objects exist under that S3 prefix, and that the role "
                f'"{job["role_arn"]}" has "s3:ListBucket" permissions on bucket "{bucket}".',
            )


def _describe_resources(job: Document) -> dict[str, Any]:
    given: dict[str, Any] = job["request"].get("ResourceConfig", {})
    if "InstancePreferences" not in given or not job["segments"]:
        return given
    return {
        **given,
        "SelectedInstanceType": job["instance_type"],
        "SelectedInstanceCount": 1,
    }


def _parse_transition(transition: Document) -> dict[str, Any]:
    names = [name for name in ("StartTime", "EndTime") if name in transition]
    return transition | {name: parse_time(transition[name]) for name in names}


def _summarize(job: Document) -> dict[str, Any]:
    return drop_none(
        {
            "TrainingJobName": job["name"],
            "TrainingJobArn": job["arn"],
            "CreationTime": parse_time(job["created"]),
            "TrainingEndTime": parse_time(job["ended"]) if job["ended"] else None,
            "LastModifiedTime": parse_time(job["modified"]),
            "TrainingJobStatus": job_store.status(job),
            "SecondaryStatus": job["secondary"],
        }
    )
