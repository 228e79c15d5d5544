"""The system inference profiles of `data/inference_profiles.yaml`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PROFILES_FILE = Path(__file__).parents[3] / "data" / "inference_profiles.yaml"


@dataclass(frozen=True)
class SystemProfile:
    """A profile that routes requests from its source regions to its destination regions."""

    id: str
    name: str
    model: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]

    def model_arns(self, source: str) -> list[str]:
        """Return the ARNs of the model behind the profile, as called from a region.

        Those of a global profile are the model in no region and the model in the source.
        """
        return [
            f"arn:aws:bedrock:{region}::foundation-model/{self.model}"
            for region in self.destinations or ("", source)
        ]


@cache
def load_system_profiles() -> tuple[SystemProfile, ...]:
    """Return every system profile, whatever the region."""
    entries = yaml.safe_load(PROFILES_FILE.read_text(encoding="utf-8"))["profiles"]
    return tuple(
        SystemProfile(
            id=entry["id"],
            name=entry["name"],
            model=entry["model"],
            sources=tuple(entry["sources"]),
            destinations=tuple(entry["destinations"]),
        )
        for entry in entries
    )


def profiles_in(region: str) -> list[SystemProfile]:
    """Return the profiles that can be called from a region."""
    return [profile for profile in load_system_profiles() if region in profile.sources]
