"""Sample and triage the frames of a film, whatever their source and destination.

Shared by the task that samples a shard and the command that samples one file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.sampling.plan import SampleClock
from storyboard_ops.core.sampling.shots import KnownCuts, anchor_before
from storyboard_ops.core.sampling.triage import Triage, TriageLimits
from storyboard_ops.core.text.wording import count_in_words, pluralize
from storyboard_ops.domain.image_records import Frame, VideoRef
from storyboard_ops.domain.settings.films import SamplingSection
from storyboard_ops.gateways.sampling.byte_source import ByteSource, content_id
from storyboard_ops.steps.sampling.film_decoder import FilmDecoder

#: Stores a sample's picture; returns (URI, SHA-256 of the stored bytes), or two empty strings.
Keeper = Callable[[Frame, Picture], tuple[str, str]]


def video_ref(source: ByteSource) -> VideoRef:
    """Describe the version of a video that a source reads."""
    return VideoRef(
        uri=source.uri, version=source.version, sha256=content_id(source), size=source.size
    )


def triage_limits(settings: SamplingSection) -> TriageLimits:
    """Return the triage thresholds of a run."""
    return TriageLimits(
        black_below=settings.black_below,
        white_above=settings.white_above,
        blurred_below=settings.blurred_below,
        title_above=settings.title_above,
        identical_above=settings.identical_above,
        cut_above=settings.cut_above,
    )


def make_triage(
    settings: SamplingSection, decoder: FilmDecoder, clock: SampleClock, samples: range
) -> Triage:
    """Make the triage of some samples of a film, by a run's settings."""
    limits = triage_limits(settings)
    if not settings.exact_cuts:
        return Triage(limits)
    judged = range(anchor_before(samples.start), samples.stop)
    return Triage(limits, KnownCuts(decoder.first_samples_of_shots(clock, judged)))


def reason_dropped(frame: Frame) -> str:
    """Return why triage dropped a sample; empty for one that is kept."""
    return frame.dropped.reason if frame.dropped else ""


def sampled_frames(
    decoder: FilmDecoder,
    clock: SampleClock,
    samples: range,
    triage: Triage,
    keep: Keeper,
) -> Iterator[Frame]:
    """Yield the records of the samples in order, dropped ones too; ``keep`` stores each picture.

    Sampling begins at the anchor before the first sample, so that shots and near-identical frames
    are the same as when the film is sampled as a whole.
    """
    video = video_ref(decoder.source)
    first = anchor_before(samples.start)
    for sample in decoder.samples(clock, first, samples.stop):
        verdict = triage.judge(sample.k, sample.picture)
        if sample.k not in samples:
            continue
        frame = Frame(
            video=video,
            k=sample.k,
            pts=sample.pts,
            time_base=f"{clock.time_base.numerator}/{clock.time_base.denominator}",
            start_pts=clock.start,
            width=sample.picture.shape[1],
            height=sample.picture.shape[0],
            shot=verdict.shot,
            scores=verdict.scores,
            dropped=verdict.dropped,
            transparent=sample.transparent,
        )
        uri, sha256 = keep(frame, sample.picture)
        del sample  # frees 25 MB at 4K while the next is decoded
        yield frame.model_copy(update={"uri": uri, "sha256": sha256})


def describe_sampling(summary: Mapping[str, Any]) -> str:
    """Write a summary as a sentence; what is lost of a film is reported on its own."""
    dropped, shots = summary["dropped"], pluralize(summary["shots"], "shot")
    count = pluralize(summary["kept"] + sum(dropped.values()), "sample")
    why = f" ({count_in_words(dropped)})" if dropped else ""
    return f"{count} in {shots}: {summary['kept']:,} kept, {sum(dropped.values()):,} dropped{why}."


def sampling_summary(frames: Sequence[Frame], lost: str) -> dict[str, Any]:
    """Summarize for the report how many samples were kept or dropped, and what is lost.

    Every dropped sample saves a paid detection.
    """
    reasons = Counter(frame.dropped.reason for frame in frames if frame.dropped)
    return {
        "kept": len(frames) - reasons.total(),
        "dropped": dict(sorted(reasons.items())),
        "calls_saved": reasons.total(),
        "shots": len({frame.shot for frame in frames}),
        "transparent": sum(frame.transparent for frame in frames),
        "lost": lost,
    }
