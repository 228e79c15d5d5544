"""`python -m sample_film film OUT_DIR` draws the film; `... references` its reference pictures."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from .film import render_film
from .production import REFERENCES
from .references import write_references


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sample_film", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    film = commands.add_parser("film", help="draw the film and its ground truth")
    film.add_argument("out_dir", type=Path)
    references = commands.add_parser("references", help="draw the reference pictures")
    references.add_argument("folder", type=Path, nargs="?", default=REFERENCES)
    chosen = parser.parse_args(arguments)
    match chosen.command:
        case "film":
            files = render_film(chosen.out_dir)
            sys.stdout.write(f"{files.film}\n{files.truth}\n{files.seconds}\n")
        case "references":
            for path in write_references(chosen.folder):
                sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
