"""Write the pictures that the base weights of the small flow model are trained on.

    python -m tools.small_model FOLDER

See trainer/families/small_flow/base_weights.py for how they are used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.small_model.pictures import write_pictures


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures and print how many there are."""
    parser = argparse.ArgumentParser(prog="python -m tools.small_model", description=__doc__)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    sys.stdout.write(f"{len(write_pictures(given.folder))} pictures in {given.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
