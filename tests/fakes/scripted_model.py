"""A multimodal model that answers what a test has written down, in place of Bedrock's client."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storyboard_ops.core.pictures.codec import model_jpeg
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.steps.run.tool_box import ToolBox

USAGE = {"inputTokens": 2_000, "outputTokens": 50}


@dataclass
class ScriptedModel:
    """Answers each picture's questions in turn; the last answer stands for all later ones."""

    answers: dict[str, list[str]] = field(default_factory=dict)  # by digest of the shown bytes
    asked: dict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def will_answer(self, png: bytes, *answers: str) -> None:
        """Write down what a picture's questions are answered with."""
        self.answers[shown_as(png)] = list(answers)

    def questions(self, png: bytes) -> Sequence[list[str]]:
        """The texts of every question about a picture."""
        return self.asked[shown_as(png)]

    def converse(self, **request: Any) -> dict[str, Any]:
        """As ``bedrock-runtime`` answers."""
        content = request["messages"][0]["content"]
        pictures = [part["image"]["source"]["bytes"] for part in content if "image" in part]
        key = sha256_hex(pictures[-1])  # after the references
        with self._lock:
            self.asked[key].append([part["text"] for part in content if "text" in part])
            turn = len(self.asked[key])
        answers = self.answers[key]
        text = answers[min(turn, len(answers)) - 1]
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
            "stopReason": "end_turn",
            "usage": USAGE,
        }


def shown_as(png: bytes) -> str:
    """Digest of a picture as a model is shown it."""
    return sha256_hex(model_jpeg(png))


def with_model(tools: ToolBox, model: ScriptedModel) -> ToolBox:
    """The tool box, with the model in place of Bedrock's."""
    clients = tools.clients
    return replace(
        tools, clients=lambda name: model if name == "bedrock-runtime" else clients(name)
    )
