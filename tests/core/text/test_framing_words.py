"""Framings that captions claim, in the wordings of models and of several languages."""

from __future__ import annotations

import pytest

from storyboard_ops.core.text.framing_words import framing_claims

CLOSE = (
    "Mira smiles in a close-up before the harbour",
    "A close up of Mira, smiling at dusk",
    "Mira, seen in close\u2011up, looks to the left",
    "EXTREME CLOSEUP on Mira and her lantern",
    "Medium close-up: Mira waits",
    "Mira laughs in a tight shot",
    "A tightly framed Mira turns round",
    "Mira, framed very closely, before a wall",
    "Mira is shown up close in warm light",
    "A head-and-shoulders view of Mira",
    "Mira's head and shoulders before a plain sky",
    "A headshot of Mira in blue light",
    "Mira's face fills most of the frame",
    "Mira from the shoulders up, looking down",
    "Mira, chest-up, beside a door",
    "A bust portrait of Mira",
    "The camera has zoomed in on Mira",
    "Mira in a close view that fills the frame",
    "Mira in einer Nahaufnahme am Hafen",
    "GROSSAUFNAHME: Mira lacht",
    "Großaufnahme von Mira",
    "Mira sourit en gros plan",
    "Мира крупным планом",
    "ミラのクローズアップ",
    "米拉的特写",
    "\u3000\uff23\uff4c\uff4f\uff53\uff45\uff0d\uff55\uff50 of Mira",  # full width
    "A close\nup of Mira",
)
FULL = (
    "A full-length view of Mira on the quay",
    "Mira's full figure beside a boat",
    "Mira, full body, waves",
    "Mira from head to toe in evening light",
    "Mira, head-to-foot, on the stairs",
    "A wide shot of Mira on the pier",
    "Mira in a long shot before the lighthouse",
    "Establishing shot: Mira and the harbour",
    "Mira in a wider view with much room around",
    "Mira, seen from some distance, waits",
    "Mira is shown from a great distance",
    "Mira's whole figure against the sky",
    "Mira in Ganzkörperansicht",
    "Plan d\u2019ensemble : Mira attend",
    "ミラの全身",
    "Мира во весь рост",
)
NEITHER = (
    "",
    "Mira stands close to Bram and looks up",
    "Mira follows closely behind the cart",
    "Mira helps Bram close up the stall",
    "They close up for the night",
    "Mira has to close up early",
    "With eyes closed, up on the roof, Mira sings",
    "Mira in a medium view, with soft light",
    "This is not a close-up of Mira",
    "Mira at a moderate distance rather than in a close-up",
    "Mira smiles while ships pass in the distance",
    "Mira gazes at a wide view of the sea",
    "Mira holds a full bottle and a long rope",
    "Mira's tight coat is wet",
    "Mira shakes her head and turns",
    "A shoulder bag hangs behind Mira",
    "Mira runs a long way to the full harbour",
)


@pytest.mark.parametrize("text", CLOSE)
def test_a_close_framing_is_claimed(text: str) -> None:
    assert list(framing_claims(text)) == ["close"]


@pytest.mark.parametrize("text", FULL)
def test_a_full_figure_is_claimed(text: str) -> None:
    assert list(framing_claims(text)) == ["full"]


@pytest.mark.parametrize("text", NEITHER)
def test_neither_is_claimed(text: str) -> None:
    assert framing_claims(text) == {}


def test_both_may_be_claimed_and_the_first_wording_of_each_is_returned() -> None:
    text = "From a Wide Shot to a Close-Up, another close up: Mira"
    assert framing_claims(text) == {"full": "wide shot", "close": "close-up"}


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    assert framing_claims("close " * 20_000) == {}
    assert framing_claims("not in a " * 10_000 + "close-up") == {}
