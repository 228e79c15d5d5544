"""Training jobs: their program runs as a process on SageMaker's folders."""

import io
import json
import tarfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import new_bucket
from tests.local_aws.refusals import refusal, refused
from tests.local_aws.services.sagemaker.job_scripts import (
    ARGUMENTS,
    TYPE,
    Jobs,
    secondaries,
    wait_until,
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


# What a job does


def test_a_job_runs_its_program_on_the_folders_of_sagemaker(jobs: Jobs) -> None:
    checkpoints = jobs.uri("run/checkpoints/")
    name = jobs.train(
        """
        steps = json.loads((ml / "input/config/hyperparameters.json").read_text())["steps"]
        (ml / "model/deep").mkdir()
        (ml / "model/deep/lora.safetensors").write_text(f"weights of {steps} steps")
        (ml / "output/data/curve.json").write_text("[]")
        (ml / "checkpoints/progress.json").write_text("{}")
        print("step 1 loss=0.75"); print("step 2 loss=0.5")
        """,
        HyperParameters={"steps": "3"},
        CheckpointConfig={"S3Uri": checkpoints},
    )
    job = jobs.finish_training(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert secondaries(job) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == jobs.uri(f"out/{name}/output/model/")
    assert jobs.keys(f"out/{name}/output/") == ["data/curve.json", "model/deep/lora.safetensors"]
    assert jobs.read(f"out/{name}/output/model/deep/lora.safetensors") == "weights of 3 steps"
    assert jobs.keys("run/checkpoints/") == ["progress.json"]


def test_outputs_are_archives_by_default(jobs: Jobs) -> None:
    script = '(ml / "model/lora.safetensors").write_text("weights")'
    name = jobs.train(script, OutputDataConfig={"S3OutputPath": jobs.uri("out")})
    job = jobs.finish_training(name)
    key = f"out/{name}/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == jobs.uri(key)
    packed = jobs.s3.get_object(Bucket=jobs.bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.getnames() == ["lora.safetensors"]


def test_inputs_lie_below_their_prefix(jobs: Jobs) -> None:
    for key in ("set/images/mira.png", "set/pictures.jsonl", "set-of-others/x"):
        jobs.s3.put_object(Bucket=jobs.bucket, Key=key, Body=b"x")
    script = """
    found = sorted(p.relative_to(ml / "input/data").as_posix()
                   for p in (ml / "input/data").rglob("*") if p.is_file())
    (ml / "model/found.json").write_text(json.dumps(found))
    """
    request = jobs.describe_training(script)
    for channel, prefix in (("folder", "set/"), ("object", "set/pictures.jsonl"), ("part", "set-")):
        source = {"S3DataType": "S3Prefix", "S3Uri": jobs.uri(prefix)}
        request["InputDataConfig"].append(
            {"ChannelName": channel, "DataSource": {"S3DataSource": source}}
        )
    jobs.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    jobs.finish_training(name)
    assert json.loads(jobs.read(f"out/{name}/output/model/found.json")) == [
        "code/main.py",
        "folder/images/mira.png",
        "folder/pictures.jsonl",
        "object/pictures.jsonl",
        "part/set-of-others/x",
    ]


def test_the_process_finds_neither_keys_nor_the_users_home(jobs: Jobs) -> None:
    script = '(ml / "model/environment.json").write_text(json.dumps(dict(os.environ)))'
    environments = []
    for isolated in (True, False):
        name = jobs.train(
            script,
            EnableNetworkIsolation=isolated,
            Environment={"ML_ROOT": "/opt/ml", "WORD": "at /opt/ml/model, not /opt/mlx"},
        )
        jobs.finish_training(name)
        text = jobs.read(f"out/{name}/output/model/environment.json")
        environments.append(json.loads(text))
        assert jobs.endpoint.ready["secret_access_key"] not in text
        root = environments[-1]["ML_ROOT"]
        assert environments[-1]["WORD"] == f"at {root}/model, not /opt/mlx"
        assert Path(environments[-1]["HOME"]).is_relative_to(jobs.endpoint.data_dir.resolve())
    alone, connected = ({n for n in one if n.startswith("AWS_")} for one in environments)
    assert alone == set()
    assert connected == {"AWS_REGION", "AWS_EC2_METADATA_DISABLED"}


def test_metrics_are_read_from_the_log(jobs: Jobs) -> None:
    request = jobs.describe_training('print("step 1 loss=0.75"); print("step 2 loss=5e-1")')
    request["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "loss", "Regex": r"loss=(\S+)"},
        {"Name": "absent", "Regex": "likeness=(.+)"},
    ]
    jobs.sagemaker.create_training_job(**request)
    job = jobs.finish_training(request["TrainingJobName"])
    assert [(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]] == [("loss", 0.5)]


def test_the_log_is_a_private_file(jobs: Jobs) -> None:
    name = jobs.train('print("what the program says")')
    jobs.finish_training(name)
    folder = jobs.endpoint.data_dir / f"sagemaker-jobs/training-job-{name}"
    log = folder / "run-1/output.log"
    assert log.read_text() == "what the program says\n"
    assert (folder.stat().st_mode & 0o777, log.stat().st_mode & 0o777) == (0o700, 0o600)
    assert not (folder / "ml").exists()


# How a job fails


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sys.exit(3)", "AlgorithmError: , exit code: 3"),
        (
            '(ml / "output/failure").write_text("no pictures"); sys.exit(1)',
            "AlgorithmError: no pictures, exit code: 1",
        ),
        (
            '(ml / "output/failure").write_text("x" * 5000); sys.exit(1)',
            f"AlgorithmError: {'x' * 994}, exit code: 1",
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", "AlgorithmError: , exit code: 137"),
    ],
)
def test_a_failure_has_the_reason_that_the_program_writes(
    jobs: Jobs, script: str, reason: str
) -> None:
    name = jobs.train('(ml / "checkpoints/c").touch()\n' + script, **checkpoints_of(jobs, "failed"))
    job = jobs.finish_training(name)
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", reason)
    assert len(job["FailureReason"]) <= 1024
    assert jobs.keys("failed/") == ["c"]
    assert jobs.keys(f"out/{name}/") == []


def checkpoints_of(jobs: Jobs, folder: str) -> dict[str, Any]:
    return {"CheckpointConfig": {"S3Uri": jobs.uri(folder)}}


def test_an_entry_point_that_is_no_program_fails(jobs: Jobs) -> None:
    request = jobs.describe_training()
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["/no/such/program"]
    jobs.sagemaker.create_training_job(**request)
    job = jobs.finish_training(request["TrainingJobName"])
    assert job["FailureReason"].startswith("AlgorithmError: the entry point did not start")


def test_without_an_interpreter_the_job_names_the_stand_in(tmp_path: Path) -> None:
    quota = ("--quota", f"{TYPE} for training job usage=1")
    with running_endpoint(tmp_path / "data", quota) as endpoint:
        other = Jobs(endpoint, new_bucket(endpoint.client("s3")))
        job = other.finish_training(other.train())
    assert "--training-python" in job["FailureReason"]
    assert "huggingface-pytorch-training" in job["FailureReason"]
    assert "BillableTimeInSeconds" not in job


def test_inputs_that_do_not_fit_the_volume_fail_the_job(jobs: Jobs) -> None:
    cluster = {"InstanceType": TYPE, "InstanceCount": 1, "VolumeSizeInGB": 0}
    job = jobs.finish_training(jobs.train(ResourceConfig=cluster))
    assert "the volume has 0 bytes left" in job["FailureReason"]


def test_a_key_that_leaves_the_folder_fails_the_job(jobs: Jobs) -> None:
    jobs.s3.put_object(Bucket=jobs.bucket, Key="outside/../../../x", Body=b"x")
    request = jobs.describe_training()
    source = {"S3DataType": "S3Prefix", "S3Uri": jobs.uri("outside/")}
    request["InputDataConfig"].append(
        {"ChannelName": "bad", "DataSource": {"S3DataSource": source}}
    )
    jobs.sagemaker.create_training_job(**request)
    job = jobs.finish_training(request["TrainingJobName"])
    assert job["FailureReason"].startswith("ClientError: Data download failed")


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


# Requests


def test_names_are_unique_until_their_job_is_deleted(jobs: Jobs) -> None:
    request = jobs.describe_training()
    name = request["TrainingJobName"]
    arn = jobs.sagemaker.create_training_job(**request)["TrainingJobArn"]
    assert refusal(jobs.sagemaker.create_training_job, **request)[:2] == (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job "
        f"with this name already exists ({arn})",
    )
    jobs.finish_training(name)
    jobs.sagemaker.delete_training_job(TrainingJobName=name)
    jobs.sagemaker.create_training_job(**request)
    assert jobs.finish_training(name)["TrainingJobStatus"] == "Completed"


def test_one_of_several_callers_creates_a_job(jobs: Jobs) -> None:
    request = jobs.describe_training()

    def create(number: int) -> str:
        try:
            jobs.endpoint.client("sagemaker").create_training_job(**request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "created"

    with ThreadPoolExecutor(4) as callers:
        answers = sorted(callers.map(create, range(4)))
    assert answers == ["ResourceInUse"] * 3 + ["created"]
    assert jobs.finish_training(request["TrainingJobName"])["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("call", ["describe", "stop", "delete"])
def test_an_unknown_job_is_a_validation_exception(jobs: Jobs, call: str) -> None:
    method = getattr(jobs.sagemaker, f"{call}_training_job")
    expected = ("ValidationException", "Requested resource not found.", 400)
    assert refusal(method, TrainingJobName="no-such-job") == expected


def test_a_running_job_cannot_be_deleted(jobs: Jobs) -> None:
    with jobs.endpoint.stopped_clock():
        name = jobs.train()
        with refused("ResourceInUse", 400):
            jobs.sagemaker.delete_training_job(TrainingJobName=name)
    jobs.finish_training(name)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds. It must be present"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            "Invalid MaxWaitTimeInSeconds. It must be present",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 61}},
            "only allowed with EnableManagedSpotTraining",
        ),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 2_419_201}}, "at most 2419200"),
        (
            {"ResourceConfig": {"InstancePreferences": [{"InstanceType": TYPE}]}},
            "Give InstanceCount once",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
                "ResourceConfig": {
                    "InstancePreferences": [{"InstanceType": TYPE, "InstanceCount": 1}]
                },
            },
            "InstancePreferences cannot be used with managed spot",
        ),
        ({"ResourceConfig": {"InstanceCount": 1}}, "either InstanceType or InstancePreferences"),
        ({"HyperParameters": {"x": "y" * 2501}}, "less than or equal to 2500"),
        ({"Environment": {"X": "y" * 513}}, "less than or equal to 512"),
        ({"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/tmp/x"}}, "below /opt/ml"),
        ({"TrainingJobName": "under_score"}, "regular expression pattern"),
    ],
)
def test_a_request_that_aws_refuses_is_refused(
    jobs: Jobs, members: dict[str, Any], message: str
) -> None:
    code, found, status = refusal(
        jobs.sagemaker.create_training_job, **jobs.describe_training(**members)
    )
    assert (code, status) == ("ValidationException", 400)
    assert message in found


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"VpcConfig": {"SecurityGroupIds": ["sg"], "Subnets": ["s"]}}, "VpcConfig"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 1}}, "RetryStrategy"),
        (
            {"ResourceConfig": {"InstanceType": TYPE, "InstanceCount": 2}},
            "ResourceConfig.InstanceCount 2; it plays 1",
        ),
        ({"EnableInterContainerTrafficEncryption": True}, "EnableInterContainerTrafficEncryption"),
    ],
)
def test_what_is_not_played_is_refused_by_name(
    jobs: Jobs, members: dict[str, Any], named: str
) -> None:
    code, message, _ = refusal(
        jobs.sagemaker.create_training_job, **jobs.describe_training(**members)
    )
    assert code == "NotImplemented"
    assert named in message


def test_another_image_is_refused(jobs: Jobs) -> None:
    request = jobs.describe_training()
    request["AlgorithmSpecification"]["TrainingImage"] = "mine:latest"
    with refused("NotImplemented", 501) as error:
        jobs.sagemaker.create_training_job(**request)
    assert "huggingface-pytorch-training" in error["Message"]


def test_inputs_must_exist_before_the_job(jobs: Jobs) -> None:
    request = jobs.describe_training()
    source = {"S3DataType": "S3Prefix", "S3Uri": jobs.uri("nothing/")}
    request["InputDataConfig"] = [
        {"ChannelName": "code", "DataSource": {"S3DataSource": source}},
    ]
    code, message, _ = refusal(jobs.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "{jobs.uri("nothing/")}"')


def test_the_quota_of_instances_is_enforced(jobs: Jobs) -> None:
    name = f"{TYPE} for training job usage"
    jobs.endpoint.admin("PUT", "quotas", {"quotas": {name: 1}})
    try:
        with jobs.endpoint.stopped_clock():
            running = jobs.train()
            code, message, status = refusal(
                jobs.sagemaker.create_training_job, **jobs.describe_training()
            )
        assert (code, status) == ("ResourceLimitExceeded", 400)
        assert message.startswith(
            f"The account-level service limit '{name}' is 1 Instances, with current utilization of "
            "1 Instances and a request delta of 1 Instances."
        )
        jobs.finish_training(running)
    finally:
        jobs.endpoint.admin("PUT", "quotas", {"quotas": {}})


def test_a_new_account_has_no_accelerated_instances(jobs: Jobs) -> None:
    quotas = jobs.endpoint.client("service-quotas").get_paginator("list_service_quotas")
    values = {
        quota["QuotaName"]: quota["Value"]
        for page in quotas.paginate(ServiceCode="sagemaker")
        for quota in page["Quotas"]
    }
    uses = ("training", "spot training", "processing")
    assert [values[f"ml.g5.2xlarge for {use} job usage"] for use in uses] == [0, 0, 0]
    assert [values[f"ml.m5.xlarge for {use} job usage"] for use in uses] == [4, 4, 4]
    assert values[f"{TYPE} for spot training job usage"] == 50
    with refused("ResourceLimitExceeded"):
        cluster = {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
        jobs.train(ResourceConfig=cluster)


def test_jobs_are_listed_page_by_page(jobs: Jobs) -> None:
    part = uuid.uuid4().hex[:8]
    names = [f"listed-{part}-{number}" for number in range(3)]
    for name in names:
        jobs.train(TrainingJobName=name)
    wait_until(lambda: [jobs.finish_training(name) for name in names], bool)
    pages = jobs.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=part, StatusEquals="Completed", PaginationConfig={"PageSize": 2}
    )
    found = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert found == [names[:0:-1], names[:1]]
    failed = jobs.sagemaker.list_training_jobs(NameContains=part, StatusEquals="Failed")
    assert failed["TrainingJobSummaries"] == []


def test_tags_are_added_listed_and_removed(jobs: Jobs) -> None:
    request = jobs.describe_training(Tags=[{"Key": "run", "Value": "r1"}])
    arn = jobs.sagemaker.create_training_job(**request)["TrainingJobArn"]
    jobs.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "lease", "Value": "2026"}])
    assert jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "run", "Value": "r1"},
        {"Key": "lease", "Value": "2026"},
    ]
    jobs.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["run", "unknown"])
    assert [tag["Key"] for tag in jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"]] == ["lease"]
    jobs.finish_training(request["TrainingJobName"])
    assert [tag["Key"] for tag in jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"]] == ["lease"]
    with refused("ValidationException"):
        jobs.sagemaker.list_tags(ResourceArn=f"{arn}-unknown")
