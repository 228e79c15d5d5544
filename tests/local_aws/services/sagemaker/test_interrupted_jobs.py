"""Training jobs that are stopped, limited, interrupted, killed, or outlive the endpoint."""

import uuid
from pathlib import Path

import pytest

from tests.local_aws.conftest import new_bucket
from tests.local_aws.refusals import refusal
from tests.local_aws.services.sagemaker.job_scripts import (
    ARGUMENTS,
    TYPE,
    Jobs,
    checkpoints_of,
    secondaries,
)
from tests.studio.endpoint_fixture import running_endpoint, start_endpoint

WAIT_FOR_STOP = """
def stop(number, frame):
    (ml / "model/stopped").write_text("saved")
    sys.exit(143)
signal.signal(signal.SIGTERM, stop)
(ml / "checkpoints/ready").touch()
time.sleep(60)
"""
COUNT_STARTS = """
starts = len(list((ml / "checkpoints").glob("start-*")))
def save(number, frame):
    sys.exit(143)
signal.signal(signal.SIGTERM, save)
(ml / f"checkpoints/start-{starts}").write_text("x")
"""
"""Each start of the job leaves a checkpoint, and finds those of the starts before it."""


# Stops and limits


def test_a_stop_lets_the_program_save(jobs: Jobs) -> None:
    folder = f"stopped/{uuid.uuid4().hex}"
    name = jobs.train(WAIT_FOR_STOP, **checkpoints_of(jobs, folder))
    jobs.wait_for_key(f"{folder}/ready")
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    assert jobs.training(name)["TrainingJobStatus"] in ("Stopping", "Stopped")
    job = jobs.finish_training(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert secondaries(job)[-2:] == ["Stopping", "Stopped"]
    assert jobs.read(f"out/{name}/output/model/stopped") == "saved"
    expected = "The request was rejected because the training job is in status Stopped."
    assert refusal(jobs.sagemaker.stop_training_job, TrainingJobName=name)[:2] == (
        "ValidationException",
        expected,
    )


def test_a_program_that_ignores_the_stop_is_killed(jobs: Jobs) -> None:
    script = """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (ml / "checkpoints/ready").touch()
    time.sleep(60)
    """
    folder = f"stopped/{uuid.uuid4().hex}"
    name = jobs.train(script, **checkpoints_of(jobs, folder))
    jobs.wait_for_key(f"{folder}/ready")
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    assert jobs.finish_training(name)["SecondaryStatus"] == "Stopped"


def test_a_job_is_stopped_before_it_has_an_instance(jobs: Jobs) -> None:
    with jobs.endpoint.stopped_clock():
        name = jobs.train()
        jobs.sagemaker.stop_training_job(TrainingJobName=name)
        job = jobs.finish_training(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert "TrainingStartTime" not in job


def test_the_longest_runtime_is_of_the_endpoints_clock(jobs: Jobs) -> None:
    folder = f"stopped/{uuid.uuid4().hex}"
    name = jobs.train(WAIT_FOR_STOP, **checkpoints_of(jobs, folder))
    jobs.wait_for_key(f"{folder}/ready")
    jobs.endpoint.move_clock(hours=1.1)
    job = jobs.finish_training(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert job["BillableTimeInSeconds"] >= 3600
    assert jobs.keys(f"out/{name}/output/") == ["model/stopped"]


# Spot instances


def test_an_interrupted_job_resumes_from_its_checkpoints(jobs: Jobs) -> None:
    spot = jobs.spot()
    folder = spot["CheckpointConfig"]["S3Uri"].partition(f"{jobs.bucket}/")[2]
    script = COUNT_STARTS + "time.sleep(60 if starts < 2 else 0)"
    name = jobs.train(script, **spot)
    for start in (0, 1):
        jobs.wait_for_key(f"{folder}/start-{start}")
        interrupt = {"kind": "interrupt", "operation": "CreateTrainingJob", "times": 1}
        jobs.endpoint.admin("PUT", "faults", {"faults": [interrupt]})
    job = jobs.finish_training(name)
    assert job["TrainingJobStatus"] == "Completed"
    once = ["Starting", "Downloading", "Training", "Interrupted"]
    last = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert secondaries(job) == once * 2 + last
    assert jobs.keys(f"{folder}/") == ["start-0", "start-1", "start-2"]
    jobs.endpoint.admin("DELETE", "faults")


def test_a_spot_job_waits_for_capacity_until_its_longest_wait(jobs: Jobs) -> None:
    fault = {"kind": "fail", "operation": "CreateTrainingJob", "code": "CapacityError", "times": 1}
    jobs.endpoint.admin("PUT", "faults", {"faults": [fault]})
    name = jobs.train(**jobs.spot(wait=7200))
    jobs.endpoint.move_clock(hours=2.1)
    job = jobs.finish_training(name)
    jobs.endpoint.admin("DELETE", "faults")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert "BillableTimeInSeconds" not in job


def test_spot_hours_cost_a_share(jobs: Jobs) -> None:
    spot = jobs.spot()
    folder = spot["CheckpointConfig"]["S3Uri"].partition(f"{jobs.bucket}/")[2]
    name = jobs.train(COUNT_STARTS + "time.sleep(60)", **spot)
    jobs.wait_for_key(f"{folder}/start-0")
    jobs.endpoint.move_clock(hours=0.5)
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    job = jobs.finish_training(name)
    assert job["TrainingTimeInSeconds"] == pytest.approx(1800, abs=60)
    assert job["BillableTimeInSeconds"] == pytest.approx(0.3 * 1800, abs=20)
    (line,) = [
        line
        for line in jobs.endpoint.admin("GET", "bill")["lines"]
        if line["resource"] == job["TrainingJobArn"]
    ]
    assert (line["item"], line["unit"]) == (TYPE, "training_hour")
    assert line["usd"] == pytest.approx(0.5 * 0.3 * 2.8, rel=0.05)


# Faults


def test_capacity_errors_fail_a_job_or_choose_the_next_instance(jobs: Jobs) -> None:
    message = "Unable to provision requested ML compute capacity."
    fault = {"kind": "fail", "operation": "CreateTrainingJob", "code": "CapacityError"}
    jobs.endpoint.admin("PUT", "faults", {"faults": [{**fault, "message": message}]})
    try:
        alone = jobs.train()
        preferences = [{"InstanceType": TYPE}, {"InstanceType": "ml.m5.xlarge"}]
        cluster = {"InstancePreferences": preferences, "InstanceCount": 1, "VolumeSizeInGB": 5}
        several = jobs.train(ResourceConfig=cluster)
        job = jobs.finish_training(alone)
        assert (job["FailureReason"]) == f"CapacityError: {message}"
        job = jobs.finish_training(several)
        assert job["TrainingJobStatus"] == "Completed"
        assert job["ResourceConfig"]["SelectedInstanceType"] == "ml.m5.xlarge"
    finally:
        jobs.endpoint.admin("DELETE", "faults")


def test_a_killed_process_fails_the_job(jobs: Jobs) -> None:
    kill = {"kind": "kill", "operation": "CreateTrainingJob", "times": 1}
    jobs.endpoint.admin("PUT", "faults", {"faults": [kill]})
    job = jobs.finish_training(jobs.train("time.sleep(60)"))
    jobs.endpoint.admin("DELETE", "faults")
    assert job["FailureReason"] == "AlgorithmError: , exit code: 137"


# Restarts of the endpoint


def test_a_job_goes_on_when_the_endpoint_is_killed(tmp_path: Path) -> None:
    first = start_endpoint(tmp_path / "data", ARGUMENTS)
    before = Jobs(first, new_bucket(first.client("s3")))
    script = """
    (ml / "checkpoints/started").touch()
    while not pathlib.Path(os.environ["SIGN"]).exists(): time.sleep(0.05)
    (ml / "model/pid").write_text(str(os.getpid()))
    """
    environment = {"ML_ROOT": "/opt/ml", "SIGN": str(tmp_path / "sign")}
    name = before.train(script, Environment=environment, **checkpoints_of(before, "kept"))
    before.wait_for_key("kept/started")
    first.kill()
    (tmp_path / "sign").touch()
    with running_endpoint(tmp_path / "data", ARGUMENTS) as second:
        after = Jobs(second, before.bucket)
        job = after.finish_training(name)
        assert job["TrainingJobStatus"] == "Completed"
        assert secondaries(job).count("Training") == 1
        assert after.keys(f"out/{name}/output/") == ["model/pid"]
        assert second.admin("GET", "bill")["running"] == []


def test_a_clean_stop_pauses_a_job(tmp_path: Path) -> None:
    script = COUNT_STARTS + "time.sleep(60 if starts < 1 else 0)"
    with running_endpoint(tmp_path / "data", ARGUMENTS) as first:
        before = Jobs(first, new_bucket(first.client("s3")))
        name = before.train(script, **checkpoints_of(before, "kept"))
        before.wait_for_key("kept/start-0")
    with running_endpoint(tmp_path / "data", ARGUMENTS) as second:
        after = Jobs(second, before.bucket)
        assert after.finish_training(name)["TrainingJobStatus"] == "Completed"
        assert after.keys("kept/") == ["start-0", "start-1"]
