"""The dashboard as Grafana takes it, and the rules and the mapping that go with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from storyboard_ops.domain.monitoring.metrics import METRICS
from tests.studio.endpoint_fixture import PROJECT_ROOT

MONITORING = PROJECT_ROOT / "include/monitoring"
HERE = Path(__file__).parent
#: Names of our metrics as Prometheus has them.
OURS = {f"airflow_{metric.name.replace('.', '_')}" for metric in METRICS}
#: A name in a query, without what Prometheus adds to that of a timer.
NAME = re.compile(r"(airflow_storyboard_\w+?)(?:_sum|_count)?\b")
GAUGES = {m.name.replace(".", "_") for m in METRICS if m.kind == "gauge"}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="no promtool (Debian: apt-get install prometheus)"
)


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MONITORING / "storyboard-dashboard.json").read_text())
    return found


def test_it_fits_the_schema_of_grafana() -> None:
    schema = json.loads((HERE / "dashboard_schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    errors = Draft202012Validator(schema).iter_errors(dashboard())
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert [pair for pair in combinations(places, 2) if overlap(*pair)] == []


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def test_it_shows_every_metric_and_none_that_nobody_reports() -> None:
    queries = [query["expr"] for panel in dashboard()["panels"] for query in panel["targets"]]
    assert set(NAME.findall(" ".join(queries))) == OURS


def test_what_a_label_in_a_query_names_is_a_label_of_the_metric() -> None:
    labels = {f"airflow_{m.name.replace('.', '_')}": m.labels for m in METRICS}
    for panel in dashboard()["panels"]:
        for query in panel["targets"]:
            names = NAME.findall(query["expr"])
            named = re.findall(r"\{\{(\w+)\}\}", query["legendFormat"])
            grouped = re.findall(r"by \(([^)]*)\)", query["expr"])
            wanted = {*named, *(part.strip() for group in grouped for part in group.split(","))}
            for name in names:
                assert wanted <= set(labels[name]), panel["title"]


def test_a_gauge_that_is_not_reported_any_more_disappears() -> None:
    mapping = yaml.safe_load((MONITORING / "statsd-mapping.yaml").read_text())
    kept = {
        one["match"].removeprefix("airflow.").replace(".", "_"): one for one in mapping["mappings"]
    }
    assert set(kept) == GAUGES
    assert {one["ttl"] for one in kept.values()} == {"150m"}  # two hourly reports and a half
    assert {one["name"] for one in kept.values()} == {f"airflow_{name}" for name in GAUGES}


def test_the_documentation_lists_every_metric_with_its_labels() -> None:
    page = (PROJECT_ROOT / "docs/observability.md").read_text()
    rows = re.findall(r"^\| `(airflow_storyboard_\w+)` \| (\w+) \| ([^|]*)\|", page, re.M)
    listed = {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    assert listed == {f"airflow_{m.name.replace('.', '_')}": (m.kind, m.labels) for m in METRICS}


@needs_promtool
def test_prometheus_takes_configuration_and_rules() -> None:
    promtool("check", "config", str(MONITORING / "prometheus.yml"))


@needs_promtool
def test_each_rule_of_prometheus_fires_in_time_and_not_before() -> None:
    promtool("test", "rules", str(HERE / "alerts.test.yml"))


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_a_test() -> None:
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    tests = yaml.safe_load((HERE / "alerts.test.yml").read_text())["tests"]
    fired = {
        one["alertname"]
        for test in tests
        for one in test["alert_rule_test"]
        if one.get("exp_alerts")
    }
    assert fired == {rule["alert"] for rule in rules}
