"""`production`: make a production file from films, with a page that asks who is who.

What was found and what people said is kept in a folder of state, so that the command can be left
and run again.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launcher.casting.page import CastPage
from launcher.casting.server import serving
from launcher.context import Context
from launcher.errors import UsageError
from launcher.product import check_sheet_settings, open_cast_desk
from launcher.runs.inputs import ProductionFile, read_films, read_production
from launcher.state.layout import Project
from launcher.state.private_files import write_private
from launcher.state.room import require_room

#: Seconds for which a page may show that the file was written, before its server ends.
LAST_SECONDS = 5.0
WAIT_SECONDS = 0.2
#: One and several of what a production file has.
MEMBER = ("character or prop", "characters and props")
PICTURE, PANEL = ("reference picture", "reference pictures"), ("panel", "panels")


def make_production(context: Context, videos: str, out: str) -> None:
    """Find figures in films, ask who they are, and write the production file.

    Raises:
        UsageError: a film or `out` cannot be used.
        ProductError: no film shows a figure.
    """
    films = read_films(videos)
    folder = _output_folder(films, out)
    room = _open_room(context.project, films, folder)
    schema = context.project.productions / "production.schema.json"
    context.print_line(f"Looking for figures in {', '.join(film.name for film in films)} …")
    desk = open_cast_desk(films, room, folder, schema, context.print_line, context.interrupts.check)
    if decided := desk.count_decided():
        context.print_line(f"Continuing: {decided:,} figures are decided from before.")
    if desk.exists:
        context.print_line(f"{folder} has a production file; the page asks before replacing it.")
    page = CastPage(desk, _secret(room))
    with serving(page) as address:
        context.print_line("Who is this? Name the characters on this page:")
        context.print_line(f"  {address}")
        context.print_line("Ctrl-C leaves; the same command returns to what you have done.")
        _wait_written(context, page, desk)
    _print_written(context, videos, desk.written)


def check_production(context: Context, given: str) -> None:
    """Check a production file with its pictures and settings, and print what it has.

    Raises:
        UsageError: naming every fault, with its line.
    """
    sheet = read_production(context.project, given)
    if isinstance(sheet, str):
        raise UsageError(
            f"{given} is in S3; `make preflight PRODUCTION={shlex.quote(given)}` checks it there."
        )
    check_sheet_settings(sheet.production)
    for remark in sheet.remarks:
        context.print_line(f"Note: {remark}")
    context.print_line(f"{given} is valid: {_describe(sheet)}.")


def _output_folder(films: Sequence[Path], out: str) -> Path:
    if out:
        folder = Path(out).expanduser()
    else:
        stem = re.sub(r"[^a-z0-9]+", "-", films[0].stem.lower()).strip("-")
        folder = Path("productions") / (stem[:60] or "film")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"OUT is {folder}, a file. Give a folder: OUT=productions/mine")
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UsageError(
            f"OUT is {folder}, and {existing} cannot be written. Give another folder, or correct "
            "its permissions."
        )
    return folder


def _open_room(project: Project, films: Sequence[Path], folder: Path) -> Path:
    """Return the folder of this draft: the same for the same films and the same OUT."""
    named = "\0".join(map(str, (*(film.resolve() for film in films), folder.resolve())))
    room = project.states / "productions" / hashlib.sha256(named.encode()).hexdigest()[:16]
    require_room((project.states, room))
    return room


def _secret(room: Path) -> str:
    """Return the secret of a draft's page, the same each time."""
    path = room / "secret"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def _wait_written(context: Context, page: CastPage, desk: Any) -> None:
    while desk.written is None:
        context.interrupts.check()
        time.sleep(WAIT_SECONDS)
    if page.ended.wait(LAST_SECONDS):
        time.sleep(WAIT_SECONDS)  # the answer is on its way


def _print_written(context: Context, videos: str, written: Any) -> None:
    file = shlex.quote(str(written.file))
    context.print_line(
        f"Wrote {written.file}: {_count(len(written.production.characters), MEMBER)}, "
        f"{_count(written.pictures, PICTURE)}."
    )
    context.print_line("Next:")
    for command in ("preflight", "run"):
        context.print_line(f"  make {command} VIDEO={shlex.quote(videos)} PRODUCTION={file}")


def _describe(sheet: ProductionFile) -> str:
    production = sheet.production
    pictures = sum(map(len, sheet.references.values())) + len(sheet.strangers)
    panels = sum(len(scene.panels) for scene in production.storyboard)
    parts = [
        _count(len(production.characters), MEMBER),
        _count(pictures, PICTURE),
        _count(panels, PANEL) if panels else "no storyboard, which is optional",
    ]
    return ", ".join(parts)


def _count(number: int, words: tuple[str, str]) -> str:
    return f"{number:,} {words[number != 1]}"
