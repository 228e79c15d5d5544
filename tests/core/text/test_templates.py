"""What every template does to the values that it shows."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from storyboard_ops.core.text.templates import markdown_environment, page_environment


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<b>Mira</b>", "&lt;b&gt;Mira&lt;/b&gt;"),
        (Markup("<b>ours</b>"), "<b>ours</b>"),
        ("a\x1b[2Jb", "a⟨U+001B⟩[2Jb"),
        ("film \u202egpj.exe", "film ⟨U+202E⟩gpj.exe"),
        (3, "3"),
        (None, "None"),
    ],
)
def test_a_page_escapes_a_value_and_makes_it_visible(value, shown):
    template = page_environment().from_string("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(v) }}")
    assert template.render(v=value) == shown


def test_a_name_within_a_sentence_is_isolated():
    template = page_environment().from_string("No picture of {{ name|isolated }} is in it.")
    assert template.render(name="Mira") == "No picture of Mira is in it."
    assert template.render(name="ميرا") == "No picture of \u2068ميرا\u2069 is in it."


def test_a_missing_value_is_an_error_and_the_last_line_ends():
    with pytest.raises(UndefinedError):
        page_environment().from_string("{{ nothing }}").render()
    assert markdown_environment().from_string("{{ v }}\n").render(v="<\x07>") == "<⟨U+0007⟩>\n"
