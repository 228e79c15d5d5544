"""What leaves a manifest, a record or a table with removed material, and what stays as it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.removal.mention_filter import (
    GONE,
    INSTEAD,
    Marks,
    clean_json,
    clean_lines,
    clean_table,
    clean_value,
    header_of,
)
from storyboard_ops.domain.image_records import CropDrop, Drop, Frame, ImageRecord
from storyboard_ops.domain.manifest_codec import (
    ManifestRef,
    decode_header,
    decode_manifest,
    encode_manifest,
)
from storyboard_ops.domain.sampling.film_spans import FilmSpan, FilmSpans
from tests.material import factories

GONE_PICTURE, STAYS = factories.image(1), factories.image(2)
MARKS = Marks(
    FilmSpans([FilmSpan(video_sha256=GONE_PICTURE.frame.video.sha256, from_s=1, to_s=2)]),
    digests=frozenset({GONE_PICTURE.image_id, GONE_PICTURE.frame.sha256}),
    uris=frozenset({GONE_PICTURE.uri}),
)


def test_rows_whose_frame_lies_in_the_stretch_leave_and_the_header_counts_the_rest():
    body = encode_manifest("frames", "d", [factories.frame(k) for k in range(4)], {"kept": 4})
    left = clean_lines(body, MARKS)
    manifest = decode_manifest(left, Frame, "frames")
    assert [frame.k for frame in manifest.records] == [0, 2, 3]
    assert manifest.header.summary == {"kept": 4, "removed_rows": 1}
    assert manifest.header.input_digest == "d"
    assert left.split(b"\n")[1:] == [line for n, line in enumerate(body.split(b"\n")[1:]) if n != 1]


def test_a_manifest_that_holds_nothing_of_it_stays_byte_for_byte():
    body = encode_manifest("frames", "d", [factories.frame(k) for k in (0, 2, 3)])
    assert clean_lines(body, MARKS) == body


def test_cleaning_twice_changes_nothing_more():
    body = encode_manifest("images", "d", [GONE_PICTURE, STAYS])
    once = clean_lines(body, MARKS)
    assert clean_lines(once, MARKS) == once
    assert decode_header(once).summary["removed_rows"] == 1


def test_a_picture_that_was_compared_with_it_stays_and_forgets_the_comparison():
    near = factories.near_duplicate(40).model_copy(
        update={
            "duplicate": factories.near_duplicate(40).duplicate.model_copy(
                update={"nearest": GONE_PICTURE.image_id}
            ),
            "dropped": Drop(
                stage="duplicate",
                reason="near-duplicate",
                detail=f"0.97 like {GONE_PICTURE.image_id[:12]}, which is better",
            ),
        }
    )
    left = decode_manifest(
        clean_lines(encode_manifest("images", "d", [near]), MARKS), ImageRecord, "images"
    )
    (record,) = left.records
    assert (record.duplicate.nearest, record.duplicate.similarity) == ("", 0.96)
    assert record.dropped.detail == f"0.97 like {INSTEAD}, which is better"


def test_a_detection_that_gave_no_picture_leaves_with_its_frame():
    drop = Drop(stage="crop", reason="too small")
    rows = [
        CropDrop(frame=factories.frame(k), detection=factories.detection(), drop=drop)
        for k in (1, 2)
    ]
    assert decode_header(clean_lines(encode_manifest("drops", "d", rows), MARKS)).count == 1


def test_lines_of_a_trainers_manifest_leave_by_their_picture():
    lines = [{"image-ref": uri, "caption": "Mira"} for uri in (GONE_PICTURE.uri, STAYS.uri)]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    stays = (json.dumps(lines[1]) + "\n").encode()
    assert clean_lines(body, MARKS) == stays
    assert clean_lines(stays, MARKS) == stays


def test_answers_that_are_json_in_json_lose_their_decisions():
    decisions = [{"image_id": one.image_id, "decision": "approve"} for one in (GONE_PICTURE, STAYS)]
    answer = {"humanAnswers": [{"answerContent": {"decisions": json.dumps(decisions)}}]}
    left = json.loads(clean_json(json.dumps(answer).encode(), MARKS))
    assert json.loads(left["humanAnswers"][0]["answerContent"]["decisions"]) == decisions[1:]


def test_maps_and_lists_lose_their_entries():
    value = {
        "decisions": {GONE_PICTURE.image_id: {"decision": "approve"}, STAYS.image_id: {"n": 1}},
        "image_ids": [GONE_PICTURE.image_id, STAYS.image_id],
    }
    assert clean_value(value, MARKS) == {
        "decisions": {STAYS.image_id: {"n": 1}},
        "image_ids": [STAYS.image_id],
    }
    assert clean_value({"uri": GONE_PICTURE.uri}, MARKS) is GONE


def test_references_follow_what_they_refer_to():
    old = ManifestRef(uri="s3://bucket/a.jsonl", count=2, sha256="0" * 64)
    new = ManifestRef(uri=old.uri, count=1, sha256="1" * 64)
    other = ManifestRef(uri="s3://bucket/b.jsonl", count=2, sha256="0" * 64)
    summary = {"detections": [old.model_dump(), other.model_dump()]}
    body = encode_manifest("images", "d", [STAYS], summary)
    left = decode_header(
        clean_lines(body, MARKS, lambda uri: new if uri == old.uri else None)
    ).summary
    assert left == {"detections": [new.model_dump(), other.model_dump()]}


def test_rows_of_a_table_leave_and_texts_in_others_forget():
    rows = [
        "\ufeffimage_id,note",
        f'{GONE_PICTURE.image_id},"two\r\nlines"',
        f'{STAYS.image_id},"like {GONE_PICTURE.image_id[:12]}, ""better"""',
    ]
    body = ("\r\n".join(rows) + "\r\n").encode()
    expected = f'{rows[0]}\r\n{STAYS.image_id},"like {INSTEAD}, ""better"""\r\n'
    assert clean_table(body, MARKS) == expected.encode()
    untouched = f"{rows[0]}\r\n{STAYS.image_id},x\r\n".encode()
    assert clean_table(untouched, MARKS) == untouched


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_mentions_nothing_comes_back_as_it_was(value):
    assert clean_value(value, MARKS) == value


@given(VALUES, st.sampled_from([GONE_PICTURE.image_id, GONE_PICTURE.uri]))
def test_wherever_a_mark_stands_it_is_not_there_afterwards(value, mark):
    named = f"see {GONE_PICTURE.image_id}"
    buried = {"a": [value, {"b": mark}], mark: 1, "c": json.dumps([mark, "x"]), "d": named}
    left = json.dumps(clean_value(buried, MARKS))
    assert mark not in left
    assert GONE_PICTURE.image_id not in left


@pytest.mark.parametrize("text", ["[not json", "{", '["open'])
def test_text_that_only_looks_like_json_is_text(text):
    marked = f"{text} {GONE_PICTURE.image_id}"
    assert clean_value({"a": marked}, MARKS) == {"a": f"{text} {INSTEAD}"}


DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        (Marks(digests=frozenset({DIGEST})), f"see {DIGEST[:12]}"),
        (Marks(uris=frozenset({f"s3://b/{DIGEST}.png"})), f"s3://b/{DIGEST}.png"),
        (Marks(uris=frozenset({"s3://b/plain.png"})), "at s3://b/plain.png"),
        (
            Marks(FilmSpans([FilmSpan(video_sha256=DIGEST, from_s=0, to_s=1)])),
            f"library/{DIGEST}/frames",
        ),
    ],
    ids=["digest", "digest in a URI", "URI", "film"],
)
def test_a_text_may_concern_whatever_kind_of_mark_it_holds(marks, text):
    assert marks.may_mention(text)
    assert not marks.may_mention("see " + "cd" * 32)
    assert marks.named_in(text) == bool(marks.digests)


def test_the_header_of_a_manifest_and_none_of_other_lines():
    body = encode_manifest("images", "d", [STAYS])
    assert header_of(body) == decode_header(body)
    assert header_of(b'{"caption": "Mira"}') is None


#: Marks without digests: only the film says what leaves.
FILM_ONLY = Marks(FilmSpans([FilmSpan(video_sha256=DIGEST, from_s=2)]))
WHOLE_FILM = Marks(FilmSpans([FilmSpan(video_sha256=DIGEST)]))


@pytest.mark.parametrize(("pts", "leaves"), [(19, False), (20, True)])
def test_a_frame_is_known_by_its_film_and_its_time_alone(pts, leaves):
    """Ticks of a quarter of a second, pluralize from the twelfth."""
    frame = {"pts": pts, "start_pts": 12, "time_base": "1/4", "video": {"sha256": DIGEST}}
    assert (clean_value(frame, FILM_ONLY) is GONE) == leaves
    assert clean_value({**frame, "video": {"sha256": "cd" * 32}}, FILM_ONLY) is not GONE


def test_a_film_leaves_only_as_a_whole():
    film = {"sha256": DIGEST, "version": "1", "uri": "s3://b/film.mp4"}
    assert clean_value(film, WHOLE_FILM) is GONE
    assert clean_value(film, FILM_ONLY) == film
    assert clean_value({"sha256": DIGEST, "uri": "s3://b/film.mp4"}, WHOLE_FILM) is not GONE


def test_what_descends_from_it_leaves_and_what_only_mentions_it_stays():
    film = {"sha256": DIGEST, "version": "1", "uri": "s3://b/film.mp4"}
    assert clean_value({"frame": film, "caption": "Mira"}, WHOLE_FILM) is GONE
    assert clean_value({"source": film, "caption": "Mira"}, WHOLE_FILM) == {"caption": "Mira"}
