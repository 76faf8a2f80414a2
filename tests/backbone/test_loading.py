import json

import pytest
import torch

from adwright.backbone import load_causal_lm
from adwright.errors import BackendError, ConfigError
from backbone.tiny_model import build_model, build_tokenizer, save, save_adapter

TEXTS = ["a soft cotton shirt for slow days", "一件柔软的棉衬衫", "hello world, you there"] * 4


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = build_tokenizer(TEXTS)
    return save(folder, tokenizer, build_model(tokenizer))


def _logits(model, tokenizer):
    inputs = tokenizer("a soft shirt", return_tensors="pt", add_special_tokens=False)
    with torch.no_grad():
        return model(inputs.input_ids).logits


def test_a_saved_model_is_loaded_for_evaluation(tiny):
    model, tokenizer = load_causal_lm(tiny)
    assert not model.training
    assert tokenizer.padding_side == "left"
    assert next(model.parameters()).dtype == torch.float32


def test_the_dtype_is_that_which_was_asked_for(tiny):
    model, _ = load_causal_lm(tiny, dtype="bfloat16")
    assert next(model.parameters()).dtype == torch.bfloat16


def test_a_trained_adapter_changes_the_output(tiny, tmp_path):
    base, tokenizer = load_causal_lm(tiny)
    adapter = save_adapter(tmp_path / "adapter", base, trained=True)
    plain = _logits(load_causal_lm(tiny)[0], tokenizer)
    adapted = _logits(load_causal_lm(tiny, adapter)[0], tokenizer)
    assert not torch.allclose(plain, adapted)


def test_an_adapter_that_changes_nothing_is_an_error(tiny, tmp_path):
    adapter = save_adapter(tmp_path / "adapter", load_causal_lm(tiny)[0], trained=False)
    with pytest.raises(BackendError, match="changes nothing"):
        load_causal_lm(tiny, adapter)


def test_an_adapter_for_another_model_is_an_error(tiny, tmp_path):
    adapter = save_adapter(tmp_path / "adapter", load_causal_lm(tiny)[0], trained=True)
    config = tmp_path / "adapter" / "adapter_config.json"
    changed = json.loads(config.read_text()) | {"target_modules": ["no_such_layer"]}
    config.write_text(json.dumps(changed))
    with pytest.raises(BackendError, match="cannot load the adapter"):
        load_causal_lm(tiny, adapter)


def test_missing_things_are_named(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(BackendError, match="nowhere") as caught:
        load_causal_lm(str(tmp_path / "nowhere"))
    assert not caught.value.retryable
    with pytest.raises(BackendError, match="adapter"):
        load_causal_lm(tiny, str(tmp_path / "nothing"))
    with pytest.raises(ConfigError, match="dtype = 'int4'"):
        load_causal_lm(tiny, dtype="int4")
    with pytest.raises(ConfigError, match="device = 'quantum'"):
        load_causal_lm(tiny, device="quantum")
