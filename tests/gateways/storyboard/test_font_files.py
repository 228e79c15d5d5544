"""The fonts of the packages: their families, and that each script of films has one."""

from pathlib import Path

import pytest

from storyboard_ops.domain.storyboard.sheet_fonts import CJK_FAMILIES
from storyboard_ops.gateways.storyboard import font_files
from storyboard_ops.gateways.storyboard.font_files import find_fonts, packaged_folders

SCRIPTS = {
    "Noto Sans": "ąβЖ–“”…€",
    "Noto Sans Arabic": "تفحپچ",
    "Noto Sans Hebrew": "מירהִּ",
    "Noto Sans Devanagari": "क्षिं।",
    "Noto Sans Thai": "เธอปิ้ำ",
    "Noto Emoji": "🏮🚀",
    "DejaVu Sans": "▯⟨⟩",
    **dict.fromkeys(CJK_FAMILIES.values(), "她们們の彼문열㐂，。「"),
}


@pytest.mark.parametrize("family", SCRIPTS)
def test_the_packages_bring_the_letters_of_a_script(family):
    assert set(map(ord, SCRIPTS[family])) <= find_fonts(()).packaged[family]


def test_a_family_has_the_letters_that_its_regular_and_its_bold_face_have():
    """Bold letters of formulas are in DejaVu's bold face alone, upright ones in its regular."""
    letters = find_fonts(()).packaged["DejaVu Sans"]
    assert not {0x1D5D4, 0x1D5A0} & letters
    assert 0x25AF in letters


def test_fonts_of_the_system_are_those_that_no_package_brings(tmp_path):
    source = next(folder for folder in packaged_folders() if list(folder.glob("*Thai*")))
    dejavu = packaged_folders()[-1]
    for file in (next(source.glob("*Thai*")), dejavu / "DejaVuSerif.ttf"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert [*find_fonts((tmp_path,)).system] == ["DejaVu Serif"]


def test_a_package_that_is_not_installed_has_no_fonts(monkeypatch):
    monkeypatch.setattr(font_files, "PACKAGES", ("no_such_fonts",))
    [folder] = packaged_folders()
    assert (folder / "DejaVuSans.ttf").is_file()


def test_system_folders_are_absolute():
    assert all(Path(folder).is_absolute() for folder in font_files.SYSTEM_FOLDERS)
