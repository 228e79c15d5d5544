"""From a decoder's frame to plain RGB, with what the film says of how to show it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import av.filter
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    VideoReformatter,
)

from storyboard_ops.domain.sampling.transfer import Transfer

#: ITU-T H.273, table 4: the matrices that libswscale knows. 3 and 0 mean RGB or "reserved".
MATRICES = frozenset({1, 4, 5, 6, 7, 9})
BT2020_MATRICES = frozenset({9, 10})
#: Above these sizes a film that does not say so is BT.709, below them BT.601, as players decide.
SD_WIDTH, SD_HEIGHT = 1024, 576
#: Chroma is interpolated from rows above and below, otherwise at the edge of a picture and in one
#: of fewer than eight rows.
NEIGHBOURS = 8


@dataclass(frozen=True, eq=False)
class CodedPicture:
    """A decoded picture as it is coded: not yet turned, stretched or brought to BT.709."""

    rgb: npt.NDArray[Any] | DeepRows  # (height, width, 3): uint8, or uint16 with ``transfer``
    transfer: Transfer | None  # set for BT.2020 pictures: how light is coded in ``rgb``
    sample_aspect: Fraction | None  # width of a pixel by its height
    matrix: tuple[int, ...] | None  # display matrix, see ``display_matrix``


class DeepRows:
    """The 16-bit R'G'B' of a frame, by rows, converted when asked for: 50 MB in all at 4K."""

    def __init__(self, frame: VideoFrame, scaler: VideoReformatter) -> None:
        self.shape = (frame.height, frame.width, 3)
        self._frame, self._scaler = frame, scaler

    def __getitem__(self, rows: slice) -> npt.NDArray[np.uint16]:
        """Shape (rows, width, 3)."""
        top, bottom, _ = rows.indices(self._frame.height)
        first = max(0, top - top % NEIGHBOURS - NEIGHBOURS)
        last = min(self._frame.height, bottom + -bottom % NEIGHBOURS + NEIGHBOURS)
        band = cropped(self._frame, first, last)
        rgb = converted(band, "rgb48le", self._scaler, whole=self._frame)
        return rgb[top - first : bottom - first]


class PixelConverter:
    """Converts the frames of one film; keeps its scaler between frames."""

    def __init__(self, sample_aspect: Fraction | None) -> None:
        self.sample_aspect = sample_aspect
        self._scaler, self._shrinker = VideoReformatter(), VideoReformatter()
        self._rotation: int | None = None
        self._matrix: tuple[int, ...] | None = None

    def picture(self, frame: VideoFrame) -> CodedPicture:
        """RGB of a decoded frame, full range.

        Interlaced frames are deinterlaced within themselves, so that the picture does not depend
        on which of its neighbours were decoded.
        """
        matrix = self._display_matrix(frame)
        transfer = wide_transfer(frame)
        if frame.interlaced_frame:
            frame = deinterlaced(frame)
        if transfer is None:
            rgb: npt.NDArray[Any] | DeepRows = converted(frame, "rgb24", self._scaler, whole=frame)
        else:
            rgb = deep_rgb(frame, self._scaler)
        return CodedPicture(rgb, transfer, self.sample_aspect, matrix)

    def thumbnail(self, frame: VideoFrame, width: int, height: int) -> npt.NDArray[np.uint8]:
        """A small BGR version of the coded picture, shape (height, width, 3), to compare frames."""
        small = self._shrinker.reformat(
            frame, width=width, height=height, format="bgr24", interpolation="AREA", threads=1
        )
        return np.asarray(small.to_ndarray(), dtype=np.uint8)

    def _display_matrix(self, frame: VideoFrame) -> tuple[int, ...] | None:
        """The display matrix, read when the rotation changes.

        PyAV's side data refers back to its frame, which keeps the frame in memory until Python's
        cycle collector runs: 25 MB at 4K with 10 bits, so a tiny copy is asked.
        """
        if frame.rotation != self._rotation:
            tiny = self._shrinker.reformat(
                frame, width=16, height=16, format="rgb24", src_colorspace=colour_matrix(frame)
            )
            self._rotation, self._matrix = frame.rotation, display_matrix(tiny)
        return self._matrix


def deep_rgb(frame: VideoFrame, scaler: VideoReformatter) -> npt.NDArray[np.uint16] | DeepRows:
    """By rows, or all at once where the chroma of rows alone comes out otherwise.

    That is where it has half a row too many: it is stretched over the whole picture.
    """
    rows = DeepRows(frame, scaler)
    is_whole = all(frame.height % plane.height == 0 for plane in frame.planes)
    return rows if is_whole else rows[:]


def converted(
    frame: VideoFrame, pixel_format: str, scaler: VideoReformatter, whole: VideoFrame
) -> npt.NDArray[Any]:
    """RGB of a frame, full range; the frame that it is cut from, or itself, tells its colours."""
    full = whole.color_range == ColorRange.JPEG or whole.format.is_rgb
    rgb = scaler.reformat(
        frame,
        format=pixel_format,
        src_colorspace=colour_matrix(whole),
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        threads=1,
    )
    return np.asarray(rgb.to_ndarray())


def colour_matrix(frame: VideoFrame) -> int:
    """The YCbCr matrix, as ITU-T H.273 numbers it; guessed by size where the film says nothing."""
    if frame.colorspace in BT2020_MATRICES:
        return int(Colorspace.BT2020)
    if frame.colorspace in MATRICES:
        return int(frame.colorspace)
    is_hd = frame.width > SD_WIDTH or frame.height > SD_HEIGHT
    return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)


def wide_transfer(frame: VideoFrame) -> Transfer | None:
    """How a picture that a standard screen cannot show is coded, or None for a standard one."""
    if frame.color_trc == ColorTrc.SMPTE2084:
        return "pq"
    if frame.color_trc == ColorTrc.ARIB_STD_B67:
        return "hlg"
    return "gamma" if frame.color_primaries == ColorPrimaries.BT2020 else None


def display_matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    """The container's 3x3 display matrix, row by row, 16.16 fixed point; None where it has none."""
    side = frame.side_data.get("DISPLAYMATRIX")
    return None if side is None else struct.unpack("=9i", bytes(cast(SideData, side))[:36])


def deinterlaced(frame: VideoFrame) -> VideoFrame:
    """One progressive frame from the first field of an interlaced one, edges followed (estdif)."""
    return filtered(frame, "estdif", mode="frame", deint="interlaced")


def cropped(frame: VideoFrame, top: int, bottom: int) -> VideoFrame:
    """Rows of a frame, in its own memory; ``top`` is a multiple of its step of chroma."""
    return filtered(frame, "crop", exact="1", h=f"{bottom - top}", x="0", y=f"{top}")


def filtered(frame: VideoFrame, name: str, **options: str) -> VideoFrame:
    """A frame through one of libavfilter's filters."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=Fraction(1, 1000),
    )
    graph.link_nodes(source, graph.add(name, **options), graph.add("buffersink")).configure()
    graph.push(frame)
    graph.push(None)
    result = graph.pull()
    assert isinstance(result, VideoFrame)
    return result
