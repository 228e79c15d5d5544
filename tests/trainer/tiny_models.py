"""Base models of the real architectures, tiny and with random weights, in the layout of diffusers.

Run with the interpreter of the training program: ``tiny_models.py <family> <folder>``. Nothing is
downloaded: the networks are built from configurations, the tokenizers from the 256 bytes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Dinov2Config,
    Dinov2Model,
    Qwen2TokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
CHAT = "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
WIDTH = 16


def flux2_klein() -> Any:
    transformer = Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * WIDTH,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )
    vae = AutoencoderKLFlux2(
        latent_channels=4, sample_size=64, norm_num_groups=4, layers_per_block=1, **_vae_blocks()
    )
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=_qwen3(layers=27),  # embeddings are of layers 9, 18 and 27
        tokenizer=_qwen_tokenizer(),
        transformer=transformer,
    )


def z_image() -> Any:
    transformer = ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=WIDTH,
        axes_dims=[4, 6, 6],
        axes_lens=[256, 64, 64],
    )
    # Its padding tokens are made without values.
    torch.nn.init.zeros_(transformer.x_pad_token)
    torch.nn.init.zeros_(transformer.cap_pad_token)
    vae = AutoencoderKL(
        latent_channels=4,
        sample_size=64,
        norm_num_groups=4,
        layers_per_block=1,
        scaling_factor=0.36,
        shift_factor=0.11,
        **_vae_blocks(),
    )
    return ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae,
        text_encoder=_qwen3(layers=2),
        tokenizer=_qwen_tokenizer(),
        transformer=transformer,
    )


def sdxl() -> Any:
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        norm_num_groups=8,
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        transformer_layers_per_block=1,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        cross_attention_dim=2 * WIDTH,
    )
    vae = AutoencoderKL(
        latent_channels=4, sample_size=64, norm_num_groups=4, layers_per_block=1, **_vae_blocks()
    )
    tokenizer = _clip_tokenizer()
    return StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(_clip(len(tokenizer))),
        text_encoder_2=CLIPTextModelWithProjection(_clip(len(tokenizer))),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear"),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


def dinov2(folder: Path) -> None:
    """Write an embedding model."""
    config = Dinov2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14
    )
    Dinov2Model(config).save_pretrained(folder)
    facts = {
        "size": {"shortest_edge": 32},
        "crop_size": {"width": 28, "height": 28},
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(facts))


def _vae_blocks() -> dict[str, Any]:
    return {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (4, 4, 8, 8),
    }


def _qwen3(layers: int) -> Any:
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(BYTES) + 3,
            hidden_size=WIDTH,
            intermediate_size=WIDTH,
            num_hidden_layers=layers,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=512,
        )
    )


def _qwen_tokenizer() -> Any:
    words = [*BYTES, "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(models.BPE({word: n for n, word in enumerate(words)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.json").write_text(tokenizer.to_str())
        made = Qwen2TokenizerFast.from_pretrained(folder)
    made.chat_template = CHAT
    return made


def _clip_tokenizer() -> Any:
    words = [*BYTES, *(f"{byte}</w>" for byte in BYTES), "<|startoftext|>", "<|endoftext|>"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vocab.json").write_text(json.dumps({w: n for n, w in enumerate(words)}))
        (Path(folder) / "merges.txt").write_text("#version: 0.2\n")
        return CLIPTokenizer.from_pretrained(folder, model_max_length=77)


def _clip(words: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=words,
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=WIDTH,
        eos_token_id=words - 1,
        bos_token_id=words - 2,
    )


def write(family: str, folder: Path) -> None:
    """Write a model; equal calls write equal weights."""
    torch.manual_seed(7)
    if family == "dinov2":
        dinov2(folder)
    else:
        {"flux2_klein": flux2_klein, "z_image": z_image, "sdxl": sdxl}[family]().save_pretrained(
            folder
        )


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
