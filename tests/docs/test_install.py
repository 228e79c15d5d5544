"""docs/install.md names bundles, variables and files that exist."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module

import pytest
import yaml

from tests.distributed.installed.installed_airflow import BUNDLES
from tests.docs.markdown_files import ROOT, code_blocks

INSTALL = ROOT / "docs/install.md"
TEXT = INSTALL.read_text(encoding="utf-8")


def test_the_shown_bundles_are_those_that_a_run_of_the_wheel_has_used() -> None:
    (exported,) = [block for block in code_blocks(INSTALL, "sh") if "BUNDLE_CONFIG_LIST" in block]
    (assignment,) = [word for word in shlex.split(exported) if "=" in word]
    name, _, value = assignment.partition("=")
    assert name == "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
    assert json.loads(value) == BUNDLES
    (values,) = map(yaml.safe_load, code_blocks(INSTALL, "yaml"))
    assert values["dagProcessor"]["dagBundleConfigList"] == BUNDLES


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle["name"])
def test_a_bundle_can_be_imported(bundle: dict[str, str]) -> None:
    module, _, name = bundle["classpath"].rpartition(".")
    assert hasattr(import_module(module), name)


def test_every_variable_of_the_product_is_explained() -> None:
    read = {
        name
        for path in (ROOT / "plugins").rglob("*.py")
        for name in re.findall(r'"(STORYBOARD_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert read == set(re.findall(r"`(STORYBOARD_[A-Z_]+)`", TEXT))


def test_the_claimed_versions_are_those_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"apache-airflow>=3.3,<3.4"' in project and "Airflow 3.3" in TEXT
    assert 'requires-python = ">=3.11,<3.14"' in project and "Python 3.11 to 3.13" in TEXT
    assert "amazon[aiobotocore]>=9.39,<9.40" in project and "version 9.39" in TEXT
