"""Run the sampler alone: ``python -m storyboard_ops.cli.frames VIDEO INTERVAL OUT``.

Writes ``OUT/<k>.png`` for every sample and ``OUT/manifest.jsonl``: pts, time base and seconds of
each, and whether it would be kept or dropped and why. The manifest is written last: OUT contains a
complete result when there is a manifest, and none otherwise. A call replaces the files of an
earlier call; a call that does not finish removes its pictures.
"""

from __future__ import annotations

import argparse
import logging
import sys
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryFile

from storyboard_ops.cli.terminal_log import log_to_terminal
from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.codec import encode_png_fast
from storyboard_ops.core.pictures.picture_header import JPEG, PNG
from storyboard_ops.core.sampling.triage import Triage
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import (
    BadInput,
    ManifestCorrupt,
    SettingsError,
    StoryboardError,
    VideoUnreadable,
)
from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.manifest_codec import decode_manifest, encode_manifest, sha256_hex
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.sampling.byte_source import ByteSource, open_local_or_web
from storyboard_ops.steps.run.progress import Progress
from storyboard_ops.steps.sampling.film_decoder import open_film
from storyboard_ops.steps.sampling.film_samples import (
    describe_sampling,
    reason_dropped,
    sampled_frames,
    sampling_summary,
    triage_limits,
    video_ref,
)

log = logging.getLogger(__name__)

MANIFEST = "manifest.jsonl"
FAILED, UNUSABLE_INPUT, INTERRUPTED = 1, 2, 130  # exit statuses
#: Seconds; no film has a higher frame rate.
LEAST_INTERVAL = Fraction(1, 1000)
#: Bytes of a file's head that show a picture.
HEAD_BYTES = 16


def write_frames(
    video: str, interval: Fraction, out: Path, *, private: bool = False
) -> list[Frame]:
    """Sample a file or URL into a folder and return the records of its manifest.

    ``private``: the URL may lead to a private address, e.g. of this machine.
    Raises VideoUnreadable, ObjectMissing or SettingsError with the reason.
    """
    if video.startswith("s3://"):
        raise SettingsError(f"{video} is in S3; give a path or an https link, or use make run.")
    if out.exists() and not out.is_dir():
        raise SettingsError(f"OUT is {out}, a file; give a folder.")
    with closing(open_local_or_web(video, private=private)) as source:
        if source.read(0, HEAD_BYTES).startswith((PNG, JPEG)):
            raise VideoUnreadable(source.uri, "it is a still picture; give a film.")
        return _sample_into(out, source, interval)


def _require_folder(out: Path) -> None:
    """Make the folder and try to write in it: a film may take an hour to sample."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise SettingsError(
            f"OUT is {out}, which cannot be written: {error.strerror}. Give another folder, or "
            "correct its permissions."
        ) from error


def _sample_into(out: Path, source: ByteSource, interval: Fraction) -> list[Frame]:
    decoder = open_film(source)
    clock = decoder.clock(interval)
    remove_earlier(out)
    _require_folder(out)
    unfinished = out / f"{MANIFEST}.part"
    written = [out / MANIFEST, unfinished]

    def write_picture(frame: Frame, picture: Picture) -> tuple[str, str]:
        path, body = out / f"{frame.k}.png", encode_png_fast(picture)
        written.append(path)
        path.write_bytes(body)
        return path.name, sha256_hex(body)

    # Default thresholds; the video and workspace of these settings are not used.
    triage = Triage(triage_limits(RunSettings(videos=["s3://none/none"])))
    samples = range(clock.count)
    try:
        sampled = sampled_frames(decoder, clock, samples, triage, write_picture)
        progress = Progress("Sampled", len(samples), "frames")
        frames = list(progress.over(sampled, reason_dropped))
        summary = sampling_summary(frames, decoder.index.lost)
        digest = digest_of("frames", video_ref(source), str(interval))
        unfinished.write_bytes(encode_manifest("frames", digest, frames, summary))
        unfinished.replace(out / MANIFEST)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    if decoder.index.lost:
        log.warning("%s: %s", source.uri, decoder.index.lost)
    log.info("%s: %s", out, describe_sampling(summary))
    return frames


def remove_earlier(out: Path) -> None:
    """Remove the files of an earlier call, its manifest first, and nothing else.

    Raises SettingsError when OUT contains numbered pictures or a manifest of other origin.
    """
    named = {frame.uri for frame in _earlier_frames(out / MANIFEST)}
    numbered = {path.name for path in out.glob("*.png") if path.stem.isdecimal()}
    if strangers := numbered - named:
        raise SettingsError(
            f"OUT is {out}, and no manifest there lists its {min(strangers)}; remove the numbered "
            "pictures or give another folder."
        )
    (out / MANIFEST).unlink(missing_ok=True)
    for name in numbered:
        (out / name).unlink()


def _earlier_frames(manifest: Path) -> tuple[Frame, ...]:
    if not manifest.exists():
        return ()
    try:
        return decode_manifest(manifest.read_bytes(), Frame, "frames").records
    except ManifestCorrupt as error:
        raise SettingsError(
            f"{manifest} was not written by this command; give another folder."
        ) from error


def parse_interval(text: str) -> Fraction:
    """Parse seconds such as ``1``, ``0.5`` or ``1/24``; raises SettingsError with the range."""
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
    """Run the command and return its exit status."""
    log_to_terminal()
    parser = argparse.ArgumentParser(prog="frames", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("video", help="path or http(s) URL of the film")
    parser.add_argument("interval", help="seconds between samples: 1, 0.5 or 1/24")
    parser.add_argument("out", type=Path, help="folder of the pictures and the manifest")
    parser.add_argument(
        "--private", action="store_true", help="allow a URL of a private address or this machine"
    )
    given = parser.parse_args(arguments)
    try:
        interval = parse_interval(given.interval)
        write_frames(given.video, interval, given.out, private=given.private)
    except StoryboardError as error:
        log.error("%s", error)
        return UNUSABLE_INPUT if isinstance(error, BadInput) else FAILED
    except OSError as error:
        log.error("%s; nothing was kept.", error)
        return FAILED
    except KeyboardInterrupt:
        log.error("Interrupted; nothing was kept.")
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
