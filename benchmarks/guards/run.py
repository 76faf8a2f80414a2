"""How many texts a second the guards check, and whether memory stays flat: python benchmarks/guards/run.py [ID...]

Needs the public catalogue (ADWRIGHT_DATA, else ../shared/data beside the repository). Prints one JSON object a
scenario; the exit status is 1 where a gate was missed. Texts are shared out among as many worker processes as the
scenario says; the gates are for two cores. Loading is not counted.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import SCENARIOS, Scenario

from adwright.generate import GUARDS, check, write_contents
from adwright.generate.guards import Guard, create_guards
from adwright.generate.live import LiveTexts
from adwright.schema import Brief, Content, Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
VARIANTS = 54
WARM_UP = 300


def read_products() -> list[Product]:
    """The products of the public dummyjson catalogue."""
    beside = Path(__file__).parents[2].parent / "shared" / "data"
    root = Path(os.environ.get("ADWRIGHT_DATA", beside))
    rows = json.loads((root / "catalog" / "dummyjson_products.json").read_text(encoding="utf-8"))
    rows = rows if isinstance(rows, list) else rows["products"]
    return [
        Product(
            id=str(row["id"]),
            title=row["title"],
            description=row["description"],
            price_minor=round(row["price"] * 100),
            currency="USD",
            quantity=row["stock"],
            brand=row.get("brand"),
            product_type=row["category"],
            rating=row["rating"],
        )
        for row in rows
    ]


def write_texts(products: Sequence[Product]) -> list[Content]:
    """Contents for every product in both languages, on one channel; odd and even ones are no repetitions."""
    briefs = [
        Brief(kind="ad_copy", products=(p,), channel="email", language=language)
        for p in products
        for language in ("en", "zh")
    ]
    written = write_contents(briefs, backend="compose", n=VARIANTS, seed=1, now=NOW, guards=[])
    return [w.content for w in written]


def measure(
    scenario: Scenario, texts: Sequence[Content], by_id: Mapping[str, Product]
) -> dict[str, float | int | bool | list[str]]:
    """The figures of one scenario."""
    context = multiprocessing.get_context("fork")  # the texts need not be sent
    barrier, done = context.Barrier(scenario.n_workers + 1), context.Queue()
    workers = [
        context.Process(
            target=_work,
            args=(scenario, texts, by_id),
            kwargs={"worker": i, "barrier": barrier, "done": done},
        )
        for i in range(scenario.n_workers)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()  # all are warm
    started = time.perf_counter()
    parts = [done.get() for _ in workers]
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    growth_mib = max(part["growth_mib"] for part in parts)
    per_s = scenario.n_texts / seconds
    fast = scenario.least_per_s is None or per_s >= scenario.least_per_s
    flat = scenario.most_growth_mib is None or growth_mib <= scenario.most_growth_mib
    return {
        "guards": _names(scenario),
        "n_workers": scenario.n_workers,
        "n_live": int(parts[0]["n_live"]),
        "n_texts": scenario.n_texts,
        "texts_per_s": round(per_s),
        "slots_per_s": round(per_s * sum(part["n_slots"] for part in parts) / scenario.n_texts),
        "texts_per_cpu_s": round(scenario.n_texts / sum(part["cpu_s"] for part in parts)),
        "share_flagged": round(sum(part["n_flagged"] for part in parts) / scenario.n_texts, 4),
        "growth_mib": round(growth_mib, 1),
        "passed": fast and flat,
    }


def _names(scenario: Scenario) -> list[str]:
    return [n for n in GUARDS.names() if not scenario.guards or n in scenario.guards]


def _work(
    scenario: Scenario,
    texts: Sequence[Content],
    by_id: Mapping[str, Product],
    *,
    worker: int,
    barrier: Barrier,
    done: Queue[dict[str, float]],
) -> None:
    """One worker: every `n_workers`-th text, from its own guards; starts when all are warm."""
    live = LiveTexts(replace(c, status="live") for c in texts[::2][: scenario.n_live])
    guards = create_guards(_names(scenario), live=live)
    fresh = texts[1::2] if scenario.n_live else texts
    products = by_id if scenario.with_products else {}
    _check_all(fresh[:: max(len(fresh) // WARM_UP, 1)], products, guards)  # of every kind of product
    gc.collect()
    before_mib = _resident_mib()
    barrier.wait()
    started = time.process_time()
    own = islice(_texts(fresh, scenario), worker, None, scenario.n_workers)
    n_flagged, n_slots = _check_all(own, products, guards)
    cpu_s = time.process_time() - started
    gc.collect()
    growth_mib = _resident_mib() - before_mib
    done.put(
        {
            "n_flagged": n_flagged,
            "n_slots": n_slots,
            "growth_mib": growth_mib,
            "cpu_s": cpu_s,
            "n_live": len(live),
        }
    )


def _texts(fresh: Sequence[Content], scenario: Scenario) -> Iterator[Content]:
    """The texts of a scenario; where memory is measured no two are the same."""
    for i, content in enumerate(islice(cycle(fresh), scenario.n_texts)):
        if scenario.most_growth_mib is None:
            yield content
        else:
            description = f"{content.slots['description']} ({i})"
            yield replace(content, slots={**content.slots, "description": description})


def _check_all(
    texts: Iterable[Content], products: Mapping[str, Product], guards: Sequence[Guard]
) -> tuple[int, int]:
    """How many are flagged, and how many slots they have together."""
    n_flagged = n_slots = 0
    for content in texts:
        own = [products[i] for i in content.product_ids if i in products]
        n_flagged += bool(check(content, products=own, now=NOW, guards=guards))
        n_slots += len(content.slots)
    return n_flagged, n_slots


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(wanted: list[str]) -> int:
    """Runs the scenarios, all or those named; 1 where a gate was missed."""
    products = read_products()
    texts = write_texts(products)
    by_id = {p.id: p for p in products}
    passed = True
    for scenario in SCENARIOS:
        if wanted and scenario.id not in wanted:
            continue
        figures = measure(scenario, texts, by_id)
        passed = passed and bool(figures["passed"])
        print(json.dumps({"scenario": scenario.id} | figures), flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
