"""Reading a film by ranges: what is fetched, what reads as zeros."""

import io

import numpy as np
import pytest

from storyboard_ops.gateways.sampling.range_reader import (
    BLOCK,
    REQUEST,
    BlockReader,
    HollowReader,
    PlannedReader,
)
from tests.gateways.sampling.counted_bytes import CountedBytes

BODY = np.random.default_rng(5).integers(1, 256, 5 * BLOCK + 100, dtype=np.uint8).tobytes()


def read_all(reader: io.RawIOBase, first: int, end: int, piece: int = 40_000) -> bytes:
    reader.seek(first)
    body = b""
    while len(body) < end - first:
        part = reader.read(min(piece, end - first - len(body)))
        assert part
        body += part
    return body


def test_blocks_are_fetched_once() -> None:
    source = CountedBytes(BODY)
    reader = BlockReader(source)
    assert read_all(reader, 0, 2 * BLOCK) == BODY[: 2 * BLOCK]
    assert read_all(reader, 10, BLOCK + 10) == BODY[10 : BLOCK + 10]
    assert source.requests == [(0, BLOCK), (BLOCK, BLOCK)]


@pytest.mark.parametrize(
    ("offset", "whence", "place"),
    [(7, io.SEEK_SET, 7), (-7, io.SEEK_END, len(BODY) - 7), (5, io.SEEK_CUR, 5)],
)
def test_seeking(offset: int, whence: int, place: int) -> None:
    reader = BlockReader(CountedBytes(BODY))
    assert reader.seek(offset, whence) == reader.tell() == place
    assert reader.read(3) == BODY[place : place + 3]


def test_the_end_of_the_film_reads_as_nothing() -> None:
    reader = BlockReader(CountedBytes(BODY))
    reader.seek(len(BODY))
    assert reader.read(10) == b""


def test_a_hollow_film_is_zeros_and_costs_nothing_even_beyond_its_end() -> None:
    source = CountedBytes(BODY)
    reader = HollowReader(source)
    assert reader.read(10) == BODY[:10]
    reader.finish_head()
    reader.seek(3 * BLOCK)
    assert reader.read(50) == bytes(50)
    reader.seek(len(BODY) + 5)
    assert reader.read(50) == bytes(50)
    assert source.requests == [(0, BLOCK)]


def test_only_planned_ranges_are_fetched_and_the_rest_is_zeros() -> None:
    source = CountedBytes(BODY)
    reader = PlannedReader(source)
    reader.fetch_ahead([(1_000, 2_000), (BLOCK, BLOCK + 500)])
    assert read_all(reader, 0, 3 * BLOCK) == (
        bytes(1_000)
        + BODY[1_000:2_000]
        + bytes(BLOCK - 2_000)
        + BODY[BLOCK : BLOCK + 500]
        + bytes(2 * BLOCK - 500)
    )
    reader.close()
    assert sorted(source.requests) == [(1_000, 1_000), (BLOCK, 500)]


def test_long_ranges_are_fetched_in_growing_requests_one_ahead() -> None:
    body = bytes(range(256)) * (4 * BLOCK // 256)
    source = CountedBytes(body)
    reader = PlannedReader(source)
    reader.fetch_ahead([(0, len(body))])
    assert read_all(reader, BLOCK, BLOCK + 100) == body[BLOCK : BLOCK + 100]
    reader.close()
    assert source.requests[0] == (BLOCK, 2 * BLOCK)  # the second; the third may be under way
    assert source.requests[1:] in ([], [(3 * BLOCK, BLOCK)])


def test_requests_stop_growing() -> None:
    body = bytes(4 * REQUEST)
    source = CountedBytes(body)
    reader = PlannedReader(source)
    reader.fetch_ahead([(0, len(body))])
    assert read_all(reader, 0, len(body), REQUEST) == body
    reader.close()
    assert max(length for _, length in source.requests) == REQUEST
    assert source.bytes_read == len(body)


def test_ranges_read_from_back_to_front_are_right_too() -> None:
    source = CountedBytes(BODY)
    reader = PlannedReader(source)
    reader.fetch_ahead([(0, 100), (200, 300), (400, 500), (600, 700), (800, 900)])
    for first in (800, 600, 400, 200, 0):
        assert read_all(reader, first, first + 100) == BODY[first : first + 100]
    reader.close()
