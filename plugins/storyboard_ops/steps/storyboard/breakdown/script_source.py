"""The script of a run: a screenplay, a YAML file with panels, or the parameter panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.script.formats import decode_script
from storyboard_ops.core.script.panels import read_scenes
from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_PANELS, MOST_SCENES, MOST_SCRIPT_BYTES
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production, with_storyboard
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.storyboard.choosing.carry import carried_script


@dataclass(frozen=True)
class RunScript:
    """What a run names as its script."""

    origin: str  # for messages: its URI, or the parameter
    sha256: str
    text: str | None = None  # of a screenplay
    scenes: Any = None  # of a YAML file: as a production file has them, unchecked
    panels: Sequence[str] = ()  # of the parameter panels


def load_script(tools: ToolBox[BreakdownSection]) -> RunScript | None:
    """Return the script that the run names; None: the production's own panels are drawn.

    Raises ObjectMissing when it does not exist, BadInput when it is not text, or no valid YAML.
    """
    settings = tools.settings
    if settings.script:
        body = tools.objects.get(S3Uri.parse(settings.script), MOST_SCRIPT_BYTES)
        digest = sha256_hex(body)
        if settings.script.lower().endswith((".yaml", ".yml")):
            scenes = _scenes_in(read_yaml(body, settings.script), settings.script)
            return RunScript(settings.script, digest, scenes=scenes)
        return RunScript(settings.script, digest, text=decode_script(body, settings.script))
    if has_section(tools, DrawingSettings) and tools.settings.panels:
        panels = tools.settings.panels
        digest = sha256_hex("\n\n".join(panels).encode())
        return RunScript("of the parameter panels", digest, panels=panels)
    return None


def with_script(
    tools: ToolBox[BreakdownSection], production: Production
) -> tuple[Production, ScriptRecord | None]:
    """Return the production with the panels of the run's script by plain rules, and what was read.

    None: the run names no script; the production's own is drawn, or that of the run whose board it
    carries on. Raises as ``load_script`` and ``carried_script`` do, BadInput when the script is too
    long for one run, and ProductionError when a panel cannot be drawn.
    """
    if carried := carried_script(tools, production):
        return carried, None
    source = load_script(tools)
    if source is None:
        return production, None
    if source.scenes is not None:
        drawn = with_storyboard(production, source.scenes, source.origin)
        panels = sum(len(scene.panels) for scene in drawn.storyboard)
        return drawn, ScriptRecord(
            origin=source.origin,
            format="YAML",
            elements={},
            scenes=len(drawn.storyboard),
            panels=panels,
            omitted=(),
        )
    text = source.text if source.text is not None else "\n\n".join(source.panels)
    rate = float(tools.settings.rate.nominal)
    scenes, record = read_scenes(text, production.characters, source.origin, rate)
    check_size(source.origin, record.scenes, record.panels)
    return with_storyboard(production, scenes, source.origin), record


def check_size(origin: str, scenes: int, panels: int) -> None:
    """Raise BadInput when a script has more scenes or panels than one run draws."""
    for number, most, things in (
        (scenes, MOST_SCENES, "scenes"),
        (panels, MOST_PANELS, "panels"),
    ):
        if number > most:
            raise BadInput(
                f"{origin} has {number:,} {things}; at most {most:,} are drawn by one run. Split "
                "the script."
            )


def _scenes_in(document: Any, origin: str) -> Any:
    scenes = document.get("storyboard") if isinstance(document, dict) else document
    if not isinstance(scenes, list):
        raise BadInput(
            f"{origin} has no list of scenes. Write them under the key storyboard, as in a "
            "production file."
        )
    return scenes
