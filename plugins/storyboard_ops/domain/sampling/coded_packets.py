"""What passes between the demuxer, the plan and the decoder: packets in, rows to decode out.

A packet holds one coded picture. Packets stand in decode order and are known by their row, counted
from the first of the film's stream. Time is in integer ticks of the stream's time base.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

#: The value that stands for "the container gives no time stamp"; libav uses the same one.
NO_PTS = -(2**63)


@dataclass(frozen=True, eq=False)
class CodedPackets:
    """One item per packet in each column, all of type code ``q`` (signed 64 bits)."""

    pts: array[int]  # ticks; NO_PTS where the container gives none
    dts: array[int]  # ticks; NO_PTS where the container gives none
    duration: array[int]  # ticks; 0 where unknown
    position: array[int]  # byte offset in the file; -1 where unknown
    size: array[int]  # bytes
    keyframe: array[int]  # 1: decoding may start here
    disposable: array[int]  # 1: no other picture refers to this one
    discard: array[int]  # 1: decoded, never shown: it lies before an edit list's start


@dataclass(frozen=True, eq=False)
class PacketPlaces:
    """Where a container's packets lie, one item per row: enough to enter it at one of them."""

    pts: Sequence[int]  # ticks
    position: Sequence[int]  # byte offset in the file; each occurs once
    size: Sequence[int]  # bytes


@dataclass(frozen=True, eq=False)
class StreamFacts:
    """What a container says of its film, before anything is concluded from it."""

    uri: str
    file_size: int  # bytes
    end: int  # of what can be read: the rest of the file, if there is one, breaks off in a table
    container: str  # libav's name of the format, e.g. "mov,mp4,m4a,3gp,3g2,mj2"
    stream: int  # number of the video stream in the container
    time_base: Fraction  # seconds per tick
    frame_rate: Fraction | None  # frames per second, as far as the container or codec says
    duration: Fraction | None  # seconds that the stream is said to last
    reordered: bool  # the decoder shows pictures in another order than they are coded in
    hollow: bool  # the head of the file tells where every packet is
    cut_off: bool  # the file ends before its container does
    torn: bool  # the last packet is flagged as broken
    failure: str  # why reading ended early; empty when it reached the end
    packets: CodedPackets


@dataclass(frozen=True)
class Stretch:
    """A run of packets that is decoded in one go, from a keyframe to its last wanted picture."""

    rows: tuple[int, ...]  # what is sent to the decoder, in decode order
    wanted: frozenset[int]  # what must come out; every other row is sent as reference only
