"""Training jobs: their program runs as a process on SageMaker's folders."""

from tests.local_aws.services.sagemaker.job_scripts import Jobs, secondaries


def test_a_job_runs_its_program_on_the_folders_of_sagemaker(jobs: Jobs) -> None:
    name = jobs.train(
        """
        steps = json.loads((ml / "input/config/hyperparameters.json").read_text())["steps"]
        (ml / "model/deep").mkdir()
        (ml / "model/deep/lora.safetensors").write_text(f"weights of {steps} steps")
        (ml / "checkpoints/progress.json").write_text("{}")
        print("step 1 loss=0.75"); print("step 2 loss=0.5")
        """,
        HyperParameters={"steps": "3"},
        CheckpointConfig={"S3Uri": jobs.uri("run/checkpoints/")},
    )
    job = jobs.finish_training(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    states = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert secondaries(job) == states
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert model == jobs.uri(f"out/{name}/output/model/")
    assert jobs.read(f"out/{name}/output/model/deep/lora.safetensors") == "weights of 3 steps"
    assert jobs.keys("run/checkpoints/") == ["progress.json"]
