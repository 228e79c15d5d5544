"""The lines of a container's output, as people read them with the reason of a failure."""

from __future__ import annotations

import json

import pytest

from storyboard_ops.airflow_ops.ecs.container_output import WIDTH, read_line

REFUSED = {"exc_type": "ConnectError", "exc_value": "[Errno 111] Connection refused", "frames": []}


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"event": "Executing workload", "level": "info"}, "Executing workload"),
        (
            {"event": "Unhandled exception", "exception": [REFUSED, REFUSED]},
            "Unhandled exception: ConnectError: [Errno 111] Connection refused",
        ),
        (
            {"event": "Task failed with exception", "error_detail": [REFUSED]},
            "Task failed with exception: ConnectError: [Errno 111] Connection refused",
        ),
        ({"event": "Failed to read file", "error": "no such file"}, "Failed to read file: no such"),
        ({"event": "It failed", "exception": "Traceback"}, "It failed: Traceback"),
        ({"other": 1}, '{"other": 1}'),
    ],
)
def test_a_line_of_airflow_is_its_message_and_its_error(event, shown):
    assert read_line(json.dumps(event)).startswith(shown)


@pytest.mark.parametrize("line", ["Killed", "[1, 2]", "3", "/bin/sh: python: not found"])
def test_any_other_line_is_shown_as_it_is(line):
    assert read_line(line) == line


def test_a_long_line_is_cut_and_stays_one_line():
    shown = read_line(json.dumps({"event": "a\nb" * 1000}))
    assert len(shown) <= WIDTH and "\n" not in shown
