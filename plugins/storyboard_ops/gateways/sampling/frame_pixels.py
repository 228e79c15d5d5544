"""Convert a decoder's frame to RGB, and read from it how the picture must be displayed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
import av.filter
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    VideoReformatter,
)

from storyboard_ops.domain.sampling.transfer import Transfer

#: ITU-T H.273, table 4: the matrices that libswscale supports. 3 and 0 are "reserved" and RGB.
MATRICES = frozenset({1, 4, 5, 6, 7, 9})
BT2020_MATRICES = frozenset({9, 10})
#: A film that names no matrix is BT.709 above either size, else BT.601, as players assume.
SD_WIDTH, SD_HEIGHT = 1024, 576
#: Rows converted above and below a band: chroma is interpolated from the rows around it, and
#: differently at the edge of a picture or in fewer than eight rows.
NEIGHBOURS = 8


def name_unknown_kind(kinds: type[Type], number: int) -> Type:
    """Make a name for a kind of side data that libav knows and PyAV does not, such as EXIF.

    Without one, PyAV raises ValueError for a frame's whole side data.
    """
    kind = object.__new__(kinds)
    kind._name_ = f"UNKNOWN_{number}"
    kind._value_ = number  # type: ignore[assignment]
    return kind


Type._missing_ = classmethod(name_unknown_kind)  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class CodedPicture:
    """A decoded picture as coded: not yet rotated, stretched or tone-mapped to BT.709."""

    rgb: npt.NDArray[Any] | DeepRows  # (height, width, 3): uint8, or uint16 with ``transfer``
    transfer: Transfer | None  # for BT.2020 pictures, the transfer function of ``rgb``
    sample_aspect: Fraction | None  # width of a pixel over its height
    matrix: tuple[int, ...] | None  # display matrix, see ``display_matrix``
    alpha: npt.NDArray[np.uint8] | None  # (height, width); None where nothing is transparent


class DeepRows:
    """The 16-bit R'G'B' of a frame, converted by rows on demand: the whole takes 50 MB at 4K."""

    def __init__(self, frame: VideoFrame, scaler: VideoReformatter) -> None:
        self.shape = (frame.height, frame.width, 3)
        self._frame, self._scaler = frame, scaler

    def __getitem__(self, rows: slice) -> npt.NDArray[np.uint16]:
        """Convert some rows; returns (rows, width, 3) uint16."""
        top, bottom, _ = rows.indices(self._frame.height)
        first = max(0, top - top % NEIGHBOURS - NEIGHBOURS)
        last = min(self._frame.height, bottom + -bottom % NEIGHBOURS + NEIGHBOURS)
        band = crop_rows(self._frame, first, last)
        rgb = convert_frame(band, "rgb48le", self._scaler, whole=self._frame)
        return rgb[top - first : bottom - first]


class PixelConverter:
    """Converts the frames of one film; reuses its scalers between frames."""

    def __init__(self, sample_aspect: Fraction | None) -> None:
        self.sample_aspect = sample_aspect
        self._scaler, self._shrinker = VideoReformatter(), VideoReformatter()
        self._rotation: int | None = None
        self._matrix: tuple[int, ...] | None = None

    def picture(self, frame: VideoFrame) -> CodedPicture:
        """Convert a decoded frame to full-range RGB.

        Interlaced frames are deinterlaced without their neighbours, so that the picture does not
        depend on which other frames were decoded.
        """
        matrix = self._display_matrix(frame)
        transfer = wide_transfer(frame)
        if frame.interlaced_frame:
            frame = deinterlace(frame)
        alpha = alpha_plane(frame, self._scaler) if may_be_transparent(frame) else None
        if transfer is None:
            rgb: npt.NDArray[Any] | DeepRows = convert_frame(
                frame, "rgb24", self._scaler, whole=frame
            )
        else:
            rgb = deep_rgb(frame, self._scaler)
        return CodedPicture(rgb, transfer, self.sample_aspect, matrix, alpha)

    def thumbnail(self, frame: VideoFrame, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Shrink the coded picture to compare frames; returns (height, width, 3) uint8 BGR."""
        small = self._shrinker.reformat(
            frame, width=width, height=height, format="bgr24", interpolation="AREA", threads=1
        )
        return np.asarray(small.to_ndarray(), dtype=np.uint8)

    def _display_matrix(self, frame: VideoFrame) -> tuple[int, ...] | None:
        """Return the display matrix, which is read again when the rotation changes.

        PyAV's side data refers back to its frame, which keeps the frame, 25 MB at 4K with 10 bits,
        in memory until Python's cycle collector runs. So the matrix is read from a tiny copy.
        """
        if frame.rotation != self._rotation:
            tiny = self._shrinker.reformat(
                frame, width=16, height=16, format="rgb24", src_colorspace=colour_matrix(frame)
            )
            self._rotation, self._matrix = frame.rotation, display_matrix(tiny)
        return self._matrix


def may_be_transparent(frame: VideoFrame) -> bool:
    """Return whether a frame has an alpha channel, or a palette whose colours may have one."""
    kind = frame.format
    return kind.has_palette or any(component.is_alpha for component in kind.components)


def alpha_plane(frame: VideoFrame, scaler: VideoReformatter) -> npt.NDArray[np.uint8] | None:
    """Return the alpha of a frame, (height, width); None when all of it is opaque."""
    alpha = convert_frame(frame, "rgba", scaler, whole=frame)[..., 3]
    return None if alpha.min() == 255 else np.asarray(alpha, dtype=np.uint8)


def deep_rgb(frame: VideoFrame, scaler: VideoReformatter) -> npt.NDArray[np.uint16] | DeepRows:
    """Return the 16-bit R'G'B' of a frame, (height, width, 3), by rows where that is exact.

    It is not exact when the height is no multiple of a chroma row: libswscale then stretches the
    chroma over the whole picture.
    """
    rows = DeepRows(frame, scaler)
    is_whole = all(frame.height % plane.height == 0 for plane in frame.planes)
    return rows if is_whole else rows[:]


def convert_frame(
    frame: VideoFrame, pixel_format: str, scaler: VideoReformatter, whole: VideoFrame
) -> npt.NDArray[Any]:
    """Convert a frame to full-range RGB with the colours of ``whole``, which it is cropped from."""
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
    """Return the YCbCr matrix by its number in ITU-T H.273; without one, guess it from the size."""
    if frame.colorspace in BT2020_MATRICES:
        return int(Colorspace.BT2020)
    if frame.colorspace in MATRICES:
        return int(frame.colorspace)
    is_hd = frame.width > SD_WIDTH or frame.height > SD_HEIGHT
    return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)


def wide_transfer(frame: VideoFrame) -> Transfer | None:
    """Return the transfer function of an HDR or wide-gamut frame; None for a standard one."""
    if frame.color_trc == ColorTrc.SMPTE2084:
        return "pq"
    if frame.color_trc == ColorTrc.ARIB_STD_B67:
        return "hlg"
    return "gamma" if frame.color_primaries == ColorPrimaries.BT2020 else None


def display_matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    """Return the container's 3x3 display matrix, row by row, 16.16 fixed point; None if absent."""
    side = frame.side_data.get("DISPLAYMATRIX")
    return None if side is None else struct.unpack("=9i", bytes(cast(SideData, side))[:36])


def deinterlace(frame: VideoFrame) -> VideoFrame:
    """Make a progressive frame from the first field, interpolating along edges (estdif)."""
    return apply_filter(frame, "estdif", mode="frame", deint="interlaced")


def crop_rows(frame: VideoFrame, top: int, bottom: int) -> VideoFrame:
    """Return some rows of a frame without a copy; ``top`` is a multiple of the chroma step."""
    return apply_filter(frame, "crop", exact="1", h=f"{bottom - top}", x="0", y=f"{top}")


def apply_filter(frame: VideoFrame, name: str, **options: str) -> VideoFrame:
    """Pass a frame through one of libavfilter's filters."""
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
