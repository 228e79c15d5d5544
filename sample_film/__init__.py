"""The Paper Lantern: the sample film, drawn and lit by this package, with its ground truth.

`render_film` writes the film and the truth about every frame; `film_digest` names what it would
draw, so that a caller can keep it.
"""

from __future__ import annotations

from .film import FilmFiles, film_digest, render_film
from .production import PRODUCTION_FILE, SLUG
from .truth import FilmTruth, FrameTruth, load_truth, seconds_view, truth_at

__all__ = [
    "PRODUCTION_FILE",
    "SLUG",
    "FilmFiles",
    "FilmTruth",
    "FrameTruth",
    "film_digest",
    "load_truth",
    "render_film",
    "seconds_view",
    "truth_at",
]
