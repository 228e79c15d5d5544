"""Check the production file of a run and its reference pictures."""

from __future__ import annotations

from dataclasses import replace

from storyboard_ops.core.pictures.ground import GROUND_NAME
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import BadInput, ProductionError
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.run import suited_settings
from storyboard_ops.gateways.storage.production_files import LoadedProduction, load_production
from storyboard_ops.steps.preflight.inputs.reference_pictures import (
    refuse_unusable_references,
    shrink_references,
)
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.chosen_style import in_chosen_style


def check_production(tools: ToolBox) -> tuple[ToolBox, LoadedProduction | None, Finding]:
    """Return the tool box with the parameters that the production sets, and the production.

    It is in the style that the run draws in; None if it cannot be used.
    """
    try:
        loaded, shrunk = shrink_references(
            load_production(tools.objects, tools.settings.production)
        )
        _refuse_removed(tools, loaded.production)
        cut_out = refuse_unusable_references(loaded)
        settings = suited_settings(tools.settings, loaded.production.settings)
    except BadInput as error:
        remedy = "Fix the production file, or set the parameter production to another."
        return tools, None, failed(str(error), remedy)
    count = sum(map(len, loaded.references.values()))
    names = ", ".join(character.name for character in loaded.production.characters)
    finding = f"{loaded.production.production}: {names}; {count} reference pictures."
    if cut_out:
        finding += (
            f" Transparent parts of {pluralize(cut_out, 'picture')} are laid on {GROUND_NAME}."
        )
    finding = " ".join((finding, *shrunk))
    styled = in_chosen_style(loaded.production, settings)
    return (
        replace(tools, settings=settings),
        replace(loaded, production=styled),
        passed(finding),
    )


def _refuse_removed(tools: ToolBox, production: Production) -> None:
    for character in production.characters:
        if tombstone := tools.removed.person(production.slug, character.id):
            raise ProductionError(
                f"{character.name} was {tombstone.explanation}. Remove {character.id!r} from the "
                "production file."
            )
