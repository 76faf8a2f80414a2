"""`adwright learn pretrain`: the bundled base writer, trained from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, emit, progress
from adwright.learn.pretrain import PretrainConfig, pretrain


def pretrain_command(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; the model lands in its writer/.")],
    steps: Annotated[int | None, typer.Option("--steps", help="Optimiser steps.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the corpus and the weights.")] = 0,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, mps.")] = "cpu",
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the folder's checkpoint.")] = False,
    wandb: Annotated[
        str | None, typer.Option("--wandb", help="Also log to this Weights & Biases project.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Train the base writer: corpus, tokenizer, model, loss curve. An interrupted run goes on with --resume."""
    wanted = PretrainConfig(seed=seed, device=device)
    if steps is not None:
        wanted = PretrainConfig(seed=seed, device=device, steps=steps)
    config = None if resume and steps is None else wanted
    figures = pretrain(out, config, resume=resume, wandb_project=wandb, progress=progress)
    lines = [f"{name}: {value}" for name, value in figures.items()]
    emit(figures, "\n".join([*lines, f"model: {out / 'writer'}"]), as_json=json)
