"""Training the base writer from an empty folder, on a budget of seconds."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adwright.errors import ConfigError, UsageError
from adwright.learn.pretrain import PretrainConfig, pretrain

TINY = PretrainConfig(
    steps=24,
    batch=8,
    seed=5,
    vocab_size=5200,
    hidden_size=32,
    intermediate_size=64,
    n_layers=1,
    n_heads=2,
    n_kv_heads=1,
    head_dim=16,
    learning_rate=2e-2,
    warmup=4,
    n_tokenizer_documents=60,
    n_dev=16,
    log_every=4,
    eval_every=12,
    checkpoint_every=6,
)


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return dict(load_file(folder / "writer" / "model.safetensors"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("whole") / "run"
    return folder, pretrain(folder, TINY)


def test_from_an_empty_folder_the_loss_falls(whole: tuple[Path, dict[str, Any]]) -> None:
    folder, figures = whole
    curve = [json.loads(line) for line in (folder / "loss.jsonl").read_text().splitlines()]
    held_out = [entry["dev_loss"] for entry in curve if "dev_loss" in entry]
    assert figures["finished"]
    assert figures["dev_loss"] < figures["first_loss"] - 1
    assert held_out == sorted(held_out, reverse=True)
    assert [entry["step"] for entry in curve if "loss" in entry] == list(range(4, 25, 4))


def test_a_killed_and_resumed_run_ends_as_an_uninterrupted_one(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    import torch

    folder = tmp_path / "run"
    assert pretrain(folder, TINY, stop_after=9) == {"step": 9, "finished": False}
    figures = pretrain(folder, resume=True)
    assert figures["dev_loss"] == pytest.approx(whole[1]["dev_loss"], abs=2e-3)
    for name, tensor in weights(whole[0]).items():
        assert torch.allclose(weights(folder)[name].float(), tensor.float(), atol=2e-3), name


def test_what_was_trained_loads_as_any_transformers_model(whole: tuple[Path, dict[str, Any]]) -> None:
    from adwright.backbone import load_causal_lm

    model, tokenizer = load_causal_lm(str(whole[0] / "writer"))
    assert model.config.model_type == "qwen3"
    assert tokenizer.eos_token == "<end>"


def test_a_folder_that_is_not_empty_is_left_alone(whole: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(UsageError, match="not empty"):
        pretrain(whole[0], TINY)


def test_there_must_be_something_to_resume(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to resume"):
        pretrain(tmp_path, resume=True)


def test_a_resumed_run_keeps_its_shape(whole: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(ConfigError, match="another configuration"):
        pretrain(whole[0], replace(TINY, hidden_size=64), resume=True)


def test_figures_must_be_positive() -> None:
    with pytest.raises(ConfigError, match="positive"):
        PretrainConfig(steps=0)
