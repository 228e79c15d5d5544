"""One caption per fault, and clean captions that stay clean."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.dataset.caption_linter import (
    CaptionedPicture,
    CaptionFinding,
    CaptionRules,
    lint_captions,
    shown_characters,
)
from storyboard_ops.domain.production_sheet import Character
from tests.material.caption_cases import VARIED
from tests.material.factories import image, production_with_prop

MIRA = Character(
    id="mira_vale", name="Mira", description="a girl", traits=("red coat", "lantern"),
    references=("mira.png",),
)  # fmt: skip
BRAM = Character(
    id="bram", name="Bram", description="a man", traits=("grey beard",), references=("bram.png",)
)
CHARACTERS = (MIRA, BRAM)

#: 24 words, Mira alone.
CLEAN = VARIED[0]


def captioned(text: str, n: int = 0, **changes: Any) -> CaptionedPicture:
    return CaptionedPicture(
        **({"image_id": f"picture{n}", "text": text, "character": "mira_vale"} | changes)
    )


def findings(text: str, **changes: Any) -> list[tuple[str, str]]:
    found = lint_captions([captioned(text, **changes)], CHARACTERS)
    return [(finding.code, finding.message) for finding in found]


def codes(text: str, **changes: Any) -> set[str]:
    return {code for code, _ in findings(text, **changes)}


def test_good_captions_have_no_findings() -> None:
    captions = [captioned(text, n) for n, text in enumerate(VARIED)]
    assert lint_captions(captions, CHARACTERS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi", {"too short", "word count", "name missing"}),
        ("", {"too short", "not text", "word count", "name missing"}),
        ("Mira waits.", {"word count"}),
        (CLEAN + " and on and on" * 80, {"too long", "word count"}),
        ("!!! ??? ---", {"not text", "word count", "name missing"}),
        (CLEAN + "\x00", {"not text"}),
        (CLEAN.replace("Mira", "She"), {"name missing"}),
        (CLEAN.replace("Mira", "mira_vale"), {"name missing", "id for name"}),
        (CLEAN.replace("Mira", "ＭＩＲＡ"), set()),
        (CLEAN.replace("Mira", "Mi\u00adra"), set()),
        (CLEAN.replace("the gulls", "ＢＲＡＭ"), {"absent character"}),
        (CLEAN.replace("the gulls", "Bram"), {"absent character"}),
        (CLEAN.replace("the gulls", "old Captain Flint"), {"unknown name"}),
        (CLEAN.replace("the gulls", "her red coat"), {"trait"}),
        (CLEAN.replace("the gulls", "Bram's grey beard"), {"absent character"}),
    ],
)
def test_each_fault_is_found(text: str, expected: set[str]) -> None:
    assert codes(text) == expected


def test_findings_say_what_is_wrong() -> None:
    assert findings(CLEAN.replace("the gulls", "her red coat and Bram")) == [
        ("absent character", "speaks of Bram, who was not detected in the picture"),
        ("trait", "repeats 'red coat'; the name Mira has to stand for it"),
    ]


def test_who_was_detected_may_be_named_and_has_traits_too() -> None:
    text = CLEAN.replace("the gulls", "Bram")
    assert codes(text, present=frozenset({"bram"})) == set()
    bearded = CLEAN.replace("the gulls", "Bram's grey beard")
    assert codes(bearded, present=frozenset({"bram"})) == {"trait"}


@pytest.mark.parametrize("company", ["a man", "her friend", "the gulls", "somebody", "two boats"])
@pytest.mark.parametrize("present", [{"bram"}, {"bram", "mira_vale"}])
def test_a_visible_character_without_a_name_is_found(company: str, present: set[str]) -> None:
    text = CLEAN.replace("the gulls", company)
    assert findings(text, present=frozenset(present)) == [
        ("character unnamed", "does not call Bram by name, who is in the picture too")
    ]


def test_an_unnamed_companion_does_not_block_a_picture() -> None:
    (finding,) = lint_captions([captioned(CLEAN, present=frozenset({"bram"}))], CHARACTERS)
    assert not finding.blocking


CLOSE_UPS = (
    "in a close-up", "in a close up", "in an extreme closeup", "in a tight shot", "framed closely",
    "in a close view", "from the shoulders up", "shown up close", "tightly framed", "in a headshot",
    "as a head-and-shoulders portrait", "in close\u2011up",
)  # fmt: skip
FULL_FIGURES = (
    "in a full-length view", "in full figure", "from head to toe", "in a wide shot", "full body",
    "in a long shot", "seen from some distance", "in a wider view", "with her whole body",
    "in an establishing shot",
)  # fmt: skip


@pytest.mark.parametrize(
    ("framing", "wordings", "expected"),
    [
        ("full", CLOSE_UPS, {"framing"}),
        ("medium", CLOSE_UPS, set()),
        ("close", CLOSE_UPS, set()),
        ("", CLOSE_UPS, set()),
        ("full", FULL_FIGURES, set()),
        ("medium", FULL_FIGURES, set()),
        ("close", FULL_FIGURES, {"framing"}),
        ("", FULL_FIGURES, set()),
    ],
)
def test_a_caption_agrees_with_the_framing(
    framing: str, wordings: tuple[str, ...], expected: set[str]
) -> None:
    for wording in wordings:
        text = CLEAN.replace("the gulls", f"the gulls, {wording},")
        assert codes(text, framing=framing) - {"word count"} == expected


def test_a_framing_that_does_not_agree_is_quoted() -> None:
    text = CLEAN.replace("the gulls", "the gulls in a CLOSE-UP")
    assert findings(text, framing="full") == [
        ("framing", "says 'close-up', but the picture shows a full figure")
    ]


def test_ids_that_the_model_claims_are_checked() -> None:
    assert findings(CLEAN, claimed=("mira_vale", "zorro")) == [
        ("unknown character", "speaks of 'zorro', whom the production file does not name")
    ]
    assert codes(CLEAN, claimed=("bram",)) == {"absent character"}
    assert codes(CLEAN, claimed=("MIRA", "mira-vale")) == set()
    assert codes(CLEAN, claimed=("Ｂｒａｍ",)) == {"absent character"}


def test_a_prop_may_be_an_ordinary_word_so_its_absence_is_only_said() -> None:
    cast = production_with_prop().characters
    text = "Mira waits beside the old lantern on the quay while the boats come in at dusk."
    (found,) = lint_captions(
        [CaptionedPicture("x", text, "mira")], cast, CaptionRules(words=(10, 30))
    )
    assert (found.code, found.blocking) == ("absent prop", False)
    assert found.message == "speaks of Old Lantern, which was not detected in the picture"
    shown = CaptionedPicture("x", text, "mira", present=frozenset({"lantern"}))
    assert lint_captions([shown], cast, CaptionRules(words=(10, 30))) == []
    own = CaptionedPicture("x", text.replace("old lantern", "boat"), "lantern")
    codes = {finding.code for finding in lint_captions([own], cast)}
    assert codes >= {"name missing", "absent character"}


def test_forbidden_words_and_known_places_are_parameters() -> None:
    rules = CaptionRules(forbidden=("image of", "gulls"), known_words=("Flint Harbour",))
    text = CLEAN.replace("the harbour", "Flint Harbour")
    found = lint_captions([captioned(text)], CHARACTERS, rules)
    assert [(one.code, one.message, one.blocking) for one in found] == [
        ("forbidden", "uses 'gulls'", True)
    ]


@pytest.mark.parametrize(
    ("word", "said", "message"),
    [
        ("gull", "the gulls", "uses 'gulls'"),
        ("gull", "the gull's wing", "uses 'gull'"),
        ("gull", "the gulls\u2019 wings", "uses 'gulls'"),
        ("Glass Box", "two glass boxes", "uses 'Glass Boxes'"),
        ("enemy", "her enemies", "uses 'enemies'"),
        ("銃", "海辺の銃", "uses '銃'"),
    ],
)
def test_a_forbidden_word_is_found_in_its_plural_and_possessive(
    word: str, said: str, message: str
) -> None:
    text = CLEAN.replace("the gulls", said)
    found = lint_captions([captioned(text)], CHARACTERS, CaptionRules(forbidden=(word,)))
    assert [one.message for one in found if one.code == "forbidden"] == [message]


@pytest.mark.parametrize("said", ["the gunwale", "the Gunners", "the gunning", "a begun day"])
def test_a_forbidden_word_is_not_found_in_other_words(said: str) -> None:
    text = CLEAN.replace("the gulls", said)
    found = lint_captions([captioned(text)], CHARACTERS, CaptionRules(forbidden=("gun",)))
    assert "forbidden" not in {one.code for one in found}


def test_a_fragment_in_four_of_five_captions_is_found_in_each() -> None:
    texts = ["Far below, Mira stands in the cold wind. " + VARIED[n] for n in range(4)]
    captions = [captioned(text, n) for n, text in enumerate([*texts, VARIED[4]])]
    found = [one for one in lint_captions(captions, CHARACTERS) if one.code == "fragment"]
    assert [one.image_id for one in found] == ["picture0", "picture1", "picture2", "picture3"]
    assert found[0].message == "'far below mira stands in the cold wind' stands in 4 of 5 captions"
    assert not found[0].blocking


def test_fragments_are_counted_for_each_character() -> None:
    """Half of all captions, but all of Bram's."""
    bram = [
        f"Bram stands in the hall number {n}, and then comes {text}"
        for n, text in enumerate(VARIED)
    ]
    captions = [captioned(text, n) for n, text in enumerate(VARIED)]
    captions += [captioned(text, 9 - n, character="bram") for n, text in enumerate(bram)]
    found = [one for one in lint_captions(captions, CHARACTERS) if one.code == "fragment"]
    assert {one.image_id for one in found} == {f"picture{n}" for n in range(5, 10)}


def test_few_captions_share_no_fragment() -> None:
    captions = [captioned(CLEAN, n) for n in range(4)]
    assert Counter(one.code for one in lint_captions(captions, CHARACTERS)) == {"near-identical": 3}


def test_nearly_the_same_caption_points_at_the_first() -> None:
    captions = [
        captioned(CLEAN, 0),
        captioned(VARIED[1], 1),
        captioned(CLEAN.replace("wet", "old"), 2),
    ]
    assert lint_captions(captions, CHARACTERS) == [
        CaptionFinding(
            image_id="picture2",
            code="near-identical",
            message="nearly the caption of picture picture0",
        )
    ]


def test_other_scripts_are_text() -> None:
    assert codes("夕暮れの港でMiraが手を振る。") == {"word count"}
    assert codes("夕暮れの港でMiraが手を振る。灯台の光が波に揺れる。") == set()
    assert codes("تلوح Mira من الرصيف") == {"word count"}
    assert codes("Mira " + "हिलाती है " * 10) == set()


def test_five_thousand_words() -> None:
    captions = [captioned("Mira waits " * 2_500, n) for n in range(6)]
    counts = Counter(one.code for one in lint_captions(captions, CHARACTERS))
    assert (counts["too long"], counts["word count"], counts["near-identical"]) == (6, 6, 5)


def test_a_character_that_nobody_knows_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        lint_captions([captioned(CLEAN, character="zorro")], CHARACTERS)


@given(st.lists(st.text(max_size=120), max_size=8))
def test_any_captions_are_read_without_a_crash(texts: list[str]) -> None:
    captions = [captioned(text, n) for n, text in enumerate(texts)]
    known = {caption.image_id for caption in captions}
    assert {finding.image_id for finding in lint_captions(captions, CHARACTERS)} <= known


@pytest.mark.parametrize(("words", "fits"), [(19, False), (20, True), (30, True), (31, False)])
def test_twenty_to_thirty_words_are_wanted(words: int, fits: bool) -> None:
    text = " ".join(["Mira", *("abcdefghijklmnopqrstuvwxyzäöüß"[: words - 1])])
    assert codes(text) == (set() if fits else {"word count"})


@pytest.mark.parametrize(
    ("length", "code"), [(2, "too short"), (3, None), (1_024, None), (1_025, "too long")]
)
def test_the_trainer_takes_3_to_1024_characters(length: int, code: str | None) -> None:
    assert codes("M" * length) & {"too short", "too long"} == ({code} if code else set())


def test_five_of_the_characters_that_are_no_text_are_listed() -> None:
    listed = "U+0001, U+0002, U+0003, U+0004, U+0005"
    message = f"holds characters that are no text: {listed}"
    assert ("not text", message) in findings(CLEAN + "\x01\x02\x03\x04\x05\x06")


def shared(run: str, captions: int = 5, at: int = 0) -> list[str]:
    """Return the fragments found in captions that share only ``run``, after ``at`` other words."""
    texts = [
        " ".join(
            [*(f"w{n}x{word}" for word in range(at)), run, *(f"w{n}y{word}" for word in range(9))]
        )
        for n in range(captions)
    ]
    found = lint_captions([captioned(text, n) for n, text in enumerate(texts)], CHARACTERS)
    return [one.message for one in found if one.code == "fragment"]


def test_three_words_in_a_row_are_a_fragment_and_two_are_not() -> None:
    assert shared("one two three") == ["'one two three' stands in 5 of 5 captions"] * 5
    assert shared("one two") == []


def test_five_captions_are_enough_to_share_a_fragment() -> None:
    assert shared("one two three", captions=4) == []


def test_the_first_sixty_words_are_compared() -> None:
    assert shared("one two three", at=57) != []
    assert shared("one two three", at=58) == []


@pytest.mark.parametrize(("more", "alike"), [(3, True), (4, False)])
def test_seventeen_of_twenty_words_in_common_are_nearly_the_same(more: int, alike: bool) -> None:
    words = [f"w{n}" for n in range(17)]
    texts = [" ".join(words), " ".join([*words, *(f"v{n}" for n in range(more))])]
    found = lint_captions([captioned(text, n) for n, text in enumerate(texts)], CHARACTERS)
    assert ("near-identical" in {one.code for one in found}) == alike


def test_words_beyond_the_sixtieth_make_no_caption_another() -> None:
    texts = [" ".join([*(f"w{n}" for n in range(60)), *ends]) for ends in ("abc", "xyz" * 20)]
    found = lint_captions([captioned(text, n) for n, text in enumerate(texts)], CHARACTERS)
    assert [one.code for one in found].count("near-identical") == 1


@pytest.mark.parametrize(("share", "shown"), [(0.49, ["mira"]), (0.5, ["mira", "bram"])])
def test_of_whom_half_is_in_the_crop_may_be_named(share: float, shown: list[str]) -> None:
    picture = image(1)
    crop = picture.crop.model_copy(update={"overlap": {"bram": share}})
    assert shown_characters(picture.model_copy(update={"crop": crop})) == shown


def test_a_picture_is_named_by_the_first_twelve_letters_of_its_digest() -> None:
    first, second = (
        captioned(CLEAN, image_id="0123456789abcdef"),
        captioned(CLEAN, image_id="b" * 16),
    )
    (found,) = lint_captions([first, second], CHARACTERS)
    assert found.message == "nearly the caption of picture 0123456789ab"
