"""FLUX.2 [klein] base: a flow transformer, prompts by Qwen3, pictures as references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import Flux2KleinPipeline, Flux2Transformer2DModel
from PIL import Image

from trainer.families.base import Embedding, Question, Weights
from trainer.families.diffusers_family import FlowFamily, Noised
from trainer.families.lora_files import Named, to_flux2


class Flux2Klein(FlowFamily):
    """Latents are normalized and have 2 x 2 of them in the channels."""

    pipeline = Flux2KleinPipeline
    network_class = Flux2Transformer2DModel
    multiple = 16
    thinks = False
    takes_references = True
    lora_targets = (
        r".*\.attn\.(to_q|to_k|to_v|to_out\.0|add_q_proj|add_k_proj|add_v_proj|to_add_out"
        r"|to_qkv_mlp_proj)"
    )

    def encode_prompt(self, prompt: str) -> Embedding:
        with torch.no_grad():
            embedding, _ = self.pipe.encode_prompt(
                prompt, device=self.device.name, max_sequence_length=self.text_tokens
            )
        return {"text": embedding[0].cpu()}

    def encode_picture(self, picture: Image.Image) -> torch.Tensor:
        with torch.no_grad():
            latents = self.pipe._encode_vae_image(self._pixels(picture), generator=None)
        return latents[0].float().cpu()

    def _predict(self, noised: Noised, prompts: Sequence[Embedding]) -> torch.Tensor:
        text = self._stack(prompts, "text")
        _, _, height, width = noised.latents.shape
        predicted = self.network(
            hidden_states=self.pipe._pack_latents(noised.latents).to(self.device.dtype),
            timestep=noised.level,
            guidance=None,
            encoder_hidden_states=text,
            txt_ids=self.pipe._prepare_text_ids(text).to(self.device.name),
            img_ids=self.pipe._prepare_latent_ids(noised.latents).to(self.device.name),
            return_dict=False,
        )[0]
        return predicted.transpose(1, 2).unflatten(2, (height, width))

    def _asked(self, question: Question) -> dict[str, Any]:
        return {
            "prompt_embeds": self._one(question.prompt, "text"),
            "negative_prompt_embeds": self._one(question.nothing, "text"),
            "image": list(question.references) or None,
        }

    def _comfyui_names(self, weights: Weights) -> Named:
        return to_flux2(weights)
