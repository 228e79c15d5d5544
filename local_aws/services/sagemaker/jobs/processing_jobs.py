"""SageMaker processing jobs, played by processes.

Implemented: like training jobs, on the folders below `/opt/ml/processing`. Outputs are stored while
the job runs (Continuous) or after it (EndOfJob); a job that fails has stored its continuous ones.
`/opt/ml/output/message` becomes the ExitMessage. The output of the process is in
`sagemaker-jobs/processing-job-NAME/run-N/output.log` in the data folder.
Not implemented: what training jobs do not implement, data sets of Athena and Redshift, outputs of
the feature store, inputs and outputs that the application manages, monitoring schedules. AWS does
not publish what a job without an object below an input's prefix answers; here it fails.
"""

from pathlib import PurePosixPath
from typing import Any

from local_aws.account import instance_quotas
from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.services.sagemaker.jobs import job_requests, job_store, parameters
from local_aws.services.sagemaker.jobs.stand_in_image import join_command, require_image
from local_aws.storage.state_store import Document

KIND = resources.PROCESSING_JOB
DEFAULT_RUNTIME = 86_400
FOLDERS = ("config", "output", "processing")
PROCESSING_ROOT = PurePosixPath("/opt/ml/processing")


def create_processing_job(request: Request, context: Context) -> Answer:
    """Create a job and start it; checks its role, image and quota."""
    parameters.require_played(request, parameters.PROCESSING)
    job = _make_document(request, context)
    job_requests.require_role(context, request["RoleArn"])
    job_store.refuse_used_name(context, KIND, job["arn"])
    cluster = request["ProcessingResources"]["ClusterConfig"]
    with context.state.transaction():
        types = job_requests.choose_instances(context, KIND, instance_quotas.PROCESSING, cluster)
        job |= {"instance_type": types[0], "other_instance_types": types[1:]}
        job_store.create(context, KIND, job)
    context.play_job(KIND, job["arn"])
    return {"ProcessingJobArn": job["arn"]}


def describe_processing_job(request: Request, context: Context) -> Answer:
    """Return a job with its status."""
    job = job_store.require(context, KIND, request["ProcessingJobName"])
    given = {name: value for name, value in job["request"].items() if name != "Tags"}
    return drop_none(
        {
            **given,
            "ProcessingJobArn": job["arn"],
            "ProcessingResources": _describe_resources(job),
            "ProcessingJobStatus": job_store.status(job),
            "ExitMessage": job["exit_message"],
            "FailureReason": job["failure"],
            "CreationTime": parse_time(job["created"]),
            "ProcessingStartTime": parse_time(job["segments"][0][0]) if job["segments"] else None,
            "ProcessingEndTime": parse_time(job["ended"]) if job["ended"] else None,
            "LastModifiedTime": parse_time(job["modified"]),
        }
    )


def list_processing_jobs(request: Request, context: Context) -> Answer:
    """List jobs by time, status and part of the name, by default newest first and ten a page."""
    parameters.require_played(request, parameters.LISTING)
    page, token = job_store.list_matching(request, context, KIND)
    return drop_none(
        {"ProcessingJobSummaries": [_summarize(job) for job in page], "NextToken": token}
    )


def stop_processing_job(request: Request, context: Context) -> Answer:
    """Stop a job: SIGTERM, later SIGKILL; what it leaves is stored."""
    job_store.request_stop(context, KIND, request["ProcessingJobName"], "processing")
    return {}


def delete_processing_job(request: Request, context: Context) -> Answer:
    """Delete a job that is over; its name may then be used again."""
    job_store.delete(context, KIND, request["ProcessingJobName"])
    return {}


def _make_document(request: Request, context: Context) -> Document:
    name, application = request["ProcessingJobName"], request["AppSpecification"]
    require_image(context, application["ImageUri"])
    inputs = [_read_input(item) for item in request.get("ProcessingInputs", [])]
    config = request.get("ProcessingOutputConfig", {})
    outputs = [_read_output(item) for item in config.get("Outputs", [])]
    job_requests.require_different("LocalPath", (item["path"] for item in [*inputs, *outputs]))
    continuous = [item for item in outputs if item["continuous"]]
    job_arn = resources.arn(context, KIND, name)
    condition = request.get("StoppingCondition", {})
    network = request.get("NetworkConfig", {})
    return {
        **job_store.start_document(context),
        "max_runtime": condition.get("MaxRuntimeInSeconds", DEFAULT_RUNTIME),
        "max_wait": None,
        "spot": False,
        "arn": job_arn,
        "name": name,
        "request": request,
        "tags": request.get("Tags", []),
        "role_arn": request["RoleArn"],
        "key_id": config.get("KmsKeyId", ""),
        "image": application["ImageUri"],
        "command": join_command(
            application.get("ContainerEntrypoint", []), application.get("ContainerArguments", [])
        ),
        "environment": request.get("Environment", {}),
        "facts": {},
        "isolated": network.get("EnableNetworkIsolation", False),
        "volume_gb": request["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"],
        "folders": [*FOLDERS, *(item["path"] for item in outputs)],
        "configuration": _make_configuration(request, job_arn),
        "inputs": inputs,
        "restored": [],
        "synced": continuous,
        "outputs": [item for item in outputs if not item["continuous"]],
        "metric_definitions": [],
        "metrics": [],
        "exit_message": None,
    }


def _read_input(item: dict[str, Any]) -> Document:
    source = item.get("S3Input")
    if source is None or "LocalPath" not in source:
        raise ServiceError(
            "ValidationException", f"{item['InputName']} needs an S3Input with a LocalPath."
        )
    return {
        "uri": job_requests.require_uri("S3Uri", source["S3Uri"]),
        "path": job_requests.find_ml_path("LocalPath", source["LocalPath"], PROCESSING_ROOT),
    }


def _read_output(item: dict[str, Any]) -> Document:
    target = item.get("S3Output")
    if target is None or "LocalPath" not in target:
        raise ServiceError(
            "ValidationException", f"{item['OutputName']} needs an S3Output with a LocalPath."
        )
    return {
        "uri": job_requests.require_uri("S3Uri", target["S3Uri"]),
        "path": job_requests.find_ml_path("LocalPath", target["LocalPath"], PROCESSING_ROOT),
        "continuous": target["S3UploadMode"] == "Continuous",
        "archive": False,
    }


def _make_configuration(request: Request, job_arn: str) -> Document:
    """Return the files of /opt/ml/config."""
    return {
        "config/processingjobconfig.json": {
            "ProcessingJobArn": job_arn,
            **{name: value for name, value in request.items() if name != "Tags"},
        },
        "config/resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }


def _describe_resources(job: Document) -> dict[str, Any]:
    given = job["request"]["ProcessingResources"]["ClusterConfig"]
    if "InstancePreferences" not in given or not job["segments"]:
        return {"ClusterConfig": given}
    selected = {"SelectedInstanceType": job["instance_type"], "SelectedInstanceCount": 1}
    return {"ClusterConfig": {**given, **selected}}


def _summarize(job: Document) -> dict[str, Any]:
    return drop_none(
        {
            "ProcessingJobName": job["name"],
            "ProcessingJobArn": job["arn"],
            "CreationTime": parse_time(job["created"]),
            "ProcessingEndTime": parse_time(job["ended"]) if job["ended"] else None,
            "LastModifiedTime": parse_time(job["modified"]),
            "ProcessingJobStatus": job_store.status(job),
            "FailureReason": job["failure"],
            "ExitMessage": job["exit_message"],
        }
    )
