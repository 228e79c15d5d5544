"""Set pages with Typst: shaped letters, lines that break as their language does, embedded fonts."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from storyboard_ops.gateways.include_files import include_path
from storyboard_ops.gateways.storyboard.font_files import SYSTEM_FOLDERS, packaged_folders

#: Equal pages give equal bytes, so no time of writing is stored.
NO_TIME = datetime.datetime.fromtimestamp(0, datetime.UTC)
TEMPLATES = Path("templates/sheets")


def set_pages(
    template: str,
    view: Mapping[str, Any],
    pictures: Mapping[str, bytes],
    *,
    with_system_fonts: bool = False,
) -> bytes:
    """Return a PDF of a Typst template in ``include/templates/sheets``.

    The template reads the view as ``view.json``, and pictures by their names. Texts of the view are
    data, never markup. Raises ObjectMissing when there is no such template.
    """
    folders = [*packaged_folders(), *(SYSTEM_FOLDERS if with_system_fonts else ())]
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for source in include_path(str(TEMPLATES / template)).parent.glob("*.typ"):
            (place / source.name).write_bytes(source.read_bytes())
        (place / "view.json").write_text(json.dumps(view), encoding="utf-8")
        for name, content in pictures.items():
            (place / name).write_bytes(content)
        return typst.compile(
            str(place / template),
            root=folder,
            font_paths=[str(one) for one in folders if one.is_dir()],
            ignore_system_fonts=True,
            format="pdf",
            timestamp=NO_TIME,
            pdf_tags=False,
        )
