"""The printed storyboard in every layout, read back with poppler where it is installed."""

import io
import random
import re
import unicodedata
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
import pytest
from pypdf import PdfReader
from pypdf.generic import ByteStringObject, TextStringObject

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.sheets.layout import INSET, SIDE, SheetLayout
from storyboard_ops.domain.storyboard.panel_card import SpokenLine
from storyboard_ops.steps.report.write_sheets import (
    contact_pdf,
    print_picture,
    revision_pdf,
    storyboard_pdf,
)
from tests.material.factories import failed_panel, panel, picture
from tests.material.hostile_texts import SHORT, each
from tests.material.storyboards import FACTS, REVISION, SCENES, lantern_board, pictures_of
from tests.reading.printed_sheets import (
    filled_share,
    fonts_of,
    pixels_of,
    plain,
    text_of,
    words_of,
)

EVERY_RUN = [SheetLayout("3"), SheetLayout("6", orientation="portrait"), SheetLayout("vertical")]
IN_LONG_RUNS = [
    SheetLayout(panels, orientation=orientation)
    for panels in ("1", "2", "3", "6")
    for orientation in ("landscape", "portrait")
]
LAYOUTS = [
    pytest.param(
        layout,
        id=f"{layout.panels} {layout.orientation}",
        marks=() if layout in EVERY_RUN else pytest.mark.long,
    )
    for layout in (*IN_LONG_RUNS, SheetLayout("vertical"))
]
#: A line of a film in each script, and the font that draws it.
LINES = {
    "Latin": ("Zażółć gęślą jaźń: Łęcka öffnet die Tür.", "NotoSans"),
    "Cyrillic": ("Мира открывает дверь маяка и смотрит на море", "NotoSans"),
    "Greek": ("Η Μίρα ανοίγει την πόρτα του φάρου", "NotoSans"),
    "zh-Hans": ("她们打开这个门，开车过桥，马头说话。", "NotoSansCJKsc"),
    "zh-Hant": ("她們打開這個門，開車過橋。", "NotoSansCJKtc"),
    "ja": ("彼女は灯台の扉を開ける。", "NotoSansCJKjp"),
    "ko": ("그녀는 등대의 문을 연다", "NotoSansCJKkr"),
    "ar": ("تفتح ميرا باب المنارة وتنظر إلى البحر", "NotoSansArabic"),
    "he": ("מירה פותחת את הדלת ומביטה אל הים", "NotoSansHebrew"),
    "he, pointed": ("מִירָה פּוֹתַחַת אֶת הַדֶּלֶת", "NotoSansHebrew"),
    "hi": ("वह प्रकाशस्तंभ का दरवाज़ा खोलती है, क्षत्रिय चुप है", "NotoSansDevanagari"),
    "th": ("เธอเปิดประตูประภาคารแล้วมองออกไปที่ทะเล น้ำป่า", "NotoSansThai"),
    "emoji": ("🏮 🚢 🌊 ☂", "NotoEmoji"),
}


def board_pdf(panels, layout=None, sheet=FACTS, pictures=None) -> bytes:
    board = arrange_board(panels)
    given = pictures_of(board) if pictures is None else pictures
    return storyboard_pdf(board, given, sheet, layout or SheetLayout()).pdf


def of_lanterns(layout: SheetLayout, sheet=FACTS) -> bytes:
    board = lantern_board()
    return storyboard_pdf(board, pictures_of(board), sheet, layout).pdf


def test_the_sheets_say_everything_about_a_panel():
    pdf = board_pdf(
        (
            panel(
                1,
                "The quay <at> dusk & later",
                scene_number="12A",
                shot="010",
                panel="020",
                seconds=2.5,
                size="close-up",
                angle="low angle",
                lens="85 mm",
                move="push in",
                time="night",
                light="moonlight",
                sound="Gulls.",
                transition="CUT TO",
                note="Match the prop.",
                dialogue=(
                    SpokenLine(
                        speaker="MIRA", text="Who's *there*?", parenthetical="(softly)", off="O.S."
                    ),
                ),
                notes=("The prompt is shortened.",),
            ),
            failed_panel(2, "Маяк").model_copy(
                update={"scene_number": "13", "shot": "010", "panel": "010"}
            ),
        )
    )
    text = text_of(pdf)
    for expected in (
        "The Lantern Keepers",
        "2 panels (1 not drawn) in 2 scenes",
        "Drawn by the stand-in model of a local endpoint.",
        "12A-010-020",
        "12A. The quay <at> dusk & later",
        "13-010-010",
        "13. Маяк",
        "2.5 s",
        "0:03–0:06",
        "Mira walks along the quay",
        "close-up, low angle, 85 mm, push in",
        "night, moonlight",
        "Gulls.",
        "MIRA (O.S.), softly",
        "Who's *there*?",
        "CUT TO",
        "Match the prop.",
        "The prompt is shortened.",
        "Mira Łęcka",
        "Not drawn",
        "The model's content filter refused the prompt.",
        "page 1 of 1",
        "Drawn for this project (CC BY 4.0)",
    ):
        assert expected in text, expected


@pytest.mark.parametrize("prompts", [False, True])
def test_prompts_are_printed_where_a_run_wants_them(prompts):
    text = text_of(board_pdf([panel(1)], SheetLayout(prompts=prompts)))
    assert ("soft painted animation, evening light" in text) == prompts


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sheet_has_its_number_of_panels_and_is_filled(layout):
    pdf = of_lanterns(layout)
    words = words_of(pdf)
    names = [[one.text for one in page if re.fullmatch(r"\d+-\d{3}-\d{3}", one.text)]
             for page in words]  # fmt: skip
    count = len(lantern_board().panels)
    size = {"vertical": 5}.get(layout.panels) or int(layout.panels)
    assert [len(page) for page in names[:-1]] == [size] * (count // size - (count % size == 0))
    assert sum(map(len, names)) == count
    shares = [filled_share(sheet) for sheet in pixels_of(pdf)]
    assert min(shares[:-1]) >= 0.4


@pytest.mark.parametrize(
    ("layout", "size"),
    [
        (SheetLayout(), (842, 595)),
        (SheetLayout(orientation="portrait"), (595, 842)),
        (SheetLayout(paper="letter"), (792, 612)),
        (SheetLayout(paper="letter", orientation="portrait"), (612, 792)),
        (SheetLayout("vertical", orientation="landscape"), (595, 842)),
    ],
)
def test_the_paper_is_as_chosen(layout, size):
    box = PdfReader(io.BytesIO(board_pdf([panel(1)], layout))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280)])
def test_long_texts_shrink_and_stay_on_the_sheet(layout, width, height):
    spoken = SpokenLine(speaker="MIRA", text="Hold the light. " * 12 + "Ω")
    panels = [
        panel(n, "W" * 120, width=width, height=height, description="word " * 80 + "Ψ",
              dialogue=(spoken,))
        for n in range(1, 4)
    ]  # fmt: skip
    pdf = board_pdf(panels, layout)
    words = [one for page in words_of(pdf) for one in page]
    page = layout.page
    assert sum("Ω" in one.text for one in words) == sum("Ψ" in one.text for one in words) == 3
    assert all(one.left >= 0 and one.right <= page.width for one in words)
    assert all(0 < one.top < one.bottom < page.height for one in words)


def test_a_text_that_fits_no_place_is_whole_on_the_last_sheets():
    speech = tuple(
        SpokenLine(speaker="MIRA", text=f"{n} " + "and on it goes " * 100) for n in range(30)
    )
    pdf = board_pdf([panel(1, dialogue=speech), panel(2)], SheetLayout("6"))
    text = text_of(pdf)
    assert "The texts of this panel are on the last sheets." in text
    assert text.count("goes") == 3_000
    assert all(f" {n} and on it" in text for n in range(30))


@pytest.mark.parametrize("script", LINES)
def test_every_letter_is_shaped_embedded_and_found_again(script):
    line, font = LINES[script]
    spoken = SpokenLine(speaker=line[:6].strip(), text=line)
    pdf = board_pdf([panel(1, line, description=line, dialogue=(spoken,), characters=())])
    assert "".join(text_of(pdf).split()).count("".join(plain(line).split())) == 3
    fonts = fonts_of(pdf)
    assert all(is_embedded and is_subset for _, is_embedded, is_subset, _ in fonts)
    assert any(name.startswith(font) for name, *_ in fonts)
    assert letters_in_fonts(pdf) >= {letter for letter in line if not letter.isspace()}


@pytest.mark.parametrize("script", LINES)
def test_every_letter_leaves_ink(script):
    letters = letters_of(LINES[script][0])
    spoken = [SpokenLine(speaker="—", text=letter) for letter in letters]
    panels = [
        panel(n, "—", description="—", characters=(), dialogue=tuple(spoken[n * 10 - 10 : n * 10]))
        for n in range(1, len(spoken) // 10 + 2)
    ]
    pdf = board_pdf(panels)
    inked = set()
    for words, sheet in zip(words_of(pdf), pixels_of(pdf, dpi=144), strict=True):
        for one in words:
            top, bottom = int(2 * one.top), int(2 * one.bottom) + 1
            left, right = int(2 * one.left), int(2 * one.right) + 1
            if sheet[top:bottom, left:right].min() < 128:
                inked.add(code_points(one.text))
    assert {code_points(letter) for letter in letters} <= inked


@pytest.mark.parametrize("script", ["ar", "he"])
def test_paragraphs_from_right_to_left_begin_at_the_right(script):
    line = LINES[script][0]
    [words] = words_of(board_pdf([panel(1, "S", description=line, characters=())]))
    set_words = [one for one in words if unicodedata.bidirectional(one.text[0]) in ("R", "AL")]
    first, last = (end(set_words, key=lambda one: one.right) for end in (max, min))
    assert (first.text[-1], last.text[0]) == (line[0], line[-1])
    cell = SheetLayout().cell(is_first=True)
    assert first.right == pytest.approx(SIDE + cell.width - INSET, abs=2)


def test_a_letter_without_a_font_is_a_box_and_named():
    board = arrange_board([panel(1, "ཀ in a scene", description="A sign: ཀ𞤀ཀ.")])
    sheets = storyboard_pdf(board, pictures_of(board), FACTS, SheetLayout())
    assert "A sign: ▯▯▯." in text_of(sheets.pdf)
    assert sheets.missing_letters.startswith(
        "4 letters of the storyboard without a font, printed as boxes: ཀ U+0F40, 𞤀 U+1E900. "
    )
    assert "fonts-noto" in sheets.missing_letters


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_whatever_is_written_no_glyph_is_missing_from_its_font(seed):
    """Letters of all scripts, some with a mark of another; what has no font is a box of ours."""
    choose = random.Random(seed)
    known = [chr(code) for code in range(0x21, 0x20000) if unicodedata.name(chr(code), "")]
    marks = [letter for letter in known if unicodedata.combining(letter)]
    words = (
        choose.choice(known) + (choose.choice(marks) if choose.random() < 0.25 else "")
        for _ in range(1_200)
    )
    panels = [panel(n, "S", description=" ".join(islice(words, 100))) for n in range(1, 13)]
    for page in PdfReader(io.BytesIO(board_pdf(panels, SheetLayout("6")))).pages:
        shown = [
            element.original_bytes
            for operands, operator in page.get_contents().operations
            if operator in (b"Tj", b"TJ")
            for element in (operands[0] if operator == b"TJ" else operands)
            if isinstance(element, TextStringObject | ByteStringObject)
        ]
        glyphs = {text[at : at + 2] for text in shown for at in range(0, len(text), 2)}
        assert b"\0\0" not in glyphs


def test_fonts_are_the_same_on_every_machine_so_that_equal_boards_give_equal_bytes():
    panels = [panel(n, line) for n, (line, _) in enumerate(LINES.values(), start=1)]
    assert board_pdf(panels) == board_pdf(panels)


def test_scenes_are_bookmarked_and_the_sheet_has_a_title():
    pdf = PdfReader(io.BytesIO(of_lanterns(SheetLayout("vertical"))))
    assert [one["/Title"] for one in pdf.outline] == [
        f"{number}. {heading}" for number, heading in enumerate(SCENES, start=1)
    ]
    assert pdf.metadata.title == "The Lantern Keepers: storyboard"


@pytest.mark.parametrize("aspect", ["1.33", "1.78", "1.85", "2.39", "9:16"])
def test_a_picture_is_whole_in_its_frame_and_never_stretched(aspect):
    wide, high = (float(one) for one in aspect.split(":")) if ":" in aspect else (float(aspect), 1)
    layout = SheetLayout("1", aspect=aspect)
    [sheet] = pixels_of(board_pdf([panel(1)], layout), dpi=72)
    is_picture = (np.abs(sheet.astype(int) - (200, 120, 40)) < 12).all(axis=2)
    is_dark = (np.abs(sheet.astype(int) - (23, 24, 27)) < 12).all(axis=2)
    is_matte = cv2.morphologyEx(is_dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9))) > 0
    assert ratio_of(is_picture) == pytest.approx(1280 / 720, rel=0.02)
    assert ratio_of(is_picture | is_matte) == pytest.approx(wide / high, rel=0.02)


def test_safe_areas_are_on_the_sheet_and_not_in_the_picture():
    board = arrange_board([panel(1)])
    pictures = pictures_of(board)
    plain_sheet, safe = (
        storyboard_pdf(board, pictures, FACTS, SheetLayout("1", safe_areas=on)).pdf
        for on in (False, True)
    )
    assert pictures_in(plain_sheet) == pictures_in(safe) == [*pictures.values()]
    [without], [with_lines] = pixels_of(plain_sheet, 72), pixels_of(safe, 72)
    is_picture = (np.abs(without.astype(int) - (200, 120, 40)) < 12).all(axis=2)
    rows, columns = np.nonzero(is_picture & (with_lines != without).any(axis=2))
    height, width = sides_of(is_picture)
    assert np.ptp(rows) == pytest.approx(0.93 * height, abs=3)
    assert np.ptp(columns) == pytest.approx(0.93 * width, abs=3)


@pytest.mark.parametrize("layout", ["6", "vertical"])
def test_a_revision_marks_its_panels_and_shows_what_is_omitted(layout):
    pdf = of_lanterns(SheetLayout(layout), replace(FACTS, revision=REVISION))
    text = text_of(pdf)
    assert "Version 3, blue, 2026-11-29" in text
    is_tinted = [(sheet[:3] == (207, 224, 243)).all() for sheet in pixels_of(pdf)]
    names = [[one.text for one in page] for page in words_of(pdf)]
    marked = {"1-010-020", "2-010-010", "5-030-010"}
    assert is_tinted == [bool(marked.intersection(page)) for page in names]
    assert [text.count(mark) for mark in ("NEW", "CHANGED", "MOVED")] == [1, 1, 1]
    assert "2-020-030 OMITTED since version 3" in text
    assert "9-010-005 OMITTED since version 2" in text


def test_the_sheet_of_a_revision_lists_what_is_new_changed_moved_and_omitted():
    board, sheet = lantern_board(), replace(FACTS, revision=REVISION)
    pdf = revision_pdf(board, pictures_of(board), sheet, SheetLayout(), REVISION).pdf
    text = text_of(pdf, "-layout")
    order = (
        *("Version 3, blue", "New (1)", "1-010-020", "Changed (1)", "2-010-010"),
        *("Moved (1)", "5-030-010", "Omitted (2)", "2-020-030", "9-010-005"),
    )
    assert sorted(order, key=text.index) == [*order]
    assert (np.abs(pixels_of(pdf)[0].astype(int) - (207, 224, 243)) < 4).all(axis=2).mean() > 0.02


@pytest.mark.parametrize("layout", [SheetLayout(), SheetLayout("vertical", orientation="portrait")])
def test_the_contact_sheet_shows_every_panel(layout):
    board = lantern_board()
    pdf = contact_pdf(board, pictures_of(board), FACTS, layout).pdf
    text = text_of(pdf)
    assert all(placed.panel.panel_id in text for placed in board.panels)
    assert all(heading in text for heading in SCENES)
    assert all(filled_share(sheet) >= 0.4 for sheet in pixels_of(pdf)[:-1])


def test_a_long_attribution_and_a_long_title_stay_in_their_places():
    long = replace(
        FACTS, attribution="Drawn by many hands, " * 200, production="The Lantern Keepers " * 20
    )
    [words] = words_of(board_pdf([panel(1)], sheet=long))
    assert "Mira walks along" in " ".join(one.text for one in words)
    assert max(one.bottom for one in words) < 595 - 10


@pytest.mark.parametrize("reason", ["The filter refused it. " * 60, "refused" * 90])
def test_a_long_reason_stays_in_the_place_of_its_panel(reason):
    refused = failed_panel(1).model_copy(update={"failure": reason})
    [words] = words_of(board_pdf([refused]))
    action = next(one.top for one in words if one.text == "ACTION")
    assert all(one.bottom < action for one in words if "refused" in one.text)
    assert all(one.right < 842 for one in words)


def test_a_panel_whose_picture_is_gone_is_marked():
    assert "Its picture is not there." in text_of(board_pdf([panel(1)], pictures={}))


def test_a_print_is_small_and_whole():
    assert decode_rgb(print_picture(encode_png(picture(1, 1600, 900)))).shape == (788, 1400, 3)


@pytest.mark.parametrize("kind", each(SHORT))
def test_a_hostile_text_is_printed_within_its_sheet_and_does_nothing(kind):
    text = SHORT[kind]
    panels = (
        panel(1, text, description=text, prompt=text * 6),
        failed_panel(2, text).model_copy(update={"failure": text * 9}),
    )
    sheet = replace(
        FACTS, production=text, attribution=text, model=text, caution=text, names={"mira": text}
    )
    pdf = board_pdf(panels, SheetLayout("6", prompts=True), sheet)
    assert not re.search(rb"/(JS|JavaScript|URI|Launch|OpenAction|AA|EmbeddedFile)\b", pdf)
    assert all(one.left >= 0 and one.right <= 842 for page in words_of(pdf) for one in page)
    title = str(PdfReader(io.BytesIO(pdf)).metadata.title)
    assert not set(title) & set("\x00\x07\x1b\x7f\u202e\u2029")


def letters_in_fonts(pdf: bytes) -> set[str]:
    """Return the letters that the embedded subsets map their glyphs to."""
    letters: set[str] = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert descriptor.keys() & {"/FontFile2", "/FontFile3"}
            table = font["/ToUnicode"].get_data().decode("latin-1")
            for text in re.findall(r"<[0-9A-F]{4}> <([0-9A-F]+)>\n", table):
                letters |= set(bytes.fromhex(text).decode("utf-16-be"))
        for operands, operator in page.get_contents().operations:
            if operator == b"BDC":
                letters |= set(operands[1].get("/ActualText", ""))
    return letters


def pictures_in(pdf: bytes) -> list[bytes]:
    """Return the JPEG files in a PDF."""
    objects = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/XObject"].values()
    found = [one.get_object() for one in objects]
    return [one._data for one in found if one.get("/Subtype") == "/Image"]


def sides_of(mask) -> tuple[int, int]:
    """Return height and width of the box around the pixels of a mask."""
    rows, columns = np.nonzero(mask)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def ratio_of(mask) -> float:
    height, width = sides_of(mask)
    return width / height


def code_points(word: str) -> str:
    """Return the code points of a word in their own order: poppler gives them from the left."""
    return "".join(sorted(unicodedata.normalize("NFD", plain(word))))


def letters_of(line: str) -> list[str]:
    """Return the letters of a line with their marks, once each."""
    letters: list[str] = []
    for letter in line:
        if letters and unicodedata.category(letter).startswith("M"):
            letters[-1] += letter
        elif not letter.isspace():
            letters.append(letter)
    return [*dict.fromkeys(map(plain, letters))]
