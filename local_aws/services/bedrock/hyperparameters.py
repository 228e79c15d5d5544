"""Hyperparameters of a customization job: strings on the wire, numbers within bounds.

Source: docs.aws.amazon.com/bedrock/latest/userguide/cm-hp-nova-canvas.html.
"""

from collections.abc import Mapping

from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock.model_catalogue import FoundationModel, HyperparameterRange


def validate_hyperparameters(model: FoundationModel, given: Mapping[str, str]) -> dict[str, str]:
    """Return the hyperparameters of a job: the given ones, and defaults for the rest.

    Raises:
        ServiceError: ValidationException for a name the model does not have, a value that is not
            a number of the right kind, or one out of range.
    """
    unknown = sorted(set(given) - set(model.hyperparameters))
    if unknown:
        raise ServiceError(
            "ValidationException",
            f"{model.id} has no hyperparameter {', '.join(unknown)}; "
            f"it has {', '.join(sorted(model.hyperparameters))}.",
        )
    for name, text in given.items():
        _check_bounds(name, text, model.hyperparameters[name])
    defaults = {name: f"{bounds.default:g}" for name, bounds in model.hyperparameters.items()}
    return {**defaults, **given}


def _check_bounds(name: str, text: str, bounds: HyperparameterRange) -> None:
    try:
        value = int(text) if bounds.integer else float(text)
    except ValueError as error:
        kind = "an integer" if bounds.integer else "a number"
        raise ServiceError(
            "ValidationException", f"The hyperparameter {name} must be {kind}, not {text!r}."
        ) from error
    if not bounds.minimum <= value <= bounds.maximum:
        raise ServiceError(
            "ValidationException",
            f"The hyperparameter {name} must be {bounds.minimum:g} to {bounds.maximum:g}, "
            f"not {text}.",
        )
