"""Pictures that any run has drawn, found by what was asked for and used again at no cost.

The record of a picture is an answer in the library. A removal that deletes the picture deletes the
record; it counts while the object that it names is still the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.storyboard.drawn_picture import PICTURE_ANSWERS, DrawnPicture
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.drawn.asked_panels import AskedPanel, AskedPicture

#: Folder of the pictures that calls have drawn and of those that were drawn before.
FOLDER = "storyboard/panels"


@dataclass(frozen=True)
class DrawnPictures:
    """The pictures of a workspace, for one run."""

    tools: ToolBox

    def find(self, asked: AskedPicture) -> DrawnPicture | None:
        """Return the picture that was drawn for this request, if it is still there."""
        answer = self.tools.answers.find(PICTURE_ANSWERS, asked.question)
        if answer is None:
            return None
        try:
            return self._check(answer.answer)
        except AnswerUnusable:
            return None

    def find_or_buy(self, asked: AskedPicture, buy: Callable[[], Bought]) -> DrawnPicture:
        """Return the same, or buy it: ``buy`` stores a picture and returns its record as JSON."""
        answer = self.tools.answers.ask(PICTURE_ANSWERS, asked.question, buy, check=self._check)
        return DrawnPicture.model_validate(answer)

    def _check(self, answer: Any) -> DrawnPicture:
        """Return a picture that is there; raises AnswerUnusable when it was deleted or replaced."""
        drawn = DrawnPicture.model_validate(answer)
        head = self.tools.objects.head(S3Uri.parse(drawn.uri))
        if head is None or head.etag != drawn.etag:
            raise AnswerUnusable(f"{drawn.uri} is not the picture that was drawn; draw it again.")
        return drawn

    def find_each(self, asked: Iterable[AskedPanel]) -> dict[str, DrawnPicture]:
        """Return the pictures of panels that are there, by question."""
        wanted = {one.question: one for panel in asked for one in panel.pictures}
        outcomes = call_each(tuple(wanted.values()), self.find)
        return {one.item.question: one.value for one in outcomes if one.value is not None}

    def missing(self, asked: Sequence[AskedPanel]) -> list[AskedPicture]:
        """Return the pictures that nobody has drawn yet."""
        found = self.find_each(asked)
        return [one for panel in asked for one in panel.pictures if one.question not in found]

    def take(self, asked: AskedPicture, drawn: DrawnPicture) -> DrawnPicture:
        """Copy a picture of another run into this one's folder."""
        if drawn.run_key == self.tools.run_key:
            return drawn
        target = self.place_of(asked)
        self.tools.objects.copy(S3Uri.parse(drawn.uri), target)
        return drawn.model_copy(update={"uri": str(target)})

    def keep(self, asked: AskedPicture, drawn: DrawnPicture) -> None:
        """Let later tries and runs find a picture that a job has drawn."""
        answer = drawn.model_dump(mode="json")
        self.tools.answers.keep(PICTURE_ANSWERS, asked.question, answer)

    def place_of(self, asked: AskedPicture) -> S3Uri:
        """Return where this run stores a picture that no job has stored."""
        return self.tools.run_root / f"{FOLDER}/{asked.name}.png"
