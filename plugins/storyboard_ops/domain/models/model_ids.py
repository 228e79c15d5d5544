"""Read the identifiers that Bedrock accepts for a model: ids, inference profiles and ARNs.

Source: Amazon Bedrock user guide, "Supported Regions and models for inference profiles".
"""

from __future__ import annotations

#: Geographies of system inference profiles: the first part of their ids.
GEOGRAPHIES = frozenset({"us", "us-gov", "eu", "apac", "jp", "au", "ca", "global"})
GLOBAL = "global."

FOUNDATION_MODEL = "foundation-model/"
SYSTEM_PROFILE = ":inference-profile/"
APPLICATION_PROFILE = ":application-inference-profile/"


def is_profile(identifier: str) -> bool:
    """Return whether an identifier names an inference profile: by its id or its ARN."""
    if identifier.startswith("arn:"):
        return SYSTEM_PROFILE in identifier or APPLICATION_PROFILE in identifier
    return identifier.partition(".")[0] in GEOGRAPHIES


def is_foundation_model(identifier: str) -> bool:
    """Return whether an identifier is a foundation model's own id or ARN."""
    if identifier.startswith("arn:"):
        return FOUNDATION_MODEL in identifier
    return not is_profile(identifier)


def model_of(identifier: str) -> str:
    """Return the id of the model that an identifier stands for, as far as its text says.

    An ARN that does not name its model, e.g. of an application inference profile, is returned
    unchanged: only the service knows the model.
    """
    name = identifier
    for path in (FOUNDATION_MODEL, SYSTEM_PROFILE):
        if identifier.startswith("arn:") and path in identifier:
            name = identifier.rpartition(path)[2]
    if name.startswith("arn:"):
        return identifier
    geography, dot, rest = name.partition(".")
    return rest if dot and geography in GEOGRAPHIES else name
