"""The digest of a folder of weights is what sha256sum says about its files."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from trainer.inputs.digests import folder_digest


def test_the_digest_of_a_folder(tmp_path: Path) -> None:
    for name in ("model_index.json", "vae/b.safetensors", "vae/a.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    names = ["model_index.json", "vae/a.json", "vae/b.safetensors"]
    lines = subprocess.run(["sha256sum", *names], cwd=tmp_path, capture_output=True).stdout
    assert folder_digest(tmp_path) == hashlib.sha256(lines).hexdigest()
