"""The embedding: near-duplicates are close, other pictures are not."""

import cv2
import numpy as np
import pytest

from local_aws.vision.picture_embedding import embed_picture
from tests.local_aws.vision.drawn_pictures import meadow, mira, paste, title_card


def scene(seed: int) -> np.ndarray:
    picture = meadow(seed=seed)
    paste(picture, mira(150), 60 * seed, 140)
    return picture


def jpeg(picture):
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], 1)


def smaller(picture):
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def cropped(picture):
    return picture[7:-7, 13:-13]


def brighter(picture):
    return np.clip(picture * 1.15, 0, 255).astype(np.uint8)


def darker(picture):
    return (picture * 0.85).astype(np.uint8)


def with_logo(picture):
    marked = picture.copy()
    cv2.rectangle(marked, (590, 12), (625, 40), (255, 255, 255), -1)
    return marked


@pytest.mark.parametrize("change", [jpeg, smaller, cropped, brighter, darker, with_logo])
def test_a_near_duplicate_keeps_a_cosine_of_090(change):
    picture = scene(2)
    assert embed_picture(picture) @ embed_picture(change(picture)) >= 0.90


def test_a_mirror_image_is_another_picture():
    picture = scene(2)
    assert embed_picture(picture) @ embed_picture(picture[:, ::-1]) < 0.80


def test_distinct_pictures_are_far_apart():
    first = embed_picture(scene(1))
    assert first @ embed_picture(title_card("THE END")) < 0.3
    assert first @ embed_picture(mira(300)) < 0.5


def test_it_has_1024_values_of_length_one_and_the_same_each_time():
    vector = embed_picture(scene(3))
    assert vector.shape == (1024,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(vector, embed_picture(scene(3)))


def test_a_uniform_picture_has_an_embedding_without_nan():
    assert np.isfinite(embed_picture(np.full((4, 4, 3), 127, np.uint8))).all()
