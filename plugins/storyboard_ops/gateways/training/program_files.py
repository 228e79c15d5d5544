"""Read the files of the training program from where it is installed.

The program runs in containers and on machines without the product: it brings along the few modules
of the product that it imports, and nothing else of it.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.gateways.include_files import INCLUDE_ROOT

PROGRAM = "trainer"
#: Files of the program that a bundle has at its root, too.
ENTRY_POINTS = ("train.py", "draw.py")
#: The folder that the package of the product is in.
PLUGINS = Path(__file__).resolve().parents[3]
#: Modules of the product that the program imports.
SHARED = (
    "storyboard_ops/core/storyboard/consistency.py",
    "storyboard_ops/core/storyboard/method_check.py",
    "storyboard_ops/domain/names.py",
)


@cache
def program_files() -> dict[str, bytes]:
    """Return the program as file names, relative to its root, and contents.

    Raises ObjectMissing when it is not installed.
    """
    program = _program_folder()
    files = {
        f"{PROGRAM}/{path.relative_to(program).as_posix()}": path.read_bytes()
        for path in sorted(program.rglob("*.py"))
    }
    files |= {name: files[f"{PROGRAM}/{name}"] for name in ENTRY_POINTS}
    for name in SHARED:
        files[name] = (PLUGINS / name).read_bytes()
    packages = {str(folder) for name in SHARED for folder in Path(name).parents} - {"."}
    return files | {f"{folder}/__init__.py": b"" for folder in packages}


def _program_folder() -> Path:
    """Return the folder of the program: installed, or next to ``plugins/`` and ``include/``."""
    spec = find_spec(PROGRAM)
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent
    beside = INCLUDE_ROOT.parent / PROGRAM
    if not (beside / ENTRY_POINTS[0]).is_file():
        raise ObjectMissing(
            f"The training program is not installed, and not in {beside}; deploy the folder "
            f"{PROGRAM}/ with the plugins, or install the product."
        )
    return beside
