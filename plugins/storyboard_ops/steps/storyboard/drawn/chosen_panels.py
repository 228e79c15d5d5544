"""The "panels" manifest with the chosen candidates, which the run shows from then on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.steps.run.tool_box import ToolBox

VERSION = 2
#: Its name within the run.
CHOSEN = "storyboard/chosen.jsonl"
#: In its header: which drawn panels the choice is among.
DRAWN = "drawn"


def write_chosen(
    tools: ToolBox[Any], drawn: ManifestRef, chosen: Sequence[Panel], *models: str
) -> None:
    """Write the manifest; ``models`` are those that the choice was made with."""
    summary = {
        DRAWN: drawn.model_dump(),
        "candidates": sum(len(panel.candidates) for panel in chosen),
        "marked": sum(bool(panel.marks) for panel in chosen),
    }
    digest = digest_of(VERSION, drawn.sha256, *models)
    tools.manifests.commit(tools.run_root / CHOSEN, "panels", digest, chosen, summary)


def chosen_panels(tools: ToolBox, drawn: ManifestRef | None) -> ManifestRef | None:
    """Return the manifest to show: that of the choice among drawn panels, else the drawn ones."""
    found = tools.manifests.latest(tools.run_root / CHOSEN)
    if drawn is None or found is None or found[1].summary[DRAWN] != drawn.model_dump():
        return drawn
    return found[0]


def characters_of(production: Production) -> dict[str, str]:
    """Return the names of the characters by id, without props, which are easily overlooked."""
    return {one: name for one, name in production.names.items() if one not in production.props}
