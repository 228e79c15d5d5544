"""Let a multimodal model break scenes down; every answer is bought once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from storyboard_ops.core.script.breakdown.answer import ParsedBreakdown, parse_breakdown
from storyboard_ops.core.script.breakdown.checked import missing_elements
from storyboard_ops.core.script.breakdown.request import (
    BREAKDOWN_TOKENS,
    LONGER_BREAKDOWN_TOKENS,
    Chunk,
    breakdown_parts,
    breakdown_tool,
)
from storyboard_ops.core.text.prompts import temperature_after
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import AnswerUnusable, ModelFailed
from storyboard_ops.domain.models.call_limits import ConverseLimits
from storyboard_ops.domain.models.model_answers import AnswerTool
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.run.progress import Progress, spending
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

BREAKDOWN_PROMPT = "prompts/break_down_script.txt"


@dataclass(frozen=True)
class ScriptModel:
    """The model of a run that breaks scripts down."""

    tools: ToolBox[BreakdownSection]

    @cached_property
    def prompt(self) -> str:
        return include_text(BREAKDOWN_PROMPT)

    @cached_property
    def model_id(self) -> str:
        return self.tools.routes.model_id(self.tools.settings.breakdown_model_id)

    @cached_property
    def limits(self) -> ConverseLimits:
        return self.tools.converse_limits(self.tools.settings.breakdown_model_id)

    @cached_property
    def tool(self) -> AnswerTool | None:
        """The tool that the model has to call, if its service can force it to."""
        tool = breakdown_tool(list(self.tools.production.names))
        return tool if self.limits.forces_tools else None

    def break_down(
        self, chunks: Sequence[Chunk]
    ) -> list[tuple[Chunk, tuple[ParsedBreakdown, ...]]]:
        """Return the usable answers about every chunk; none where the model gave none twice."""
        progress = Progress("Broke down", len(chunks), "parts of the script", spending(self.tools))
        outcomes = call_each(chunks, self._read, progress=progress.add_call)
        return [(one.item, one.value or (_nothing(one.failure),)) for one in outcomes]

    def _read(self, chunk: Chunk) -> tuple[ParsedBreakdown, ...]:
        """Ask about a chunk, and once more about the lines that the answer leaves out."""
        try:
            first = self._ask(chunk, ())
        except (AnswerUnusable, ModelFailed) as error:
            log.info("%s It is asked for once more.", error)
            try:
                first = self._ask(chunk, ())
            except (AnswerUnusable, ModelFailed) as again:
                log.warning("%s Plain rules make these panels.", again)
                return (_nothing(str(again)),)
        missing = [element.line for element in missing_elements(chunk, [first])]
        if not missing:
            return (first,)
        log.info(
            "The answer leaves out %s; it is asked about them.", pluralize(len(missing), "line")
        )
        try:
            return first, self._ask(chunk, missing)
        except (AnswerUnusable, ModelFailed) as error:
            log.warning("%s Plain rules make these panels.", error)
            return first, _nothing(str(error))

    def _ask(self, chunk: Chunk, missing: Sequence[int]) -> ParsedBreakdown:
        wanted = frozenset(missing or (element.line for element in chunk.elements.values()))
        cast = self.tools.production.characters

        def check(text: str) -> ParsedBreakdown:
            return parse_breakdown(text, chunk, cast, wanted)

        parts = breakdown_parts(self.tools.production, chunk, self.tool, missing)
        schema = self.tool and self.tool.schema
        text = self.tools.answers.ask_rephrased(
            "bedrock.converse",
            digest_of("break_down_script", self.model_id, self.prompt, schema, parts),
            lambda faults: self._buy(chunk, missing, faults),
            check=check,
        )
        return check(text)

    def _buy(self, chunk: Chunk, missing: Sequence[int], faults: Sequence[str]) -> Bought:
        """Ask by tool first, then in prose and for a longer answer: that may be why it failed."""
        production, chosen = self.tools.production, self.tools.settings.breakdown_model_id
        if not faults:
            parts = breakdown_parts(production, chunk, self.tool, missing)
            most = min(BREAKDOWN_TOKENS, self.limits.output_tokens)
            return self.tools.runtime.converse(chosen, self.prompt, parts, most, self.tool)
        parts = breakdown_parts(production, chunk, None, missing, fault=faults[-1])
        most = min(LONGER_BREAKDOWN_TOKENS, self.limits.output_tokens)
        return self.tools.runtime.converse(
            chosen, self.prompt, parts, most, temperature=temperature_after(faults)
        )


def _nothing(fault: str) -> ParsedBreakdown:
    return ParsedBreakdown(faults=[fault])
