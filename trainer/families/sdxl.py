"""Stable Diffusion XL: a U-Net that predicts noise, prompts of 77 tokens by two CLIP models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import DDPMScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from PIL import Image

from trainer.families.base import Embedding, Question, Weights
from trainer.families.diffusers_family import DiffusersFamily, Noised
from trainer.families.lora_files import Named, to_kohya


class StableDiffusionXL(DiffusersFamily):
    """The network is also given the size of the picture, and a summary of the prompt."""

    pipeline = StableDiffusionXLPipeline
    network_class = UNet2DConditionModel
    network_name = "unet"
    text_parts = ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2")
    multiple = 8
    lora_targets = r".*\.attn[12]\.(to_q|to_k|to_v|to_out\.0)"

    def encode_prompt(self, prompt: str) -> Embedding:
        with torch.no_grad():
            text, _, summary, _ = self.pipe.encode_prompt(
                prompt, device=self.device.name, do_classifier_free_guidance=False
            )
        if not prompt and self.pipe.config.force_zeros_for_empty_prompt:
            text, summary = torch.zeros_like(text), torch.zeros_like(summary)
        return {"text": text[0].cpu(), "summary": summary[0].cpu()}

    def _most_tokens(self, tokenizer: Any) -> int:
        most: int = tokenizer.model_max_length
        return most

    def encode_picture(self, picture: Image.Image) -> torch.Tensor:
        vae = self.pipe.vae
        with torch.no_grad():
            latents = vae.encode(self._pixels(picture)).latent_dist.mode()
        return (latents[0] * vae.config.scaling_factor).float().cpu()

    def _noise(self, latents: torch.Tensor, generator: torch.Generator) -> Noised:
        scheduler = DDPMScheduler.from_config(self.pipe.scheduler.config)
        noise = torch.randn(latents.shape, generator=generator)
        most = scheduler.config.num_train_timesteps
        level = torch.randint(most, (len(latents),), generator=generator)
        target = noise
        if scheduler.config.prediction_type == "v_prediction":
            target = scheduler.get_velocity(latents, noise, level)
        return Noised(scheduler.add_noise(latents, noise, level), level, target)

    def _predict(self, noised: Noised, prompts: Sequence[Embedding]) -> torch.Tensor:
        height, width = (8 * side for side in noised.latents.shape[-2:])
        size = torch.tensor([[height, width, 0, 0, height, width]] * len(prompts))
        predicted: torch.Tensor = self.network(
            noised.latents.to(self.device.dtype),
            noised.level,
            self._stack(prompts, "text"),
            added_cond_kwargs={
                "text_embeds": self._stack(prompts, "summary"),
                "time_ids": size.to(self.device.name, self.device.dtype),
            },
            return_dict=False,
        )[0]
        return predicted

    def _asked(self, question: Question) -> dict[str, Any]:
        return {
            "prompt_embeds": self._one(question.prompt, "text"),
            "pooled_prompt_embeds": self._one(question.prompt, "summary"),
            "negative_prompt_embeds": self._one(question.nothing, "text"),
            "negative_pooled_prompt_embeds": self._one(question.nothing, "summary"),
        }

    def _comfyui_names(self, weights: Weights) -> Named:
        return to_kohya(weights)
