"""How well do four ways to fine-tune a small part of a model write, beside the composer and no fine-tuning?

    python benchmarks/sft/run.py --model PATH --out FOLDER [--steps 300] [--n 200] [--device cpu] [ID...]

Trains on ../shared/data/advertisegen/train.jsonl (ADWRIGHT_DATA), measures on dev.jsonl. Prints one JSON object a
scenario: trained parameters, seconds, loss before and after, ROUGE-L, attribute coverage, distinct-2. A run that
was interrupted goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import SCENARIOS, Scenario

from adwright.backbone import load_causal_lm
from adwright.backbone.chat import chat_text
from adwright.generate import write_contents
from adwright.learn.measures import attribute_coverage, distinct, rouge_l
from adwright.learn.pairs import Pair, attribute_pairs, read_pairs
from adwright.learn.sft import SftConfig, fine_tune
from adwright.schema import Brief, Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
MAX_TOKENS, MAX_NEW, BATCH = 320, 200, 25


def measure(
    scenario: Scenario, arguments: argparse.Namespace, train: Sequence[Pair], dev: Sequence[Pair]
) -> Any:
    """The figures of one way to write."""
    found: dict[str, Any] = {"id": scenario.id, "n_dev": len(dev)}
    started = time.monotonic()
    if scenario.by_rule:
        texts = [_composed(pair, i) for i, pair in enumerate(dev)]
    else:
        adapter = None
        if scenario.adapter is not None:
            adapter, trained = _trained(scenario, arguments, train, dev)
            found |= trained
        started = time.monotonic()
        texts = _written(arguments.model, adapter, dev, arguments.device)
    values = [tuple(dict.fromkeys(value for _, value in attribute_pairs(pair.prompt))) for pair in dev]
    return found | {
        "rouge_l": round(fmean(rouge_l(t, p.text) for t, p in zip(texts, dev, strict=True)), 4),
        "coverage": round(fmean(attribute_coverage(t, v) for t, v in zip(texts, values, strict=True)), 4),
        "distinct_2": round(distinct(texts), 4),
        "characters": round(fmean(map(len, texts)), 1),
        "writing_s": round(time.monotonic() - started, 1),
        "example": texts[0],
    }


def _trained(
    scenario: Scenario, arguments: argparse.Namespace, train: Sequence[Pair], dev: Sequence[Pair]
) -> tuple[str, dict[str, Any]]:
    if scenario.adapter is None:
        raise ValueError(scenario.id)
    config = SftConfig(
        model=arguments.model,
        adapter=scenario.adapter,
        steps=arguments.steps,
        batch=arguments.batch,
        learning_rate=scenario.learning_rate,
        max_tokens=MAX_TOKENS,
        eval_every=max(arguments.steps // 3, 1),
        device=arguments.device,
    )
    result = fine_tune(
        train,
        arguments.out / scenario.id,
        config,
        dev=dev,
        progress=lambda line: print(line, file=sys.stderr),
    )
    return str(result.folder), {
        "n_trained": result.n_trained,
        "share_trained": round(result.n_trained / result.n_parameters, 4),
        "training_s": round(result.seconds, 1),
        "dev_loss_before": round(result.dev_loss_before or 0.0, 4),
        "dev_loss": round(result.dev_loss or 0.0, 4),
    }


def _written(model_path: str, adapter: str | None, dev: Sequence[Pair], device: str) -> list[str]:
    """What the model writes for each prompt, taking the likeliest token each time."""
    import torch

    model, tokenizer = load_causal_lm(model_path, adapter, device=device)
    texts: list[str] = []
    for start in range(0, len(dev), BATCH):
        prompts = [chat_text(tokenizer, pair.prompt) for pair in dev[start : start + BATCH]]
        inputs = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False).to(device)
        inputs.pop("token_type_ids", None)
        with torch.no_grad():
            out = model.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=MAX_NEW,
                no_repeat_ngram_size=6,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
        width = inputs.input_ids.shape[1]
        texts += tokenizer.batch_decode(out[:, width:], skip_special_tokens=True)
    return texts


def _composed(pair: Pair, seed: int) -> str:
    """What the composer makes of the same attributes: a description of the goods that they name."""
    attributes = dict(attribute_pairs(pair.prompt))
    noun = attributes.pop("类型", "商品")
    title = "".join(list(attributes.values())[:2]) + noun
    product = Product(
        id=str(seed),
        title=title,
        description="，".join(f"{name}：{value}" for name, value in attributes.items()) + "。",
        attributes=attributes,
    )
    brief = Brief(kind="product_description", products=(product,), channel="onsite", language="zh")
    written = write_contents([brief], backend="compose", n=1, seed=seed, now=NOW)
    return re.sub(r"\s+", "", written[0].content.slots["description"]) if written else ""


def main() -> None:
    """Runs the scenarios that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    folder = DATA / "advertisegen"
    train, dev = read_pairs(folder / "train.jsonl"), read_pairs(folder / "dev.jsonl")[: arguments.n]
    for scenario in SCENARIOS:
        if not arguments.ids or scenario.id in arguments.ids:
            print(json.dumps(measure(scenario, arguments, train, dev), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
