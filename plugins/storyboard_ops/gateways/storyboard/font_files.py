"""Fonts of the sheets: where their files are, and which letters each family has.

The fonts come with packages of the lock, so that they are the same on every machine: Noto Sans for
thirty scripts, Noto Sans CJK, and DejaVu Sans for the signs that Noto Sans lacks. Noto fonts that a
system has besides are used for letters that no packaged font has.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
from fontTools.ttLib import TTFont, TTLibError

from storyboard_ops.domain.storyboard.sheet_fonts import CJK_FAMILIES, SIGNS, Fonts

#: Packages whose folder holds fonts.
PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
#: Where Debian's fonts-noto-* and Fedora's google-noto-* put more of them.
SYSTEM_FOLDERS = (
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/google-noto"),
)
_FILE_TYPES = (".ttf", ".otf", ".ttc")


def packaged_folders() -> tuple[Path, ...]:
    """Return the folders of packaged fonts; a package that is not installed has none."""
    specs = [spec for spec in map(find_spec, PACKAGES) if spec and spec.origin]
    dejavu = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return (*(Path(str(spec.origin)).parent for spec in specs), dejavu)


@cache
def find_fonts(system_folders: tuple[Path, ...] = SYSTEM_FOLDERS) -> Fonts:
    """Return the families of the packages, and the Noto families that only the system has."""
    packaged = {
        name: codes for name, codes in _coverage(packaged_folders()).items() if _is_for_text(name)
    }
    system = _coverage(system_folders)
    return Fonts(packaged, {name: system[name] for name in sorted(system.keys() - packaged.keys())})


def _is_for_text(family: str) -> bool:
    return family.startswith("Noto") or family == SIGNS  # DejaVu's folder has fonts of formulas


def _coverage(folders: Iterable[Path]) -> dict[str, frozenset[int]]:
    """Return the letters of each family that all its upright faces have, regular and bold."""
    families: dict[str, frozenset[int]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*")):
            if path.suffix in _FILE_TYPES:
                for family, codes in _read(path):
                    families[family] = families.get(family, codes) & codes
    return families


def _read(path: Path) -> list[tuple[str, frozenset[int]]]:
    """Return families and letters of a file; the fonts of a collection have the same letters."""
    try:
        with path.open("rb") as file, TTFont(file, fontNumber=0, lazy=True) as font:
            codes = frozenset(font.getBestCmap() or ())
            name = font["name"].getBestFamilyName()
            is_italic = bool(font["OS/2"].fsSelection & 1)
    except (TTLibError, OSError, KeyError):
        return []  # Typst does not list such a file either
    if is_italic:
        return []  # nothing is set in it
    in_collection = path.suffix == ".ttc" and name in CJK_FAMILIES.values()
    return [(family, codes) for family in (CJK_FAMILIES.values() if in_collection else [name])]
