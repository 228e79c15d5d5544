"""Choose the reference pictures that a base model is shown for a panel."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.training.model_files import base_models

#: Most reference pictures of a panel, and of one character in it: each is more for the model to
#: read, and the first ones of a production file are its best.
MOST_REFERENCES, MOST_OF_ONE = 4, 2


def choose_references(production: Production, cast: Sequence[str]) -> list[S3Uri]:
    """Return the pictures of a panel's characters, in the cast's order; equally many of each."""
    own = {one.id: one.references for one in production.characters}
    each = min(MOST_OF_ONE, MOST_REFERENCES // max(1, len(cast))) or 1
    chosen = [uri for character in cast for uri in own.get(character, ())[:each]]
    return [S3Uri.parse(uri) for uri in chosen[:MOST_REFERENCES]]


def why_no_references(model: TrainedModel) -> str:
    """Return why a model cannot be shown a reference picture; empty: it can.

    Raises SettingsError when its base model is not listed any more.
    """
    name = model.base_model_id
    if model.trainer != "bedrock":
        base = base_models().find(name)
        if base.takes_references:
            return ""
        name = base.name
    return f"{name} draws from prompts alone: it cannot be shown a reference picture."
