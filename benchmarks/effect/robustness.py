"""What adversarial training, text noise, label smoothing and privacy cost and gain: paired over five seeds.

    python benchmarks/effect/robustness.py [--only VARIANT ...]

Resumes: every run is kept in `results/robustness.json`, and one that is there is not made again.

Data: Upworthy's headline tests, without the last 15 % of the rows (the block that other scenarios judge). Weeks are
in order: the first 60 % to learn from, the rest to judge by. A seed has training and judged tests of its own that
no other seed has, so that the five paired differences are independent, and their standard error is that of the data
as well as of the seed.

Gated: `nats`, by how much the scores, at their best slope, explain the judged tests' contrasts better than nothing
does, a test; a switch is on by default only where its mean gain exceeds two standard errors. Reported beside it:
pair accuracy, and processor time as a ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from peers import pairs_of
from run import DATA, ROOT, machine
from scipy import sparse

from adwright.backbone.encoders import MINILM, load_encoder
from adwright.predict import PredictRecipe, read_frame
from adwright.predict.encoder_config import EncoderConfig, PrivacyConfig, RobustConfig
from adwright.predict.models.contrasts import contrasts
from adwright.predict.models.encoder_training import judged_loss, tune_encoder
from adwright.predict.models.frozen import FrozenTexts
from adwright.predict.models.frozen_head import Cells, solve_head
from adwright.predict.models.pairwise import FREE_LEVEL_VARIANCE
from adwright.predict.models.private_head import PrivatePlan, train_private_head
from adwright.predict.models.text_contrasts import joined, numbered
from adwright.predict.models.text_encoder import load_tuned
from adwright.predict.table import Table

N_SEEDS = 5
N_TRAIN_TESTS = 100
N_LAYERS = 2
LEARNED, JUDGED = 0.6, 0.85
RIDGE = 20_000.0
RESULTS = Path(__file__).parent / "results" / "robustness.json"

TUNED = EncoderConfig(
    path=str(ROOT / "build" / "minilm-two-layers"),
    n_epochs=2,
    learning_rate=2e-4,
    groups_per_step=4,
    max_tokens=24,
    n_threads=1,
)
FROZEN = EncoderConfig(tuning="frozen", n_layers=4, n_threads=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to train.

    Args:
        id: Never reused.
        setting: `tuned` (the two lowest layers of the MiniLM, 100 tests, two epochs), `frozen` (four
            layers of the MiniLM with an exact head, 100 tests) or `frozen-all` (the same with all tests of the
            first 60 %).
        robust: The switches.
        epsilon: Of privacy at delta = 1e-5; None for none.
    """

    id: str
    setting: str
    robust: RobustConfig = field(default_factory=RobustConfig)
    epsilon: float | None = None


VARIANTS = (
    Variant(id="tuned-off", setting="tuned"),
    Variant(id="fgm", setting="tuned", robust=RobustConfig(attack="fgm")),
    Variant(id="freelb-2", setting="tuned", robust=RobustConfig(attack="freelb", attack_steps=2)),
    Variant(id="dropout-.1", setting="tuned", robust=RobustConfig(text_noise="dropout")),
    Variant(id="swap-.1", setting="tuned", robust=RobustConfig(text_noise="swap")),
    Variant(id="smoothing-.1", setting="tuned", robust=RobustConfig(label_smoothing=0.1)),
    Variant(id="pgd-2", setting="tuned", robust=RobustConfig(attack="pgd", attack_steps=2)),
    Variant(id="frozen-off", setting="frozen"),
    Variant(id="frozen-smoothing-.1", setting="frozen", robust=RobustConfig(label_smoothing=0.1)),
    Variant(id="frozen-all-off", setting="frozen-all"),
    Variant(id="private-8", setting="frozen-all", epsilon=8.0),
    Variant(id="private-3", setting="frozen-all", epsilon=3.0),
    Variant(id="private-1", setting="frozen-all", epsilon=1.0),
)
BASELINES = {"tuned": "tuned-off", "frozen": "frozen-off", "frozen-all": "frozen-all-off"}


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """The table, and by seed which rows are learned from and judged.

    Args:
        table: All rows.
        texts: Distinct headlines.
        index: (n,) number of each row's headline.
        learned, judged: By seed, row numbers.
        all_learned: Every row of the weeks that are learned from.
    """

    table: Table
    texts: list[str]
    index: np.ndarray
    learned: list[np.ndarray]
    judged: list[np.ndarray]
    all_learned: np.ndarray

    def contrasts(self, rows: np.ndarray, smoothing: float = 0.0, *, private: bool = False) -> Any:
        """What the tests of the rows say; those with one headline alone are left out."""
        mask = np.zeros(self.table.frame.height, bool)
        mask[rows] = True
        held, place = self.table.rows("click", mask, sparse.csr_matrix((int(mask.sum()), 1)))
        found = contrasts(
            held,
            self.index[np.flatnonzero(mask)[place]],
            content_variance=TUNED.content_variance,
            sibling_variance=TUNED.sibling_variance,
            level_variance=FREE_LEVEL_VARIANCE,
            rng=np.random.default_rng(0),
            label_smoothing=smoothing,
            one_part=private,
        )
        return [contrast for contrast in found if len(set(contrast.text.tolist())) > 1]


@cache
def slices() -> Slices:
    """The weeks cut, the tests dealt out to the seeds."""
    recipe = PredictRecipe.read(ROOT / "recipes" / "upworthy.toml")
    table = Table.of(read_frame(DATA / "upworthy" / "headline_tests.parquet"), recipe)
    assert table.group is not None
    assert table.times is not None
    first = table.times.to_numpy()
    order = np.argsort([first[table.group == g].min() for g in range(table.group.max() + 1)], kind="stable")
    rows_until = np.cumsum([np.sum(table.group == g) for g in order]) / len(table.group)
    early, late = order[rows_until <= LEARNED], order[(rows_until > LEARNED) & (rows_until <= JUDGED)]
    rng = np.random.default_rng(2026)
    early, late = rng.permutation(early), rng.permutation(late)
    texts, index = numbered(joined(table.frame, ("headline",)))

    def rows_of(tests: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.isin(table.group, tests))

    return Slices(
        table,
        texts,
        index,
        [rows_of(early[i * N_TRAIN_TESTS : (i + 1) * N_TRAIN_TESTS]) for i in range(N_SEEDS)],
        [rows_of(part) for part in np.array_split(late, N_SEEDS)],
        rows_of(early),
    )


@cache
def frozen_texts() -> FrozenTexts:
    """Reads each headline once for all runs."""
    return FrozenTexts(FROZEN)


def measure(variant: Variant, seed: int) -> dict[str, float]:
    """One run: trained, judged, timed; reading the frozen features is not part of the time."""
    data = slices()
    judged = data.contrasts(data.judged[seed])
    wanted = sorted({int(i) for contrast in judged for i in contrast.text})
    score = np.zeros(len(data.texts))
    rows = data.all_learned if variant.setting == "frozen-all" else data.learned[seed]
    learned = data.contrasts(rows, variant.robust.label_smoothing, private=variant.epsilon is not None)
    if variant.setting == "tuned":
        config = replace(TUNED, robust=variant.robust)
        started = time.process_time()
        tuned = tune_encoder(data.texts, learned, config, seed=seed, progress=lambda _: None)
        seconds = time.process_time() - started
        score[wanted] = load_tuned(config, tuned.base, tuned.weights).score([data.texts[i] for i in wanted])
    else:
        head, seconds = _head(variant, learned, seed)
        score[wanted] = frozen_texts().features([data.texts[i] for i in wanted]) @ head
    pairs = pairs_of(data.table, data.judged[seed], score[data.index])
    told = np.abs(pairs.z) > 1.96
    return {
        "nats": judged_loss(np.zeros(len(data.texts)), judged) - judged_loss(score, judged),
        "pairs_all": float(pairs.correct.mean()),
        "pairs_told": float(pairs.correct[told].mean()),
        "cpu_s": seconds,
    }


def _head(variant: Variant, learned: list[Any], seed: int) -> tuple[np.ndarray, float]:
    """The head of frozen features, exact or private, and the processor time that it took."""
    data = slices()
    read = sorted({int(i) for contrast in learned for i in contrast.text})
    x = np.zeros((len(data.texts), frozen_texts().scorer.width))
    x[read] = frozen_texts().features([data.texts[i] for i in read])
    started = time.process_time()
    if variant.epsilon is None:
        head = solve_head(Cells.of(x, learned).equations(), RIDGE)
    else:
        config = replace(FROZEN, privacy=PrivacyConfig(epsilon=variant.epsilon))
        assert config.privacy is not None
        plan = PrivatePlan.of(config.privacy, n_units=len(learned), n_runs=1)
        head = train_private_head(x, learned, config, plan, seed=seed, progress=lambda _: None)
    return head, time.process_time() - started


def summary(runs: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Each variant's means, and its paired differences to the baseline of its setting with standard errors."""
    found = {}
    for variant in VARIANTS:
        base = BASELINES[variant.setting]
        pairs = [
            (runs[f"{variant.id}/{seed}"], runs[f"{base}/{seed}"])
            for seed in range(N_SEEDS)
            if f"{variant.id}/{seed}" in runs and f"{base}/{seed}" in runs
        ]
        if not pairs:
            continue
        row: dict[str, Any] = {"n_seeds": len(pairs)}
        for name in ("nats", "pairs_all", "pairs_told"):
            gains = np.array([ours[name] - theirs[name] for ours, theirs in pairs])
            row[name] = float(np.mean([ours[name] for ours, _ in pairs]))
            row[f"{name}_gain"] = float(gains.mean())
            row[f"{name}_se"] = float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else None
        spent = np.median([[ours["cpu_s"], theirs["cpu_s"]] for ours, theirs in pairs], axis=0)
        row["cpu_s"], row["time_ratio"] = float(spent[0]), float(spent[0] / spent[1])
        found[variant.id] = row
    return found


def save_two_layers() -> None:
    """The MiniLM's lowest layers as an encoder of their own: what fits a minute on one thread."""
    folder = Path(TUNED.path)
    if (folder / "config.json").is_file():
        return
    tokenizer, encoder = load_encoder(MINILM)
    encoder.encoder.layer = encoder.encoder.layer[:N_LAYERS]
    encoder.config.num_hidden_layers = N_LAYERS
    tokenizer.save_pretrained(folder)
    encoder.save_pretrained(folder)


def write(runs: dict[str, dict[str, float]], held: dict[str, Any]) -> None:
    """The figures, whole or not at all; the machine and the commit are those of the latest run."""
    if len(runs) > held.get("n_runs", 0):
        held |= {"machine": machine(), "n_runs": len(runs)}
    figures = {"machine": held["machine"], "n_runs": len(runs), "summary": summary(runs), "runs": runs}
    half = RESULTS.with_suffix(".half")
    half.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    os.replace(half, RESULTS)


def main() -> None:
    """Runs what is not there yet, seed by seed, and writes the figures after each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="variants; all, if none is named")
    only = parser.parse_args().only
    held = (
        json.loads(RESULTS.read_text(encoding="utf-8"))
        if RESULTS.is_file()
        else {"runs": {}, "machine": machine()}
    )
    runs = held["runs"]
    save_two_layers()
    for seed in range(N_SEEDS):
        for variant in VARIANTS:
            key = f"{variant.id}/{seed}"
            if key in runs or (only and variant.id not in only):
                continue
            runs[key] = measure(variant, seed)
            print(key, {name: round(value, 4) for name, value in runs[key].items()}, flush=True)
            write(runs, held)
    write(runs, held)
    for name, row in summary(runs).items():
        print(name, {key: None if value is None else round(value, 4) for key, value in row.items()})


if __name__ == "__main__":
    main()
