"""A second reader of edit decision lists, which shares no code with the product."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ReadEvent:
    number: int
    reel: str
    source: tuple[str, str]
    record: tuple[str, str]
    comments: list[tuple[str, str]] = field(default_factory=list)

    def said(self, name: str) -> list[str]:
        return [text for key, text in self.comments if key == name]


@dataclass
class ReadList:
    title: str
    mode: str
    events: list[ReadEvent]


def read_list(text: str) -> ReadList:
    """Read by columns: a line that begins with a digit is an event, one with a star a comment."""
    head, events = {}, []
    for line in text.splitlines():
        if line[:1].isdigit():
            number, reel, track, kind, *times = line.split()
            assert (track, kind, len(times)) == ("V", "C", 4), line
            events.append(ReadEvent(int(number), reel, tuple(times[:2]), tuple(times[2:])))
        elif line.startswith("* "):
            key, _, said = line[2:].partition(": ")
            events[-1].comments.append((key, said))
        elif line:
            key, _, said = line.partition(": ")
            head[key] = said
    return ReadList(head["TITLE"], head["FCM"], events)
