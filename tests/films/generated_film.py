"""Films drawn at random: codec, container, GOP, rate, times, fields and alpha."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from tests.films.field_film import HEIGHT, WIDTH, field_units
from tests.films.film_maker import make_film, numbered
from tests.films.film_surgery import film_of_packets, with_edit_at, without_sync_table
from tests.films.full_decode import by_arrival, by_pts

#: Codec: containers that take it, pixel formats, whether it has GOPs, whether it has B-frames.
CODECS: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool, bool]] = {
    "libx264": (("mp4", "mov", "mkv", "ts", "avi", "flv", "h264"), ("yuv420p",), True, True),
    "libx265": (("mp4", "mkv", "ts", "hevc"), ("yuv420p", "yuv420p10le"), True, True),
    "mpeg2video": (("ts", "mpg", "mkv", "mp4", "mxf", "avi"), ("yuv420p", "yuv422p"), True, True),
    "mpeg4": (("mp4", "mkv", "avi", "mov", "ts"), ("yuv420p",), True, True),
    "msmpeg4v2": (("asf", "avi"), ("yuv420p",), True, False),
    "wmv2": (("asf", "avi"), ("yuv420p",), True, False),
    "flv": (("flv", "avi"), ("yuv420p",), True, False),
    "libvpx": (("webm", "mkv"), ("yuv420p", "yuva420p"), True, False),
    "libvpx-vp9": (("webm", "mp4"), ("yuv420p", "yuva420p"), True, False),
    "ffv1": (("mkv", "avi"), ("yuv420p", "bgra", "yuva444p"), True, False),
    "qtrle": (("mov",), ("rgb24", "argb"), True, False),
    "cinepak": (("mov", "avi"), ("rgb24",), True, False),
    "prores_ks": (("mov", "mkv", "mxf"), ("yuv422p10le", "yuva444p10le"), False, False),
    "dnxhd": (("mov", "mxf"), ("yuv422p",), False, False),
    "mjpeg": (("avi", "mov", "mkv"), ("yuvj420p",), False, False),
    "png": (("mov",), ("rgb24", "rgba"), False, False),
    "ffvhuff": (("avi",), ("yuv420p", "bgra"), False, False),
    "utvideo": (("avi",), ("yuv422p", "gbrap"), False, False),
    "huffyuv": (("avi",), ("yuv422p", "bgra"), False, False),
    "in fields": (("ts", "mp4", "mkv", "avi", "h264"), ("yuv420p",), True, False),
}
#: Containers whose pictures may be any time apart.
VARIABLE = frozenset({"mkv", "mp4", "mov", "avi", "asf", "flv"})
RAW = frozenset({"h264", "hevc"})


@dataclass(frozen=True)
class Film:
    """A film on disk, and how a full decode says when its pictures are shown."""

    path: Path
    recipe: str  # for people
    interval: Fraction  # at which to sample it
    time_of: Callable[[VideoFrame], int | None]


def generated_film(seed: int, folder: Path) -> Film:
    """Make a film; the same seed makes the same."""
    dice = random.Random(seed)
    codec = dice.choice(list(CODECS))
    containers, pixels, has_gops, has_b = CODECS[codec]
    name = dice.choice(containers)
    pictures = dice.randint(1, 60)
    rate = 25 if name == "mxf" else dice.choice((12, 24, 25, 30, 50))
    path = folder / f"film.{name}"
    gop = dice.choice((1, 5, 12, 30, 250))
    interval = Fraction(dice.randint(1, 60), dice.choice((24, 25, 30, 48)))
    if codec == "in fields":
        # The last picture lasts for two fields, a decoder says one: no sample is in between.
        rate, interval = 25, Fraction(dice.randint(1, 40), 25)
        pairs = _make_in_fields(dice, path, pictures, gop)
        recipe = f"{codec}, {name}, {pictures} pictures, GOP {gop}, pairs {pairs}"
    else:
        format_ = dice.choice(pixels)
        options = _options(dice, codec, gop, has_gops, has_b, format_)
        times = _times(dice, name, pictures)
        make_film(
            path,
            times=times,
            codec=codec,
            rate=rate,
            pixels=format_,
            options=options,
            picture=_picture(dice, format_, codec),
        )
        recipe = f"{codec}, {format_}, {name}, {rate}/s, {times[-1] + 1} ticks, {options}"
        recipe += _operate(dice, path, has_gops and pictures > 5)
    return Film(path, f"seed {seed}: {recipe}, every {interval} s", interval, _clock(name, rate))


def _make_in_fields(dice: random.Random, path: Path, pictures: int, gop: int) -> bool:
    units = field_units(pictures, gop)
    pairs = dice.random() < 0.5
    if path.suffix == ".h264":
        path.write_bytes(b"".join(units))
    elif pairs:
        both = [one + two for one, two in zip(units[::2], units[1::2], strict=True)]
        film_of_packets(path, both, 2, "libx264", (WIDTH, HEIGHT))
    else:
        film_of_packets(path, units, 1, "libx264", (WIDTH, HEIGHT))
    return pairs


def _options(
    dice: random.Random, codec: str, gop: int, has_gops: bool, has_b: bool, pixels: str
) -> dict[str, str]:
    options = {"g": str(gop)} if has_gops else {}
    if has_b:
        options["bf"] = str(dice.randint(0, 3))
    if codec == "libx264":
        extra = dice.choice(("", ":open-gop=1", ":tff=1", ":intra-refresh=1", ":bframes=3"))
        options["x264-params"] = f"log-level=none{extra}"
        options["preset"] = "veryfast"
    if codec == "libx265":
        params = f"log-level=none:keyint={gop}:open-gop={dice.randint(0, 1)}:pools=none"
        options = {"x265-params": params, "preset": "ultrafast"}
    if codec == "mpeg2video" and dice.random() < 0.3:
        options["flags"] = "+ildct+ilme"
    if codec.startswith("libvpx"):
        options |= {"deadline": "realtime", "cpu-used": "8"}
        options["auto-alt-ref"] = "0" if "a" in pixels else str(dice.randint(0, 1))
    if codec == "dnxhd":
        options["profile"] = "dnxhr_sq"
    return options


def _times(dice: random.Random, container: str, pictures: int) -> list[int]:
    """Times of the pictures in ticks; variable where the container allows it."""
    if container not in VARIABLE or dice.random() < 0.5:
        return list(range(pictures))
    steps = [dice.choice((1, 1, 1, 2, 3, 12)) for _ in range(pictures)]
    return [sum(steps[:place]) for place in range(pictures)]


def _picture(dice: random.Random, pixels: str, codec: str) -> Callable[[int], np.ndarray]:
    size = (320, 180) if codec == "dnxhd" else (160, 48)
    noise = np.random.default_rng(dice.randint(0, 9)).integers(0, 256, (*size[::-1], 3))

    def picture(number: int) -> np.ndarray:
        drawn = numbered(number, *size) // 2 + np.roll(noise, number, axis=1) // 4
        return np.ascontiguousarray(drawn.astype(np.uint8))

    return picture


def _operate(dice: random.Random, path: Path, is_long: bool) -> str:
    """Change some MP4 and MOV files as no muxer does; return how."""
    body = path.read_bytes() if path.suffix in (".mp4", ".mov") else b""
    if body.count(b"stss") == 1 and is_long and dice.random() < 0.3:
        without_sync_table(path)
        return ", without a list of keyframes"
    if body.count(b"elst") == 1 and is_long and dice.random() < 0.3:
        with_edit_at(path, begins := dice.randint(0, 2_000))
        return f", edit at {begins}"
    return ""


def _clock(container: str, rate: int) -> Callable[[VideoFrame], int | None]:
    if container == "avi":
        return by_arrival
    if container in RAW:
        numbers = count(0, 1_200_000 // rate)
        return lambda frame: next(numbers)
    return by_pts
