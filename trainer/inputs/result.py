"""Names of the files that a training leaves and a drawing takes."""

from __future__ import annotations

LORA_FILE = "lora.safetensors"
COMFYUI_FILE = "lora.comfyui.safetensors"
MODEL_FILE = "model.safetensors"
