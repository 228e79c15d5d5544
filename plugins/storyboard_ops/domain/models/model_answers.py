"""The form in which a multimodal model is told to answer, and what it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Stop reasons of an answer that its model could not finish (Bedrock API reference, Converse).
CUT_OFF = frozenset({"max_tokens", "model_context_window_exceeded"})


@dataclass(frozen=True)
class AnswerTool:
    """A tool that a model has to call: its input is the answer, constrained by a JSON schema.

    Amazon Nova fails on names with hyphens, and accepts no more than ``type``, ``properties`` and
    ``required`` at the top of a schema.
    """

    name: str
    description: str
    properties: dict[str, Any]  # JSON schemas by name; all are required

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the input."""
        return {
            "type": "object",
            "properties": self.properties,
            "required": list(self.properties),
        }


class ModelText(str):
    """What a model wrote, as a text or as the JSON input of a tool, and why it stopped."""

    __slots__ = ("stop_reason",)
    stop_reason: str

    def __new__(cls, text: str, stop_reason: str = "end_turn") -> ModelText:
        made = super().__new__(cls, text)
        made.stop_reason = stop_reason
        return made


def cut_off_reason(text: str) -> str:
    """Return the stop reason of an answer that its model could not finish; "" for others."""
    stopped = text.stop_reason if isinstance(text, ModelText) else ""
    return stopped if stopped in CUT_OFF else ""
