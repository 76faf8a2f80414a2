import json

import pytest
import torch

from adwright.backbone import load_causal_lm
from adwright.backbone.adapters import METHODS, AdapterConfig
from adwright.backbone.chat import chat_text
from adwright.errors import BackendError, ConfigError, UsageError
from adwright.learn.pairs import Pair
from adwright.learn.sft import SftConfig, fine_tune
from backbone.tiny_model import build_model, build_tokenizer, save

PAIRS = [
    Pair(f"类型#{a}*颜色#{b}", f"{b}的{a}，好看。") for a in ("裤", "裙", "衬衫") for b in ("红", "白", "蓝")
]
TEXTS = [p.prompt + p.text for p in PAIRS]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    tokenizer = build_tokenizer(TEXTS * 3)
    return save(tmp_path_factory.mktemp("tiny"), tokenizer, build_model(tokenizer))


def _config(tiny, method="lora", **changes):
    values = {"steps": 24, "batch": 4, "learning_rate": 2e-2, "warmup": 2, "log_every": 4, "eval_every": 12}
    adapter = AdapterConfig(method=method, rank=4, bottleneck_size=8)
    return SftConfig(**({"model": tiny, "adapter": adapter, "checkpoint_every": 8} | values | changes))


def _logits(folder, adapter):
    model, tokenizer = load_causal_lm(folder, str(adapter))
    ids = tokenizer(
        chat_text(tokenizer, PAIRS[0].prompt), return_tensors="pt", add_special_tokens=False
    ).input_ids
    with torch.no_grad():
        return model(ids).logits


@pytest.mark.parametrize("method", METHODS)
def test_each_method_learns_saves_and_loads(method, tiny, tmp_path):
    result = fine_tune(PAIRS, tmp_path / "run", _config(tiny, method), dev=PAIRS[:4])
    assert 0 < result.n_trained < result.n_parameters
    assert result.dev_loss < 0.96 * result.dev_loss_before
    assert _loss(tiny, result.folder, PAIRS[:4]) == pytest.approx(result.dev_loss, rel=1e-4)
    curve = [json.loads(line) for line in (tmp_path / "run" / "loss.jsonl").read_text().splitlines()]
    assert curve[-1]["step"] == 24
    assert any("dev_loss" in entry for entry in curve)
    card = json.loads((result.folder / "card.json").read_text())
    assert card["dev_loss"] == pytest.approx(result.dev_loss)


def _loss(folder, adapter, pairs):
    """The loss per token of text, pair by pair and token by token: a second implementation."""
    model, tokenizer = load_causal_lm(folder, str(adapter))
    total, n = 0.0, 0
    for pair in pairs:
        asked = tokenizer(chat_text(tokenizer, pair.prompt), add_special_tokens=False).input_ids
        told = tokenizer(pair.text + tokenizer.eos_token, add_special_tokens=False).input_ids
        with torch.no_grad():
            log_p = torch.log_softmax(model(torch.tensor([asked + told])).logits[0].double(), dim=-1)
        total -= sum(log_p[len(asked) + i - 1, token].item() for i, token in enumerate(told))
        n += len(told)
    return total / n


@pytest.mark.parametrize("method", ["lora", "adalora", "top_layers"])
def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(method, tiny, tmp_path):
    whole = fine_tune(PAIRS, tmp_path / "whole", _config(tiny, method))
    stopped = fine_tune(PAIRS, tmp_path / "parts", _config(tiny, method), stop_after=11)
    assert (stopped.folder, stopped.step) == (None, 11)
    resumed = fine_tune(PAIRS, tmp_path / "parts", _config(tiny, method))
    torch.testing.assert_close(
        _logits(tiny, whole.folder), _logits(tiny, resumed.folder), rtol=1e-4, atol=1e-4
    )
    steps = [
        json.loads(line)["step"] for line in (tmp_path / "parts" / "loss.jsonl").read_text().splitlines()
    ]
    assert steps == sorted(steps)


def test_tokenizer_and_chat_template_travel_with_the_adapter(tiny, tmp_path):
    result = fine_tune(PAIRS, tmp_path / "run", _config(tiny, steps=4))
    _, plain = load_causal_lm(tiny)
    _, tuned = load_causal_lm(tiny, str(result.folder))
    assert plain.chat_template is None
    assert tuned.chat_template
    assert chat_text(tuned, "u", system="s") == chat_text(plain, "u", system="s")


@pytest.mark.parametrize("method", ["bottleneck", "top_layers"])
def test_an_adapter_that_changes_nothing_or_belongs_elsewhere_is_refused(method, tiny, tmp_path):
    from safetensors.torch import load_file, save_file

    result = fine_tune(PAIRS, tmp_path / "run", _config(tiny, method, steps=2))
    file = result.folder / "adapter.safetensors"
    model, _ = load_causal_lm(tiny)
    own = model.state_dict()
    weights = load_file(file)
    untrained = {name: own.get(name, torch.zeros_like(w)).clone().contiguous() for name, w in weights.items()}
    save_file(untrained, file)
    with pytest.raises(BackendError, match="changes nothing"):
        load_causal_lm(tiny, str(result.folder))
    save_file({"x": torch.zeros(1)}, file)
    with pytest.raises(BackendError, match="cannot load the adapter"):
        load_causal_lm(tiny, str(result.folder))


def test_a_folder_is_for_one_configuration_and_one_set_of_pairs(tiny, tmp_path):
    fine_tune(PAIRS, tmp_path / "run", _config(tiny, steps=2))
    with pytest.raises(UsageError, match="begun with something else"):
        fine_tune(PAIRS, tmp_path / "run", _config(tiny, steps=3))
    with pytest.raises(UsageError, match="begun with something else"):
        fine_tune(PAIRS[1:], tmp_path / "run", _config(tiny, steps=2))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(UsageError, match="not empty"):
        fine_tune(PAIRS, tmp_path / "full", _config(tiny))
    with pytest.raises(UsageError, match="nothing to learn from"):
        fine_tune([], tmp_path / "new", _config(tiny))


def test_impossible_settings_are_refused(tiny):
    with pytest.raises(ConfigError, match="allowed: lora"):
        AdapterConfig(method="magic")
    with pytest.raises(ConfigError):
        SftConfig(model=tiny, steps=0)
    with pytest.raises(ConfigError):
        SftConfig(model=tiny, learning_rate=0)


def test_more_layers_than_there_are_is_an_error(tiny, tmp_path):
    config = SftConfig(model=tiny, adapter=AdapterConfig(method="top_layers", n_top_layers=9))
    with pytest.raises(ConfigError, match="up to 2"):
        fine_tune(PAIRS, tmp_path / "run", config)
