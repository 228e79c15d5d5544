"""Draw the sample film or its reference pictures.

    python -m tools.sample_film film FOLDER
    python -m tools.sample_film references FOLDER

The committed film is in include/sample_film, the reference pictures in
include/productions/paper-lantern/references.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from tools.sample_film.film import render_film
from tools.sample_film.references import write_references

WRITERS = {"film": render_film, "references": write_references}


def main(arguments: list[str] | None = None) -> int:
    """Write what the command line names and print the paths of the files."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.sample_film",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=WRITERS)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    for path in WRITERS[given.what](given.folder):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
