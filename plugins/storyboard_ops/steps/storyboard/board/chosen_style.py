"""The look that a run draws its panels in."""

from __future__ import annotations

from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.storyboard import StoryboardSection
from storyboard_ops.gateways.include_files import include_text


def in_chosen_style(production: Production, settings: StoryboardSection) -> Production:
    """Return the production in the style that the settings choose: its own words, or ours.

    Without a choice it is returned unchanged.
    """
    if not settings.style:
        return production
    own = production.styles.get(settings.style)
    words = own or include_text(f"prompts/style_{settings.style}.txt").strip()
    return production.model_copy(update={"style": words})
