"""Which format a script is in, and which files are none."""

import pytest

from storyboard_ops.core.script.elements import Kind
from storyboard_ops.core.script.formats import decode_script, read_elements
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_SCRIPT_LINES
from tests.material.screenplays import as_fdx, as_fountain, long_screenplay


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (as_fdx(long_screenplay(1)), "Final Draft"),
        ("\n\n" + as_fdx(long_screenplay(1)), "Final Draft"),
        (as_fountain(long_screenplay(1)), "text"),
        ("A file that begins with <FinalDraft>.", "text"),
        ("", "text"),
    ],
)
def test_the_format_is_told_by_the_content(text, form):
    assert read_elements(text, "a")[0] == form


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.fountain", Kind.SECTION),
        ("s3://films/scripts/A.FOUNTAIN", Kind.SECTION),
        ("a.spmd", Kind.SECTION),
        ("a.txt", Kind.SCENE_HEADING),
        ("the fountain", Kind.SCENE_HEADING),
    ],
)
def test_a_mark_of_sections_opens_no_scene_in_a_file_of_fountain(name, kind):
    """Of acts and paragraphs alone: an outline in Fountain, scenes as somebody typed them else."""
    _, elements = read_elements("# Act one\n\nMira lifts the lamp.\n", name)
    assert [element.kind for element in elements] == [kind, Kind.ACTION]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_scripts_come_from_any_editor(encoding):
    text = "INT. CAFÉ – NIGHT\n\nMira’s lamp.\n"
    assert decode_script(text.encode(encoding), "a.txt") == text


def test_the_encoding_that_xml_declares_does_not_matter():
    text = as_fdx(long_screenplay(2))
    utf_16 = text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert read_elements(decode_script(utf_16, "a"), "a") == read_elements(text, "a")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        *((b"%PDF-1.7", "a PDF"), (b"PK\x03\x04", "a package")),
        *((b"{\\rtf1", "an RTF document"), (b"\xd0\xcf\x11\xe0", "a document of an old version")),
    ],
)
def test_what_is_no_text_is_refused_by_name(start, name):
    with pytest.raises(BadInput, match=rf"^s3://b/a is {name}.* Export it as Fountain"):
        decode_script(start + b"...", "s3://b/a")


@pytest.mark.parametrize("line", ["\n", "\u2028", "[[a]]", "/*a*/", "<Paragraph/>"])
def test_more_lines_than_any_screenplay_has_are_refused(line):
    with pytest.raises(BadInput, match=r"^a has 100,001 lines.* at most 100,000 are read\. Split"):
        read_elements(line * (MOST_SCRIPT_LINES + 1), "a")
