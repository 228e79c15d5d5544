"""A long screenplay with known counts, as people and programs write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from storyboard_ops.core.script.elements import Element, Kind

PLACES = ("INT. LIGHTHOUSE", "EXT. QUAY", "INT./EXT. BOAT", "EST. ISLAND", "I/E LAMP ROOM")
HEADINGS_OF_FDX = {
    Kind.SCENE_HEADING: "Scene Heading",
    Kind.ACTION: "Action",
    Kind.CHARACTER: "Character",
    Kind.PARENTHETICAL: "Parenthetical",
    Kind.DIALOGUE: "Dialogue",
    Kind.TRANSITION: "Transition",
}


def long_screenplay(scenes: int) -> list[Element]:
    """Return elements without lines: in every scene two actions, every fourth without a cue."""
    return [element for scene in range(1, scenes + 1) for element in _scene(scene)]


def _scene(number: int) -> Iterator[Element]:
    heading = f"{PLACES[number % len(PLACES)]} {number} - {'NIGHT' if number % 2 else 'DAY'}"
    yield Element(Kind.SCENE_HEADING, heading, 0, number=f"{number}A" if number % 7 == 0 else "")
    yield Element(Kind.ACTION, f"Mira climbs stair {number}. The wind rises.", 0)
    if number % 4:
        extensions = ("V.O.",) if number % 3 else ("O.S.", "CONT'D")
        yield Element(Kind.CHARACTER, "BRAM", 0, extensions=extensions)
        yield Element(Kind.PARENTHETICAL, "(softly)", 0)
        yield Element(Kind.DIALOGUE, f"That is lamp {number}. Will you light it?", 0)
    if number % 5 == 0:
        yield Element(Kind.CHARACTER, "MIRA", 0)
        yield Element(Kind.DIALOGUE, "Now!", 0)
        yield Element(Kind.CHARACTER, "PIP", 0, dual=True)
        yield Element(Kind.DIALOGUE, "Not yet!", 0)
    yield Element(Kind.ACTION, f"Pip waits below, on step {number}.", 0)
    if number % 6 == 0:
        yield Element(Kind.TRANSITION, "SMASH CUT TO:", 0)


def as_fountain(elements: Sequence[Element]) -> str:
    """Write a screenplay in Fountain, with a title page."""
    return "Title: The Lamp\nAuthor: N. N.\n" + "".join(map(_fountain, elements))


def _fountain(element: Element) -> str:
    spoken = element.kind in (Kind.PARENTHETICAL, Kind.DIALOGUE)
    number = f" #{element.number}#" if element.number else ""
    return f"{'' if spoken else chr(10)}{_cue(element)}{number}\n"


def _cue(element: Element) -> str:
    extensions = "".join(f" ({extension})" for extension in element.extensions)
    return f"{element.text}{extensions}{' ^' if element.dual else ''}"


def as_print(elements: Sequence[Element]) -> str:
    """Write a screenplay as a program exports its pages: columns, numbers, CONTINUED."""
    title = f"{'THE LAMP':^80}\n\n{'Written by':^80}\n\n{'N. N.':^80}\n\n{'FADE IN:':>70}\n"
    scenes = 0
    lines = []
    for element in elements:
        text = _cue(element)
        if element.kind is Kind.SCENE_HEADING:
            scenes += 1
            if scenes % 8 == 0:
                lines.append(
                    f"\n{'(CONTINUED)':>60}\n\f{f'{scenes // 8}.':>70}\n\nCONTINUED: (2)\n"
                )
            lines.append(f"\n{scenes:<6}{text:<56}{scenes}\n")
        elif element.kind is Kind.CHARACTER:
            lines.append(f"\n{'':22}{text}\n")
        elif element.kind is Kind.PARENTHETICAL:
            lines.append(f"{'':16}{text}\n")
        elif element.kind is Kind.DIALOGUE:
            lines.append(f"{'':10}{text}\n")
        else:
            lines.append(f"\n{text:>60}\n" if element.kind is Kind.TRANSITION else f"\n{text}\n")
    return title + "".join(lines)


def as_fdx(elements: Sequence[Element]) -> str:
    """Write a screenplay as Final Draft does: two speeches at once are within one paragraph."""
    paragraphs: list[str] = []
    at = 0
    while at < len(elements):
        if at + 2 < len(elements) and elements[at + 2].dual:
            both = "".join(map(_paragraph, elements[at : at + 4]))
            paragraphs.append(f"<Paragraph><DualDialogue>{both}</DualDialogue></Paragraph>")
            at += 4
        else:
            paragraphs.append(_paragraph(elements[at]))
            at += 1
    return fdx("".join(paragraphs))


def fdx(paragraphs: str, title_page: str = "") -> str:
    """Return a Final Draft file of paragraphs."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n'
        '<FinalDraft DocumentType="Script" Template="No" Version="5">\n'
        f"<Content>{paragraphs}</Content>\n"
        f"<TitlePage><Content>{title_page}</Content></TitlePage></FinalDraft>\n"
    )


def _paragraph(element: Element) -> str:
    form = HEADINGS_OF_FDX[element.kind]
    number = f" Number={quoteattr(element.number)}" if element.number else ""
    text = _cue(element).removesuffix(" ^")
    half = len(text) // 2
    runs = f"<Text>{escape(text[:half])}</Text><Text Style='Bold'>{escape(text[half:])}</Text>"
    return f'<Paragraph Type="{form}"{number}>{runs}</Paragraph>'


#: Small scripts of our own, each in the shape of a kind that people write or export.
CORPUS = {
    "fountain": """\
Title: The Lamp
Credit: Written by
Author: N. N.
Draft date: 2026-11-01

# Act one

= Will finds the lamp.

FADE IN:

INT. LIGHTHOUSE - NIGHT #1#

Will lifts the lamp. [[Which one?]] It will not burn. (48 frames)
He shakes it.

WILL (V.O.)
(softly)
I was ten
years old then.

BRAM (O.S.)
Who is there?

WILL ^
Me!

SOUND: thunder.

/* PIP

Cut this. */

CUT TO:

INT./EXT. BOAT - CONTINUOUS #1A#

BRAM (V.O.) (CONT'D)
The sea was calm.

> THE SEA <

Bram rows.

~A light, a light in the night

===

.THE ROCK

(2 s)

EST. ISLAND - DAWN

Gulls. 2 s

(1 min 10 s)

SMASH CUT TO BLACK.

THE END
""",
    "typed": "# The hill\nMira runs. (2 s)\n\nMira stops.\n\n# The quay\n\nPip waits (3 sec)\n",
    "printed": f"""\
{"THE LAMP":^60}

{"Written by":^60}

{"N. N.":^60}

{"FADE IN:":>60}

1     INT. LIGHTHOUSE - NIGHT                               1

Mira lifts the lamp. She looks through the window, and
waits for the boat.

{"":22}MIRA (CONT'D)
{"":16}(to herself)
{"":10}Not yet.
{"":22}(MORE)

{"(CONTINUED)":>60}
\f{"2.":>60}

CONTINUED: (2)

{"":22}MIRA (CONT'D)
{"":10}Now!

2     OMITTED                                               2

3     EXT. QUAY - DAY                                       3

ANGLE ON THE BOAT

as it turns.

{"CUT TO:":>60}
""",
    "talk": "INT. KITCHEN - DAY\n\nMira and Pip at the table.\n\n"
    + "".join(
        f"{name}\n{'(beat)' + chr(10) if at % 7 == 0 else ''}Line {at}.\n\n"
        for at in range(60)
        for name in ("MIRA", "PIP")
    ),
    "only speech": "INT. KITCHEN - DAY\n\nMIRA\nNobody is here.\n\nPIP\nNobody.\n",
    "one heading twice": "INT. A\n\nINT. A\n\nMira runs.\n\nINT. A\n\nPip runs.\n",
    "no heading": "Mira runs.\n\nPip: Stop!\n\nPIP\nStop!\n\n***\n\nMira stops, 3s\n",
    "long": "EXT. SEA\n\n" + "The waves roll on and on over the rocks. " * 60 + "(9 s)\n",
    "other": "INNEN. LEUCHTTURM - NACHT\n\nMira läuft. (3 Sekunden)\n\nMIRA (OFF)\nHallo?\n",
    "katakana": "INT. 灯台 - 夜\n\nミラが歩く。（2+12）\n\nミラ\n待って。\n",
    "empty": "\n\n   \n",
}
