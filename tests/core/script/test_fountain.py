"""Fountain: every element of the specification, and what people write beside it."""

from dataclasses import replace

import pytest

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.fountain import read_fountain

SCREENPLAY = """\
Title:
    _**THE LAMP**_
Author: N. N.
Draft date: 1/20/2026

# Act one
= Mira finds the lamp.

**FADE IN:**

INT. LIGHTHOUSE - NIGHT #1#

Mira lifts the *old* lamp. [[Which lamp?]]
It is heavy.

MIRA (V.O.)
(softly)
Who is
there?

/* PIP
Cut this. */

.LAMP ROOM #1A#

@McBRAM (O.S.)
It is I.

PIP
Look!

BRAM (CONT'D) ^
No!

PIP
~A light, a light
~in the night

> SLOW BURN
> THE LAMP <

!BRAM
waits.

===

> CUT TO BLACK.
"""


def texts(text: str) -> list[tuple[Kind, str]]:
    return [(element.kind, element.text) for element in read_fountain(text)]


def test_every_element_of_a_screenplay_is_read():
    read = [replace(element, more=()) for element in read_fountain(SCREENPLAY)]
    assert read == [
        Element(Kind.TITLE_PAGE, "Title:", 1),
        Element(Kind.TITLE_PAGE, "THE LAMP", 2),
        Element(Kind.TITLE_PAGE, "Author: N. N.", 3),
        Element(Kind.TITLE_PAGE, "Draft date: 1/20/2026", 4),
        Element(Kind.SECTION, "Act one", 6),
        Element(Kind.SYNOPSIS, "Mira finds the lamp.", 7),
        Element(Kind.TRANSITION, "FADE IN:", 9),
        Element(Kind.SCENE_HEADING, "INT. LIGHTHOUSE - NIGHT", 11, number="1"),
        Element(Kind.ACTION, "Mira lifts the old lamp. It is heavy.", 13),
        Element(Kind.NOTE, "Which lamp?", 13),
        Element(Kind.CHARACTER, "MIRA", 16, extensions=("V.O.",)),
        Element(Kind.PARENTHETICAL, "(softly)", 17),
        Element(Kind.DIALOGUE, "Who is there?", 18),
        Element(Kind.BONEYARD, "PIP Cut this.", 21),
        Element(Kind.SCENE_HEADING, "LAMP ROOM", 24, number="1A"),
        Element(Kind.CHARACTER, "McBRAM", 26, extensions=("O.S.",)),
        Element(Kind.DIALOGUE, "It is I.", 27),
        Element(Kind.CHARACTER, "PIP", 29),
        Element(Kind.DIALOGUE, "Look!", 30),
        Element(Kind.CHARACTER, "BRAM", 32, extensions=("CONT'D",), dual=True),
        Element(Kind.DIALOGUE, "No!", 33),
        Element(Kind.CHARACTER, "PIP", 35),
        Element(Kind.LYRICS, "A light, a light in the night", 36),
        Element(Kind.TRANSITION, "SLOW BURN", 39),
        Element(Kind.CENTERED, "THE LAMP", 40),
        Element(Kind.ACTION, "BRAM waits.", 42),
        Element(Kind.PAGE_BREAK, "", 45),
        Element(Kind.TRANSITION, "CUT TO BLACK.", 47),
    ]


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\u2028"])
def test_line_ends_of_every_system_give_the_same(ends):
    assert read_fountain(SCREENPLAY.replace("\n", ends)) == read_fountain(SCREENPLAY)


def test_a_line_in_capitals_without_a_line_below_is_an_action():
    assert texts("BOOM\n\nA RIVER.\n") == [(Kind.ACTION, "BOOM"), (Kind.ACTION, "A RIVER.")]


def test_two_blanks_keep_a_speech_together():
    assert texts("MIRA\nOne.\n  \nTwo.\n\nThree.")[1:] == [
        (Kind.DIALOGUE, "One. Two."),
        (Kind.ACTION, "Three."),
    ]


def test_a_parenthetical_may_have_two_lines():
    assert texts("MIRA\n(to Pip,\nsoftly)\nHush.\n")[1:] == [
        (Kind.PARENTHETICAL, "(to Pip, softly)"),
        (Kind.DIALOGUE, "Hush."),
    ]


def test_a_note_below_a_cue_leaves_the_speech():
    assert texts("MIRA\n[[louder]]\nHello.\n") == [
        (Kind.CHARACTER, "MIRA"),
        (Kind.NOTE, "louder"),
        (Kind.DIALOGUE, "Hello."),
    ]


def test_a_boneyard_may_span_scenes_and_keeps_the_count_of_lines():
    (cut, action) = read_fountain("/*\nINT. A\n\nMira runs.\n\n*/\n\nPip sleeps.\n")
    assert (cut.kind, cut.text, cut.line) == (Kind.BONEYARD, "INT. A Mira runs.", 1)
    assert (action.kind, action.text, action.line) == (Kind.ACTION, "Pip sleeps.", 8)


@pytest.mark.parametrize(
    "text",
    ["He types [[ and waits.\n\nThen ]] again.", "A /* that nobody closes.", "Stray */ here."],
)
def test_marks_without_their_counterpart_are_text(text):
    assert " ".join(part for _, part in texts(text)) == " ".join(text.split())


def test_a_note_that_is_a_length_stays_with_its_paragraph():
    assert texts("Mira runs. [[2 s]]\n") == [(Kind.ACTION, "Mira runs. (2 s)")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**Bold**, *italic*, _underlined_ words", "Bold, italic, underlined words"),
        ("_**both**_ and ***more***", "both and more"),
        ("a_b_c and 2 * 3 * 4", "a_b_c and 2 * 3 * 4"),
        (r"an \*escaped\* mark", "an *escaped* mark"),
    ],
)
def test_emphasis_is_removed(written, read):
    assert texts(f"Mira reads {written}.") == [(Kind.ACTION, f"Mira reads {read}.")]


def test_marks_of_revisions_are_removed():
    assert texts("12 INT. HOUSE 12 *\n\nMira runs.       *\n") == [
        (Kind.SCENE_HEADING, "INT. HOUSE"),
        (Kind.ACTION, "Mira runs."),
    ]


def test_a_first_line_with_a_colon_is_no_title_page():
    assert texts("Close on Bram: he smiles.\n") == [(Kind.ACTION, "Close on Bram: he smiles.")]


def test_a_title_page_may_have_blank_lines():
    assert [kind for kind, _ in texts("Title: A\n\nAuthor: B\n\nMira runs.\n")] == [
        Kind.TITLE_PAGE,
        Kind.TITLE_PAGE,
        Kind.ACTION,
    ]


def test_a_shot_in_capitals_opens_its_paragraph():
    assert texts("CLOSE ON MIRA\nShe smiles.\n") == [(Kind.ACTION, "CLOSE ON MIRA She smiles.")]


def test_a_page_that_ends_within_a_speech_does_not_end_it():
    assert texts("MIRA\nOne.\n(MORE)\n\n12.\n\nMIRA (CONT'D)\nTwo.\n") == [
        (Kind.CHARACTER, "MIRA"),
        (Kind.DIALOGUE, "One."),
        (Kind.PAGE_MARK, "(MORE)"),
        (Kind.PAGE_MARK, "12."),
        (Kind.CHARACTER, "MIRA"),
        (Kind.DIALOGUE, "Two."),
    ]


def test_a_transition_in_capitals_needs_no_blank_lines():
    assert texts("INT. A\nMira runs.\nCUT TO:\nEXT. B\nPip waits.\nFADE OUT.\n") == [
        (Kind.SCENE_HEADING, "INT. A"),
        (Kind.ACTION, "Mira runs."),
        (Kind.TRANSITION, "CUT TO:"),
        (Kind.SCENE_HEADING, "EXT. B"),
        (Kind.ACTION, "Pip waits."),
        (Kind.TRANSITION, "FADE OUT."),
    ]
