"""Cells of a contact sheet, found by their frames."""

import cv2
import numpy as np

from local_aws.vision.finding.sheet_cells import find_cells
from local_aws.vision.picture_codec import decode_picture
from tests.local_aws.vision.drawn_pictures import bolt, mira


def sheet_of(*rows):
    """A sheet with a line of text, rows of framed pictures and white between them."""
    sheet = np.full((900, 900, 3), 255, np.uint8)
    cv2.putText(sheet, "mira", (16, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    top = 48
    for row in rows:
        left = 16
        for picture in row:
            cell = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(128,) * 3)
            height, width = cell.shape[:2]
            sheet[top : top + height, left : left + width] = cell
            left += width + 16
        top += max(picture.shape[0] for picture in row) + 20
    return decode_picture(cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())


def test_cells_of_any_size_are_found_row_by_row_without_the_text():
    pictures = [mira(200), bolt(120), mira(300)]
    cells = find_cells(sheet_of(pictures[:2], pictures[2:]))
    assert len(cells) == 3
    for cell, picture in zip(cells, pictures, strict=True):
        inner = picture[2:-2, 2:-2]
        assert cell.shape == inner.shape
        assert np.abs(cell.astype(int) - inner).mean() < 4


def test_a_frame_keeps_a_picture_with_white_in_it_whole():
    striped = np.full((200, 300, 3), 255, np.uint8)
    striped[20:60, 20:280] = striped[140:180, 20:280] = (30, 60, 90)
    (cell,) = find_cells(sheet_of([striped]))
    assert cell.shape == (196, 296, 3)


def test_a_picture_without_gaps_is_one_cell():
    (cell,) = find_cells(bolt(200))
    assert min(cell.shape[:2]) >= 190


def test_a_white_sheet_is_returned_as_it_is():
    white = np.full((90, 90, 3), 255, np.uint8)
    assert find_cells(white)[0] is white
