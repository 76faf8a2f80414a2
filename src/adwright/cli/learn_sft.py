"""`adwright learn sft`: fine-tune a causal model on pairs of prompt and text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from adwright.backbone.adapters import AdapterConfig, Method
from adwright.backbone.loading import WEIGHTS, load_tokenizer
from adwright.cli.output import JsonOption, emit, progress
from adwright.errors import UsageError
from adwright.generate.delexical import check_base_vocabulary
from adwright.learn.delexical_pairs import read_copy
from adwright.learn.pairs import Pair, read_pairs
from adwright.learn.sft import SftConfig, SftResult, fine_tune


def sft(
    out: Annotated[
        Path, typer.Option("--out", help="The folder of the run; gone on with where it was begun.")
    ],
    *,
    data: Annotated[
        Path | None, typer.Option("--data", help="Pairs as JSON lines: prompt and completion.")
    ] = None,
    copy: Annotated[
        Path | None,
        typer.Option(
            "--copy", help="Or published copy as JSON lines: product and slots; for the base writer."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="A causal model: a folder, or an id of the hub; with --copy the bundled one."
        ),
    ] = None,
    dev: Annotated[Path | None, typer.Option("--dev", help="Held-out lines alike, for the loss.")] = None,
    fields: Annotated[
        str | None, typer.Option("--fields", help="Names of prompt and text, as PROMPT,TEXT.")
    ] = None,
    method: Annotated[str, typer.Option("--method", help="lora, adalora, bottleneck, top_layers.")] = "lora",
    rank: Annotated[int, typer.Option("--rank", help="Of lora and adalora.")] = 8,
    bottleneck_size: Annotated[int, typer.Option("--bottleneck-size", help="Of bottleneck.")] = 32,
    n_top_layers: Annotated[int, typer.Option("--top-layers", help="Of top_layers.")] = 1,
    steps: Annotated[int, typer.Option("--steps", help="Optimiser steps.")] = 300,
    batch: Annotated[int, typer.Option("--batch", help="Pairs a step.")] = 16,
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="The greatest.")] = 1e-3,
    max_tokens: Annotated[int, typer.Option("--max-tokens", help="Longest pair.")] = 256,
    seed: Annotated[int, typer.Option("--seed", help="Of the order of the pairs and of new weights.")] = 0,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, mps.")] = "cpu",
    embeddings: Annotated[
        bool,
        typer.Option("--embeddings", help="Also train the token embeddings: for words new to a small model."),
    ] = False,
    wandb: Annotated[str | None, typer.Option("--wandb", help="Also log to this W&B project.")] = None,
    json: JsonOption = False,
) -> None:
    """Fine-tune a small part of a causal model: an adapter, its tokenizer and its chat template.

    The same command goes on where an interrupted one was. The loss curve is in OUT/loss.jsonl, and in
    TensorBoard where that is installed; OUT/adapter is what `adapter` of the backend hf takes, or of the
    backend base after --copy.
    """
    path = _model(model, data=data, copy=copy, fields=fields)
    config = SftConfig(
        model=path,
        adapter=AdapterConfig(
            method=cast(Method, method),
            rank=rank,
            bottleneck_size=bottleneck_size,
            n_top_layers=n_top_layers,
            train_embeddings=embeddings,
        ),
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        max_tokens=max_tokens,
        seed=seed,
        device=device,
    )
    names = _fields(fields)

    def read(path: Path) -> list[Pair]:
        return read_pairs(path, fields=names) if copy is None else read_copy(path)

    result = fine_tune(
        read(cast(Path, data or copy)),
        out,
        config,
        dev=read(dev) if dev is not None else (),
        wandb_project=wandb,
        progress=progress,
    )
    emit(
        {name: getattr(result, name) for name in SftResult.__dataclass_fields__}, _line(result), as_json=json
    )


def _model(model: str | None, *, data: Path | None, copy: Path | None, fields: str | None) -> str:
    """The model to train; copy is for the bundled writer or one of its vocabulary."""
    if (data is None) == (copy is None):
        raise UsageError("name one", argument="--data, --copy", value=(data, copy), allowed="one of the two")
    if copy is None:
        if model is None:
            raise UsageError(
                "no model", argument="--model", value=None, allowed="a folder, or an id of the hub"
            )
        return model
    if fields is not None:
        raise UsageError("lines of copy have fields of their own", argument="--fields", value=fields)
    if model is None:
        return str(WEIGHTS)
    check_base_vocabulary(load_tokenizer(model), model)
    return model


def _fields(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    if len(names) != 2 or not all(names):
        raise UsageError("not two names", argument="--fields", value=text, allowed="PROMPT,TEXT")
    return names[0], names[1]


def _line(result: SftResult) -> str:
    share = result.n_trained / result.n_parameters
    told = f"{result.n_trained:,} of {result.n_parameters:,} parameters trained ({share:.2%})"
    if result.dev_loss is not None and result.dev_loss_before is not None:
        told += f"; held-out loss {result.dev_loss_before:.3f} -> {result.dev_loss:.3f}"
    return f"{told}; {result.seconds:.0f} s; {result.folder}"
