"""Embed pictures; every embedding is bought once and stored by the picture's hash."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.codec import fitting_jpeg
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.models.call_limits import ModelLimits
from storyboard_ops.domain.settings.pictures import DuplicateSection
from storyboard_ops.gateways.models.embedding_forms import check_vector
from storyboard_ops.steps.run.tool_box import ToolBox


@dataclass(frozen=True)
class PictureEmbedder:
    """Embeds pictures with the model of the settings; raises AnswerUnusable for a bad vector."""

    tools: ToolBox[DuplicateSection]

    @property
    def model_id(self) -> str:
        return self.tools.settings.embedding_model_id

    @property
    def limits(self) -> ModelLimits:
        return self.tools.embedding_limits(self.model_id)

    def embed(self, picture: bytes, image_id: str, about: str = "") -> NDArray[np.float32]:
        """Embed JPEG or PNG bytes as float32 (1024,); ``image_id`` is their SHA-256.

        ``about`` is the SHA-256 of the picture they were cut from, when that is another one.
        """
        vector = self.tools.answers.ask(
            "bedrock.embed",
            digest_of("embed", self.tools.routes.model_id(self.model_id), image_id),
            lambda: self.tools.runtime.embed(self.model_id, fitting_jpeg(picture, self.limits)),
            about=about or image_id,
            check=check_vector,
        )
        return np.asarray(vector, np.float32)
