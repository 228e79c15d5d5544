"""Final Draft: the same elements as the same screenplay in Fountain, and nothing unsafe is read."""

from dataclasses import replace

import pytest

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.fdx import read_fdx
from storyboard_ops.core.script.fountain import read_fountain
from storyboard_ops.domain.error_tree import BadInput
from tests.material.screenplays import as_fdx, as_fountain, fdx, long_screenplay

NOTE = '<ScriptNote Range="0,4"><Paragraph><Text>Which lamp?</Text></Paragraph></ScriptNote>'
SUMMARY = (
    "<SceneProperties><Summary><Paragraph><Text>She climbs.</Text></Paragraph></Summary>"
    "</SceneProperties>"
)


def without_lines(elements: list[Element]) -> list[Element]:
    return [replace(one, line=0) for one in elements if one.kind is not Kind.TITLE_PAGE]


def test_a_screenplay_gives_equal_elements_in_both_formats():
    screenplay = long_screenplay(scenes=40)
    assert without_lines(read_fdx(as_fdx(screenplay), "a.fdx")) == screenplay
    assert without_lines(read_fountain(as_fountain(screenplay))) == screenplay


def test_every_form_of_paragraph_is_read():
    text = fdx(
        f'<Paragraph Type="Scene Heading" Number="1">{SUMMARY}<Text>int. house</Text></Paragraph>'
        f'<Paragraph Type="Action"><Text>Mira lifts </Text>{NOTE}<Text>the lamp.</Text></Paragraph>'
        '<Paragraph Type="Shot"><Text>CLOSE ON THE LAMP</Text></Paragraph>'
        '<Paragraph Type="Action" Alignment="Center"><Text>THE LAMP</Text></Paragraph>'
        '<Paragraph Type="General"><Text>FADE OUT.</Text></Paragraph>'
        '<Paragraph Type="Action"><Text>EXT/INT. DOORWAY</Text></Paragraph>'
        '<Paragraph Type="Scene Heading" Number="2"><Text>OMITTED</Text></Paragraph>'
        '<Paragraph Type="New Act"><Text>ACT TWO</Text></Paragraph>'
        '<Paragraph Type="Outline 2"><Text>The storm</Text></Paragraph>'
        '<Paragraph Type="Lyrics"><Text>A light</Text></Paragraph>'
        '<Paragraph Type="Scene Heading" StartsNewPage="Yes"><Text>AT SEA</Text></Paragraph>'
        '<Paragraph Type="Action"><Text> </Text></Paragraph><Paragraph Type="Action"/>',
        title_page="<Paragraph><Text>The Lamp</Text></Paragraph>",
    )
    assert [(one.kind, one.text, one.number) for one in read_fdx(text, "a.fdx")] == [
        (Kind.TITLE_PAGE, "The Lamp", ""),
        (Kind.SCENE_HEADING, "int. house", "1"),
        (Kind.SYNOPSIS, "She climbs.", ""),
        (Kind.ACTION, "Mira lifts the lamp.", ""),
        (Kind.NOTE, "Which lamp?", ""),
        (Kind.ACTION, "CLOSE ON THE LAMP", ""),
        (Kind.CENTERED, "THE LAMP", ""),
        (Kind.TRANSITION, "FADE OUT.", ""),
        (Kind.SCENE_HEADING, "EXT/INT. DOORWAY", ""),
        (Kind.LABEL, "OMITTED", ""),
        (Kind.LABEL, "ACT TWO", ""),
        (Kind.SECTION, "The storm", ""),
        (Kind.LYRICS, "A light", ""),
        (Kind.PAGE_BREAK, "", ""),
        (Kind.SCENE_HEADING, "AT SEA", ""),
    ]


def test_elements_are_numbered_by_their_place():
    lines = [one.line for one in read_fdx(as_fdx(long_screenplay(2)), "a.fdx")]
    assert lines == list(range(1, len(lines) + 1))


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "b">',
    ],
)
def test_entities_and_document_types_are_refused(head):
    with pytest.raises(BadInput, match=r"^a\.fdx declares .* Export it again"):
        read_fdx(f"{head}<FinalDraft><Content/></FinalDraft>", "a.fdx")


@pytest.mark.parametrize(
    "text", ["<FinalDraft><Content>", "<FinalDraft>&unknown;</FinalDraft>", "<FinalDraft>\0</a>"]
)
def test_what_is_not_well_formed_is_named(text):
    with pytest.raises(BadInput, match=r"^a\.fdx is not well-formed XML: "):
        read_fdx(text, "a.fdx")


def test_deep_nesting_is_read_past():
    depth = 20_000
    text = f"<FinalDraft>{'<a>' * depth}{'</a>' * depth}</FinalDraft>"
    assert read_fdx(text, "a.fdx") == []
