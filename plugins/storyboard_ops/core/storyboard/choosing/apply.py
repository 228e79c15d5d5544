"""Let a panel show what people chose, and name the seed of what is drawn again."""

from __future__ import annotations

from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.storyboard.panel_board import PanelState
from storyboard_ops.domain.storyboard.redraw import PanelChoice, Redraw


def apply_choice(panel: Panel, state: PanelState | None) -> Panel:
    """Return the panel with the candidate that somebody chose.

    Unchanged when nobody chose one, or when it is no longer a candidate of the panel.
    """
    found = [one for one in panel.choosable if state and one.sha256 == state.candidate]
    if not found or state is None:
        return panel
    before = "" if found[0].sha256 == panel.sha256 else panel.sha256
    choice = PanelChoice(by=state.chosen_by, at=state.chosen_at, instead_of=before)
    reason = f"{choice.by} chose it on {choice.at[:10]}."
    if before:
        rest = f" {panel.chosen_because}" if panel.chosen_because else ""
        reason = f"{choice.by} chose it on {choice.at[:10]} instead of seed {panel.seed}.{rest}"
    update = {"choice": choice, "chosen_because": reason}
    return panel.showing(found[0]).model_copy(update=update)


def first_seed(panel: Panel, redraw: Redraw) -> int:
    """Return the seed that a redraw starts with: the one asked for, or the first unused one."""
    if redraw.seed is not None:
        return redraw.seed
    last = max([panel.seed, *(one.seed for one in panel.candidates)])
    return (last + 1) % (LARGEST_SEED + 1)


def repeats_picture(panel: Panel, seed: int | None, note: str, reference: str) -> bool:
    """Return whether a redraw would draw a picture that the panel has already."""
    unchanged = not note and not reference and panel.redraw is None
    return unchanged and seed in {one.seed for one in panel.choosable}
