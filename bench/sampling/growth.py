"""How memory, time and bytes grow with the length of a film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from bench.sampling.compare import FOOTAGE, HALVES, OWN, TWO_RANGES, run
from bench.sampling.films import KINDS, FilmKind, coded_film, repeated
from storyboard_ops.core.sampling.plan import on_screen
from storyboard_ops.gateways.sampling.byte_source import FileBytes
from storyboard_ops.steps.sampling.film_decoder import open_film


def measure_long_films(folder: Path) -> dict[str, Any]:
    """Memory and CPU of ten and sixty minutes, and the speed-up of two halves at once."""
    short = coded_film(KINDS["480p H.264"], FOOTAGE, folder)
    ten, sixty = (run(OWN, repeated(short, times)) for times in (20, 120))
    film = repeated(short, 20)
    one_after_another = sum(run(half, film)["wall"] for half in HALVES)
    at_once = run(TWO_RANGES, film)["wall"]
    return {
        "cpu_10_min_s": round(ten["cpu"], 1),
        "cpu_60_min_s": round(sixty["cpu"], 1),
        "cpu_a_minute_60_against_10": round(sixty["cpu"] / ten["cpu"] / 6, 3),
        "peak_mb_480p_10_min": round(ten["peak_mb"]),
        "peak_mb_480p_60_min": round(sixty["peak_mb"]),
        "peak_mb_4k": peaks(KINDS["4K H.264"], folder),
        "peak_mb_4k_hdr": peaks(KINDS["4K HDR10 HEVC"], folder),
        "two_ranges_at_once_speed_up": round(one_after_another / at_once, 2),
    }


def peaks(kind: FilmKind, folder: Path) -> dict[str, int]:
    """Peak megabytes for a film and for ten repetitions of it, by length."""
    film = coded_film(kind, FOOTAGE, folder)
    return {
        f"{kind.seconds * times} s": round(run(OWN, repeated(film, times))["peak_mb"])
        for times in (1, 10)
    }


class CountedFile(FileBytes):
    """A file that counts bytes and requests, as S3 would bill them."""

    bytes_read = 0
    requests = 0

    def read(self, first: int, length: int) -> bytes:
        body = super().read(first, length)
        self.bytes_read += len(body)
        self.requests += 1
        return body


def measure_sparse_samples(folder: Path) -> dict[str, Any]:
    """Bytes of a short-GOP film that one sample every ten seconds reads."""
    film = repeated(coded_film(KINDS["720p H.264, GOP 24"], FOOTAGE, folder), 10)
    source = CountedFile(film)
    decoder = open_film(source)
    opened = source.bytes_read
    clock = decoder.clock(Fraction(10))
    for _ in decoder.samples(clock, 0, clock.count):
        pass
    table = decoder.index.table
    keys = [int(key) for key in table.keyframe.nonzero()[0]] + [len(table)]
    gops = {max(key for key in keys if key <= r) for r in on_screen(table, clock, 0, clock.count)}
    needed = sum(
        int(table.size[key : min(k for k in keys if k > key)].sum()) for key in sorted(gops)
    )
    return {
        "film_mb": round(source.size / 1e6, 1),
        "needed_gops_mb": round(needed / 1e6, 1),
        "read_mb": round(source.bytes_read / 1e6, 1),
        "of_it_to_open_mb": round(opened / 1e6, 1),
        "requests": source.requests,
        "read_by_needed": round(source.bytes_read / needed, 2),
        "read_by_film": round(source.bytes_read / source.size, 2),
    }
