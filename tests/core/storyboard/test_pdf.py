"""The printed storyboard, read back with poppler where it is installed."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from lxml import html
from reportlab import rl_config

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png
from storyboard_ops.core.storyboard import fonts
from storyboard_ops.core.storyboard import pdf as pdf_module
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.fonts import markup
from storyboard_ops.core.storyboard.pdf import SheetFacts, print_picture, storyboard_pdf
from tests.material.factories import failed_panel, panel, picture
from tests.material.hostile_texts import SHORT
from tests.reading.golden_files import assert_golden

PNG = encode_png(picture(1, 1280, 720))
SHEET = SheetFacts(
    production="The Lantern Keepers",
    date="20 November 2026",
    model="amazon.nova-canvas-v1:0, customized",
    attribution="Drawn for this project (CC BY 4.0)",
    names={"mira": "Mira Łęcka"},
    caution="Drawn by the stand-in model of a local endpoint.",
)
PANELS = (
    panel(1, "The quay <at> dusk & later", seconds=2.5),
    failed_panel(2, "The quay <at> dusk & later"),
    panel(3, "Маяк"),
)


def board_pdf(panels=PANELS, paper="a4", sheet=SHEET) -> bytes:
    printed = print_picture(PNG)
    pictures = {p.sha256: printed for p in panels if p.sha256}
    return storyboard_pdf(arrange_board(panels), pictures, sheet, paper)


def words_of(pdf: bytes) -> list[tuple[float, float, str]]:
    """Top and bottom, in points from the upper border of the sheet, of every word."""
    document = html.document_fromstring(poppler("pdftotext", pdf, "-bbox"))
    words = document.xpath("//word")
    return [(float(w.get("ymin")), float(w.get("ymax")), w.text_content()) for w in words]


def poppler(tool: str, pdf: bytes, *options: str) -> str:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed (poppler-utils)")
    command = [tool, *options, "-", *(["-"] if tool == "pdftotext" else [])]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode(
        errors="replace"
    )


def test_the_sheets_say_everything_about_the_board():
    text = poppler("pdftotext", board_pdf(), "-layout")
    for expected in (
        "The Lantern Keepers",
        "3 panels (1 not drawn) in 2 scenes",
        "Drawn by the stand-in model of a local endpoint.",
        "010. The quay <at> dusk & later",
        "020. Маяк",
        "010-010-010",
        "2.5 s",
        "Mira walks along the quay",
        "Mira Łęcka",
        "Not drawn",
        "The model's content filter refused the prompt.",
        "page 1 of 1",
        "Drawn for this project (CC BY 4.0)",
    ):
        assert " ".join(expected.split()) in " ".join(text.split()), expected


def test_the_sheet_says_how_a_prompt_or_picture_was_changed():
    notes = ("The prompt is shortened to the 1,024 characters.", "Laid on mid-grey.")
    text = poppler("pdftotext", board_pdf([panel(1, notes=notes)]))
    for note in notes:
        assert note in " ".join(text.split())


def test_pages_are_counted_and_scenes_are_bookmarked():
    panels = [panel(n, f"Scene {n // 6}") for n in range(1, 25)]
    pdf = board_pdf(panels)
    pages = pdf.count(b"/Type /Page\n")
    text = poppler("pdftotext", pdf, "-layout")
    assert pages > 1
    assert [f"page {n} of {pages}" in text for n in range(1, pages + 1)] == [True] * pages
    assert text.index("010-010-010") < text.index("020-010-010") < text.index("050-010-010")


def test_the_sheets_are_drawn_as_they_were_looked_at(monkeypatch):
    """Every line, letter and picture where it stands; a picture is named by its bytes."""
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    upright = panel(4, "Маяк", width=720, height=1280, seconds=61.0)
    panels = [*PANELS, upright, *(panel(n, "Маяк") for n in range(5, 9))]
    prints = {p.sha256: print_picture(PNG) for p in panels if p.sha256}
    prints[upright.sha256] = print_picture(encode_png(picture(1, 720, 1280)))
    many = "Drawn by many hands, " * 15
    sheet = replace(SHEET, style="soft painted", attribution=many)
    pdf = storyboard_pdf(arrange_board(panels), prints, sheet)
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    pages = [stream.decode() for stream in streams if b" Tf " in stream]
    outline = [title.decode() for title in re.findall(rb"/Title \((.*)\)", pdf)]
    assert len(pages) == pdf.count(b"/Type /Page\n")
    drawn = re.sub(r"/FormXob\.\w+", "/Picture", "\n".join([*pages, *outline]))
    assert_golden("storyboard.txt", drawn)


@pytest.mark.parametrize(("paper", "size"), [("a4", b"841.8898 595.2756"), ("letter", b"792 612")])
def test_the_paper_is_laid_on_its_side(paper, size):
    assert b"/MediaBox [ 0 0 " + size in board_pdf(paper=paper)


def test_fonts_are_embedded():
    lines = poppler("pdffonts", board_pdf()).splitlines()[2:]
    assert {line.split()[0].partition("+")[2]: " yes yes " in line for line in lines} == {
        "DejaVuSans": True,
        "DejaVuSans-Bold": True,
    }


def test_equal_boards_give_equal_bytes():
    assert board_pdf() == board_pdf()


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("letters", ["word ", "W", "灯"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280)])
def test_the_longest_texts_fit_a_sheet(paper, letters, width, height):
    texts = {"description": (letters * 800)[:800], "prompt": (letters * 1024)[:1023] + "Ω"}
    scene = (letters * 120)[:120]
    panels = [panel(n, scene, width=width, height=height, **texts) for n in range(1, 3)]
    words = words_of(board_pdf(panels, paper))
    assert sum("Ω" in text for _, _, text in words) == 2
    assert all(0 < top < bottom < 595 for top, bottom, _ in words)


def test_a_foot_that_would_fill_the_sheet_is_cut():
    endless = replace(SHEET, attribution="Drawn by many hands, " * 2000)
    assert "Mira walks along" in poppler("pdftotext", board_pdf([panel(1)], sheet=endless))


def test_a_long_attribution_stands_whole_on_the_sheet():
    long = replace(SHEET, attribution="Drawn by many hands, " * 50 + "and signed.")
    words = words_of(board_pdf([panel(n) for n in range(1, 4)], sheet=long))
    assert "signed." in [text for _, _, text in words]
    assert max(bottom for _, bottom, _ in words) < 595 - 20
    prompt = max(bottom for _, bottom, text in words if text == "evening")
    assert prompt < min(top for top, _, text in words if text == "hands,")


@pytest.mark.parametrize("reason", ["The filter refused it. " * 60, "refused" * 90])
def test_a_long_reason_stays_in_the_place_of_its_panel(reason):
    words = words_of(board_pdf([failed_panel(1).model_copy(update={"failure": reason})]))
    refusal = [word for word in words if "refused" in word[2]]
    heading = next(bottom for _, bottom, text in words if text == "harbour")
    label = next(top for top, _, text in words if text == "010-010-010")
    assert heading < min(top for top, _, _ in refusal)
    assert max(bottom for _, bottom, _ in refusal) < label


def test_a_board_of_one_panel_is_told_as_one():
    assert "1 panel in 1 scene " in poppler("pdftotext", board_pdf([panel(1)]), "-layout")


def test_a_panel_whose_picture_is_gone_is_marked():
    pdf = storyboard_pdf(arrange_board([panel(1)]), {}, SHEET)
    assert "Its picture is not there." in poppler("pdftotext", pdf, "-layout")


def test_a_print_is_small_and_whole():
    assert decode_rgb(print_picture(PNG)).shape == (562, 1000, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A < B & C", "A &lt; B &amp; C"),
        ("Ночь, Łęcka, νύχτα", "Ночь, Łęcka, νύχτα"),
        ("灯台 x", '<font name="HeiseiKakuGo-W5">灯台</font> x'),
        ("등대", '<font name="HYGothic-Medium">등대</font>'),
        ("ก", "▯"),
        ("two\nlines", "two lines"),
        ("👩\N{ZERO WIDTH JOINER}🚀", "▯▯"),
        ("❤\N{VARIATION SELECTOR-16}", "❤"),
    ],
    ids=["markup", "European", "Japanese", "Korean", "no font", "line break", "joined", "varied"],
)
def test_letters_are_set_in_a_font_that_has_them(text, expected):
    assert markup(text) == expected


JAPANESE, KOREAN = "HeiseiKakuGo-W5", "HYGothic-Medium"


@pytest.mark.parametrize(
    ("first", "last", "font"),
    [
        (0x1100, 0x11FF, KOREAN),
        (0x3130, 0x318F, KOREAN),
        (0xAC00, 0xD7AF, KOREAN),
        (0x3000, 0x30FF, JAPANESE),
        (0x31F0, 0x31FF, JAPANESE),
        (0x3400, 0x9FFF, JAPANESE),
        (0xF900, 0xFAFF, JAPANESE),
        (0xFF00, 0xFFEF, JAPANESE),
    ],
    ids=str,
)
def test_a_block_of_letters_is_set_in_its_font_from_first_to_last(first, last, font):
    def font_of(code: int) -> str | None:
        return fonts._font_of(chr(code), fonts.REGULAR)

    fonts.register_fonts()
    assert font_of(first) == font_of(last) == font
    assert font not in (font_of(first - 1), font_of(last + 1))


@pytest.mark.parametrize(
    ("letter", "is_seen"),
    [("\ufdff", True), ("\ufe00", False), ("\ufe0f", False), ("\ufe10", True), ("\u200d", False)],
    ids=ascii,
)
def test_selectors_and_joiners_leave_no_ink(letter, is_seen):
    assert fonts._is_seen(letter) == is_seen


@pytest.mark.parametrize(("most", "cut"), [(5, "12345"), (4, "123…")])
def test_a_text_is_cut_where_it_is_longer_than_it_may_be(most, cut):
    assert pdf_module._cut("12345", most) == cut


def test_the_place_of_a_panel_grows_with_its_reason():
    short = pdf_module._Blank("No.", 100, 50)
    long = pdf_module._Blank("refused " * 40, 100, 50)
    assert (short.width, short.height) == (100, 50)
    assert long.height == long.high + 24 > 50


@pytest.mark.parametrize("text", [*SHORT.values(), "W" * 120], ids=[*SHORT, "long word"])
def test_a_hostile_text_is_printed_within_its_sheet_and_does_nothing(text):
    panels = (
        panel(1, text, description=text, prompt=text * 6),
        failed_panel(2, text).model_copy(update={"failure": text * 9}),
    )
    sheet = replace(
        SHEET, production=text, attribution=text, model=text, caution=text, names={"mira": text}
    )
    pdf = board_pdf(panels, sheet=sheet)
    assert not re.search(rb"/(JS|JavaScript|URI|Launch|OpenAction|AA|EmbeddedFile)\b", pdf)
    document = html.document_fromstring(poppler("pdftotext", pdf, "-bbox"))
    width = float(document.xpath("//page")[0].get("width"))
    for word in document.xpath("//word"):
        assert float(word.get("xmin")) >= 0
        assert float(word.get("xmax")) <= width
    title = document.xpath("string(//title)")
    assert not set(title) & set("\x00\x07\x1b\x7f\u202e\u2029")


def test_an_override_is_printed_as_a_sign():
    sheet = replace(SHEET, production=SHORT["override"])
    assert "film ⟨U+202E⟩gpj.exe" in poppler("pdftotext", board_pdf(sheet=sheet), "-layout")


def test_the_likeness_or_its_absence_is_on_the_first_sheet():
    why = "No figure for likeness. Mira: no picture was held out."
    text = poppler("pdftotext", board_pdf(sheet=replace(SHEET, likeness=why)))
    assert why in " ".join(text.split())
