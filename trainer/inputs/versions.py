"""What computes, by version: part of every record."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("torch", "diffusers", "peft", "transformers", "safetensors", "numpy")


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of what computes; what is not installed is left out."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
