"""Texts of sheets: what has a font is set, the rest is a box that the report names."""

import pytest

from storyboard_ops.core.storyboard.sheets.letters import Letters, is_right_to_left
from storyboard_ops.domain.storyboard.sheet_fonts import Fonts

LATIN = frozenset(range(0x20, 0x17F)) | {0x301, 0x25AF}
FONTS = Fonts(
    packaged={
        "Noto Sans": LATIN,
        "Noto Sans CJK SC": frozenset(range(0x3000, 0xA000)) | frozenset(range(0xAC00, 0xD7A4)),
        "Noto Emoji": frozenset({0x2764, 0x1F469, 0x1F680}),
        "Noto Sans Arabic": frozenset(range(0x600, 0x700)),
    },
    system={"Noto Sans Tifinagh": frozenset({0x2D30})},
)


@pytest.mark.parametrize(
    ("text", "drawn", "missing"),
    [
        ("Łęcka  waits\n", "Łęcka waits", {}),
        ("e\u0301te\u0301", "e\u0301te\u0301", {}),
        ("灯台", "灯台", {}),
        ("ก ก", "▯ ▯", {"ก": 2}),
        ("a\u20dd", "a▯", {"\u20dd": 1}),
        ("灯\u0301", "灯▯", {"\u0301": 1}),
        ("ก\u0301", "▯▯", {"ก": 1, "\u0301": 1}),
        ("👩\N{ZERO WIDTH JOINER}🚀", "👩\N{ZERO WIDTH JOINER}🚀", {}),
        ("❤\N{VARIATION SELECTOR-16}", "❤\N{VARIATION SELECTOR-16}", {}),
        ("\ue000", "▯", {"\ue000": 1}),
        ("a\x07b", "a▯U+0007▯b", {"⟨": 1, "⟩": 1}),
    ],
    ids=ascii,
)
def test_letters_without_a_font_are_boxes_and_counted(text, drawn, missing):
    letters = Letters(FONTS)
    assert letters.set(text)["text"] == drawn
    assert letters.missing == missing
    assert bool(letters.sentence) == bool(missing)


def test_fonts_of_the_system_are_used_only_where_no_package_has_the_letter():
    letters = Letters(FONTS)
    assert "Noto Sans Tifinagh" not in letters.set("Łęcka")["fonts"]
    assert letters.set("ⴰ")["text"] == "ⴰ"
    assert letters.set("ⴰ")["fonts"][-1] == "Noto Sans Tifinagh"
    assert not letters.missing


@pytest.mark.parametrize(
    ("text", "language", "region", "cjk"),
    [
        ("她们打开这个门", "zh", "CN", "SC"),
        ("她們打開這個門", "zh", "TW", "TC"),
        ("灯台の扉", "ja", "", "JP"),
        ("등대 燈臺", "ko", "", "KR"),
        ("تفتح Mira", "ar", "", "SC"),
        ("מירה", "he", "", "SC"),
        ("मीरा", "hi", "", "SC"),
        ("มีรา", "th", "", "SC"),
        ("Łęcka", "en", "", "SC"),
    ],
)
def test_the_letters_say_which_language_a_text_is_set_in(text, language, region, cjk):
    found = Letters(FONTS).set(text)
    assert (found["lang"], found["region"]) == (language, region)
    assert f"Noto Sans CJK {cjk}" in found["fonts"]


@pytest.mark.parametrize(
    ("others", "language"),
    [
        (["彼女は灯台の扉を開ける。"], "ja"),
        (["她們打開這個門"], "zh"),
        (["그녀는"], "ko"),
        ([], "zh"),
    ],
)
def test_the_board_decides_what_a_few_chinese_characters_are(others, language):
    assert Letters.of([*others, "山中"], FONTS).set("山中")["lang"] == language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("تفتح ميرا الباب", True),
        ("Mira تفتح باب المنارة", True),
        ("Mira opens الباب", False),
        ("123.", False),
        ("", False),
    ],
)
def test_a_paragraph_runs_as_most_of_its_letters_do(text, expected):
    assert is_right_to_left(text) == expected
    assert Letters(FONTS).set(text)["rtl"] == expected


@pytest.mark.parametrize(
    ("word", "may_break"),
    [
        ("W" * 18, False),
        ("W" * 19, True),
        ("e\u0301" * 18, False),
        ("灯" * 60, False),
        ("ت" * 40, False),
        ("ت" * 41, True),
    ],
    ids=ascii,
)
def test_a_word_longer_than_its_place_may_break_anywhere(word, may_break):
    drawn = Letters(FONTS).set(word)["text"]
    assert ("\u200b" in drawn) == may_break
    assert drawn.replace("\u200b", "") == word


def test_a_report_names_forty_letters_and_counts_the_rest():
    letters = Letters(FONTS)
    letters.set("".join(map(chr, range(0xF00, 0xF30))) + "ༀ")
    assert letters.sentence.startswith("49 letters of the storyboard without a font")
    assert "ༀ U+0F00" in letters.sentence
    assert "and 8 more" in letters.sentence
