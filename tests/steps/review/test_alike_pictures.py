"""The board knows which of its pictures are alike, by the embeddings of the run."""

from __future__ import annotations

import io
import json

import numpy as np

from storyboard_ops.steps.review.desk import open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from tests.steps.review.test_desk import page_tools


def test_pictures_of_one_look_have_one_number(studio):
    tools, candidates = page_tools(studio)
    open_review(tools, candidates)
    assert {item.alike for item in open_desk_of_run(tools).board.items} == {0}

    ids = [item.id for item in open_desk_of_run(tools).board.items]
    looks = np.eye(4, dtype=np.float32)[[0, 1, 0, 3, 1, 0, 2]]
    # Rows of pictures that caps have left out since come first.
    vectors = np.concatenate([np.ones((2, 4), np.float32), looks])
    file = io.BytesIO()
    np.save(file, vectors)
    tools.objects.put(tools.run_root / "embeddings.npy", file.getvalue())
    names = json.dumps(["f" * 64, "e" * 64, *ids]).encode()
    tools.objects.put(tools.run_root / "embeddings.json", names)
    tools.objects.delete([tools.run_root / "review/loops.jsonl"])
    open_review(tools, candidates)

    alike = {item.id: item.alike for item in open_desk_of_run(tools).board.items}
    assert [alike[image_id] for image_id in ids] == [1, 2, 1, 0, 2, 1, 0]
