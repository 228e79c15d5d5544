"""`make sbom` lists what the runtime lock holds; `make audit` looks at all locks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.make_commands import run_make
from tests.docs.markdown_files import ROOT

Package = tuple[str, str]
LOCK, DEV_LOCK = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
TRAINER_LOCK = ROOT / "requirements-trainer.txt"


def locked(path: Path) -> dict[Package, set[str]]:
    """Name and version of every package of a lock, with the digests of its files."""
    entries = re.split(r"^(?=[A-Za-z0-9])", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for entry in filter(str.strip, entries):
        name, version = re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", entry).groups()
        found[_normal(name), version] = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sbom") / "folder" / "sbom.json"
    done = run_make("sbom", f"SBOM={path}")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def sbom(written: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(written.read_bytes())
    return document


def test_the_components_are_the_packages_of_the_runtime_lock(sbom: dict[str, Any]) -> None:
    components = {(_normal(c["name"]), c["version"]): c for c in sbom["components"]}
    assert len(components) == len(sbom["components"]) > 200
    runtime = locked(LOCK)
    assert components.keys() == runtime.keys()
    for (name, version), component in components.items():
        digests = {
            digest["content"]
            for reference in component["externalReferences"]
            for digest in reference.get("hashes", ())
        }
        assert digests == runtime[name, version], name
        assert component["purl"].startswith(f"pkg:pypi/{name}@{version}")


def test_what_only_tests_need_is_not_part_of_the_product(sbom: dict[str, Any]) -> None:
    names = {_normal(component["name"]) for component in sbom["components"]}
    assert {"apache-airflow", "av", "moto"} <= names
    assert not {"pytest", "mypy", "hypothesis", "cyclonedx-bom"} & names
    assert {name for name, _ in locked(DEV_LOCK)} >= {"pytest", "mypy", "hypothesis"} | names


def test_the_sbom_names_the_product_and_nothing_of_the_machine(written: Path) -> None:
    document = json.loads(written.read_bytes())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    product = document["metadata"]["component"]
    assert (product["name"], product["type"]) == ("storyboard-pipeline", "application")
    assert str(ROOT) not in written.read_text(encoding="utf-8")


@pytest.mark.long
def test_the_sbom_of_a_lock_is_always_the_same(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    assert run_make("sbom", f"SBOM={again}").returncode == 0
    assert again.read_bytes() == written.read_bytes()


def test_every_locked_file_has_a_digest() -> None:
    for lock in (LOCK, DEV_LOCK, TRAINER_LOCK):
        assert [package for package, digests in locked(lock).items() if not digests] == []


def test_the_training_program_has_an_environment_of_its_own() -> None:
    runtime, trainer = ({name for name, _ in locked(lock)} for lock in (LOCK, TRAINER_LOCK))
    assert {"diffusers", "peft", "transformers"} <= trainer - runtime
    assert "torch" not in runtime | trainer  # one build for each kind of machine


def test_the_audit_covers_all_locks_and_fails_on_what_it_cannot_look_up() -> None:
    planned = run_make("-n", "audit").stdout
    for needed in ("--strict", "--require-hashes", LOCK.name, DEV_LOCK.name, TRAINER_LOCK.name):
        assert needed in planned.replace("\\\n", " ").split()
