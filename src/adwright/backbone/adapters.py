"""Ways to fine-tune a small part of a causal model or of an encoder, and to save and load that part.

lora and adalora are PEFT's; bottleneck is `backbone.bottleneck`; top_layers trains the last layers and the
final norm, where there is one, as they are. The latter two save `adwright_adapter.json` and `adapter.safetensors`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from adwright.errors import BackendError, ConfigError

Method = Literal["lora", "adalora", "bottleneck", "top_layers"]
Task = Literal["CAUSAL_LM", "FEATURE_EXTRACTION"]
METHODS: tuple[Method, ...] = ("lora", "adalora", "bottleneck", "top_layers")
CARD = "adwright_adapter.json"
_WEIGHTS = "adapter.safetensors"


@dataclass(frozen=True)
class AdapterConfig:
    """What is trained.

    Args:
        method: One of `METHODS`.
        rank: Of lora; what adalora comes down to (it starts at half as much again).
        alpha: Scale of lora and adalora.
        dropout: Of lora and adalora.
        bottleneck_size: Of bottleneck.
        n_top_layers: Of top_layers.
        train_embeddings: Also the token embeddings (with tied weights the output layer as well): for a small model
            and texts whose words it hardly knows.
    """

    method: Method = "lora"
    rank: int = 8
    alpha: int = 16
    dropout: float = 0.0
    bottleneck_size: int = 32
    n_top_layers: int = 1
    train_embeddings: bool = False

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(
                "unknown method", argument="method", value=self.method, allowed=", ".join(METHODS)
            )
        for name in ("rank", "alpha", "bottleneck_size", "n_top_layers"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )


def add_adapter(model: Any, config: AdapterConfig, *, n_steps: int, task: Task = "CAUSAL_LM") -> Any:
    """The model with only its adapter to be trained.

    Args:
        model: A causal model, or an encoder; changed in place, or wrapped by PEFT.
        config: What is trained.
        n_steps: How many steps will follow; adalora plans its ranks by them.
        task: What the model is for, as PEFT calls it.
    """
    if config.method == "bottleneck":
        from adwright.backbone.bottleneck import add_bottlenecks

        adapted = add_bottlenecks(model, size=config.bottleneck_size)
    elif config.method == "top_layers":
        adapted = _free_top(model, config.n_top_layers)
    else:
        return _add_peft(model, config, n_steps=n_steps, task=task)
    if config.train_embeddings:
        adapted.get_input_embeddings().weight.requires_grad_(True)
    return adapted


def orthogonality_loss(model: Any) -> Any:
    """How far adalora's factors are from orthogonal, a matrix on average, to be added to the loss.

    PEFT adds it by itself to a causal model's own loss, and to nothing else.

    Source: Zhang et al. (2023), AdaLoRA, ICLR, eq. 4, as PEFT weighs it (the norm, not its square).
    """
    import torch

    gaps = []
    for name, weight in model.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            square = weight @ weight.T if "lora_A" in name else weight.T @ weight
            gaps.append(torch.linalg.matrix_norm(square - torch.eye(len(square))))
    planned = next(iter(model.peft_config.values()))
    return planned.orth_reg_weight * torch.stack(gaps).mean()


def save_adapter(model: Any, config: AdapterConfig, folder: Path) -> None:
    """Writes the trained part to a folder; its card is written last."""
    folder.mkdir(parents=True, exist_ok=True)
    if config.method in ("lora", "adalora"):
        model.save_pretrained(str(folder))
        return
    from safetensors.torch import save_file

    weights = {name: weight.detach().cpu().contiguous() for name, weight in trained_weights(model).items()}
    save_file(weights, str(folder / _WEIGHTS))
    (folder / CARD).write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")


def is_own_adapter(path: str) -> bool:
    """Whether a folder holds an adapter that PEFT does not know."""
    return (Path(path) / CARD).is_file()


def load_own_adapter(model: Any, path: str) -> Any:
    """The model with the bottleneck adapter or the top layers of a folder.

    Raises:
        BackendError: the folder is broken, or its weights do not fit the model.
    """
    from safetensors.torch import load_file

    try:
        config = AdapterConfig(**json.loads((Path(path) / CARD).read_text(encoding="utf-8")))
        weights = load_file(str(Path(path) / _WEIGHTS))
        adapted = add_adapter(model, config, n_steps=0)
        wanted = trained_weights(adapted)
        if wanted.keys() != weights.keys():
            raise ValueError(f"holds {len(weights)} weights, the model has {len(wanted)} places for them")
        fitted = {name: weight.to(wanted[name].dtype) for name, weight in weights.items()}
        adapted.load_state_dict(fitted, strict=False)
    except (OSError, ValueError, TypeError, RuntimeError, ConfigError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise BackendError(
            f"cannot load the adapter {path}: {first}",
            retryable=False,
            hint="It may belong to another model, or be half written; train it again",
        ) from error
    return adapted


def trained_weights(model: Any) -> Mapping[str, Any]:
    """Name -> weight of all that is trained."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def _free_top(model: Any, n_layers: int) -> Any:
    from adwright.backbone.bottleneck import decoder_layers

    layers = decoder_layers(model)
    if len(layers) < n_layers:
        raise ConfigError(
            "the model has fewer layers",
            argument="n_top_layers",
            value=n_layers,
            allowed=f"up to {len(layers)}",
        )
    for weight in model.parameters():
        weight.requires_grad_(False)
    freed = layers[len(layers) - n_layers :]
    norm = getattr(model.get_decoder(), "norm", None)
    for module in [*freed, *([norm] if norm is not None else [])]:
        for weight in module.parameters():
            weight.requires_grad_(True)
    return model


def _add_peft(model: Any, config: AdapterConfig, *, n_steps: int, task: Task) -> Any:
    from peft import AdaLoraConfig, LoraConfig, get_peft_model

    shared: dict[str, Any] = {
        "lora_alpha": config.alpha,
        "lora_dropout": config.dropout,
        "target_modules": "all-linear",
        "task_type": task,
    }
    if config.train_embeddings:
        embeddings = model.get_input_embeddings()
        shared["modules_to_save"] = [
            name.rpartition(".")[2] for name, m in model.named_modules() if m is embeddings
        ]
        shared["ensure_weight_tying"] = bool(model.config.tie_word_embeddings)
    if config.method == "lora":
        return get_peft_model(model, LoraConfig(r=config.rank, **shared))
    warm, final = n_steps // 10, n_steps // 5
    planned = AdaLoraConfig(
        init_r=config.rank + max(config.rank // 2, 1),
        target_r=config.rank,
        tinit=warm,
        tfinal=final,
        deltaT=max(1, n_steps // 50),
        total_step=max(n_steps, warm + final + 1),
        **shared,
    )
    return get_peft_model(model, planned)
