"""What the families of diffusers share: loading, LoRA layers, the loss, files, drawing."""

from __future__ import annotations

import gc
import json
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from peft import LoraConfig
from PIL import Image
from safetensors.torch import load_file

from trainer.errors import JobFailed
from trainer.families.base import Embedding, Family, Question, Weights
from trainer.families.lora_files import Named, with_prefix
from trainer.families.tensor_files import write_tensors
from trainer.inputs.recipe import Recipe
from trainer.inputs.result import COMFYUI_FILE, LORA_FILE, MODEL_FILE


class Noised(NamedTuple):
    """Latents (B, C, h, w) with noise, how much of it (B,), and what is to be predicted."""

    latents: torch.Tensor
    level: torch.Tensor
    target: torch.Tensor


class DiffusersFamily(Family):
    """A base model in the layout of diffusers, trained by LoRA layers or as a whole."""

    pipeline: ClassVar[Any]
    network_class: ClassVar[Any]
    network_name: ClassVar[str] = "transformer"
    #: Parts of the pipeline that only encode prompts.
    text_parts: ClassVar[tuple[str, ...]] = ("text_encoder", "tokenizer")
    #: A pattern for the modules that get LoRA layers.
    lora_targets: ClassVar[str]

    # Set while loading.
    pipe: Any
    network: Any

    def load_encoders(self) -> None:
        self._check_layout()
        with _loading(self.folder):
            self.pipe = self.pipeline.from_pretrained(
                str(self.folder),
                **{self.network_name: None},
                torch_dtype=self.device.dtype,
                local_files_only=True,
            )
        self.pipe.set_progress_bar_config(disable=True)
        self.pipe.to(self.device.name)

    def cut_tokens(self, prompt: str) -> int:
        tokenizers = [getattr(self.pipe, name) for name in self.text_parts if "tokenizer" in name]
        return max(
            0, *(self._count_tokens(one, prompt) - self._most_tokens(one) for one in tokenizers)
        )

    def _count_tokens(self, tokenizer: Any, prompt: str) -> int:
        """Return the tokens of a prompt as the pipeline puts it to this tokenizer."""
        return len(tokenizer(prompt, verbose=False).input_ids)

    def _most_tokens(self, tokenizer: Any) -> int:
        return self.text_tokens

    def free_encoders(self) -> None:
        for part in self.text_parts:
            setattr(self.pipe, part, None)
        self.pipe.vae.to("cpu")
        gc.collect()
        if self.device.name == "cuda":
            torch.cuda.empty_cache()

    def load_network(self) -> None:
        with _loading(self.folder / self.network_name):
            self.network = self.network_class.from_pretrained(
                str(self.folder),
                subfolder=self.network_name,
                torch_dtype=self.device.dtype,
                local_files_only=True,
            )
        self.network.to(self.device.name).requires_grad_(False).eval()
        self.pipe.register_modules(**{self.network_name: self.network})

    def start_training(self, recipe: Recipe) -> None:
        if recipe.method == "lora":
            torch.manual_seed(recipe.seed)
            self.network.add_adapter(
                LoraConfig(
                    r=recipe.rank,
                    lora_alpha=recipe.rank,  # readers take it for the rank
                    init_lora_weights="gaussian",
                    target_modules=self.lora_targets,
                )
            )
        else:
            self.network.requires_grad_(True)
        for parameter in self.trained().values():
            parameter.data = parameter.data.float()
        self.network.enable_gradient_checkpointing()

    def trained(self) -> dict[str, torch.nn.Parameter]:
        return {name: one for name, one in self.network.named_parameters() if one.requires_grad}

    def losses(
        self,
        latents: torch.Tensor,
        prompts: Sequence[Embedding],
        generator: torch.Generator,
        prior: Sequence[Embedding] = (),
    ) -> tuple[torch.Tensor, torch.Tensor]:
        noised = self._noise(latents.float(), generator)
        noised = Noised(*(part.to(self.device.name) for part in noised))
        self.network.train()
        with self._autocast():
            loss = _mean_square(self._predict(noised, prompts), noised.target)
            if not prior:
                return loss, torch.zeros_like(loss)
            with torch.no_grad():
                self.network.disable_adapters()
                kept = self._predict(noised, prior)
                self.network.enable_adapters()
            return loss, _mean_square(self._predict(noised, prior), kept)

    def write_result(self, weights: Weights, folder: Path, metadata: Mapping[str, str]) -> Path:
        facts = {"format": "pt", **metadata}
        plain = {
            name.replace(".default.", "."): weight.to("cpu", self.device.dtype).contiguous()
            for name, weight in weights.items()
        }
        if not any(".lora_A." in name for name in plain):
            write_tensors(folder / MODEL_FILE, plain, facts)
            return folder / MODEL_FILE
        write_tensors(folder / LORA_FILE, with_prefix(plain, self.network_name), facts)
        write_tensors(folder / COMFYUI_FILE, self._comfyui_names(plain), facts)
        return folder / LORA_FILE

    def load_result(self, folder: Path, strength: float) -> None:
        if (folder / MODEL_FILE).is_file():
            with _loading(folder):
                self.network.load_state_dict(load_file(folder / MODEL_FILE))
            return
        with _loading(folder):
            weights = load_file(folder / LORA_FILE)
            self.network.load_lora_adapter(
                weights, prefix=self.network_name, adapter_name="trained"
            )
            self.network.set_adapters("trained", weights=strength)
            loaded = sum(".lora_" in name for name in self.network.state_dict())
            if loaded != len(weights):
                raise ValueError(f"{loaded} of its {len(weights)} matrices fit the base model.")

    def draw(self, question: Question, tick: Callable[[], None]) -> Image.Image:
        def on_step(_pipe: Any, _step: int, _time: Any, kept: dict[str, Any]) -> dict[str, Any]:
            tick()
            return kept

        self.network.eval()
        self.pipe.vae.to(self.device.name)
        # CPU noise is the same on every GPU of a kind.
        generator = torch.Generator("cpu").manual_seed(question.seed)
        with torch.no_grad(), self._autocast():
            image: Image.Image = self.pipe(
                **self._asked(question),
                width=question.width,
                height=question.height,
                num_inference_steps=question.steps,
                guidance_scale=question.guidance,
                generator=generator,
                callback_on_step_end=on_step,
            ).images[0]
        self.pipe.vae.to("cpu")
        return image

    @property
    def scheduler(self) -> str:
        return type(self.pipe.scheduler).__name__

    @abstractmethod
    def _noise(self, latents: torch.Tensor, generator: torch.Generator) -> Noised:
        """Add noise to latents (B, C, h, w) on the CPU."""

    @abstractmethod
    def _predict(self, noised: Noised, prompts: Sequence[Embedding]) -> torch.Tensor:
        """Return what the network predicts for noised latents, in the shape of its target."""

    @abstractmethod
    def _asked(self, question: Question) -> dict[str, Any]:
        """Return the arguments of the pipeline that say what is drawn."""

    @abstractmethod
    def _comfyui_names(self, weights: Weights) -> Named:
        """Return LoRA weights under the names that ComfyUI and ai-toolkit read."""

    def _pixels(self, picture: Image.Image) -> torch.Tensor:
        """Return a picture as (1, 3, h, w) in -1..1, on the device."""
        pixels = torch.from_numpy(np.asarray(picture, np.float32) / 127.5 - 1)
        return pixels.permute(2, 0, 1)[None].to(self.device.name, self.pipe.vae.dtype)

    def _stack(self, prompts: Sequence[Embedding], name: str) -> torch.Tensor:
        """Return one tensor of the embeddings of several prompts (B, …), on the device."""
        stacked = torch.stack([prompt[name] for prompt in prompts])
        return stacked.to(self.device.name, self.device.dtype)

    def _one(self, prompt: Embedding, name: str) -> torch.Tensor:
        return self._stack([prompt], name)

    def _autocast(self) -> AbstractContextManager[Any]:
        """Compute what learns in the numbers of the other weights."""
        autocast: AbstractContextManager[Any] = torch.autocast(
            self.device.name, dtype=self.device.dtype, enabled=self.device.reduced
        )
        return autocast

    def _check_layout(self) -> None:
        index = self.folder / "model_index.json"
        if not index.is_file():
            raise JobFailed(
                f"{index} is missing: the weights of the base model must be there in the layout of "
                "diffusers."
            )
        found = json.loads(index.read_text(encoding="utf-8")).get("_class_name")
        if found != self.pipeline.__name__:
            raise JobFailed(
                f"{index} is of {found}; this family needs {self.pipeline.__name__}. Check the "
                "base model and its folder of weights."
            )


class FlowFamily(DiffusersFamily):
    """A family that learns the way from the picture to noise: noise minus latents.

    Its text encoder is a chat model, to which a prompt is a message.
    """

    #: Whether the message asks for an answer with thinking.
    thinks: ClassVar[bool]

    def _count_tokens(self, tokenizer: Any, prompt: str) -> int:
        message = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=self.thinks,
        )
        return super()._count_tokens(tokenizer, message)

    def _noise(self, latents: torch.Tensor, generator: torch.Generator) -> Noised:
        noise = torch.randn(latents.shape, generator=generator)
        level = torch.randn(len(latents), generator=generator).sigmoid()
        scheduler = self.pipe.scheduler.config
        if not scheduler.use_dynamic_shifting:  # the levels that it draws at are shifted as well
            level = scheduler.shift * level / (1 + (scheduler.shift - 1) * level)
        share = level[:, None, None, None]
        return Noised((1 - share) * latents + share * noise, level, noise - latents)


@contextmanager
def _loading(what: Path) -> Iterator[None]:
    """Translate the many errors of damaged files."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch_dtype is the name of before 0.42
            yield
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        if type(error).__name__ == "OutOfMemoryError":
            raise
        raise _damaged(what, error) from error
    except Exception as error:
        if type(error).__name__ == "SafetensorError":  # derives from Exception alone
            raise _damaged(what, error) from error
        raise


def _damaged(what: Path, error: Exception) -> JobFailed:
    first = str(error).strip().partition("\n")[0]
    return JobFailed(f"The weights in {what} cannot be loaded: {first} Copy them again.")


def _mean_square(predicted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return (predicted.float() - target.float()).square().flatten(1).mean(1)
