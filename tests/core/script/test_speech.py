"""Who speaks, how, and whether they are seen."""

import pytest

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.forms import read_cue
from storyboard_ops.core.script.speech import heard_only, spoken_lines
from tests.material import factories

CAST = factories.production().characters


def spoken(cue, *said):
    read = read_cue(cue, 1)
    assert read is not None
    return spoken_lines([read, *(Element(Kind.DIALOGUE, text, 2) for text in said)], CAST)


@pytest.mark.parametrize(
    ("cue", "off"),
    [
        *(("MIRA", ""), ("MIRA (CONT'D)", ""), ("MIRA (V.O.)", "V.O."), ("MIRA (VO)", "V.O.")),
        *(("MIRA (V.O.) (CONT'D)", "V.O."), ("MIRA (VOICE OVER)", "V.O."), ("MIRA (O.S.)", "O.S.")),
        *(("MIRA (O.C.)", "O.S."), ("MIRA (OFF)", "O.S."), ("MIRA (off-screen, cont'd)", "O.S.")),
        *(("MIRA'S VOICE", "O.S."), ("MIRA (ON PHONE)", "")),
    ],
)
def test_a_cue_says_whether_its_speaker_is_seen(cue, off):
    (line,) = spoken(cue, "Who is there?")
    assert (line.off, line.character, line.text) == (off, "mira", "Who is there?")


def test_what_else_a_cue_says_is_how_the_line_is_spoken():
    (line,) = spoken("MIRA (ON PHONE) (CONT'D)", "Hello?")
    assert (line.speaker, line.parenthetical) == ("MIRA", "ON PHONE")


def test_somebody_else_has_no_character():
    (line,) = spoken("SAILOR #2", "Land!")
    assert (line.speaker, line.character) == ("SAILOR #2", "")


def test_a_long_speech_is_split_between_sentences():
    lines = spoken("MIRA", "I climb another stair of it. " * 100)
    assert " ".join(line.text for line in lines) == ("I climb another stair of it. " * 100).strip()
    assert max(len(line.text) for line in lines) <= 2_000


def test_who_is_seen_once_is_not_only_heard():
    elements = [
        Element(Kind.CHARACTER, "MIRA", 1, extensions=("V.O.",)),
        Element(Kind.DIALOGUE, "It was night.", 2),
        Element(Kind.CHARACTER, "BRAM", 3, extensions=("O.S.",)),
        Element(Kind.DIALOGUE, "Stop!", 4),
        Element(Kind.CHARACTER, "BRAM", 5),
        Element(Kind.DIALOGUE, "Ah.", 6),
    ]
    assert heard_only(elements, CAST) == {"mira": {"V.O."}}
