"""Settings of a run's films, and which of their frames are sampled."""

from __future__ import annotations

from fractions import Fraction

from pydantic import Field, field_validator

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.sampling.image_sequences import sequence_fault
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.form import (
    FILM,
    S3_PREFIX_PATTERN,
    PerProduction,
    Share,
    VideoUri,
    under,
)


@under(FILM)
class FilmsSection(Settings):
    """The films."""

    videos: list[VideoUri] = Field(
        min_length=1,
        max_length=500,
        title="Videos",
        description="S3 URIs of the films or clips, one per line, e.g. s3://studio/videos/film.mp4.",
    )

    @field_validator("videos")
    @classmethod
    def _each_a_film(cls, videos: list[str]) -> list[str]:
        if faults := list(filter(None, map(sequence_fault, videos))):
            raise ValueError(faults[0])
        return videos

    @field_validator("videos")
    @classmethod
    def _each_video_once(cls, videos: list[str]) -> list[str]:
        twice = sorted({uri for uri in videos if videos.count(uri) > 1})
        if twice:
            raise ValueError(f"listed more than once: {', '.join(twice)}; list each video once")
        try:
            list(map(S3Uri.parse, videos))
        except SettingsError as error:
            raise ValueError(str(error)) from error
        return videos


@under(FILM)
class ProductionSection(Settings):
    """The production of a run, and where it writes."""

    production: str = Field(
        "paper-lantern",
        min_length=1,
        max_length=1024,
        title="Production file",
        description=(
            "Name of a file in include/productions (without .yaml), or the S3 URI of one. "
            "It names the characters and their reference pictures; `make production VIDEO=…` makes "
            "one from your films."
        ),
    )
    workspace: str = Field(
        "s3://storyboard-studio",
        pattern=S3_PREFIX_PATTERN,
        title="Workspace",
        description="Bucket, and prefix if you like, that everything is written under.",
    )


@under(FILM)
class SamplingSection(Settings):
    """Which frames are sampled, and which of them are sent to detection."""

    sample_interval_s: PerProduction[float] = Field(
        1.0,
        ge=0.04,
        le=600,
        title="Sampling interval (seconds)",
        description="One frame is taken every so many seconds of film.",
    )
    shard_minutes: PerProduction[float] = Field(
        10.0,
        ge=0.25,
        le=240,
        title="Shard length (minutes)",
        description="Long films are cut into ranges of about this length, sampled in parallel.",
    )
    black_below: PerProduction[Share] = Field(
        0.08,
        title="Black below",
        description="A frame whose brightest 2 % are darker than this (0: black) is dropped.",
    )
    white_above: PerProduction[Share] = Field(
        0.92,
        title="White above",
        description="A frame whose darkest 2 % are brighter than this is dropped.",
    )
    blurred_below: PerProduction[float] = Field(
        12.0,
        ge=0,
        le=10_000,
        title="Blurred below",
        description=(
            "A frame is dropped when the variance of its Laplacian, on half-scale luma, is lower."
        ),
    )
    title_above: PerProduction[Share] = Field(
        0.85,
        title="Title card above",
        description=(
            "A title card or credits: a frame with one flat ground, where more than this share "
            "of what stands on it is lines of letters, is dropped."
        ),
    )
    cut_above: PerProduction[Share] = Field(
        0.24,
        title="Cut above",
        description=(
            "Two consecutive samples that differ by more than this in colours and layout belong "
            "to different shots."
        ),
    )
    exact_cuts: PerProduction[bool] = Field(
        False,
        title="Exact cuts",
        description=(
            "Find shots by comparing every frame (PySceneDetect) and not the samples alone. Costs "
            "a full decode of the film, several times the time of sampling."
        ),
    )
    identical_above: PerProduction[float] = Field(
        0.97,
        ge=0.5,
        le=1,
        title="Near-identical above",
        description="A frame this like the last kept one of its shot is dropped before it costs.",
    )

    @property
    def interval(self) -> Fraction:
        """The sampling interval in seconds, exact: 0.1 is one tenth."""
        return Fraction(str(self.sample_interval_s))

    @property
    def sampling_digest(self) -> str:
        """Digest of everything that decides which frames are kept."""
        return digest_of(
            str(self.interval),
            self.black_below,
            self.white_above,
            self.blurred_below,
            self.title_above,
            self.identical_above,
            self.cut_above,
            *(["exact cuts"] if self.exact_cuts else []),
        )


class FilmSettings(SamplingSection, FilmsSection):
    """The films, and which of their frames are sampled."""


@under(FILM)
class LossSection(Settings):
    """How much of its material a run may lose."""

    max_lost_share: Share = Field(
        0.5,
        title="Largest lost share",
        description=(
            "A step stops when more than this share of its videos, frames, pictures or panels "
            "cannot be used."
        ),
    )
