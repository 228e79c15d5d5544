"""The script of a run becomes panels: asked of a model, bought once, checked, and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from storyboard_ops.core.script.breakdown.request import make_chunks
from storyboard_ops.core.script.scene_text import read_script_text
from storyboard_ops.domain.error_tree import GateClosed, Unreachable
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.storyboard.breakdown import Breakdown
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.breakdown.break_down import break_down_script
from tests.films.tiny_film import tiny_production
from tests.material.approved_runs import started
from tests.material.screenplays import as_fountain, long_screenplay
from tests.studio.studio_fixture import Studio

SCRIPT = """\
INT. A - DAY

Mira runs.

MIRA (V.O.)
I ran.

EXT. B

Mira stops. She looks around.
"""
USAGE = {"inputTokens": 100, "outputTokens": 10}


@dataclass
class Model:
    """Answers in turn, the last answer again; keeps what it was asked."""

    said: Sequence[Any]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def converse(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        said = self.said[min(len(self.asked), len(self.said)) - 1]
        if isinstance(said, Exception):
            raise said
        text, stopped = said if isinstance(said, tuple) else (said, "tool_use")
        block: dict[str, Any] = {"text": text}
        if stopped == "tool_use":
            tool = {"toolUseId": "t", "name": "write_panels", "input": json.loads(text)}
            block = {"toolUse": tool}
        return {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": stopped,
            "usage": USAGE,
        }


def panel(*lines: int, **more: Any) -> dict[str, Any]:
    shown = {"description": f"Mira, line {lines[0]}.", "cast": ["mira"], "size": "wide"}
    return {"lines": list(lines), "shot": 1, **shown, "seconds": 3, **more}


def answer(*panels: dict[str, Any]) -> str:
    return json.dumps({"panels": panels, "omitted": []})


GOOD = answer(panel(3, 5, 6), panel(10), panel(10, size="close-up"))
Opener = Callable[..., ToolBox[DrawingSettings]]


def put_script(studio: Studio, body: str = SCRIPT, name: str = "a.fountain") -> str:
    s3 = studio.client("s3")
    s3.put_object(Bucket=studio.bucket, Key=f"scripts/{name}", Body=body.encode())
    return f"s3://{studio.bucket}/scripts/{name}"


@pytest.fixture
def opened(studio: Studio) -> Opener:
    """Opens the tool box of a drawing run whose preflight has passed, with a model."""

    def open_run(model: Model | None = None, key: str = "draw-1", **params: Any) -> Any:
        if "script" not in params:
            params["script"] = put_script(studio)
        given = {"production": tiny_production(studio), **params}
        tools = started(studio.tools_of(DrawingSettings, key, **given))
        if model is None:
            return tools
        clients = tools.clients
        return replace(
            tools, clients=lambda name: model if name == "bedrock-runtime" else clients(name)
        )

    return open_run


def descriptions(made: Breakdown | None) -> list[str]:
    assert made is not None
    return [card.description for scene in made.scenes for card in scene.panels]


def test_a_good_answer_becomes_the_breakdown(opened: Opener, studio: Studio) -> None:
    model = Model([GOOD])
    made = break_down_script(opened(model))
    assert descriptions(made) == ["Mira, line 3.", "Mira, line 10.", "Mira, line 10."]
    assert made is not None and (made.mode, made.asked, made.notes) == ("people", True, ())
    (request,) = model.asked
    assert request["toolConfig"]["toolChoice"] == {"tool": {"name": "write_panels"}}
    assert request["inferenceConfig"]["temperature"] == 0
    assert studio.read_json("runs/draw-1/storyboard/breakdown.json")["script_sha256"]
    assert studio.read_json("runs/draw-1/script.json")["panels"] == 3
    spent = studio.read_json(f"runs/draw-1/spending/breakdown-{made.digest[:16]}.json")
    assert [(one["unit"], one["amount"]) for one in spent] == [
        ("input_token", 100),
        ("output_token", 10),
    ]


def test_a_task_that_runs_again_buys_nothing(opened: Opener) -> None:
    first, second = Model([GOOD]), Model([GOOD])
    made = break_down_script(opened(first))
    assert break_down_script(opened(second)) == made
    assert second.asked == []


def test_another_run_of_the_same_script_buys_nothing(opened: Opener) -> None:
    break_down_script(opened(Model([GOOD])))
    second = Model([GOOD])
    made = break_down_script(opened(second, key="draw-2"))
    assert len(descriptions(made)) == 3
    assert second.asked == []


@dataclass
class Breaking:
    """The endpoint's model, which breaks off after a number of answers."""

    client: Any
    answers: int
    given: int = 0

    def converse(self, **request: Any) -> Any:
        if self.given == self.answers:
            raise Unreachable("no network")
        self.given += 1
        return self.client.converse(**request)


def test_killed_between_two_requests_it_buys_only_what_is_left(
    opened: Opener, studio: Studio
) -> None:
    script = put_script(studio, as_fountain(long_screenplay(90)), "long.fountain")
    runtime = studio.client("bedrock-runtime")
    killed, rest = Breaking(runtime, answers=4), Breaking(runtime, answers=1_000)
    with pytest.raises(Unreachable):
        break_down_script(opened(killed, script=script))
    made = break_down_script(opened(rest, script=script))
    chunks = make_chunks(read_script_text(as_fountain(long_screenplay(90)), "a").scenes)
    assert (killed.given, rest.given) == (4, len(chunks) - 4)
    assert len(descriptions(made)) == 180


@pytest.mark.parametrize(
    "bad",
    [
        ("I see nothing.", "end_turn"),
        ("", "max_tokens"),
        ('{"panels": [{"lines": [3], "descr', "max_tokens"),
        answer(panel(99)),
    ],
)
def test_an_unusable_answer_is_asked_for_once_more_in_other_words(opened: Opener, bad: Any) -> None:
    model = Model([bad, (f"Sure: {GOOD}", "end_turn")])
    made = break_down_script(opened(model))
    assert len(descriptions(made)) == 3
    first, second = model.asked
    assert "toolConfig" in first and "toolConfig" not in second
    said = second["messages"][0]["content"][-1]["text"]
    assert said.startswith("Your last answer cannot be used: ")
    assert second["inferenceConfig"]["maxTokens"] > first["inferenceConfig"]["maxTokens"]


def test_what_an_answer_that_is_cut_off_lacks_is_asked_for_once_more(opened: Opener) -> None:
    cut = answer(panel(3, 5, 6), panel(10))[:-60]
    model = Model([(cut, "max_tokens"), answer(panel(10))])
    made = break_down_script(opened(model))
    assert descriptions(made) == ["Mira, line 3.", "Mira, line 10."]
    texts = [part["text"] for part in model.asked[1]["messages"][0]["content"]]
    assert texts[-2].endswith("for these lines only: 10")
    again = Model([GOOD])
    assert break_down_script(opened(again)) == made
    assert again.asked == []


def test_lines_that_stay_out_get_panels_by_plain_rules_with_a_note(opened: Opener) -> None:
    model = Model([answer(panel(3, 5, 6)), ("Nothing.", "end_turn")])
    made = break_down_script(opened(model))
    assert descriptions(made) == ["Mira, line 3.", "Mira stops. She looks around."]
    assert made is not None
    assert "plain rules" in made.scenes[1].panels[0].note
    assert len(model.asked) == 2


def test_a_model_that_never_answers_leaves_plain_panels(opened: Opener) -> None:
    made = break_down_script(opened(Model([("No.", "end_turn")])))
    assert descriptions(made) == ["Mira runs.", "Mira stops. She looks around."]
    assert made is not None and len(made.notes) == 1


def test_wrong_cast_and_repeated_lines_are_noted(opened: Opener) -> None:
    wrong = answer(panel(3, cast=["mira", "ghost"]), panel(3), panel(5, 6, 10))
    made = break_down_script(opened(Model([wrong, answer(panel(10))])))
    assert made is not None
    assert "panel 1 shows 'ghost', who is not in the cast" in made.notes
    assert "panel 2 repeats line 3" in made.notes
    used = [line for scene in made.scenes for card in scene.panels for line in card.lines]
    assert sorted(used) == [3, 5, 6, 10]


def test_where_nobody_is_asked_the_panels_are_those_of_the_run(
    opened: Opener, studio: Studio
) -> None:
    made = break_down_script(opened(Model([GOOD]), breakdown="auto"))
    assert made is not None and not made.asked
    scenes = studio.read_json("runs/draw-1/production.json")["storyboard"]
    assert [len(scene["panels"]) for scene in scenes] == [1, 2]
    assert scenes[0]["panels"][0]["dialogue"][0]["text"] == "I ran."


def test_plain_rules_ask_no_model(opened: Opener, studio: Studio) -> None:
    model = Model([GOOD])
    made = break_down_script(opened(model, breakdown="plain"))
    assert descriptions(made) == ["Mira runs.", "Mira stops. She looks around."]
    assert model.asked == []
    assert studio.read_json("runs/draw-1/production.json")["storyboard"][0]["lines"] == [1]


@pytest.mark.parametrize("breakdown", ["plain", "auto"])
def test_a_length_in_timecode_is_counted_at_the_frame_rate_of_the_run(
    opened: Opener, studio: Studio, breakdown: str
) -> None:
    script = put_script(studio, "INT. A\n\nMira runs. (00:00:04:12)\n", "b.fountain")
    model = Model([answer(panel(3))])
    made = break_down_script(opened(model, script=script, breakdown=breakdown, frame_rate="25"))
    assert made is not None and made.panels[0].frames == 112


@pytest.mark.parametrize("params", [{"script": ""}, {"script": "", "panels": ["Mira. (1 s)"]}])
def test_without_a_screenplay_there_is_no_breakdown(opened: Opener, params: Any) -> None:
    model = Model([GOOD])
    assert break_down_script(opened(model, **params)) is None
    assert model.asked == []


def test_a_yaml_script_has_every_field_already(opened: Opener, studio: Studio) -> None:
    body = (
        "storyboard:\n- scene: INT. A\n  panels:\n  - description: Mira.\n    size: close-up\n"
        "    dialogue:\n    - {speaker: MIRA, text: Hello., off: V.O.}\n"
    )
    script = put_script(studio, body, "a.yaml")
    assert break_down_script(opened(script=script)) is None
    (scene,) = studio.read_json("runs/draw-1/production.json")["storyboard"]
    assert scene["panels"][0]["size"] == "close-up"
    assert scene["panels"][0]["dialogue"][0]["off"] == "V.O."


# -- Price


def test_a_script_that_changed_since_preflight_stops_the_run(studio: Studio) -> None:
    script = put_script(studio)
    params = {"production": tiny_production(studio), "script": script, "breakdown": "plain"}
    tools = studio.tools_of(DrawingSettings, "draw-1", **params)
    report = preflight_report(tools)
    started(tools)
    tools.write_record(PREFLIGHT, report.model_copy(update={"checks": ()}))
    assert break_down_script(tools) is not None
    put_script(studio, SCRIPT + "\nMira sleeps.\n")
    with pytest.raises(GateClosed, match=r"has changed since preflight .* Clear preflight"):
        break_down_script(tools)


def test_the_estimate_is_made_again_with_the_panels_of_the_model(studio: Studio) -> None:
    script = put_script(studio)
    params = {"production": tiny_production(studio), "script": script, "breakdown": "auto"}
    tools = studio.tools_of(DrawingSettings, "draw-1", **params)
    report = preflight_report(tools)
    assert report.basis is not None and report.basis.tokens.breakdown > 0
    items = {(one.item, one.unit) for one in report.estimate}
    assert ("amazon.nova-pro-v1:0", "output_token") in items
    started(tools)
    tools.write_record(PREFLIGHT, report.model_copy(update={"checks": ()}))
    break_down_script(tools)
    again = tools.read_record(PREFLIGHT, PreflightReport)
    assert again is not None
    (check,) = [check for check in again.checks if check.name == "panels"]
    assert check.finding.startswith("2 panels; the estimate of the run is ")


def test_preflight_asks_for_the_model_of_the_breakdown(studio: Studio) -> None:
    params = {"production": tiny_production(studio), "script": put_script(studio)}
    unknown = {"breakdown_model_id": "amazon.nova-unknown-v1:0"}
    tools = studio.tools_of(DrawingSettings, "draw-1", **params, **unknown)
    with pytest.raises(GateClosed, match="Set breakdown_model_id to a model"):
        check_preflight(tools)
    plain = studio.tools_of(DrawingSettings, "draw-1", **params, **unknown, breakdown="plain")
    (check,) = [one for one in preflight_report(plain).checks if one.name == "models"]
    assert check.state == "pass"


# -- The local endpoint


@pytest.mark.parametrize("scenes", [3, 193])
def test_the_endpoint_breaks_a_screenplay_down_by_a_plain_rule(
    opened: Opener, studio: Studio, scenes: int
) -> None:
    script = put_script(studio, as_fountain(long_screenplay(scenes)), "long.fountain")
    made = break_down_script(opened(script=script))
    assert made is not None
    assert made.notes == ()
    assert len(descriptions(made)) == 2 * scenes
    first = made.scenes[0].panels[0]
    assert (first.shot, first.panel, first.size) == ("010", "010", "wide")
    assert first.dialogue[0].off == "V.O."
    assert first.characters == ("mira",)
