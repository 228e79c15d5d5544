"""Films for the sampling benchmark: real footage, scaled and coded as films are delivered.

Each is coded once and kept. Longer ones repeat the packets of a short one, so that only their
length differs.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

#: The clips, one after the other: drawn animation with many cuts, then rendered animation.
CLIPS = ("penny_chip_A_40s.mp4", "sintel_trailer_first30s.mp4")


@dataclass(frozen=True)
class FilmKind:
    """How a film is coded. size: width, height. codec: options of ffmpeg, whose names all use."""

    name: str
    size: tuple[int, int]
    seconds: int
    codec: tuple[str, ...]
    pixels: str = "yuv420p"
    primaries: str = "bt709"
    transfer: str = "bt709"
    matrix: str = "bt709"


X264 = ("-c:v", "libx264", "-preset", "medium", "-crf", "20")
X265 = ("-c:v", "libx265", "-preset", "fast", "-crf", "23", "-tag:v", "hvc1")
#: Fast to encode, with as many reference frames as usual films have: a decoder holds them.
X265_FAST = (*X265, "-preset", "ultrafast", "-x265-params", "log-level=error:ref=3:bframes=4")
HDR10 = ("yuv420p10le", "bt2020", "smpte2084", "bt2020nc")

KINDS = {
    kind.name: kind
    for kind in (
        FilmKind("1080p H.264, GOP 48", (1920, 1080), 60, (*X264, "-g", "48")),
        FilmKind("1080p H.264, GOP 250", (1920, 1080), 60, (*X264, "-g", "250")),
        FilmKind("1080p HEVC", (1920, 1080), 60, (*X265, "-x265-params", "log-level=error")),
        FilmKind("4K H.264", (3840, 2160), 20, (*X264, "-preset", "veryfast")),
        FilmKind("4K HDR10 HEVC", (3840, 2160), 10, X265_FAST, *HDR10),
        FilmKind("480p H.264", (854, 480), 30, (*X264, "-preset", "veryfast")),
        FilmKind("720p H.264, GOP 24", (1280, 720), 30, (*X264, "-preset", "veryfast", "-g", "24")),
    )
}


def coded_film(kind: FilmKind, footage: Path, folder: Path) -> Path:
    """The film as an MP4; the first call encodes it."""
    path = folder / f"{kind.name.replace(' ', '_').replace(',', '')}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    width, height = kind.size
    inputs = [part for clip in CLIPS for part in ("-i", str(footage / "clips" / clip))]
    scaled = f"scale={width}:{height}:out_color_matrix={kind.matrix.removesuffix('nc')}"
    fit = f"{scaled},setsar=1,fps=24,format={kind.pixels}"
    graph = ";".join(f"[{n}:v]{fit}[v{n}]" for n in range(len(CLIPS)))
    joined = "".join(f"[v{n}]" for n in range(len(CLIPS))) + f"concat=n={len(CLIPS)}[v]"
    unfinished = path.with_suffix(".part.mp4")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs]
    command += ["-filter_complex", f"{graph};{joined}", "-map", "[v]", "-an"]
    command += ["-t", str(kind.seconds), *kind.codec, "-colorspace", kind.matrix]
    command += ["-color_primaries", kind.primaries, "-color_trc", kind.transfer, str(unfinished)]
    subprocess.run(command, check=True)
    unfinished.rename(path)
    return path


def repeated(path: Path, times: int) -> Path:
    """The film repeated `times` times; packets are copied, not coded again."""
    long = path.with_name(f"{path.stem}_x{times}.mp4")
    if long.exists():
        return long
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        packets = [packet for packet in source.demux(stream) if packet.size]
        assert stream.time_base is not None
        length = round(Fraction(len(packets), 24) / stream.time_base)
        with av.open(str(long), "w") as film:
            copy = film.add_stream_from_template(stream)
            coded = [(bytes(p), p.pts, p.dts, p.is_keyframe) for p in packets]
            for turn in range(times):
                for body, pts, dts, is_keyframe in coded:
                    assert pts is not None and dts is not None
                    packet = av.Packet(body)
                    packet.stream = copy
                    packet.time_base = stream.time_base
                    packet.pts, packet.dts = pts + turn * length, dts + turn * length
                    packet.is_keyframe = is_keyframe
                    film.mux(packet)
    return long
