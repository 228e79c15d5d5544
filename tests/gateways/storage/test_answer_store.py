"""A question is paid for once: by one run, by many threads, after a failure."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import AnswerUnusable, Throttled
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.storage import answer_store
from storyboard_ops.gateways.storage.answer_store import (
    MOST_FAULT,
    MOST_FAULTS,
    AnswerStore,
    Bought,
    PaidAnswer,
)
from storyboard_ops.gateways.storage.object_store import ObjectStore
from tests.fakes.memory_bucket import MemoryBucket
from tests.studio.studio_fixture import Studio

IMAGE = Usage(service="rekognition", item="DetectLabels", unit="image", amount=1)


class Shop:
    """Sells an answer, slowly enough for threads to meet."""

    def __init__(self) -> None:
        self.sold = 0

    def __call__(self) -> Bought:
        threading.Event().wait(0.05)
        self.sold += 1
        return [1, 2], (IMAGE,)


def store(studio: Studio, run_key: str = "run-1") -> AnswerStore:
    tools = studio.tools(run_key)
    return AnswerStore(tools.objects, tools.workspace, run_key)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_store, "PAUSE_SECONDS", 0.01)


@pytest.fixture
def asked_and_killed(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> AnswerStore:
    """A run that was killed while it waited for an answer."""
    killed = store(studio)

    def kill() -> Any:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(AnswerStore, "_withdraw", lambda *_: None)  # no time for it
        killed.ask("op", "question", kill)
    return killed


def test_threads_that_ask_the_same_at_once_buy_it_once(studio: Studio) -> None:
    answers, shop = store(studio), Shop()
    given = call_each(range(8), lambda _: answers.ask("op", "question", shop))
    assert [one.value for one in given] == [[1, 2]] * 8
    assert (shop.sold, answers.bought, answers.reused) == (1, 1, 7)


def test_runs_that_ask_the_same_at_once_buy_it_once(studio: Studio, quickly: None) -> None:
    shop = Shop()
    runs = [store(studio, f"run-{number}") for number in range(4)]
    given = call_each(runs, lambda answers: answers.ask("op", "question", shop))
    assert [one.value for one in given] == [[1, 2]] * 4
    assert shop.sold == 1
    assert sorted(answers.usages for answers in runs) == [(), (), (), (IMAGE,)]


def test_what_a_killed_run_was_asking_is_asked_at_once_by_its_retry(
    studio: Studio, asked_and_killed: AnswerStore
) -> None:
    assert store(studio).ask("op", "question", Shop()) == [1, 2]


def test_what_a_killed_run_was_asking_is_left_to_it_for_a_while(
    studio: Studio, asked_and_killed: AnswerStore, quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, other = Shop(), store(studio, "run-2")
    asking = threading.Thread(target=other.ask, args=("op", "question", shop))
    asking.start()
    asking.join(0.3)
    assert (asking.is_alive(), shop.sold) == (True, 0)
    later = utc_now() + timedelta(seconds=answer_store.ASKING_SECONDS)
    monkeypatch.setattr(answer_store, "utc_now", lambda: later)
    asking.join()
    assert (shop.sold, other.usages) == (1, (IMAGE,))


def test_another_run_does_not_wait_for_a_purchase_that_has_failed(studio: Studio) -> None:
    def fail() -> Any:
        raise Throttled("the shop is closed")

    with pytest.raises(Throttled):
        store(studio).ask("op", "question", fail)
    assert store(studio, "run-2").ask("op", "question", Shop()) == [1, 2]


def test_another_run_reuses_and_pays_nothing(studio: Studio) -> None:
    shop = Shop()
    first, second = store(studio, "run-1"), store(studio, "run-2")
    for answers in (first, second):
        answers.ask("op", "question", shop)
    assert (shop.sold, second.usages) == (1, ())
    assert first.usages == (IMAGE,)


def test_a_retry_of_the_same_run_still_says_what_it_paid(studio: Studio) -> None:
    store(studio).ask("op", "question", Shop())
    again = store(studio)
    again.ask("op", "question", Shop())
    assert again.usages == (IMAGE,)


def test_an_answer_belongs_to_the_purpose_that_it_was_bought_for(studio: Studio) -> None:
    first, second = store(studio), store(studio)
    first.purpose, second.purpose = "embeddings", "consistency"
    for answers in (first, second):
        answers.ask("op", "question", Shop())
    assert (first.usages_for("embeddings"), second.usages_for("consistency")) == ((IMAGE,), ())
    again = store(studio)
    again.purpose = "embeddings"
    again.ask("op", "question", Shop())
    assert again.usages_for("embeddings") == (IMAGE,)


def test_a_failed_purchase_leaves_the_question_open(studio: Studio) -> None:
    answers = store(studio)

    def fail() -> Any:
        raise Throttled("the shop is closed")

    with pytest.raises(Throttled):
        answers.ask("op", "question", fail)
    assert answers.ask("op", "question", Shop()) == [1, 2]


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_store, "utc_now", lambda: NOON)


def stored(bucket: MemoryBucket) -> PaidAnswer:
    """The only answer, or question, that lies in the bucket."""
    (body,) = bucket.objects.values()
    return PaidAnswer.model_validate_json(body)


def of_bucket(bucket: MemoryBucket, run_key: str = "run-1") -> AnswerStore:
    return AnswerStore(ObjectStore(bucket), Workspace.at("s3://studio"), run_key)


def test_a_question_is_left_to_its_run_for_ten_minutes_and_then_its_answer_lies_there(
    noon: None,
) -> None:
    bucket = MemoryBucket()
    seen: list[PaidAnswer] = []

    def buy() -> Bought:
        seen.append(stored(bucket))
        return "answer", (IMAGE,)

    assert of_bucket(bucket).ask("op", "question", buy, about="picture") == "answer"
    (question,) = seen
    assert question.asked_until == iso(NOON + timedelta(minutes=10))
    assert (question.answer, question.answered_at, question.paid_by) == (None, "", "run-1")
    assert stored(bucket) == PaidAnswer(
        operation="op", about="picture", answer="answer", usages=(IMAGE,), paid_by="run-1",
        answered_at=iso(NOON),
    )  # fmt: skip


def left_by(bucket: MemoryBucket, run_key: str, until: datetime) -> None:
    """A question of a run that was killed while it asked."""
    key = Workspace.at("s3://studio").answer("op", "question").key
    question = PaidAnswer(operation="op", paid_by=run_key, asked_until=iso(until))
    bucket.objects[key] = question.model_dump_json().encode()


def test_a_question_is_asked_anew_at_the_very_moment_that_its_time_is_over(
    noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, shop = MemoryBucket(), Shop()
    left_by(bucket, "run-2", NOON)
    monkeypatch.setattr(answer_store, "PAUSE_SECONDS", None)  # a wait would fail
    assert of_bucket(bucket).ask("op", "question", shop) == [1, 2]
    assert (shop.sold, stored(bucket).paid_by) == (1, "run-1")


def test_a_pause_of_a_second_lies_between_two_looks(
    noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = MemoryBucket()
    left_by(bucket, "run-2", NOON + timedelta(seconds=1))
    paused: list[float] = []

    def sleep(seconds: float) -> None:
        paused.append(seconds)
        monkeypatch.setattr(answer_store, "utc_now", lambda: NOON + timedelta(seconds=1))

    monkeypatch.setattr(answer_store.time, "sleep", sleep)
    answers = of_bucket(bucket)
    assert answers.ask("op", "question", lambda: ("answer", (IMAGE, IMAGE))) == "answer"
    assert paused == [1.0]
    assert (answers.bought, answers.reused) == (1, 0)
    assert answers.usages == (IMAGE.model_copy(update={"amount": 2}),)


def test_a_failed_purchase_withdraws_its_own_question_only(noon: None) -> None:
    bucket = MemoryBucket()

    def taken_over_meanwhile() -> Bought:
        left_by(bucket, "run-2", NOON)
        raise Throttled("the shop is closed")

    def closed() -> Bought:
        raise Throttled("the shop is closed")

    with pytest.raises(Throttled):
        of_bucket(bucket).ask("op", "question", closed)
    assert bucket.objects == {}
    with pytest.raises(Throttled):
        of_bucket(bucket).ask("op", "question", taken_over_meanwhile)
    assert stored(bucket).paid_by == "run-2"


def test_a_question_that_is_withdrawn_between_look_and_reading_is_asked(noon: None) -> None:
    class Flickering(MemoryBucket):
        """Has an object when it is looked for, and none when it is read for the first time."""

        def head_object(self, **asked: Any) -> dict[str, Any]:
            self.objects.setdefault(asked["Key"], b"")
            answer = super().head_object(**asked)
            if not self.objects[asked["Key"]]:
                del self.objects[asked["Key"]]
            return answer

    shop = Shop()
    assert of_bucket(Flickering()).ask("op", "question", shop) == [1, 2]
    assert shop.sold == 1


def refuse_odd(answer: Any) -> None:
    if answer == "odd":
        raise AnswerUnusable("odd")


def test_an_unusable_answer_is_metered_but_not_stored_as_bought(noon: None) -> None:
    bucket, said = MemoryBucket(), ["odd", "odd", "even"]

    def buy() -> Bought:
        return said.pop(0), (IMAGE,)

    def ask(answers: AnswerStore) -> Any:
        return answers.ask("op", "question", buy, check=refuse_odd)

    first = of_bucket(bucket)
    for paid in (1, 2):
        with pytest.raises(AnswerUnusable, match="odd"):
            ask(first)
        assert stored(bucket) == PaidAnswer(
            operation="op",
            usages=(times(paid),),
            paid_by="run-1",
            asked_until=iso(NOON),
            faults=("odd",) * paid,
        )
        assert first.usages == (times(paid),)
    again = of_bucket(bucket)
    assert ask(again) == ask(again) == "even"
    assert (stored(bucket).usages, again.usages) == ((times(3),), (times(3),))
    assert (again.bought, again.reused) == (1, 1)


def test_a_question_is_rephrased_by_what_was_wrong_with_its_earlier_answers(noon: None) -> None:
    bucket, told = MemoryBucket(), []

    def buy(faults: tuple[str, ...]) -> Bought:
        told.append(faults)
        if len(told) == 2:
            raise Throttled("the shop is closed")
        if len(told) == 3:
            raise AnswerUnusable("a lone \ud83d surrogate " + "x" * 1_000, (IMAGE,))
        return ("even" if len(told) > 3 else "odd"), (IMAGE,)

    def ask(run_key: str) -> Any:
        return of_bucket(bucket, run_key).ask_rephrased("op", "question", buy, check=refuse_odd)

    for run_key, error in (
        ("run-1", AnswerUnusable),
        ("run-1", Throttled),
        ("run-2", AnswerUnusable),
    ):
        with pytest.raises(error):
            ask(run_key)
    assert ask("run-3") == ask("run-4") == "even"
    assert told[:3] == [(), ("odd",), ("odd",)]
    ((first, second),) = told[3:]
    assert first == "odd"
    assert second.startswith("a lone ? surrogate xxx")
    assert len(second) == MOST_FAULT


def test_a_question_keeps_its_last_faults(noon: None) -> None:
    answers, told = of_bucket(MemoryBucket()), []

    def buy(faults: tuple[str, ...]) -> Bought:
        told.append(faults)
        raise AnswerUnusable(f"fault {len(told)}")

    for _ in range(MOST_FAULTS + 3):
        with pytest.raises(AnswerUnusable):
            answers.ask_rephrased("op", "question", buy)
    assert told[-1] == tuple(f"fault {n}" for n in range(3, MOST_FAULTS + 3))


def test_a_stop_after_an_unusable_answer_keeps_what_it_cost(noon: None) -> None:
    bucket = MemoryBucket()

    def closed() -> Bought:
        raise Throttled("the shop is closed")

    with pytest.raises(AnswerUnusable):
        of_bucket(bucket).ask("op", "question", lambda: ("odd", (IMAGE,)), check=refuse_odd)
    with pytest.raises(Throttled):
        of_bucket(bucket).ask("op", "question", closed)
    again = of_bucket(bucket)
    assert again.ask("op", "question", lambda: ("even", (IMAGE,)), check=refuse_odd) == "even"
    assert again.usages == (times(2),)


def test_what_another_run_paid_for_an_unusable_answer_is_not_charged_here(noon: None) -> None:
    bucket = MemoryBucket()
    with pytest.raises(AnswerUnusable):
        of_bucket(bucket).ask("op", "question", lambda: ("odd", (IMAGE,)), check=refuse_odd)
    other = of_bucket(bucket, "run-2")
    assert other.ask("op", "question", lambda: ("even", (IMAGE,)), check=refuse_odd) == "even"
    assert other.usages == (IMAGE,)


def test_an_unusable_answer_that_an_earlier_version_stored_is_bought_again(noon: None) -> None:
    bucket = MemoryBucket()
    of_bucket(bucket).ask("op", "question", lambda: ("odd", (IMAGE,)))
    again = of_bucket(bucket)
    assert again.ask("op", "question", lambda: ("even", (IMAGE,)), check=refuse_odd) == "even"
    assert again.usages == (times(2),)


def test_answers_of_other_runs_are_counted_apart_from_those_of_an_earlier_try() -> None:
    bucket = MemoryBucket()
    of_bucket(bucket).ask("op", "question", lambda: ("answer", (IMAGE,)))
    for run_key, count in (("run-1", 0), ("run-2", 1)):
        answers = of_bucket(bucket, run_key)
        answers.ask("op", "question", lambda: ("another", (IMAGE,)))
        assert (answers.reused, answers.from_other_runs) == (1, count)


def test_the_same_answer_used_often_is_counted_once() -> None:
    answers = of_bucket(MemoryBucket())
    for _ in range(3):
        answers.ask("op", "question", lambda: ("answer", (IMAGE,)))
    assert (answers.bought, answers.reused, answers.usages) == (1, 2, (IMAGE,))


def times(count: int) -> Usage:
    return IMAGE.model_copy(update={"amount": count})


def test_what_was_paid_for_an_unusable_answer_is_booked_after_another_run_has_asked_again() -> None:
    """The task was killed before it booked; the next one found another run's answer."""
    bucket = MemoryBucket()
    with pytest.raises(AnswerUnusable):
        of_bucket(bucket).ask("op", "question", lambda: ("odd", (IMAGE,)), check=refuse_odd)
    other = of_bucket(bucket, "run-2")
    assert other.ask("op", "question", lambda: ("even", (IMAGE,)), check=refuse_odd) == "even"
    again = of_bucket(bucket)
    assert again.ask("op", "question", lambda: ("never", ()), check=refuse_odd) == "even"
    assert (again.usages, other.usages) == ((IMAGE,), (IMAGE,))


def test_each_task_books_what_it_has_paid_for_a_question_of_several() -> None:
    bucket, booked = MemoryBucket(), {}
    for purpose, answer in (("captions", "odd"), ("consistency", "odd"), ("captions", "even")):
        answers = of_bucket(bucket)
        answers.purpose = purpose
        with suppress(AnswerUnusable):
            answers.ask(
                "op", "question", lambda answer=answer: (answer, (IMAGE,)), check=refuse_odd
            )
        booked[purpose] = answers.usages_for(purpose)
    assert booked == {"captions": (times(2),), "consistency": (IMAGE,)}


def test_an_earlier_unusable_answer_is_booked_when_the_next_call_fails() -> None:
    bucket = MemoryBucket()
    with pytest.raises(AnswerUnusable):
        of_bucket(bucket).ask("op", "question", lambda: ("odd", (IMAGE,)), check=refuse_odd)

    def fail() -> Any:
        raise Throttled("the shop is closed")

    again = of_bucket(bucket)
    with pytest.raises(Throttled):
        again.ask("op", "question", fail, check=refuse_odd)
    assert again.usages == (IMAGE,)


def test_tasks_of_one_run_that_ask_the_same_at_once_buy_it_once(
    studio: Studio, quickly: None
) -> None:
    """Shards of films with the same opening, which are detected at once."""
    shop, tasks = Shop(), [store(studio) for _ in range(4)]
    for number, task in enumerate(tasks):
        task.purpose = f"detect-{number}"
    given = call_each(tasks, lambda answers: answers.ask("op", "question", shop))
    assert [one.value for one in given] == [[1, 2]] * 4
    assert shop.sold == 1
    booked = [task.usages_for(task.purpose) for task in tasks]
    assert sorted(booked) == [(), (), (), (IMAGE,)]
