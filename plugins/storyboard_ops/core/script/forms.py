"""The forms in which scene headings, cues, transitions and page marks are written."""

from __future__ import annotations

import re

from storyboard_ops.core.script.elements import Element, Kind

#: Longer lines are prose: no heading, cue or transition of a real screenplay comes near these.
MOST_HEADING, MOST_CUE, MOST_TRANSITION = 300, 80, 60

_SHORT = "INT|EXT|EST"
#: Whole words, which also begin sentences: headings only in capitals.
_WORDS = "INTERIOR|EXTERIOR|INNEN|AUSSEN|AUßEN|ИНТ|ЭКСТ|НАТ"
_PART = f"(?:{_SHORT}|{_WORDS})"
_PLACE = re.compile(
    rf"(?P<place>{_PART}(?:\.?\s?[/-]\s?{_PART})?|I\.?\s?/\s?[EA]|E\.?\s?/\s?I)(?![\w'’])(?P<stop>[.:]?)",
    re.IGNORECASE,
)
_NUMBER = r"[A-Z]{0,2}\d{1,4}[A-Z]{0,3}(?:[.-][A-Z\d]{1,4}){0,2}"
_NUMBER_BEFORE = re.compile(
    rf"(?:(?:SCENE|SC\.?)\s*)?\(?(?P<number>{_NUMBER})[.):]?(?:\s*[-–—:]\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_NUMBER_AFTER = re.compile(rf"(?P<gap>\s+)(?P<number>{_NUMBER})[.)]?$", re.IGNORECASE)
_FOUNTAIN_NUMBER = re.compile(r"(?<=[^\s-])[\s-]*#(?P<number>[\w.-]{1,20})#$")

#: The last part of a heading, after a dash, a comma or a full stop.
_LAST_PART = re.compile(r"(?P<place>.+?)(?:\s+[-–—]+\s*|\s*[,.]\s+)(?P<time>[^-–—,.]+)")
_TIME = re.compile(
    r"\b(?:day|night|dawn|dusk|morning|noon|midday|afternoon|evening|midnight|sunrise|sunset|"
    r"twilight|later|continuous|same|magic hour|golden hour|tag|nacht|morgen|abend|jour|nuit|"
    r"matin|soir|día|noche|giorno|notte|день|ночь|утро|вечер)\b(?!['’])",
    re.IGNORECASE,
)

_CUE = re.compile(r"(?P<name>[^()^]+)(?P<extensions>(?:\([^()]*\)\s*)*)(?P<dual>\^?):?")
_EXTENSION = re.compile(r"\(([^()]*)\)")
#: Lines in capitals that describe a shot or a text in the picture: never the name of a speaker.
_SHOT = re.compile(
    r"(?:EXTREME |MEDIUM |VERY )?(?:CLOSE(?:[ -]?UP)?|ANGLE|WIDE|INSERT|MONTAGE|SERIES OF SHOTS|"
    r"SUPER|TITLE|POV|TRACKING|AERIAL|INTERCUT|FLASHBACK|BACK TO)\b"
)
_SENTENCE_END = re.compile(r"[!?,;]$|\w{3,}\.$")

_TURN = re.compile(
    r"(?:(?:slow|quick|smash|match|jump|hard|time|flash|cross|slam|shock)[ -])*"
    r"(?:(?:cut|fade|dissolve|wipe|iris)s?"
    r"(?: (?:in|out|up|away|back|through|into|to|from|on)){1,3}"
    r"(?: (?:the )?(?:black|white|red|colou?r|silence|(?:main |end )?(?:titles?|credits)))?"
    r"(?: to)?[ .:-]*"
    r"|(?:cut|dissolve|wipe|fade|crossfade):)",
    re.IGNORECASE,
)
#: Only in capitals: in small letters, these are sentences or parts of them.
_CAPITAL_TURN = re.compile(
    r".*\b(?:TO|CUT|WIPE|DISSOLVE|FADE|PRE-?LAP|INTERCUT(?: WITH)?):"
    r"|(?:(?:SMASH|MATCH|JUMP|HARD|TIME|FLASH|SLAM|SHOCK)[ -])?(?:CUT|DISSOLVE|BLACKOUT)\.?"
)
_LABEL = re.compile(
    r"(?:the )?end(?: (?:of|credits?|titles?)\b.*)?[.!]?|fin\.?|teaser|cold open(?:ing)?|"
    r"(?:(?:begin|end(?: of)?) )?(?:montage|series of shots|flashback|intercut)[.:]?|"
    r"back to (?:scene|present)[.:]?|(?:(?:moments|minutes|hours|days|years|much) )?later[.:]?|"
    r"act (?:[ivx]+|\d+|one|two|three|four|five|six)[.:]?|"
    rf"(?:{_NUMBER}[.)]?\s+)?\(?(?:scenes? )?omit(?:ted)?\)?(?:\s+{_NUMBER}[.)]?)?",
    re.IGNORECASE,
)
_PAGE_MARK = re.compile(
    rf"(?:{_NUMBER}\s+)?\(?CONTINUED:?\)?(?:\s*\(\d+\))?(?:\s+{_NUMBER})?|\(MORE\)|"
    r"(?:PAGE )?\d{1,4}\.?|-\s*\d{1,4}\s*-",
    re.IGNORECASE,
)


def read_heading(text: str, line: int, alone: bool = True) -> Element | None:
    """Read a line as a scene heading, with or without a number; None where it is none.

    ``alone``: it begins a paragraph. Within one, only headings in capitals are recognized.
    """
    if len(text) > MOST_HEADING:
        return None
    text, number = _without_fountain_number(text)
    before = _NUMBER_BEFORE.match(text)
    if before and _is_heading(text[before.end() :], alone):
        number, text = number or before["number"], text[before.end() :]
    elif not _is_heading(text, alone):
        return None
    after = _NUMBER_AFTER.search(text)
    if after and after.start() > 0 and (after["number"] == number or len(after["gap"]) > 2):
        number, text = number or after["number"], text[: after.start()]
    return Element(Kind.SCENE_HEADING, text, line, number)


def forced_heading(text: str, line: int) -> Element:
    """Return a scene heading of any text; a Fountain number at its end is taken off."""
    text, number = _without_fountain_number(text)
    return Element(Kind.SCENE_HEADING, text, line, number)


def heading_place(text: str) -> tuple[str, str]:
    """Return the place and the time of the day that a heading names; "" for what it does not.

    >>> heading_place("INT. LIGHTHOUSE - LAMP ROOM - NIGHT")
    ('INT. LIGHTHOUSE - LAMP ROOM', 'NIGHT')
    """
    if not _is_heading(text, alone=True):
        return "", ""
    parts = _LAST_PART.fullmatch(text)
    return (parts["place"], parts["time"]) if parts and _TIME.search(parts["time"]) else (text, "")


def read_cue(text: str, line: int, forced: bool = False) -> Element | None:
    """Read a line as the name of a speaker, e.g. ``MIRA (V.O.) ^``; None where it is none.

    ``forced``: the file says that it is one, so it may have small letters.
    """
    match = _CUE.fullmatch(text) if len(text) <= MOST_CUE else None
    if match is None:
        return Element(Kind.CHARACTER, text, line) if forced else None
    name = match["name"].strip()
    if not forced and (not is_capital(name) or _SHOT.match(name) or _SENTENCE_END.search(name)):
        return None
    extensions = tuple(part.strip() for part in _EXTENSION.findall(match["extensions"]))
    return Element(
        Kind.CHARACTER,
        name.removesuffix(":"),
        line,
        extensions=extensions,
        dual=bool(match["dual"]),
    )


def is_transition(text: str) -> bool:
    """Whether a line leads from one scene to the next, e.g. ``CUT TO:``, ``Fade out.``."""
    if len(text) > MOST_TRANSITION:
        return False
    return bool(_TURN.fullmatch(text) or (is_capital(text) and _CAPITAL_TURN.fullmatch(text)))


def is_label(text: str) -> bool:
    """Whether a line names a part of the script, not a picture: ``ACT TWO``, ``LATER``."""
    return (
        len(text) <= MOST_TRANSITION
        and text == (text.upper() if is_capital(text) else text.title())
        and _LABEL.fullmatch(text) is not None
    )


def is_page_mark(text: str) -> bool:
    """Whether a line was printed because a page began or ended there."""
    return len(text) <= MOST_TRANSITION and _PAGE_MARK.fullmatch(text) is not None


def is_capital(text: str) -> bool:
    """Whether a text has letters, and no small ones but ß, which has no capital in most fonts."""
    text = text.replace("ß", "SS")
    return text == text.upper() and text != text.lower()


def _without_fountain_number(text: str) -> tuple[str, str]:
    match = _FOUNTAIN_NUMBER.search(text)
    return (text[: match.start()], match["number"]) if match else (text, "")


def _is_heading(text: str, alone: bool) -> bool:
    match = _PLACE.match(text)
    if match is None:
        return False
    place = match["place"]
    if not is_capital(place):
        return alone and (bool(match["stop"]) or " - " in text) and not _has_word(place)
    return not _has_word(place) or bool(match["stop"]) or is_capital(text)


def _has_word(place: str) -> bool:
    """Whether a whole word says inside or outside, which may begin a sentence, too."""
    return re.search(_WORDS, place, re.IGNORECASE) is not None
