"""Read one hostile input in this process, under limits, and print what it took.

python -m bench.hostile.measure READER FILE
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.hostile.inputs import HostileInput
from bench.shared.result_files import ROOT

#: What an input may take until it is refused.
MOST_MB, MOST_SECONDS = 1_024, 10
#: A process that does not end within this many seconds is stopped.
PATIENCE_SECONDS = 60


def read_yaml_file(body: bytes) -> object:
    from storyboard_ops.domain.bounded_yaml import read_yaml

    return read_yaml(body, "The file")


def read_production(body: bytes) -> object:
    from storyboard_ops.domain.bounded_yaml import read_yaml
    from storyboard_ops.domain.production_sheet import parse_production

    return parse_production(read_yaml(body, "The file"), "the file")


def read_json_file(body: bytes) -> object:
    from storyboard_ops.domain.bounded_text import read_json

    return read_json(body, "The file")


def read_record(body: bytes) -> object:
    from storyboard_ops.domain.manifest_codec import ManifestRef, decode_record

    return decode_record(body, ManifestRef, "The file")


def read_reviewers(body: bytes) -> object:
    from storyboard_ops.domain.base_record import canonical_json
    from storyboard_ops.gateways.review.human_review import read_answers

    document = {"humanAnswers": [{"answerContent": {"decisions": body.decode()}}]}

    class Stored:
        def json(self, _: object) -> object:
            return json.loads(canonical_json(document))

    return read_answers(Stored(), "loop", "s3://bucket/key")  # type: ignore[arg-type]


def read_index(body: bytes) -> object:
    from storyboard_ops.core.sampling.index import VideoIndex

    return VideoIndex.from_bytes(body)


def read_picture(body: bytes) -> object:
    from storyboard_ops.core.pictures.codec import decode_rgb

    return decode_rgb(body)


def read_film(body: bytes) -> object:
    from storyboard_ops.gateways.sampling.byte_source import FileBytes
    from storyboard_ops.steps.sampling.film_decoder import open_film

    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        return open_film(FileBytes(Path(file.name)))


READERS: Mapping[str, Callable[[bytes], object]] = {
    "yaml": read_yaml_file,
    "production": read_production,
    "json": read_json_file,
    "record": read_record,
    "answers": read_reviewers,
    "index": read_index,
    "picture": read_picture,
    "film": read_film,
}


def measure(given: HostileInput) -> dict[str, Any]:
    """Read an input in a process of its own.

    Returns its bytes, the seconds of processor time until it was refused, the peak in MB, and the
    message.
    """
    body = given.make()
    facts: dict[str, Any] = {"name": given.name, "bytes": len(body)}
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = [sys.executable, "-m", "bench.hostile.measure", given.reader, file.name]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={"PYTHONPATH": "plugins:.", "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {**facts, "seconds": PATIENCE_SECONDS, "mb": 0, "message": "(stopped)"}
    if done.returncode:
        ending = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        return {**facts, "seconds": 0, "mb": MOST_MB * 4, "message": f"(crashed) {ending[0]}"}
    return {**facts, **json.loads(done.stdout.splitlines()[-1])}


def main(reader: str, path: str) -> None:
    """Read a file, and print seconds, peak memory and the message that refuses it."""
    from storyboard_ops.domain.error_tree import StoryboardError

    read = READERS[reader]
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MB * 4 << 20,) * 2)
    body = Path(path).read_bytes()
    started = time.process_time()  # also true on a busy machine
    message = "(accepted)"
    try:
        read(body)
    except StoryboardError as refusal:
        message = str(refusal)
    seconds = time.process_time() - started
    json.dump({"seconds": seconds, "mb": peak_mb(), "message": message}, sys.stdout)


def peak_mb() -> int:
    """Return the most memory that this process has had, in MiB."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    main(*sys.argv[1:])
