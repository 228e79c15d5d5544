"""Training jobs: their program runs as a process on SageMaker's folders."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.local_aws.conftest import new_bucket
from tests.local_aws.services.sagemaker.job_scripts import (
    TYPE,
    Jobs,
    checkpoints_of,
    secondaries,
)
from tests.studio.endpoint_fixture import running_endpoint

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
