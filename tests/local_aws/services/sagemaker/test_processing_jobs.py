"""Processing jobs: the program that draws runs as a process on /opt/ml/processing."""

import json
import uuid
from typing import Any

import pytest

from tests.local_aws.conftest import new_bucket
from tests.local_aws.refusals import refusal, refused
from tests.local_aws.services.sagemaker.job_scripts import ARGUMENTS, TYPE, Jobs
from tests.studio.endpoint_fixture import running_endpoint, start_endpoint

WAIT_FOR_STOP = """
output = ml / "processing/drawn"
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
(output / "panel.png").write_text("drawn")
time.sleep(60)
"""


def new_folder() -> str:
    return f"drawn-{uuid.uuid4().hex}"


def test_a_job_draws_into_its_outputs(jobs: Jobs) -> None:
    jobs.s3.put_object(Bucket=jobs.bucket, Key="jobs/1/job.json", Body=b'{"panels": 2}')
    script = """
    panels = json.loads((ml / "processing/input/job/job.json").read_text())["panels"]
    config = json.loads((ml / "config/processingjobconfig.json").read_text())
    for number in range(panels):
        (ml / f"processing/candidates/panel{number}.png").write_text(config["ProcessingJobName"])
    (ml / "processing/report/drawn.json").write_text("[]")
    (ml / "output/message").write_text("2 panels")
    """
    outputs = {"candidates": "Continuous", "report": "EndOfJob"}
    request = jobs.describe_processing(script, outputs)
    request["ProcessingInputs"].append(jobs.describe_input("job", jobs.uri("jobs/1/job.json")))
    jobs.sagemaker.create_processing_job(**request)
    name = request["ProcessingJobName"]
    job = jobs.finish_processing(name)
    assert (job["ProcessingJobStatus"], job["ExitMessage"]) == ("Completed", "2 panels")
    assert jobs.keys("candidates/") == ["panel0.png", "panel1.png"]
    assert jobs.read("candidates/panel1.png") == name
    assert jobs.keys("report/") == ["drawn.json"]
    assert job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    described = {key: job[key] for key in request if key in job}
    assert described == request


def test_continuous_outputs_are_stored_while_the_job_draws(jobs: Jobs) -> None:
    folder, later = new_folder(), new_folder()
    script = f"""
    (ml / "processing/{later}/panel.png").write_text("drawn")
    (ml / "processing/{folder}/panel.png").write_text("drawn")
    time.sleep(60)
    """
    name = jobs.process(script, outputs={folder: "Continuous", later: "EndOfJob"})
    assert jobs.wait_for_key(f"{folder}/panel.png") == "drawn"
    assert jobs.keys(f"{later}/") == []
    assert jobs.processing(name)["ProcessingJobStatus"] == "InProgress"
    jobs.sagemaker.stop_processing_job(ProcessingJobName=name)
    job = jobs.finish_processing(name)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert jobs.keys(f"{later}/") == ["panel.png"]


def test_a_failed_job_keeps_what_it_drew(jobs: Jobs) -> None:
    folder, later = new_folder(), new_folder()
    script = f"""
    (ml / "processing/{folder}/panel.png").write_text("drawn")
    (ml / "processing/{later}/panel.png").write_text("drawn")
    (ml / "output/message").write_text("out of memory")
    sys.exit(1)
    """
    name = jobs.process(script, outputs={folder: "Continuous", later: "EndOfJob"})
    job = jobs.finish_processing(name)
    assert (job["ProcessingJobStatus"], job["ExitMessage"]) == ("Failed", "out of memory")
    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert (jobs.keys(f"{folder}/"), jobs.keys(f"{later}/")) == (["panel.png"], [])


def test_an_input_without_objects_fails_the_job(jobs: Jobs) -> None:
    request = jobs.describe_processing()
    request["ProcessingInputs"].append(jobs.describe_input("model", jobs.uri("nothing/")))
    jobs.sagemaker.create_processing_job(**request)
    job = jobs.finish_processing(request["ProcessingJobName"])
    assert job["FailureReason"].startswith("ClientError: Data download failed: No S3 objects")


def test_the_longest_runtime_stops_a_job(jobs: Jobs) -> None:
    folder = new_folder()
    script = WAIT_FOR_STOP.replace("drawn", folder, 1)
    name = jobs.process(
        script, outputs={folder: "Continuous"}, StoppingCondition={"MaxRuntimeInSeconds": 3600}
    )
    jobs.wait_for_key(f"{folder}/panel.png")
    jobs.endpoint.move_clock(hours=1.1)
    job = jobs.finish_processing(name)
    assert job["ProcessingJobStatus"] == "Stopped"
    (line,) = [
        line
        for line in jobs.endpoint.admin("GET", "bill")["lines"]
        if line["resource"] == job["ProcessingJobArn"]
    ]
    assert (line["item"], line["unit"]) == (TYPE, "processing_hour")
    assert line["quantity"] == pytest.approx(1.1, rel=0.05)


def test_a_killed_process_fails_the_job(jobs: Jobs) -> None:
    kill = {"kind": "kill", "operation": "CreateProcessingJob", "times": 1}
    jobs.endpoint.admin("PUT", "faults", {"faults": [kill]})
    job = jobs.finish_processing(jobs.process("time.sleep(60)"))
    jobs.endpoint.admin("DELETE", "faults")
    assert job["FailureReason"] == "AlgorithmError: , exit code: 137"


def test_a_job_goes_on_when_the_endpoint_is_killed(tmp_path: Any) -> None:
    first = start_endpoint(tmp_path / "data", ARGUMENTS)
    before = Jobs(first, new_bucket(first.client("s3")))
    script = """
    (ml / "processing/drawn/first.png").touch()
    while not pathlib.Path(os.environ["SIGN"]).exists(): time.sleep(0.05)
    (ml / "processing/drawn/second.png").touch()
    """
    environment = {"ML_ROOT": "/opt/ml", "SIGN": str(tmp_path / "sign")}
    name = before.process(script, outputs={"drawn": "Continuous"}, Environment=environment)
    before.wait_for_key("drawn/first.png")
    first.kill()
    (tmp_path / "sign").touch()
    with running_endpoint(tmp_path / "data", ARGUMENTS) as second:
        after = Jobs(second, before.bucket)
        assert after.finish_processing(name)["ProcessingJobStatus"] == "Completed"
        assert after.keys("drawn/") == ["first.png", "second.png"]


def test_names_are_unique(jobs: Jobs) -> None:
    request = jobs.describe_processing()
    arn = jobs.sagemaker.create_processing_job(**request)["ProcessingJobArn"]
    assert refusal(jobs.sagemaker.create_processing_job, **request)[:2] == (
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with this name "
        f"already exists ({arn})",
    )
    jobs.finish_processing(request["ProcessingJobName"])
    jobs.sagemaker.delete_processing_job(ProcessingJobName=request["ProcessingJobName"])
    jobs.sagemaker.create_processing_job(**request)
    jobs.finish_processing(request["ProcessingJobName"])


@pytest.mark.parametrize("call", ["describe", "stop", "delete"])
def test_an_unknown_job_is_a_validation_exception(jobs: Jobs, call: str) -> None:
    method = getattr(jobs.sagemaker, f"{call}_processing_job")
    expected = "Could not find requested job with name: no-such-job"
    assert refusal(method, ProcessingJobName="no-such-job") == (
        "ValidationException",
        expected,
        400,
    )


def test_a_job_that_is_over_cannot_be_stopped(jobs: Jobs) -> None:
    name = jobs.process()
    jobs.finish_processing(name)
    code, message, _ = refusal(jobs.sagemaker.stop_processing_job, ProcessingJobName=name)
    assert code == "ValidationException"
    assert message.endswith("the processing job is in status Completed.")


def test_the_quota_of_processing_is_its_own(jobs: Jobs) -> None:
    name = f"{TYPE} for processing job usage"
    jobs.endpoint.admin("PUT", "quotas", {"quotas": {name: 0}})
    try:
        with refused("ResourceLimitExceeded", 400) as error:
            jobs.process()
        assert f"'{name}' is 0 Instances" in error["Message"]
        jobs.finish_training(jobs.train())
    finally:
        jobs.endpoint.admin("PUT", "quotas", {"quotas": {}})


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            lambda request: request["ProcessingInputs"][0]["S3Input"].update(LocalPath="/tmp/x"),
            "ValidationException",
            "must be a folder below /opt/ml/processing",
        ),
        (
            lambda request: request["ProcessingInputs"].append(request["ProcessingInputs"][0]),
            "ValidationException",
            "is given more than once",
        ),
        (
            lambda request: request["Environment"].update(X="y" * 257),
            "ValidationException",
            "less than or equal to 256",
        ),
        (
            lambda request: request["AppSpecification"].update(ContainerArguments=["y" * 257]),
            "ValidationException",
            "less than or equal to 256",
        ),
        (
            lambda request: request["ProcessingInputs"][0]["S3Input"].update(S3InputMode="Pipe"),
            "NotImplemented",
            "ProcessingInputs[0].S3Input.S3InputMode 'Pipe'; it plays 'File'",
        ),
        (
            lambda request: request.update(ExperimentConfig={"TrialName": "t"}),
            "NotImplemented",
            "does not play ExperimentConfig",
        ),
        (
            lambda request: request["AppSpecification"].pop("ContainerEntrypoint"),
            "NotImplemented",
            "give a ContainerEntrypoint",
        ),
    ],
)
def test_what_cannot_be_played_is_refused(jobs: Jobs, change: Any, code: str, message: str) -> None:
    request = jobs.describe_processing()
    change(request)
    found = refusal(jobs.sagemaker.create_processing_job, **request)
    assert found[0] == code
    assert message in found[1]


def test_jobs_are_listed_page_by_page(jobs: Jobs) -> None:
    part = uuid.uuid4().hex[:8]
    names = [f"listed-{part}-{number}" for number in range(3)]
    for name in names:
        jobs.process(ProcessingJobName=name)
    for name in names:
        jobs.finish_processing(name)
    pages = jobs.sagemaker.get_paginator("list_processing_jobs").paginate(
        NameContains=part, SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    found = [[job["ProcessingJobName"] for job in page["ProcessingJobSummaries"]] for page in pages]
    assert found == [names[:2], names[2:]]


def test_the_log_of_a_job_is_in_its_folder(jobs: Jobs) -> None:
    name = jobs.process('print(json.dumps(["drawn"]))')
    jobs.finish_processing(name)
    log = jobs.endpoint.data_dir / f"sagemaker-jobs/processing-job-{name}/run-1/output.log"
    assert json.loads(log.read_text()) == ["drawn"]
