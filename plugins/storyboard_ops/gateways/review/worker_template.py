"""The A2I worker template, put together from the review board's own files.

An A2I task UI is one text, while the board is several style and script files that the Airflow page
loads one by one. The template names what belongs into it (``/* include board.css */``); a script
comes with the modules that it imports, each once, in one ``<script type="module">``.
"""

from __future__ import annotations

import re

from storyboard_ops.gateways.include_files import include_text

TEMPLATE = "worker_templates/review_board.liquid.html"
BOARD_FOLDER = "review_board"
#: UiTemplate, SageMaker API reference.
MAX_CHARACTERS = 128_000

_INCLUDE = re.compile(r"/\* include ([a-z_]+\.(?:css|js)) \*/")
#: The board's modules import by name, on one line, from a file beside them.
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z_]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)


def worker_template() -> str:
    """The template as CreateHumanTaskUi takes it; it changes whenever the board does."""
    return _INCLUDE.sub(lambda match: _included(match[1]), include_text(TEMPLATE))


def _included(name: str) -> str:
    return _joined_modules(name, set()) if name.endswith(".js") else _board_file(name)


def _joined_modules(name: str, joined: set[str]) -> str:
    """The module's text behind that of everything it imports; what ``joined`` names is there."""
    joined.add(name)
    text = _board_file(name)
    imported = [
        _joined_modules(other, joined) for other in _IMPORT.findall(text) if other not in joined
    ]
    return "".join(imported) + _EXPORT.sub("", _IMPORT.sub("", text))


def _board_file(name: str) -> str:
    return include_text(f"{BOARD_FOLDER}/{name}")
