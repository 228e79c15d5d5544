"""The numbers of the report."""

import pytest

from storyboard_ops.core.report import tables
from storyboard_ops.domain.image_records import DuplicateFacts
from tests.material import factories, reports


def test_a_stage_that_has_not_run_is_not_in_the_funnel():
    images = tuple(factories.image(k, caption=None, review=None) for k in range(4))
    facts = reports.report_facts(detections=None, images=images)
    labels = [step.label for step in tables.funnel(facts)]
    assert labels == ["Sampled from the film", "Usable", "Cut out", "Distinct"]


def test_bars_are_shares_of_the_largest_of_their_part():
    steps = {step.label: step for step in tables.funnel(reports.report_facts())}
    assert steps["Usable"].share == 48 / 60
    assert steps["Approved"].share == 32 / 44
    assert steps["Approved"].lost == 3


def test_coverage_counts_by_character_framing_and_shot():
    images = (
        factories.image(0, "mira"),  # full, shot 0
        factories.image(1, "mira"),  # full, shot 0
        factories.image(4, "mira"),  # medium, shot 1
        factories.image(12, "pip"),  # medium, shot 3
        factories.rejected(20, "pip"),
    )
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    assert list(found.counts.columns) == ["0", "1", "3"]
    assert list(found.counts.T[("mira", "full")]) == [2, 0, 0]
    assert list(found.counts.T[("mira", "medium")]) == [0, 1, 0]
    assert list(found.counts.T[("pip", "medium")]) == [0, 0, 1]
    assert list(found.counts.T[("bram", "full")]) == [0, 0, 0]
    assert found.largest == 2


def test_gaps_say_what_to_look_for():
    images = (*(factories.image(k * 9, "mira") for k in range(6)), factories.image(3, "mira"))
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    assert found.gaps == (
        "Mira: few medium shots (1), close-ups (none).",
        "Bram: no pictures at all.",
        "Pip: no pictures at all.",
    )


def test_many_shots_share_columns():
    images = tuple(factories.image(k * 4, "mira") for k in range(50))
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    assert list(found.counts.columns)[:2] == ["0–4", "5–9"]
    assert len(found.counts.columns) == 10
    assert int(found.counts.to_numpy().sum()) == 50


def test_films_are_counted_each():
    table = tables.films(reports.report_facts())
    assert table[["film", "sampled", "usable", "shots", "pictures"]].to_numpy().tolist() == [
        ["lantern-keepers.mp4", 60, 48, 15, 32]
    ]


def test_decisions_are_counted_by_who_and_why():
    table = tables.decisions(reports.report_facts())
    assert table[["reviewer", "decision", "reason", "pictures"]].to_numpy().tolist() == [
        ["dana", "approve", "", 32],
        ["ilse", "reject", "wrong character", 3],
    ]


def test_words_of_captions_are_counted_as_the_linter_does():
    texts = ("Mira's lamp - well-lit", "ミラは海辺で待つ。")
    images = tuple(
        factories.image(k, caption=factories.caption(text)) for k, text in enumerate(texts)
    )
    pluralize = tables.caption_words(reports.report_facts(images=images))
    assert list(pluralize) == [3, 8]


def test_similarities_part_distinct_pictures_from_doubles():
    best = factories.image(0, duplicate=DuplicateFacts(model_id="titan"))
    facts = reports.report_facts(
        images=(best, factories.image(1), factories.near_duplicate(2, similarity=0.97))
    )
    distinct, doubles = tables.similarities(facts)
    assert (len(distinct), doubles) == (1, [0.97])
    assert tables.unmatched(facts) == 1, "the best picture has no better one"


def test_the_training_curve_is_read_from_the_service_file():
    csv = b"step_number,epoch_number,training_loss,perplexity\n10,1,0.5,\n20,1,0.25,1.2\n"
    assert tables.training_loss(csv) == ((10, 0.5), (20, 0.25))


@pytest.mark.parametrize("images", [None, ()])
def test_no_pictures_have_no_coverage(images):
    assert tables.coverage(reports.report_facts(images=images)) is None


def test_the_step_before_counts_within_its_part_only():
    steps = {step.label: step for step in tables.funnel(reports.report_facts())}
    assert (steps["Sampled from the film"].lost, steps["Sampled from the film"].share) == (0, 1)
    assert (steps["Characters found"].lost, steps["Characters found"].share) == (0, 1)
    assert steps["Characters found"].count == 44


def test_a_run_without_a_frame_has_a_funnel_of_nothing():
    steps = tables.funnel(reports.report_facts(frames=(), detections=(), images=None))
    assert [(step.count, step.share, step.lost) for step in steps] == [(0, 0, 0)] * 4


def test_every_dropped_frame_saves_a_call_of_every_detector():
    facts = reports.report_facts(settings=factories.settings(detectors=["labels", "faces"]))
    assert tables.calls_saved(facts) == 12 * 2
    assert tables.drops_in_sampling(facts) == {"near-identical": 7, "black": 3, "blurred": 2}


@pytest.mark.parametrize(
    ("shots", "columns"),
    [(24, ["0", "1"]), (25, ["0–2", "3–5"]), (30, ["0–2", "3–5"]), (31, ["0–3", "4–7"])],
)
def test_more_than_24_shots_share_at_most_ten_columns(shots, columns):
    images = tuple(factories.image(k * 4, "mira") for k in range(shots))
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    shown = list(found.counts.columns)
    assert shown[:2] == columns
    assert len(shown) == (shots if shots <= 24 else -(-shots // -(-shots // 10)))


def test_a_column_of_a_single_shot_is_named_by_it():
    images = tuple(factories.image(k * 4, "mira") for k in range(31))
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    assert list(found.counts.columns)[-1] == "28–30"
    images = tuple(factories.image(k * 4, "mira") for k in range(25))
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    assert list(found.counts.columns)[-1] == "24"


def test_shots_of_several_films_are_named_by_their_film():
    other = f"{factories.VIDEO_URI}.2"
    images = (
        factories.image(4),
        factories.image(5, frame=factories.frame(5, uri=other)),
    )
    found = tables.coverage(reports.report_facts(images=images))
    assert found is not None
    assert list(found.counts.columns) == ["1·1", "2·1"]


@pytest.mark.parametrize(("close", "told"), [(4, "close-ups (4)"), (5, "medium shots (none)")])
def test_fewer_than_five_pictures_of_a_framing_are_few(close, told):
    pictures = [factories.image(k * 9, "mira") for k in range(17)]  # full figures
    pictures += [factories.image(6 + 9 * k, "mira") for k in range(close)]  # close-ups
    found = tables.coverage(reports.report_facts(images=tuple(pictures)))
    assert found is not None
    assert found.gaps[0].endswith(f"{told}.")


def test_a_film_is_as_large_as_its_file():
    (film,) = tables.films(reports.report_facts()).to_dict("records")
    assert (film["megabytes"], film["picture"], film["version"]) == (48.2, "1280 × 720", "9b2cf5")
