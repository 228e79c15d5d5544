"""Demuxing, where PyAV needs help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from storyboard_ops.gateways.sampling.index import demux_packets
from tests.films.film_maker import make_film


class GrowingContainer:
    """A container in which another stream comes up while it is read, as PyAV takes it."""

    name = "film.flv"

    def __init__(self, container: Any) -> None:
        self.container = container

    def demux(self, stream: Any) -> Iterator[Any]:
        yield from self.container.demux(stream)
        raise IndexError("list index out of range")


def test_streams_that_come_up_on_the_way_cost_no_packet(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mkv", 50, codec="mpeg4")
    with av.open(str(path)) as container:
        growing: Any = GrowingContainer(container)
        packets = list(demux_packets(growing, container.streams.video[0]))
    assert len(packets) == 50
    assert all(packet.size for packet in packets)
