"""A process that runs one job after another: loading torch takes longer than a tiny job.

Reads a task a line, as JSON: ``{"model": family, "folder": …}`` writes a tiny base model, and
``{"script": "…/train.py", "root": ML_ROOT}`` runs an entry point as a program, and
``{"translate": file, "family": …, "to": file}`` has diffusers read a LoRA with other names. Answers
each with its exit status.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def run_script(script: str, root: str) -> int:
    """Run an entry point as ``python <script>`` does."""
    os.environ["ML_ROOT"] = root
    sys.path.insert(0, str(Path(script).parent))
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.path.pop(0)
    raise AssertionError(f"{script} did not exit")


def write_model(family: str, folder: str) -> int:
    import tiny_models

    tiny_models.write(family, Path(folder))
    return 0


def translate(file: str, family: str, to: str) -> int:
    """Write a LoRA as diffusers understands it, under its own names."""
    import diffusers
    from safetensors.torch import load_file, save_file

    pipeline = {
        "flux2_klein": diffusers.Flux2KleinPipeline,
        "z_image": diffusers.ZImagePipeline,
        "sdxl": diffusers.StableDiffusionXLPipeline,
    }[family]
    state = pipeline.lora_state_dict(load_file(file))
    if isinstance(state, tuple):  # with alphas, which are the ranks here
        state = {
            name.replace(".lora.down.", ".lora_A.").replace(".lora.up.", ".lora_B."): matrix
            for name, matrix in state[0].items()
        }
    Path(to).parent.mkdir(parents=True)
    save_file({name: matrix.contiguous() for name, matrix in state.items()}, to)
    return 0


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # the jobs' own lines are no answers
    for line in sys.stdin:
        task = json.loads(line)
        if "model" in task:
            status = write_model(task["model"], task["folder"])
        elif "translate" in task:
            status = translate(task["translate"], task["family"], task["to"])
        else:
            status = run_script(task["script"], task["root"])
        answers.write(f"{status}\n")
        answers.flush()


if __name__ == "__main__":
    main()
