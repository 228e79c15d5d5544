"""Plays a training: reads what a job is given, counts steps, writes checkpoints and a model."""

import json
import os
import signal
import sys
import time
from pathlib import Path

ML = Path(os.environ["ML_ROOT"])
CHECKPOINTS = ML / "checkpoints"


def read(name):
    return json.loads((ML / "input" / name).read_text())


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(document))
    beside.replace(path)


def report(phase, step, steps):
    progress = {"phase": phase, "step": step, "steps": steps, "loss": 1 / (step + 1)}
    progress |= {"pictures_per_second": 4.0, "seconds_left": (steps - step) / 100}
    write(CHECKPOINTS / "progress.json", progress)


def fail(message):
    write(ML / "output/failure", message)
    (ML / "output/failure").write_text(message)
    sys.exit(1)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    recipe, job = read("config/hyperparameters.json"), read("data/job/job.json")
    pictures = [
        json.loads(line)
        for line in (ML / "input/data/dataset/pictures.jsonl").read_text().splitlines()
    ]
    missing = [
        one["file"] for one in pictures if not (ML / "input/data/dataset" / one["file"]).is_file()
    ]
    if missing or not job["cast"]:
        fail(f"Nothing to train on: {missing} of {sorted(job['cast'])}")
    weights = (ML / "input/data/base/model.safetensors").read_text().strip()
    steps, begun = int(recipe["steps"]), 0
    saved = CHECKPOINTS / "step_000001/state.json"
    if saved.is_file():
        begun = json.loads(saved.read_text())["step"]
    for step in range(begun, steps):
        report("training", step, steps)
        if step == 1:
            write(saved, {"step": 1})
        time.sleep(float(weights))  # the weights of the stand-in say how long a step takes
    report("done", steps, steps)
    for name in ("model.safetensors", "README.md"):
        (ML / "model" / name).write_text(f"trained on {len(pictures)} pictures, begun at {begun}")
    checkpoints = [{"step": 1, "likeness": 0.5, "low": 0.4, "high": 0.6}]
    write(
        ML / "model/training.json",
        {
            "chosen_step": 1,
            "images_seen": steps * int(recipe["batch_size"]),
            "checkpoints": checkpoints,
            "base": job["base"],
            "begun_at": begun,
        },
    )


if __name__ == "__main__":
    main()
