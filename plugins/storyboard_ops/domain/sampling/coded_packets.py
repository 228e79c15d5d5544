"""Records passed between the demuxer, the plan and the decoder.

A packet contains one coded picture. Packets are in decode order and identified by their row, which
counts from the first packet of the film's stream. Time is in integer ticks of the stream's time
base.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

#: Value for "the container has no time stamp", as in libav.
NO_PTS = -(2**63)


@dataclass(frozen=True, eq=False)
class CodedPackets:
    """One item per packet in each column, all of type code ``q`` (signed 64 bits)."""

    pts: array[int]  # ticks; NO_PTS where the container has none
    dts: array[int]  # ticks; NO_PTS where the container has none
    duration: array[int]  # ticks; 0 where unknown
    position: array[int]  # byte offset in the file; -1 where unknown
    size: array[int]  # bytes
    keyframe: array[int]  # 1: decoding may start here
    disposable: array[int]  # 1: no other picture references this one
    discard: array[int]  # 1: decoded but never shown, because it is before the edit list's start


@dataclass(frozen=True, eq=False)
class PacketPlaces:
    """Positions of a container's packets, one item per row: enough to seek to any of them."""

    pts: Sequence[int]  # ticks
    position: Sequence[int]  # byte offset in the file; each occurs once
    size: Sequence[int]  # bytes


@dataclass(frozen=True, eq=False)
class StreamFacts:
    """What a container says about its film, uninterpreted."""

    uri: str
    file_size: int  # bytes
    end: int  # byte offset where readable data ends; any rest of the file is a truncated table
    container: str  # libav's name of the format, e.g. "mov,mp4,m4a,3gp,3g2,mj2"
    stream: int  # number of the video stream in the container
    codec: str  # libav's name of the codec, e.g. "h264"
    time_base: Fraction  # seconds per tick
    frame_rate: Fraction | None  # frames per second, if the container or codec says
    duration: Fraction | None  # of the stream in seconds, if the container says
    reordered: bool  # display order differs from decode order
    hollow: bool  # the head of the file has the position of every packet
    cut_off: bool  # the file ends before its container does
    torn: bool  # the last packet is flagged as corrupt
    failure: str  # why reading ended early; empty when it reached the end
    packets: CodedPackets


@dataclass(frozen=True)
class Stretch:
    """Consecutive packets to decode together, from a keyframe to the last wanted picture."""

    rows: tuple[int, ...]  # sent to the decoder, in decode order
    wanted: frozenset[int]  # rows to return; every other row is sent as reference only
    entry: int = -1  # row of a keyframe that must prove to be one; -1: none is known to come out
