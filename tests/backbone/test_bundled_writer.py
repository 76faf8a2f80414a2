"""The weights that ship with the package."""

import json

from adwright.backbone import WEIGHTS, load_base_writer
from adwright.generate.delexical import special_tokens

MAX_BYTES = 32 * 2**20


def test_the_folder_is_small_and_says_what_it_is() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < MAX_BYTES
    card = (WEIGHTS / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("Data", "Size", "Loss", "Limits"))


def test_it_is_a_stock_model_of_six_to_fifteen_million_parameters_in_half_precision() -> None:
    config = json.loads((WEIGHTS / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["Qwen3ForCausalLM"]
    assert config["dtype"] == "float16"
    model, tokenizer = load_base_writer()
    assert 6e6 <= sum(p.numel() for p in model.parameters()) <= 15e6
    for token in special_tokens():
        assert len(tokenizer(token, add_special_tokens=False).input_ids) == 1
