"""What the page shows of a training by the training program, and of copied figures."""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.training_view import TrainingView, copy_pairs, pictures_of_model
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.gateways.training.model_files import base_models
from tests.material import factories, reports
from tests.reading.report_reading import parsed, section


def trained(**changes: Any) -> ReportFacts:
    """A run that trained the small model by a job."""
    model = reports.customized_model().model_copy(
        update={"trainer": "sagemaker", "model_arn": "s3://studio/model"}
    )
    values = {"model": model, "base_model": base_models().find("small-flow")}
    return reports.report_facts(**{**values, "training": reports.training_facts(), **changes})


def test_the_model_section_says_what_was_trained_and_on_what() -> None:
    told = section(parsed(trained()), "model")
    assert "Base model small flow model of this project" in told
    assert "Licence Apache-2.0" in told
    assert "What it is It repeats what it saw" in told
    assert (
        "1,000 steps × 12 pictures, learning rate 0.002, on 43 pictures; 15 were held out" in told
    )
    assert "invented" not in told


def test_a_licence_that_restricts_says_so() -> None:
    base = base_models().find("small-flow")
    licence = base.licence.model_copy(update={"revenue_cap_usd": 1_000_000})
    told = section(
        parsed(trained(base_model=base.model_copy(update={"licence": licence}))), "model"
    )
    assert "Apache-2.0, which ends at a yearly revenue of 1,000,000 USD" in told


def test_checkpoints_stand_in_order_with_the_chosen_one_and_the_reason() -> None:
    told = section(parsed(trained()), "model")
    assert (
        "0 – – 500 chosen 0.61 0.03 to 0.95 the highest likeness to held-out pictures, 0.61 "
        "1,000 0.53 -0.04 to 0.89"
    ) in told
    assert "Asked for Mira Pip not found Mira 3 1 0 Pip 0 3 1" in told


def test_the_storyboard_says_above_its_panels_what_drew_them() -> None:
    note = "Drawn with the small flow model of this project. It repeats what it saw"
    assert note in section(parsed(trained()), "storyboard")
    assert "Drawn with" not in section(parsed(reports.report_facts()), "storyboard")


def test_only_what_the_endpoint_simulates_is_called_simulated() -> None:
    local = reports.run_facts(endpoint="http://127.0.0.1:4566")
    text = " ".join(parsed(trained(run=local)).xpath("//ul[@class='notices']//text()"))
    assert "the model was really trained and drew the panels" in text
    assert "panels are simulated" not in text


def test_samples_are_shown_by_checkpoint_and_the_chosen_one_always_is() -> None:
    strips = TrainingView(trained()).strips
    assert [(strip.step, strip.is_chosen) for strip in strips] == [
        (0, False),
        (500, True),
        (1000, False),
    ]
    assert [picture.uri for picture in strips[1].pictures] == [
        f"s3://studio/model/samples/step_000500/{file}.png"
        for file in ("mira_0", "mira_1", "pip_0", "pip_1")
    ]
    many = reports.training_facts(
        checkpoints=[{"step": step} for step in range(0, 5_001, 100)], chosen_step=300
    )
    shown = [strip.step for strip in TrainingView(trained(training=many)).strips]
    assert 300 in shown and len(shown) <= 7


def test_a_copied_figure_stands_beside_the_training_picture() -> None:
    image = factories.image(1, "mira")
    measured = reports.measured_storyboard(nearest={"panel 1": {"mira": image.image_id}})
    facts = trained(images=(image,), consistency=measured.model_dump(mode="json"))
    board = arrange_board(facts.panels or ())
    [pair] = copy_pairs(facts, board)
    assert (pair.text, pair.drawn.uri, pair.picture.uri) == (
        "Panel 010-010-010: Mira",
        board.panels[0].panel.uri,
        image.uri,
    )
    assert {pair.drawn, pair.picture} <= set(pictures_of_model(facts, board))
    told = section(parsed(facts), "consistency")
    assert "Panel 010-010-010: Mira left: the panel, right: the training picture" in told


def test_a_model_of_bedrock_has_no_training_to_show() -> None:
    facts = reports.report_facts()
    view = TrainingView(facts)
    assert (view.checkpoints, view.wrong_names, view.strips) == ((), None, ())
    assert "Checkpoints" not in section(parsed(facts), "model")
