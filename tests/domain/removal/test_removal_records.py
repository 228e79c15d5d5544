"""What may be asked of a removal, and how it is told."""

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    ObjectLine,
    RemovalRecord,
    parse_request,
)

FILM = "s3://studio/videos/film.mp4"
WHY = {"reason": "the licence has ended", "requested_by": "dana"}


def request(**asked):
    return parse_request({**WHY, **asked})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"film": FILM}, f"film {FILM}"),
        ({"film": FILM, "shot": 40}, f"shot 40 of {FILM}"),
        ({"film": FILM, "from_s": 2}, f"2 s to the end of {FILM}"),
        ({"film": FILM, "to_s": 4.5}, f"0 s to 4.5 s of {FILM}"),
        ({"production": "tiny", "character": "mira"}, "mira of tiny"),
    ],
)
def test_what_is_removed_is_said_in_a_few_words(asked, told):
    assert request(**asked).what == told


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({}, "set either film, or production"),
        (
            {"film": FILM, "production": "tiny", "character": "mira"},
            "set either film, or production",
        ),
        ({"production": "tiny"}, "set either film, or production"),
        ({"film": FILM, "production": "tiny"}, "set both production and character"),
        ({"film": FILM, "shot": 1, "to_s": 3}, "set either shot, or from_s and to_s"),
        ({"film": FILM, "from_s": 5, "to_s": 5}, "to_s must be greater than from_s"),
        ({"film": FILM, "shot": 1, "delete_film": True}, "delete_film needs a whole film"),
        ({"film": "0" * 64, "delete_film": True}, "delete_film needs the S3 URI"),
        ({"film": "film.mp4"}, "film: it is not written as required: S3 URI of the film"),
        ({"film": FILM, "reason": ""}, "reason: String should have at least 3"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked, fault):
    with pytest.raises(SettingsError, match=fault):
        request(**asked)


def test_it_is_a_dry_run_unless_told_otherwise():
    assert request(film=FILM).dry_run
    assert not request(film=FILM).delete_models


def test_the_same_thing_has_the_same_id_whoever_asks_and_why():
    one = request(film=FILM)
    again = request(film=FILM, reason="another reason", dry_run=False, delete_models=True)
    assert one.removal_id == again.removal_id
    assert one.removal_id.startswith("film-mp4-")
    assert request(film=FILM, shot=1).removal_id != one.removal_id


def test_one_sentence_tells_it_all():
    record = RemovalRecord(
        removal_id="r",
        state="planned",
        request=request(film=FILM),
        deleted=(ObjectLine(uri="s3://b/1", size=1_500_000), ObjectLine(uri="s3://b/2", size=0)),
        rewritten=(ObjectLine(uri="s3://b/3", size=9, rows=7),),
        runs=("run-1", "run-2"),
        models=(AffectedModel(run_key="run-1", model_arn="arn:model"),),
    )
    assert record.sentence == (
        f"film {FILM}: would delete 2 objects, 1.5 MB, would remove 7 rows from 1 manifests, "
        "in 2 runs; trained models: arn:model"
    )
    done = record.model_copy(update={"state": "done", "models": ()})
    assert "deleted 2 objects, 1.5 MB, removed 7 rows" in done.sentence
    assert done.sentence.endswith("trained models: none")
