"""How well and how fast the bundled writer writes, beside the composer: python benchmarks/writer/run.py [ID...]

Needs the public data (ADWRIGHT_DATA, else ../shared/data beside the repository). Prints one JSON object a scenario
and backend; the exit status is 1 where a gate was missed. `--model DIR` measures other weights than the bundled.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from catalogues import catalogue
from scenarios import SCENARIOS, Scenario

from adwright.generate import create_backend, get_kind
from adwright.generate.facts import facts_of
from adwright.generate.guards import check, create_guards
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import Brief, Content, Language, Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LEAST_VALID, MOST_UNSUPPORTED, MOST_LOST = 0.95, 0.02, 0.05
LEAST_A_MINUTE = {"base": 1_000, "compose": 20_000}
_UNSAID = ("shot", "seconds")
_SELF_BLEU_TEXTS, _ORDER = 200, 4


def main(arguments: Sequence[str]) -> int:
    """Runs the scenarios that are named, or all; 0 where every gate was met."""
    arguments = list(arguments)
    options: dict[str, Any] = {}
    if "--model" in arguments:
        place = arguments.index("--model")
        options["model"] = arguments[place + 1]
        del arguments[place : place + 2]
    missed = False
    for scenario in SCENARIOS:
        if arguments and scenario.id not in arguments:
            continue
        for name in ("base", "compose"):
            figures = measure(scenario, name, options if name == "base" else {})
            missed = missed or not figures["passed"]
            print(json.dumps(figures, ensure_ascii=False), flush=True)
    return int(missed)


def measure(scenario: Scenario, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The figures of one scenario by one backend."""
    requests = [
        WriteRequest(brief=brief, n=scenario.n, seed=i, facts=facts_of(brief, now=NOW), now=NOW)
        for i, brief in enumerate(_briefs(scenario))
    ]
    backend = create_backend(name, options)
    backend.write(requests[:1])  # loading is not what is measured
    begun = time.perf_counter()
    drafts = backend.write(requests)
    seconds = time.perf_counter() - begun
    n_asked = sum(r.n for r in requests)
    written = [(r, d) for r, found in zip(requests, drafts, strict=True) for d in found]
    per_minute = 60 * len(written) / seconds
    figures: dict[str, Any] = {"scenario": scenario.id, "backend": name, "n_asked": n_asked}
    figures |= _validity(written, n_asked)
    figures |= _variety(written, scenario.language)
    figures["texts_a_minute"] = round(per_minute)
    if scenario.is_speed:
        figures["passed"] = per_minute >= LEAST_A_MINUTE[name]
    else:
        figures["passed"] = not scenario.gated or name != "base" or _passes(figures)
    return figures


def _passes(figures: dict[str, Any]) -> bool:
    return bool(
        figures["valid_first"] >= LEAST_VALID
        and figures["unsupported_first"] <= MOST_UNSUPPORTED
        and figures["lost"] <= MOST_LOST
        and figures["valid_after"] == 1
    )


def _briefs(scenario: Scenario) -> list[Brief]:
    products = catalogue(scenario.catalogue)
    return [
        Brief(kind=kind, products=(p,), channel=channel, language=scenario.language)
        for kind, channel in scenario.kinds
        for p in products
    ]


def _validity(written: Sequence[tuple[WriteRequest, Draft]], n_asked: int) -> dict[str, float]:
    """First tries that could be used; of these, those that the facts guard blocks or questions; those never had."""
    first = [(r, d) for r, d in written if d.provenance.n_tries == 1]
    guards = create_guards(["facts"])
    blocked = questioned = coverage = 0.0
    for request, draft in first:
        found = check(
            _content(request, draft), products=request.brief.products, offer=None, now=NOW, guards=guards
        )
        severities = {f.severity for f in found}
        blocked += "block" in severities
        questioned += "block" not in severities and "review" in severities
    for request, draft in written:
        coverage += _coverage(request.brief.product, draft)
    valid = sum(_is_valid(request, draft) for request, draft in written)
    return {
        "valid_first": round(len(first) / n_asked, 4),
        "unsupported_first": round(blocked / max(len(first), 1), 4),
        "questioned_first": round(questioned / max(len(first), 1), 4),
        "valid_after": round(valid / max(len(written), 1), 4),
        "lost": round(1 - len(written) / n_asked, 4),
        "mean_tries": round(sum(d.provenance.n_tries for _, d in written) / max(len(written), 1), 3),
        "attribute_coverage": round(coverage / max(len(written), 1), 4),
    }


def _is_valid(request: WriteRequest, draft: Draft) -> bool:
    kind = get_kind(request.brief.kind)
    kind.check_slots(draft.slots)
    return all(
        limit.severity != "block" or limit.measure(text) <= limit.maximum
        for name, text in draft.slots.items()
        for limit in kind.limits_of(request.brief.channel, name)
    )


def _content(request: WriteRequest, draft: Draft) -> Content:
    brief = request.brief
    said = {n: t for n, t in draft.slots.items() if not n.endswith(_UNSAID)}
    return Content(
        id="",
        kind=brief.kind,
        product_ids=(brief.product.id,),
        cohort_id="everyone",
        channel=brief.channel,
        language=brief.language,
        slots=said,
        provenance=draft.provenance,
    )


def _coverage(product: Product, draft: Draft) -> float:
    """The share of the title and the attributes' values that stand in the text, letter by letter."""
    values = [product.title, *(v for text in product.attributes.values() for v in text.split("、"))]
    text = draft.text.casefold()
    return sum(value.casefold() in text for value in values) / len(values)


def _variety(written: Sequence[tuple[WriteRequest, Draft]], language: Language) -> dict[str, float]:
    """Distinct-2 over all texts, and the mean BLEU-4 of a text against the others (of a fixed sample)."""
    texts = [_tokens(d.text, language) for _, d in written]
    pairs = [pair for t in texts for pair in pairwise(t)]
    step = max(1, len(texts) // _SELF_BLEU_TEXTS)
    sample = texts[::step][:_SELF_BLEU_TEXTS]
    scores = [_bleu(t, sample[:i] + sample[i + 1 :]) for i, t in enumerate(sample)]
    return {
        "distinct_2": round(len(set(pairs)) / max(len(pairs), 1), 4),
        "self_bleu": round(sum(scores) / max(len(scores), 1), 4),
    }


def _tokens(text: str, language: Language) -> list[str]:
    return list(text.replace(" ", "")) if language == "zh" else text.lower().split()


def _bleu(text: list[str], others: Sequence[list[str]]) -> float:
    """BLEU-4 against several references (Papineni et al. 2002, eq. 1 to 3), with one added to each count."""
    logs = 0.0
    for n in range(1, _ORDER + 1):
        mine = Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
        most: Counter[tuple[str, ...]] = Counter()
        for other in others:
            most |= Counter(tuple(other[i : i + n]) for i in range(len(other) - n + 1))
        matched = sum((mine & most).values())
        logs += math.log((matched + 1) / (sum(mine.values()) + 1)) / _ORDER
    closest = min((abs(len(o) - len(text)), len(o)) for o in others)[1] if others else len(text)
    brevity = min(0.0, 1 - closest / max(len(text), 1))
    return math.exp(brevity + logs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
