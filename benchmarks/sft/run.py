"""How well do four ways to fine-tune a small part of the base writer write, beside the composer and no fine-tuning?

    python benchmarks/sft/run.py --out FOLDER [--steps 600] [--n 200] [--device cpu] [ID...]

Trains on ../shared/data/advertisegen/train.jsonl (ADWRIGHT_DATA) in the writer's own tokens, measures on dev.jsonl
through the backends that a shop uses. Prints one JSON object a scenario. A run that was interrupted goes on.
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

sys.path.insert(0, str(Path(__file__).parents[1] / "writer"))
sys.path.insert(0, str(Path(__file__).parent))

from catalogues import garment
from scenarios import SCENARIOS, Scenario

from adwright.backbone.loading import WEIGHTS
from adwright.generate import write_contents
from adwright.generate.backends.base_writer import BaseBackend, BaseConfig
from adwright.generate.guards import create_guards
from adwright.learn.delexical_pairs import delexical_pair
from adwright.learn.measures import attribute_coverage, distinct, rouge_l
from adwright.learn.pairs import Pair, attribute_pairs, read_pairs
from adwright.learn.sft import SftConfig, fine_tune
from adwright.schema import Brief

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
MAX_TOKENS = 320


def measure(
    scenario: Scenario, arguments: argparse.Namespace, train: Sequence[Pair], dev: Sequence[Pair]
) -> Any:
    """The figures of one way to write."""
    found: dict[str, Any] = {"id": scenario.id, "n_dev": len(dev)}
    adapter = None
    if scenario.adapter is not None:
        adapter, trained = _trained(scenario, arguments, train, dev)
        found |= trained
    started = time.monotonic()
    backend: Any = "compose"
    if not scenario.by_rule:
        backend = BaseBackend(BaseConfig(adapter=adapter, device=arguments.device))
    texts, claims = _written(backend, dev)
    values = [tuple(dict.fromkeys(value for _, value in attribute_pairs(pair.prompt))) for pair in dev]
    return found | {
        "rouge_l": round(fmean(rouge_l(t, p.text) for t, p in zip(texts, dev, strict=True)), 4),
        "coverage": round(fmean(attribute_coverage(t, v) for t, v in zip(texts, values, strict=True)), 4),
        "distinct_2": round(distinct(texts), 4),
        "characters": round(fmean(map(len, texts)), 1),
        "share_with_unsupported_claims": round(claims / len(dev), 4),
        "not_written": sum(not text for text in texts),
        "writing_s": round(time.monotonic() - started, 1),
        "examples": texts[:3],
    }


def _trained(
    scenario: Scenario, arguments: argparse.Namespace, train: Sequence[Pair], dev: Sequence[Pair]
) -> tuple[str, dict[str, Any]]:
    if scenario.adapter is None:
        raise ValueError(scenario.id)
    config = SftConfig(
        model=str(WEIGHTS),
        adapter=scenario.adapter,
        steps=arguments.steps,
        batch=arguments.batch,
        learning_rate=scenario.learning_rate,
        max_tokens=MAX_TOKENS,
        eval_every=max(arguments.steps // 3, 1),
        device=arguments.device,
    )
    result = fine_tune(
        [_in_tokens(i, pair) for i, pair in enumerate(train)],
        arguments.out / scenario.id,
        config,
        dev=[_in_tokens(i, pair) for i, pair in enumerate(dev)],
        progress=lambda line: print(scenario.id, line, file=sys.stderr),
    )
    return str(result.folder), {
        "n_trained": result.n_trained,
        "share_trained": round(result.n_trained / result.n_parameters, 4),
        "training_s": round(result.seconds, 1),
        "dev_loss_before": round(result.dev_loss_before or 0.0, 4),
        "dev_loss": round(result.dev_loss or 0.0, 4),
    }


def _in_tokens(index: int, pair: Pair) -> Pair:
    """A pair of the data set as the base writer reads it."""
    product = garment(index, pair.prompt)
    slots = {"description": pair.text}
    return delexical_pair(product, slots, unit="product_description", language="zh", now=NOW)


def _written(backend: Any, dev: Sequence[Pair]) -> tuple[list[str], int]:
    """A description of each garment, empty where the backend gave up; and how many the facts guard blocks."""
    products = [garment(i, pair.prompt) for i, pair in enumerate(dev)]
    briefs = [
        Brief(kind="product_description", products=(p,), channel="onsite", language="zh") for p in products
    ]
    written = write_contents(briefs, backend=backend, n=1, seed=1, now=NOW, guards=create_guards(["facts"]))
    texts = dict.fromkeys((product.id for product in products), "")
    blocked: set[str] = set()
    for one in written:
        [product_id] = one.content.product_ids
        text = re.sub(r"\s+", "", one.content.slots["description"])
        texts[product_id] = texts[product_id] or text
        if any(f.severity == "block" for f in one.findings):
            blocked.add(product_id)
    return list(texts.values()), len(blocked)


def main() -> None:
    """Runs the scenarios that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=8)
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
