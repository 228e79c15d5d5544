"""LoRA weights under the names that other programs expect.

``weights`` are LoRA matrices by module of the diffusers network, without a prefix:
``transformer_blocks.0.attn.to_q.lora_A.weight`` (rank, in) and ``….lora_B.weight`` (out, rank).
Their alpha is their rank, which readers assume where a file has no alpha.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

Weights = Mapping[str, torch.Tensor]
Named = dict[str, torch.Tensor]

#: Modules of a double block of FLUX.2 that have another name in its maker's own code.
FLUX2_DOUBLE = {
    "attn.to_out.0": "img_attn.proj",
    "attn.to_add_out": "txt_attn.proj",
    "ff.linear_in": "img_mlp.0",
    "ff.linear_out": "img_mlp.2",
    "ff_context.linear_in": "txt_mlp.0",
    "ff_context.linear_out": "txt_mlp.2",
}
FLUX2_SINGLE = {"attn.to_qkv_mlp_proj": "linear1", "attn.to_out": "linear2"}
#: There, one matrix gives query, key and value.
FLUX2_FUSED = {
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
}


def with_prefix(weights: Weights, prefix: str) -> Named:
    """Return the weights under ``<prefix>.<name>``."""
    return {f"{prefix}.{name}": matrix for name, matrix in weights.items()}


def to_kohya(weights: Weights) -> Named:
    """Return the weights of a U-Net under the names of kohya-ss, which ComfyUI reads."""
    named: Named = {}
    for module in _modules(weights):
        down, up = _pair(weights, module)
        key = f"lora_unet_{module.replace('.', '_')}"
        named[f"{key}.lora_down.weight"], named[f"{key}.lora_up.weight"] = down, up
        named[f"{key}.alpha"] = torch.tensor(float(len(down)), dtype=down.dtype)
    return named


def to_flux2(weights: Weights) -> Named:
    """Return the weights of a FLUX.2 network under its maker's names.

    ComfyUI and ai-toolkit read them. Matrices for query, key and value become one of three times
    the rank, which computes the same.
    """
    named: Named = {}
    modules = _modules(weights)
    for block in sorted({module.partition(".attn.")[0].partition(".ff")[0] for module in modules}):
        kind, _, number = block.rpartition(".")
        renamed = FLUX2_DOUBLE if kind == "transformer_blocks" else FLUX2_SINGLE
        native = "double_blocks" if kind == "transformer_blocks" else "single_blocks"
        prefix = f"diffusion_model.{native}.{number}"
        for ours, theirs in renamed.items():
            if f"{block}.{ours}" in modules:
                _put(named, f"{prefix}.{theirs}", *_pair(weights, f"{block}.{ours}"))
        for theirs, parts in FLUX2_FUSED.items():
            if f"{block}.{parts[0]}" in modules:
                pairs = [_pair(weights, f"{block}.{part}") for part in parts]
                _put(named, f"{prefix}.{theirs}", *_fuse(pairs))
    return named


def _fuse(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return one pair whose output is that of all pairs, one after the other."""
    down = torch.cat([down for down, _ in pairs])
    up = torch.block_diag(*(up for _, up in pairs))
    return down, up


def _put(named: Named, module: str, down: torch.Tensor, up: torch.Tensor) -> None:
    named[f"{module}.lora_A.weight"] = down.contiguous()
    named[f"{module}.lora_B.weight"] = up.contiguous()


def _pair(weights: Weights, module: str) -> tuple[torch.Tensor, torch.Tensor]:
    return weights[f"{module}.lora_A.weight"], weights[f"{module}.lora_B.weight"]


def _modules(weights: Weights) -> list[str]:
    return sorted({re.sub(r"\.lora_[AB]\.weight$", "", name) for name in weights})
