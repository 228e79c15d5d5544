"""Headings, transitions, cues and page marks in the forms in which people write them."""

import pytest

from storyboard_ops.core.script.forms import (
    is_label,
    is_page_mark,
    is_transition,
    read_cue,
    read_heading,
)

HEADINGS = {
    "INT. HOUSE - DAY": ("INT. HOUSE - DAY", ""),
    "EXT HOUSE": ("EXT HOUSE", ""),
    "INT./EXT. CAR - DAY": ("INT./EXT. CAR - DAY", ""),
    "INT/EXT CAR": ("INT/EXT CAR", ""),
    "EXT/INT. HOUSE": ("EXT/INT. HOUSE", ""),
    "I/E CAR": ("I/E CAR", ""),
    "I./E. CAR": ("I./E. CAR", ""),
    "EST. ISLAND - DAWN": ("EST. ISLAND - DAWN", ""),
    "int. house - day": ("int. house - day", ""),
    "ext house - day": ("ext house - day", ""),
    "Int./Ext. Car": ("Int./Ext. Car", ""),
    "INTERIOR. HOUSE": ("INTERIOR. HOUSE", ""),
    "INTERIOR HOUSE - DAY": ("INTERIOR HOUSE - DAY", ""),
    "INNEN. LEUCHTTURM - NACHT": ("INNEN. LEUCHTTURM - NACHT", ""),
    "AUßEN. HOF - TAG": ("AUßEN. HOF - TAG", ""),
    "НАТ. ДВОР - ДЕНЬ": ("НАТ. ДВОР - ДЕНЬ", ""),
    "1   INT. HOUSE   1": ("INT. HOUSE", "1"),
    "12. INT. HOUSE": ("INT. HOUSE", "12"),
    "12) INT. HOUSE": ("INT. HOUSE", "12"),
    "A4 EXT. HOUSE": ("EXT. HOUSE", "A4"),
    "12A   INT. ROOM 12   12A": ("INT. ROOM 12", "12A"),
    "INT. ROOM 12": ("INT. ROOM 12", ""),
    "INT. ROOM 12      7": ("INT. ROOM 12", "7"),
    "SCENE 4 - INT. HOUSE": ("INT. HOUSE", "4"),
    "Scene 4: INT. HOUSE": ("INT. HOUSE", "4"),
    "INT. HOUSE - DAY #110A#": ("INT. HOUSE - DAY", "110A"),
    "INT. HOUSE - DAY - #I-1-A#": ("INT. HOUSE - DAY", "I-1-A"),
}


@pytest.mark.parametrize(("line", "read"), HEADINGS.items())
def test_a_heading_is_read_without_its_number(line, read):
    heading = read_heading(line, 3)
    assert heading is not None
    assert (heading.text, heading.number, heading.line) == (*read, 3)


@pytest.mark.parametrize(
    "line",
    [
        "Interior of a boat.",
        "Innen brennt Licht.",
        "INTERNATIONAL AIRPORT",
        "INT'L AIRPORT",
        "EXTRA LARGE",
        "EXTREME CLOSE UP",
        "Estimates vary.",
        "12 men enter.",
        "ext house",
        "INT. " + "x" * 300,
    ],
)
def test_a_sentence_is_no_heading(line):
    assert read_heading(line, 1) is None


def test_within_a_paragraph_only_capitals_are_a_heading():
    assert read_heading("int. house - day", 1, alone=False) is None
    assert read_heading("INT. HOUSE", 1, alone=False) is not None


@pytest.mark.parametrize(
    "line",
    [
        *("CUT TO:", "Cut to:", "SMASH CUT TO:", "MATCH CUT TO:", "SMASH CUT:", "CUT TO BLACK."),
        *("FADE IN:", "FADE IN", "FADE OUT.", "Fade out.", "FADE TO BLACK.", "FADE TO WHITE:"),
        *("DISSOLVE TO:", "CROSSFADE TO:", "WIPE TO:", "IRIS OUT", "BACK TO:", "TIME CUT:"),
        *("INTERCUT WITH:", "CUT BACK TO:", "CUT TO CREDITS.", "FADE THROUGH BLACK TO:", "CUT."),
    ],
)
def test_transitions(line):
    assert is_transition(line)


@pytest.mark.parametrize(
    "line",
    [
        *("Cut to the lamp.", "CUT TO: MIRA", "Mira cut to the left.", "Fade.", "IRIS", "MIRA:"),
        "She walks over TO:" + " " * 60,
    ],
)
def test_a_description_is_no_transition(line):
    assert not is_transition(line)


CUES = {
    "MIRA": ("MIRA", (), False),
    "MIRA (V.O.)": ("MIRA", ("V.O.",), False),
    "MIRA (O.S.) (CONT'D)": ("MIRA", ("O.S.", "CONT'D"), False),
    "MIRA (O.C.)(CONT’D)": ("MIRA", ("O.C.", "CONT’D"), False),
    "MIRA (on the phone)": ("MIRA", ("on the phone",), False),
    "MIRA ^": ("MIRA", (), True),
    "MIRA (V.O.) ^": ("MIRA", ("V.O.",), True),
    "MIRA:": ("MIRA", (), False),
    "MIRA (V.O.):": ("MIRA", ("V.O.",), False),
    "R2D2": ("R2D2", (), False),
    "DR. O'NEILL": ("DR. O'NEILL", (), False),
    "ÉMILE & МИРА": ("ÉMILE & МИРА", (), False),
    "MAN #2": ("MAN #2", (), False),
    "MARTIN JR.": ("MARTIN JR.", (), False),
}


@pytest.mark.parametrize(("line", "read"), CUES.items())
def test_a_cue_is_read_with_its_extensions(line, read):
    cue = read_cue(line, 1)
    assert cue is not None
    assert (cue.text, cue.extensions, cue.dual) == read


@pytest.mark.parametrize(
    "line",
    ["Mira", "23", "BOOM!", "THE DOOR OPENS.", "CLOSE ON MIRA", "ANGLE ON: LAMP", "WIDE SHOT"],
)
def test_what_is_no_name_is_no_cue(line):
    assert read_cue(line, 1) is None


def test_a_forced_cue_may_have_small_letters():
    cue = read_cue("McCLANE (V.O.)", 1, forced=True)
    assert cue is not None
    assert (cue.text, cue.extensions) == ("McCLANE", ("V.O.",))


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        *(("THE END", True), ("The End", True), ("END OF ACT ONE", True), ("ACT TWO", True)),
        *(("MONTAGE:", True), ("END OF FLASHBACK", True), ("BACK TO SCENE", True)),
        *(("MOMENTS LATER", True), ("Later, Mira runs.", False), ("MONTAGE - MIRA", False)),
        *(("TEASER", True), ("12  OMITTED  12", True), ("SCENE OMITTED", True)),
        *(("The end is near.", False), ("ENDLESS SEA", False), ("the act", False)),
    ],
)
def test_labels(line, is_one):
    assert is_label(line) == is_one


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        *(("(CONTINUED)", True), ("CONTINUED: (2)", True), ("12   CONTINUED:   12", True)),
        *(("(MORE)", True), ("12.", True), ("- 12 -", True), ("Page 7", True)),
        *(("12 men.", False), ("Continued rain.", False)),
    ],
)
def test_page_marks(line, is_one):
    assert is_page_mark(line) == is_one
