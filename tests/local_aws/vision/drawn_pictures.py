"""Pictures drawn for the vision tests: two cartoon characters, scenes, and transformations."""

import cv2
import numpy as np

from local_aws.vision.picture_codec import Pixels

Box = tuple[int, int, int, int]


def mira(size: int = 200, background: tuple[int, int, int] = (210, 190, 150)) -> Pixels:
    """A round orange head with green hair and a striped scarf, filling a square crop."""
    picture = np.full((200, 200, 3), background, np.uint8)
    cv2.ellipse(picture, (100, 72), (82, 60), 0, 180, 360, (60, 160, 40), -1)
    cv2.circle(picture, (100, 96), 70, (90, 160, 240), -1)
    for x in (74, 126):
        cv2.circle(picture, (x, 88), 15, (255, 255, 255), -1)
        cv2.circle(picture, (x, 90), 7, (40, 30, 30), -1)
    cv2.ellipse(picture, (100, 124), (28, 14), 0, 0, 180, (50, 40, 170), -1)
    for stripe in range(5):
        colour = (40, 40, 200) if stripe % 2 else (240, 240, 250)
        cv2.rectangle(picture, (46 + 22 * stripe, 164), (68 + 22 * stripe, 190), colour, -1)
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def bolt(size: int = 200, background: tuple[int, int, int] = (180, 200, 180)) -> Pixels:
    """A square blue robot head with an antenna and a yellow visor."""
    picture = np.full((200, 200, 3), background, np.uint8)
    cv2.line(picture, (100, 40), (100, 10), (60, 60, 60), 6)
    cv2.circle(picture, (100, 12), 10, (40, 40, 220), -1)
    cv2.rectangle(picture, (30, 40), (170, 190), (190, 110, 50), -1)
    cv2.rectangle(picture, (44, 70), (156, 112), (60, 220, 240), -1)
    for x in (74, 126):
        cv2.circle(picture, (x, 91), 12, (30, 30, 30), -1)
    for y in (135, 150, 165):
        cv2.line(picture, (60, y), (140, y), (90, 50, 20), 5)
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def meadow(height: int = 360, width: int = 640, seed: int = 1) -> Pixels:
    """A scene with sky, hills, bushes and a house, and nobody in it."""
    generator = np.random.default_rng(seed)
    share = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([230, 190, 140]) * (1 - share) + np.array([240, 230, 220]) * share
    picture = np.repeat(sky, width, axis=1).astype(np.uint8)
    cv2.rectangle(picture, (0, int(0.6 * height)), (width, height), (70, 150, 90), -1)
    for _ in range(14):
        x, y = int(generator.integers(0, width)), int(height * generator.uniform(0.5, 0.95))
        colour = tuple(int(value) for value in generator.integers(30, 160, 3))
        cv2.circle(picture, (x, y), int(generator.integers(8, 40)), colour, -1)
    x = int(generator.integers(50, width - 150))
    cv2.rectangle(picture, (x, int(0.4 * height)), (x + 100, int(0.7 * height)), (80, 90, 180), -1)
    return cv2.GaussianBlur(picture, (0, 0), 1)


def paste(scene: Pixels, character: Pixels, left: int, top: int) -> Box:
    """Lay a character drawn on a plain background into a scene; return the tight box around it,
    left, top, right, bottom in pixels."""
    height, width = character.shape[:2]
    plain = np.abs(character.astype(int) - character[0, 0].astype(int)).sum(axis=2) < 12
    part = scene[top : top + height, left : left + width]
    part[~plain] = character[~plain]
    columns, rows = np.flatnonzero(~plain.all(axis=0)), np.flatnonzero(~plain.all(axis=1))
    first_x, last_x, first_y, last_y = (int(each) for each in (*columns[[0, -1]], *rows[[0, -1]]))
    return left + first_x, top + first_y, left + last_x + 1, top + last_y + 1


def title_card(text: str, height: int = 360, width: int = 640) -> Pixels:
    """White letters on black."""
    picture = np.zeros((height, width, 3), np.uint8)
    cv2.putText(picture, text, (40, height // 2), 0, 2, (255, 255, 255), 4, cv2.LINE_AA)
    return picture
