"""Reviews for the browser tests: items of the document and their pictures."""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.pictures.codec import encode_jpeg
from tests.browser.review.review_server import Review
from tests.material.factories import picture, sha

CHARACTERS = [{"id": "mira", "name": "Mira"}, {"id": "bram", "name": "Bram"}]


def review_of(count: int, **settings: Any) -> Review:
    """Return a review of pictures, the first half Mira's, the second Bram's, four in a shot."""
    pictures = {f"{seed}.jpg": encode_jpeg(picture(seed, 320, 320), 85) for seed in range(8)}
    items = [board_item(number, count) for number in range(count)]
    return Review(items, CHARACTERS, pictures, **settings)


def board_item(number: int, count: int) -> dict[str, Any]:
    """Return one item of the document."""
    character = CHARACTERS[2 * number // count]
    timecode = f"00:{number // 60:02d}:{number % 60:02d}.000"
    return {
        "id": sha("picture", number),
        "character": character["id"],
        "caption": f"{character['name']} waits by the sea, number {number}.",
        "video": "film.mp4",
        "shot": number // 4 * 4,
        "timecode": timecode,
        "score": 0.9,
        "width": 1024,
        "height": 1024,
        "picture_url": f"{number % 8}.jpg",
        "thumb_url": f"{number % 8}.jpg",
        "neighbours": [
            {"url": f"{(number + 1) % 8}.jpg", "timecode": "00:00:00.500", "own": False},
            {
                "url": f"{number % 8}.jpg",
                "timecode": timecode,
                "own": True,
                "box": [0.25, 0.25, 0.5, 0.5],
            },
        ],
        "cut": {"left": 320, "top": 320, "width": 640, "height": 640},
        "frame_size": [1280, 1280],
        "flags": ["unsure"] if number == 1 else [],
        "notes": ["Two detectors disagree."] if number == 1 else [],
    }
