"""The sampler alone: ``python -m storyboard_ops.steps.frames_cli VIDEO INTERVAL OUT``.

Writes ``OUT/<k>.png`` for every sample and ``OUT/manifest.jsonl``: pts, time base and seconds of
each, and whether it would be kept or dropped and why.
"""

from __future__ import annotations

import argparse
import logging
import sys
from fractions import Fraction
from pathlib import Path

from storyboard_ops.core.frame_triage import Triage
from storyboard_ops.core.picture_codec import encode_png
from storyboard_ops.core.picture_shape import Picture
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import BadInput, SettingsError
from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.manifest_codec import encode_manifest, sha256_hex
from storyboard_ops.domain.run_settings import RunSettings
from storyboard_ops.gateways.byte_source import open_local_or_web
from storyboard_ops.steps.film_decoder import open_film
from storyboard_ops.steps.film_samples import (
    sampled_frames,
    sampling_summary,
    triage_limits,
    video_ref,
)

log = logging.getLogger(__name__)

UNUSABLE_INPUT = 2  # exit status
#: Seconds; no film shows pictures faster.
LEAST_INTERVAL = Fraction(1, 1000)


def write_frames(video: str, interval: Fraction, out: Path) -> list[Frame]:
    """Sample a file or URL into a folder; returns the records that stand in its manifest.

    Raises VideoUnreadable, ObjectMissing or SettingsError with the reason.
    """
    if video.startswith("s3://"):
        raise SettingsError(f"{video} lies in S3; give a path or an https link, or use make run.")
    if out.exists() and not out.is_dir():
        raise SettingsError(f"OUT is {out}, a file; give a folder to write to.")
    source = open_local_or_web(video)
    decoder = open_film(source)
    clock = decoder.clock(interval)
    out.mkdir(parents=True, exist_ok=True)

    def keep(frame: Frame, picture: Picture) -> tuple[str, str]:
        body = encode_png(picture)
        name = f"{frame.k}.png"
        (out / name).write_bytes(body)
        return name, sha256_hex(body)

    # The defaults of the thresholds; the video and workspace of a run play no part here.
    triage = Triage(triage_limits(RunSettings(videos=["s3://none/none"])))
    frames = list(sampled_frames(decoder, clock, range(clock.count), triage, keep))
    summary = sampling_summary(frames, decoder.index.lost)
    digest = digest_of("frames", video_ref(source), str(interval))
    (out / "manifest.jsonl").write_bytes(encode_manifest("frames", digest, frames, summary))
    if decoder.index.lost:
        log.warning("%s: %s", source.uri, decoder.index.lost)
    log.info("%d frames in %s: %s", len(frames), out, summary)
    return frames


def parse_interval(text: str) -> Fraction:
    """Seconds as ``1``, ``0.5`` or ``1/24``; raises SettingsError naming the allowed range."""
    try:
        interval = Fraction(text)
    except (ValueError, ZeroDivisionError):
        interval = Fraction(0)
    if not LEAST_INTERVAL <= interval <= 86_400:
        raise SettingsError(
            f"INTERVAL is {text!r}; give 0.001 to 86400 seconds, such as 1, 0.5 or 1/24."
        )
    return interval


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(prog="frames", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("video", help="path or http(s) URL of the film")
    parser.add_argument("interval", help="seconds between samples: 1, 0.5 or 1/24")
    parser.add_argument("out", type=Path, help="folder to write to")
    given = parser.parse_args(arguments)
    try:
        write_frames(given.video, parse_interval(given.interval), given.out)
    except BadInput as error:
        log.error("%s", error)
        return UNUSABLE_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
