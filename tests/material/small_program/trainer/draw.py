"""Plays a drawing: one plain picture a candidate, whose colour follows from what decides it."""

import hashlib
import json
import os
import struct
import time
import zlib
from pathlib import Path

ROOT = Path(os.environ["ML_ROOT"]) / "processing"
OUTPUT = ROOT / "output"


def png(width, height, colour):
    rows = (b"\0" + bytes(colour) * width) * height

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def draw(panel, seed, model, alone):
    record = {"slot": panel["slot"], "seed": seed}
    if "CRASHES" in panel["prompt"] and not alone:
        raise SystemExit("the machine was made to fail while it draws with others")
    if "FAILS" in panel["prompt"]:
        return {**record, "failure": "the panel was made to fail"}
    shown = [(ROOT / "input/references" / name).read_bytes() for name in panel["references"]]
    question = f"{panel['prompt']} {seed} {model if panel['strength'] else ''} {shown}"
    colour = hashlib.sha256(question.encode()).digest()[:3]
    body = png(panel["width"], panel["height"], colour)
    name = f"{panel['slot']}_seed{seed}"
    (OUTPUT / f"{name}.png").write_bytes(body)
    record |= {"file": f"{name}.png", "sha256": hashlib.sha256(body).hexdigest()}
    record |= {"width": panel["width"], "height": panel["height"], "prompt": panel["prompt"]}
    (OUTPUT / f"{name}.json").write_text(json.dumps(record))
    return record


def main():
    job = json.loads((ROOT / "input/job/job.json").read_text())
    weights = ROOT / "input/model/model.safetensors"
    model = weights.read_text() if weights.exists() else ""
    time.sleep(float(model) if model.isdigit() else 0)  # these weights say how long it takes
    alone = len(job["panels"]) == 1
    drawn = [draw(panel, seed, model, alone) for panel in job["panels"] for seed in panel["seeds"]]
    (OUTPUT / "progress.json").write_text(json.dumps({"phase": "done", "step": 1, "steps": 1}))
    (OUTPUT / "drawn.json").write_text(json.dumps(drawn))


if __name__ == "__main__":
    main()
