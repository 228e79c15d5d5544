"""Z-Image: a flow transformer with prompts of any length by Qwen3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import ZImagePipeline, ZImageTransformer2DModel
from PIL import Image

from trainer.families.base import Embedding, Question, Weights
from trainer.families.diffusers_family import FlowFamily, Noised
from trainer.families.lora_files import Named, with_prefix


class ZImage(FlowFamily):
    """Its network counts time from noise to picture and predicts in that direction."""

    pipeline = ZImagePipeline
    network_class = ZImageTransformer2DModel
    multiple = 16
    thinks = True
    lora_targets = r".*\.attention\.(to_q|to_k|to_v|to_out\.0)"

    def encode_prompt(self, prompt: str) -> Embedding:
        with torch.no_grad():
            embeddings, _ = self.pipe.encode_prompt(
                [prompt],
                device=self.device.name,
                do_classifier_free_guidance=False,
                max_sequence_length=self.text_tokens,
            )
        return {"text": embeddings[0].cpu()}

    def encode_picture(self, picture: Image.Image) -> torch.Tensor:
        vae = self.pipe.vae
        with torch.no_grad():
            latents = vae.encode(self._pixels(picture)).latent_dist.mode()
        return ((latents[0] - vae.config.shift_factor) * vae.config.scaling_factor).float().cpu()

    def _predict(self, noised: Noised, prompts: Sequence[Embedding]) -> torch.Tensor:
        predicted = self.network(
            list(noised.latents.to(self.device.dtype).unsqueeze(2)),
            1 - noised.level,
            [self._one(prompt, "text")[0] for prompt in prompts],
            return_dict=False,
        )[0]
        return -torch.stack(predicted).squeeze(2)

    def _asked(self, question: Question) -> dict[str, Any]:
        return {
            "prompt_embeds": [self._one(question.prompt, "text")[0]],
            "negative_prompt_embeds": [self._one(question.nothing, "text")[0]],
        }

    def _comfyui_names(self, weights: Weights) -> Named:
        # ComfyUI and ai-toolkit read the names of diffusers under this prefix.
        return with_prefix(weights, "diffusion_model")
