"""Join the A2I worker template from the files of the review board and the board kit.

An A2I task UI is one text; the board is several style and script files that the Airflow page loads
one by one. The template names the files that it includes, by their path in ``include/``
(``/* include board_kit/style/base.css */``). A script comes with the modules that it imports, each
once, in one ``<script type="module">``, without its comments but the first line.
"""

from __future__ import annotations

import posixpath
import re

from storyboard_ops.gateways.include_files import include_text

TEMPLATE = "worker_templates/review_board.liquid.html"
#: UiTemplate, SageMaker API reference.
MAX_CHARACTERS = 128_000

_INCLUDE = re.compile(r"/\* include ([a-z_/]+\.(?:css|js)) \*/")
#: The board's modules import by name, on one line, by relative path.
_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.{1,2}/[a-z_./]+\.js)";\n', re.MULTILINE)
_COMMENT = re.compile(r"(?<=\n) *//.*\n")
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)


def worker_template() -> str:
    """Return the template for CreateHumanTaskUi; it changes whenever the board does."""
    return _INCLUDE.sub(lambda match: _read_include(match[1]), include_text(TEMPLATE))


def _read_include(path: str) -> str:
    return _join_modules(path, set()) if path.endswith(".js") else include_text(path)


def _join_modules(path: str, joined: set[str]) -> str:
    """Return the texts of a module's imports and then its own, without those in ``joined``."""
    joined.add(path)
    text = include_text(path)
    folder = posixpath.dirname(path)
    imports = (posixpath.normpath(posixpath.join(folder, name)) for name in _IMPORT.findall(text))
    texts = [_join_modules(other, joined) for other in imports if other not in joined]
    return "".join(texts) + _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", text)))
