"""The curve of a run: always a JSON line an entry; TensorBoard where installed; W&B and MLflow when asked."""

from __future__ import annotations

import importlib
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adwright.errors import UsageError


class Curve:
    """Where the figures of a run go, step by step.

    Args:
        path: The file of JSON lines; lines after step `first` are dropped, for those steps come again.
        first: The step that the run goes on from.
        sinks: Called with the step and the figures.
    """

    def __init__(
        self, path: Path, *, first: int, sinks: tuple[Callable[[int, dict[str, float]], None], ...] = ()
    ) -> None:
        kept = [line for line in _lines(path) if json.loads(line)["step"] <= first]
        path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")
        self._sinks = sinks
        losses = (json.loads(line).get("loss") for line in kept)
        self.first_loss: float | None = next((x for x in losses if x is not None), None)

    def add(self, step: int, **figures: float) -> None:
        """One entry."""
        if self.first_loss is None and "loss" in figures:
            self.first_loss = round(figures["loss"], 4)
        rounded = {name: round(value, 6) for name, value in figures.items()}
        self._file.write(json.dumps({"step": step, **rounded, "at": round(time.time(), 1)}) + "\n")
        self._file.flush()
        for sink in self._sinks:
            sink(step, figures)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def open_curve(
    out: Path,
    *,
    name: str,
    first: int,
    wandb_project: str | None = None,
    mlflow_experiment: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Curve:
    """The curve of the run in folder `out`, to TensorBoard too where that is installed; others when asked.

    Args:
        out: The folder.
        name: Of the file of JSON lines in it.
        first: The step that the run goes on from.
        wandb_project: Also log to this Weights & Biases project.
        mlflow_experiment: Also log to this MLflow experiment, where MLFLOW_TRACKING_URI says.
        progress: Told where the curve is, if nothing shows it.

    Raises:
        UsageError: what was asked for is not installed.
    """
    sinks: list[Callable[[int, dict[str, float]], None]] = []
    if importlib.util.find_spec("tensorboard") is not None:
        sinks.append(_tensorboard(out / "tensorboard"))
    else:
        progress(f"TensorBoard is not installed; the loss curve is in {out / name}")
    if wandb_project is not None:
        sinks.append(_wandb(wandb_project, out))
    if mlflow_experiment is not None:
        sinks.append(_mlflow(mlflow_experiment))
    return Curve(out / name, first=first, sinks=tuple(sinks))


def _tensorboard(folder: Path) -> Callable[[int, dict[str, float]], None]:
    from torch.utils.tensorboard import SummaryWriter

    writer: Any = SummaryWriter(str(folder))

    def add(step: int, figures: dict[str, float]) -> None:
        for figure, value in figures.items():
            writer.add_scalar(figure, value, step)
        writer.flush()

    return add


def _wandb(project: str, out: Path) -> Callable[[int, dict[str, float]], None]:
    run = _installed("wandb").init(project=project, dir=str(out), resume="allow")
    return lambda step, figures: run.log(dict(figures), step=step)


def _mlflow(experiment: str) -> Callable[[int, dict[str, float]], None]:
    mlflow = _installed("mlflow")
    mlflow.set_experiment(experiment)
    return lambda step, figures: mlflow.log_metrics(dict(figures), step=step)


def _installed(package: str) -> Any:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{package} is not installed", hint=f"pip install {package}, or do not ask for it"
        ) from error


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
