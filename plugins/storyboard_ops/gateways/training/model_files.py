"""Read what is known of base models and SageMaker from ``include/models``."""

from __future__ import annotations

from functools import cache

from storyboard_ops.domain.training.base_models import BaseModelTable, SageMakerFacts, parse_facts
from storyboard_ops.gateways.include_files import include_yaml


@cache
def base_models() -> BaseModelTable:
    """Load the base models once; raises BadInput when the file is malformed."""
    name = "models/base_models.yaml"
    return parse_facts(BaseModelTable, include_yaml(name), f"include/{name}")


@cache
def sagemaker_facts() -> SageMakerFacts:
    """Load what is known of SageMaker once; raises BadInput when the file is malformed."""
    name = "models/sagemaker.yaml"
    return parse_facts(SageMakerFacts, include_yaml(name), f"include/{name}")
