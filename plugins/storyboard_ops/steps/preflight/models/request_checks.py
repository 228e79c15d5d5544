"""Check that every request of a run fits the limits of its model, and count its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from storyboard_ops.core.detection.reference_pictures import ReferencePicture, reference_pictures
from storyboard_ops.core.preflight.request_tokens import Size, caption_tokens, detection_tokens
from storyboard_ops.core.script.breakdown.request import (
    make_chunks,
    most_answer_tokens,
    request_tokens,
)
from storyboard_ops.core.script.scene_text import read_script_text
from storyboard_ops.core.text.panel_prompt import PromptLimit, panel_prompt
from storyboard_ops.domain.error_tree import BadInput, SettingsError
from storyboard_ops.domain.models.call_limits import ConverseLimits
from storyboard_ops.domain.preflight.estimate_basis import RequestTokens
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, Production
from storyboard_ops.domain.settings.pictures import (
    CaptionSection,
    DuplicateSection,
    FinderSection,
)
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.models.limits_file import FILE, drawing_limits, limits_table
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.dataset.write_captions import CAPTION_PROMPT
from storyboard_ops.steps.detection.detectors import DETECTION_PROMPT
from storyboard_ops.steps.preflight.models.model_checks import finds_characters
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.storyboard.bedrock.draw_from_prompts import buys_pictures
from storyboard_ops.steps.storyboard.breakdown.ask_model import BREAKDOWN_PROMPT
from storyboard_ops.steps.storyboard.breakdown.script_source import load_script
from storyboard_ops.steps.training.open_model import uses_open_model


def check_requests(
    tools: ToolBox[Any], loaded: LoadedProduction, frames: Sequence[Size]
) -> tuple[RequestTokens, Finding]:
    """Return the most tokens of a request of each kind, and what was found about their limits.

    ``frames``: sizes of the films' pictures.
    """
    try:
        detection, shown = _detection(tools, loaded, frames)
        caption = _caption(tools, loaded.production)
        read, written = _breakdown(tools, loaded.production)
        if has_section(tools, DuplicateSection):
            tools.embedding_limits(tools.settings.embedding_model_id)
        _check_panel_size(tools)
        shortened = [f"panel {number}" for number in _shortened_panels(tools, loaded.production)]
    except SettingsError as error:
        return RequestTokens(), failed(
            str(error), f"The limits and their sources are in include/{FILE}."
        )
    finding = f"{shown}each request fits the limits of its model."
    tokens = RequestTokens(
        detection=detection, caption=caption, breakdown=read, breakdown_answers=written
    )
    if shortened:
        return tokens, warned(
            f"{finding} The descriptions of {', '.join(shortened)} will be shortened: prompts have "
            f"at most {_prompt_limit(tools)}.",
            "Shorten them in the production file.",
        )
    return tokens, passed(finding)


def _detection(
    tools: ToolBox[Any], loaded: LoadedProduction, frames: Sequence[Size]
) -> tuple[int, str]:
    if not has_section(tools, FinderSection) or not finds_characters(tools):
        return 0, ""
    limits = tools.converse_limits(tools.settings.detection_model_id)
    shown = {**loaded.references, NONE_OF_THEM: loaded.strangers}
    pictures = reference_pictures(shown, limits, loaded.production.props)
    tokens = detection_tokens(
        include_text(DETECTION_PROMPT), pictures, [*frames, *_panel_sizes(tools)], limits
    )
    _check_tokens("detection", "detection_model_id", tokens, limits)
    return tokens, f"a detection shows {_describe(pictures, limits)}, {tokens:,} tokens; "


def _panel_sizes(tools: ToolBox[Any]) -> list[Size]:
    """Return the size of the panels in which characters are found, if any are drawn."""
    settings = tools.settings
    return [(settings.panel_width, settings.panel_height)] if settings.draws else []


def _caption(tools: ToolBox[Any], production: Production) -> int:
    if not has_section(tools, CaptionSection):
        return 0
    limits = tools.converse_limits(tools.settings.caption_model_id)
    tokens = caption_tokens(include_text(CAPTION_PROMPT), production, limits)
    _check_tokens("caption", "caption_model_id", tokens, limits)
    return tokens


def _breakdown(tools: ToolBox[Any], production: Production) -> tuple[int, int]:
    """Return the most tokens of one request for each part of the script, and of the answers."""
    if not has_section(tools, BreakdownSection) or not tools.settings.asks_breakdown_model:
        return 0, 0
    limits = tools.converse_limits(tools.settings.breakdown_model_id)
    try:
        source = load_script(tools)
        script = read_script_text(source.text or "", source.origin) if source else None
    except BadInput:
        return 0, 0  # another check says what is wrong with the script
    chunks = make_chunks(script.scenes) if script else []
    prompt = include_text(BREAKDOWN_PROMPT)
    tokens = [request_tokens(prompt, production, chunk) for chunk in chunks]
    _check_tokens("breakdown", "breakdown_model_id", max(tokens, default=0), limits)
    return sum(tokens), sum(most_answer_tokens(chunk) for chunk in chunks)


def _check_tokens(what: str, parameter: str, tokens: int, limits: ConverseLimits) -> None:
    if tokens > limits.input_tokens:
        raise SettingsError(
            f"A request for a {what} has up to {tokens:,} tokens, and {' or '.join(limits.models)} "
            f"accepts at most {limits.input_tokens:,}. Set {parameter} to a model that accepts "
            "more, or shorten the texts of the production file."
        )


def _check_panel_size(tools: ToolBox[Any]) -> None:
    """Raise SettingsError for a size within the form's bounds that the painter refuses."""
    settings = tools.settings
    if not settings.draws or buys_pictures(tools):
        return
    if uses_open_model(tools):
        base_models().find(settings.open_model).fit_panel(
            settings.panel_width, settings.panel_height
        )
        return
    drawing_limits().check_panel(settings.panel_width, settings.panel_height)


def _describe(pictures: Sequence[ReferencePicture], limits: ConverseLimits) -> str:
    sheets = sum(one.is_sheet for one in pictures)
    kind = f"{len(pictures)} reference pictures" + (f" ({sheets} as sheets)" if sheets else "")
    source = limits_table().source_of(limits, "pictures")
    return f"{kind} and the frame, of {limits.pictures} pictures allowed ({source})"


def _shortened_panels(tools: ToolBox[Any], production: Production) -> Iterator[int]:
    """Yield the numbers of panels, from 1, whose prompts exceed the limit.

    Raises SettingsError when not even the style is within it.
    """
    if not tools.settings.draws or buys_pictures(tools):
        return
    panels = (panel for scene in production.storyboard for panel in scene.panels)
    for number, panel in enumerate(panels, start=1):
        if panel_prompt(production, panel, _prompt_limit(tools)).note:
            yield number


def _prompt_limit(tools: ToolBox[Any]) -> PromptLimit:
    if uses_open_model(tools):
        return PromptLimit(base_models().find(tools.settings.open_model).text_tokens, "tokens")
    return PromptLimit(drawing_limits().prompt_characters[1])
