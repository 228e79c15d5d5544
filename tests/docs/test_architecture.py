"""The maps in docs/architecture.md are those of the imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.generated.package_map import (
    PAGE,
    UPDATE,
    floor_chart,
    package_map,
    package_table,
    updated,
)


def test_the_page_shows_the_imports() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == updated(page, package_map()), f"the imports have changed; run {UPDATE}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two stages, a DAG and a launcher with a package, in files of a line or two."""
    product = "plugins/storyboard_ops"
    for name, text in {
        f"{product}/steps/__init__.py": "",
        f"{product}/steps/sampling/sample.py": (
            "import numpy\n"
            "from storyboard_ops.core.sampling.plan import plan\n"
            "from storyboard_ops.domain import names\n"
        ),
        f"{product}/core/sampling/plan.py": "import storyboard_ops.domain.sampling.packets\n",
        f"{product}/domain/names.py": "",
        f"{product}/domain/sampling/packets.py": "from storyboard_ops.domain.names import key\n",
        "dags/train.py": "from storyboard_ops.steps import sampling\n",
        "launcher/run/__init__.py": "from ..ports import free_port\n",
        "launcher/ports.py": "def free_port():\n    import dags.train\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_map_of_a_small_project(project: Path) -> None:
    assert package_map(project) == {
        "dags": {"steps/sampling"},
        "steps/sampling": {"core/sampling", "domain"},
        "core/sampling": {"domain"},
        "domain/sampling": {"domain"},
        "launcher": {"dags"},
        "launcher/run": {"launcher"},
    }


def test_both_maps_of_a_small_project(project: Path) -> None:
    found = package_map(project)
    assert floor_chart(found).splitlines() == [
        "graph TD",
        "    dags --> steps",
        "    steps --> core",
        "    steps --> domain",
        "    core --> domain",
        "    launcher --> dags",
    ]
    assert package_table(found).splitlines()[:3] == [
        "dags             steps/sampling",
        "steps/sampling   core/sampling domain",
        "core/sampling    domain",
    ]


def test_an_outdated_page_is_noticed(project: Path) -> None:
    page = "```mermaid\ngraph TD\n```\n\n```text\ndags  steps\n```\n"
    assert "steps --> core" in updated(page, package_map(project))
