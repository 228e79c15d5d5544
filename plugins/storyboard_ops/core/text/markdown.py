"""Text from outside in Markdown."""

from __future__ import annotations

import re

from storyboard_ops.core.text.visible import isolated

#: Characters that Markdown would interpret; it leaves an underscore within a word alone.
_MARKS = re.compile(r"[\\`*\[\]<|~&]|(?<!\w)_|_(?!\w)")
#: What makes a line a heading, a quotation, an item or an underline; the last letter is escaped.
_LINE_START = re.compile(r"^(?:[#>+=-]|\d{1,9}[.)])")


def escape_markdown(value: object) -> str:
    """Escape text for Markdown, inside tables too, and put it on one line."""
    text = _MARKS.sub(r"\\\g<0>", " ".join(isolated(str(value)).split()))
    return _LINE_START.sub(lambda start: f"{start[0][:-1]}\\{start[0][-1]}", text)
