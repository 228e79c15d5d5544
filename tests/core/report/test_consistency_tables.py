"""What the report says about consistency."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from storyboard_ops.core.report.consistency_tables import ConsistencyView
from storyboard_ops.core.storyboard.consistency import Interval
from storyboard_ops.core.storyboard.method_check import MethodCheck
from tests.material import reports


def view(**changes: Any) -> ConsistencyView:
    measured = reports.measured_storyboard(**changes).model_dump(mode="json")
    return ConsistencyView(reports.report_facts(consistency=measured))


def test_the_board_has_the_last_row() -> None:
    rows = view().rows.to_dict("records")
    assert [row["character"] for row in rows] == ["Mira", "Pip", "Whole board"]
    assert [row["found"] for row in rows] == ["3 of 3", "1 of 2", "4 of 5"]
    assert [row["likeness"] for row in rows] == [0.85, 0.33, 0.64]
    assert rows[0]["interval"] == "0.72 to 0.93"
    assert rows[1]["interval"] != rows[1]["interval"], "one panel has no interval"


def test_characters_that_are_not_found_are_a_column_of_their_own() -> None:
    table = view().confusion
    assert table is not None
    assert table.to_dict("index") == {
        "Mira": {"Mira": 2, "Pip": 1, "not found": 0},
        "Pip": {"Mira": 0, "Pip": 1, "not found": 1},
    }


def test_every_figure_has_a_column() -> None:
    mira = view().rows.to_dict("records")[0]
    assert {name: mira[name] for name in ("self_similarity", "diversity", "cast_match")} == {
        "self_similarity": 0.84,
        "diversity": 0.11,
        "cast_match": 0.9,
    }
    assert (mira["ceiling"], mira["copied"]) == (0.88, "33%")


def test_the_remarks_say_what_the_figures_lack() -> None:
    remarks = view(
        without_likeness={"bram": "no training picture shows it alone"},
        not_measured={"panel 4": "the answer was cut off"},
    ).remarks
    assert remarks == (
        "Bram has no likeness: no training picture shows it alone.",
        "Panel 4 could not be measured: the answer was cut off",
        "Panel 1 copies a training picture of Mira.",
    )


def test_figures_that_fail_their_check_decide_nothing() -> None:
    check = MethodCheck(auc_alone=0.5, faults=("an AUC of 0.50", "a lead of 0.00"))
    failed = view(check=check)
    assert failed.remarks[0] == "These figures decide nothing here. an AUC of 0.50; a lead of 0.00."
    assert [(line.value, line.failed) for line in failed.checks] == [(0.5, True)]


def test_without_a_measurement_there_is_nothing_to_show() -> None:
    absent = ConsistencyView(reports.report_facts(consistency=None))
    assert (len(absent.rows), absent.confusion, absent.remarks, absent.checks) == (0, None, (), ())


def test_all_candidates_are_a_row_below_the_chosen_board() -> None:
    every = reports.measured_storyboard().figures
    all_of = replace(
        every,
        characters=(replace(every.characters[0], diversity=0.25),),
        likeness=Interval(0.5, 0.3, 0.7, 3),
    )
    rows = view(candidates=all_of).rows.to_dict("records")
    assert [row["character"] for row in rows[-2:]] == ["Whole board", "All candidates"]
    assert [row["likeness"] for row in rows[-2:]] == [0.64, 0.5]
    assert rows[0]["diversity"] == 0.25, "only candidates differ from seed to seed"
