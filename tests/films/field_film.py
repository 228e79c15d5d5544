"""H.264 whose pictures are coded as two fields, written bit by bit: no encoder here does that.

Every macroblock is raw (I_PCM), so pictures are exact. Source: ITU-T H.264, clause 7.3.
"""

from __future__ import annotations

from tests.films.film_maker import numbered

WIDTH, HEIGHT = 160, 64
TOP, BOTTOM, FRAME = range(3)


class Bits:
    """A string of bits with the codes of H.264."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, bits: str) -> Bits:
        """Append bits, such as "001"."""
        self.text += bits
        return self

    def number(self, value: int, length: int) -> Bits:
        """Append an unsigned number of fixed length, ``u(n)``."""
        return self.put(f"{value:0{length}b}")

    def golomb(self, *values: int) -> Bits:
        """Append unsigned Exp-Golomb codes, ``ue(v)``; 0 is also ``se(v)`` of 0."""
        for value in values:
            code = f"{value + 1:b}"
            self.put("0" * (len(code) - 1) + code)
        return self

    def aligned(self) -> Bits:
        """Fill up to a whole byte with zeros."""
        return self.put("0" * (-len(self.text) % 8))

    def unit(self, head: int) -> bytes:
        """Return the bits as a NAL unit in a byte stream (Annex B)."""
        self.put("1").aligned()
        body = int(self.text, 2).to_bytes(len(self.text) // 8)
        escaped = bytearray()
        for byte in body:
            if escaped[-2:] == b"\0\0" and byte <= 3:
                escaped.append(3)
            escaped.append(byte)
        return b"\0\0\0\1" + bytes([head]) + bytes(escaped)


def parameter_sets() -> bytes:
    """Main profile, level 3, 160 x 64, interlaced, 25 frames a second, nothing reordered."""
    sequence = Bits().number(77, 8).number(0, 8).number(30, 8).golomb(0, 0, 0, 4, 1).put("0")
    sequence.golomb(WIDTH // 16 - 1, HEIGHT // 32 - 1).put("001" + "0" + "1")
    sequence.put("00001").number(1, 32).number(50, 32).put("1" + "000")
    sequence.put("1" + "1").golomb(0, 0, 10, 10, 0, 1)
    picture = Bits().golomb(0, 0).put("00").golomb(0, 0, 0).put("000").golomb(0, 0, 0).put("100")
    return sequence.unit(0x67) + picture.unit(0x68)


def coded(number: int, structure: int, gop: int) -> bytes:
    """One field or frame of a numbered picture; the first of every ``gop`` pictures is a key."""
    place = number % gop
    starts = place == 0 and structure != BOTTOM
    slices = Bits().golomb(0, 7, 0).number(place % 16, 4)
    slices.put({TOP: "10", BOTTOM: "11", FRAME: "0"}[structure])
    if starts:
        slices.golomb(number // gop % 2)
    slices.number((2 * place + (structure == BOTTOM)) % 256, 8)
    slices.put("00" if starts else "0").golomb(0, 1)
    first, step = (0, 1) if structure == FRAME else (structure, 2)
    luma = numbered(number, WIDTH, HEIGHT)[first::step, :, 0]
    for top in range(0, len(luma), 16):
        for left in range(0, WIDTH, 16):
            block = luma[top : top + 16, left : left + 16].tobytes() + bytes([128] * 128)
            slices.golomb(25).aligned().put("".join(f"{byte:08b}" for byte in block))
    return slices.unit(0x65 if starts else 0x61)


def field_units(count: int, gop: int = 12, frames: frozenset[int] = frozenset()) -> list[bytes]:
    """The coded fields of numbered pictures in order; those in ``frames`` are coded as frames."""
    units = []
    for number in range(count):
        parts = [FRAME] if number in frames else [TOP, BOTTOM]
        ahead = parameter_sets() if number % gop == 0 else b""
        bodies = [coded(number, part, gop) for part in parts]
        units += [ahead + bodies[0], *bodies[1:]]
    return units
