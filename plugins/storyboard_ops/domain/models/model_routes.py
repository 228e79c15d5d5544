"""Records of how a run calls its models: decided once by preflight, read by every step."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.models.model_ids import model_of


class ModelRoute(Record):
    """The identifier by which one account and region call a model."""

    chosen: str  # as the parameters name it
    model_id: str  # of the foundation model; its answers, prices and records carry this id
    called: str  # what requests carry: the model id, or an inference profile
    arns: tuple[str, ...] = ()  # of everything that bedrock:InvokeModel is judged on


class ModelRoutes(Record):
    """How a run calls all its models."""

    routes: tuple[ModelRoute, ...] = ()

    def model_id(self, chosen: str) -> str:
        """Return the foundation model's id for a model as the parameters name it."""
        found = (route.model_id for route in self.routes if route.chosen == chosen)
        return next(found, model_of(chosen))

    def called(self, chosen: str) -> str:
        """Return the identifier that requests carry for a model as the parameters name it."""
        return next((route.called for route in self.routes if route.chosen == chosen), chosen)
