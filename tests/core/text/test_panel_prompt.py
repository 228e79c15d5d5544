"""Prompts of panels: whole where they fit, else shortened where it hurts least, which is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.text.panel_prompt import PromptLimit, panel_prompt
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.panel_card import PanelCard, SpokenLine
from tests.material import factories

PRODUCTION = factories.production()
(_, BRAM), (PIP,) = (scene.panels for scene in PRODUCTION.storyboard)
STYLE = "soft painted animation, evening light"
WHOLE = f"Bram waves from his boat. {STYLE}"


@pytest.mark.parametrize(
    ("most", "prompt", "lost"),
    [
        (1_024, WHOLE, ""),
        (len(WHOLE), WHOLE, ""),
        (len(WHOLE) - 1, f"Bram waves from his {STYLE}", "boat."),
        (57, f"Bram waves from his {STYLE}", "boat."),
        (56, f"Bram waves from {STYLE}", "his boat."),
        (42, f"Bram {STYLE}", "waves from his boat."),
        (41, STYLE, "Bram waves from his boat."),
        (len(STYLE), STYLE, "Bram waves from his boat."),
    ],
)
def test_a_long_prompt_loses_words_of_its_description(most: int, prompt: str, lost: str) -> None:
    shortened = panel_prompt(PRODUCTION, BRAM, PromptLimit(most))
    assert shortened.text == prompt
    assert shortened.note == (lost and (
        f"The prompt is shortened to the {most} characters that the model accepts; left out of the "
        f"description: “{lost}”" + ("; not named: Bram." if most < 42 else ".")
    ))  # fmt: skip


HARBOUR = PanelCard(
    description="Bram waves from his boat.", characters=("bram",), size="wide", angle="low",
    light="lamp light", place="the harbour", time="dusk",
)  # fmt: skip


def test_camera_place_time_and_light_are_in_the_prompt_and_looks_are_not() -> None:
    prompt = panel_prompt(PRODUCTION, HARBOUR).text
    assert prompt == (
        "Bram waves from his boat. Wide shot, low angle, the harbour, dusk, lamp light. " + STYLE
    )
    assert "beard" in PRODUCTION.character("bram").description


@pytest.mark.parametrize(
    ("told", "setting"),
    [
        ({"size": "close-up"}, "Close-up."),
        ({"size": "two shot", "angle": "from above"}, "Two shot, from above."),
        ({"place": "his boat", "time": "night"}, "Night."),  # the boat is in the description
        ({"lens": "35 mm", "move": "pan left", "sound": "gulls", "note": "ask Ana"}, ""),
    ],
)
def test_what_is_told_of_a_panel_is_said_once(told: dict[str, str], setting: str) -> None:
    card = BRAM.model_copy(update=told)
    words = ["Bram waves from his boat.", setting, STYLE]
    assert panel_prompt(PRODUCTION, card).text == " ".join(filter(None, words))


def test_only_characters_in_the_picture_are_named() -> None:
    heard = SpokenLine(speaker="PIP", character="pip", text="Hoo!", off="V.O.")
    card = HARBOUR.model_copy(update={"dialogue": (heard,), "characters": ("bram", "mira")})
    prompt = panel_prompt(PRODUCTION, card).text
    assert "In the picture: Mira." in prompt
    assert "Pip" not in prompt


def test_camera_and_light_go_before_names_and_after_the_description() -> None:
    crowd = HARBOUR.model_copy(update={"description": "All wait.", "characters": ("mira", "pip")})
    shortened = panel_prompt(PRODUCTION, crowd, PromptLimit(90))
    assert shortened.text == f"In the picture: Mira, Pip. Wide shot, low angle. {STYLE}"
    assert shortened.note.endswith(
        "description: “All wait.”; left out: the harbour, dusk, lamp light."
    )


def with_text(description: str, *characters: str) -> PanelCard:
    return PanelCard(description=description, characters=characters)


@pytest.mark.parametrize(
    ("description", "characters", "most", "prompt"),
    [
        ("All look up. " * 9, ["pip"], 80, "All look up. All look In the picture: Pip. "),
        ("She waits on the pier. Rain falls.", [], 67, "She waits on the pier. "),
        ("Fog, rain; and then nothing", [], 48, "Fog, rain "),
        ("He asks: “Who?” Then he goes away.", [], 60, "He asks: “Who?” "),
        # Whoever is named in the part that is left out is named in the list.
        ("A gull turns above the masts while Pip waits", ["pip"], 75, "A gull turns In the "
         "picture: Pip. "),
        ("港で待つ。雨が降り始める。彼女は走り出す", [], 52, "港で待つ。雨が降り始める。 "),
        ("夕暮れの港で手を振る", [], 44, "夕暮れの港で "),
        ("が" * 3 + "か\u3099" * 3, [], 43, "がががか\u3099 "),
        ("เขาเดินไปที่ท่าเรือ", [], 45, "เขาเดิน "),
        ("Onelongwordthatdoesnotfit", [], 50, ""),
    ],
)  # fmt: skip
def test_it_ends_where_a_reader_would_end(
    description: str, characters: list[str], most: int, prompt: str
) -> None:
    panel = with_text(description, *characters)
    shortened = panel_prompt(PRODUCTION, panel, PromptLimit(most))
    assert shortened.text == prompt + STYLE
    assert len(shortened.text) <= most < len(panel_prompt(PRODUCTION, panel).text)


def test_names_go_only_when_nothing_of_the_description_is_left() -> None:
    panel = with_text("All three look up.", "mira", "bram", "pip")
    shortened = panel_prompt(PRODUCTION, panel, PromptLimit(65))
    assert shortened.text == f"In the picture: Mira, Bram. {STYLE}"
    assert shortened.note.endswith("description: “All three look up.”; not named: Pip.")


def test_tokens_are_counted_in_every_script() -> None:
    limit = PromptLimit(20, "tokens")
    assert panel_prompt(PRODUCTION, with_text("港で待つ"), limit).text == f"港で待つ {STYLE}"
    shortened = panel_prompt(PRODUCTION, with_text("港で待つ。雨が降り始める"), limit)
    assert shortened.text == f"港で待つ。 {STYLE}"
    assert "to the 20 tokens that the model accepts" in shortened.note


@pytest.mark.parametrize("limit", [PromptLimit(36), PromptLimit(12, "tokens")])
def test_a_style_that_does_not_fit_is_refused(limit: PromptLimit) -> None:
    match = f"style of the production has .* {limit.unit}, and .* accepts prompts of {limit}"
    with pytest.raises(SettingsError, match=match):
        panel_prompt(PRODUCTION, BRAM, limit)


def test_a_note_quotes_no_more_than_can_be_read() -> None:
    panel = with_text("She crosses the long wet pier. " * 25)
    assert len(panel_prompt(PRODUCTION, panel, PromptLimit(60)).note) < 400


@given(
    st.text(min_size=1, max_size=200),
    st.sets(st.sampled_from(["mira", "bram", "pip"])),
    st.integers(len(STYLE), 200),
    st.sampled_from(["characters", "tokens"]),
)
def test_any_prompt_fits_keeps_its_style_and_says_what_it_lost(
    description: str, characters: set[str], most: int, unit: str
) -> None:
    production: Production = PRODUCTION
    panel = with_text(description, *sorted(characters))
    limit = PromptLimit(most, unit)
    whole, shortened = panel_prompt(production, panel), panel_prompt(production, panel, limit)
    assert limit.fits(shortened.text)
    assert shortened.text.endswith(STYLE)
    assert bool(shortened.note) == (shortened.text != whole.text)
