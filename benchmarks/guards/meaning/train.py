"""Trains the model of the stage of meaning and says how it fares on writers that it has not read.

    python benchmarks/guards/meaning/train.py [--judge] [--write]

Reads the open labelled sentences and the conformance tables under `tests/generate/`, the sentences beside this file
and under `writers/`, and what the composer writes for the labelled products (lawful). `--judge` holds out one writer
after the other and prints recall and false alarms by family; `--write` fits on all and writes
`src/adwright/generate/guards/meaning/weights.json`. Blind sets and the even rows of the fifth are never read. Some
minutes on one core; the same data give the same weights.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from adwright.generate import write_contents
from adwright.generate.guards.meaning.features import feature_names
from adwright.generate.guards.meaning.model import GRAM_SCALE, GROUP_SCALE, share
from adwright.schema import Brief, Product
from adwright.text.reading import read

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "generate"
WEIGHTS = ROOT / "src" / "adwright" / "generate" / "guards" / "meaning" / "weights.json"
VERSION = "2026-11-27.1"
FAMILIES = (
    "law.absolute",
    "law.health",
    "law.finance",
    "law.minors",
    "law.comparison",
    "law.urgency",
    "safety.discrimination",
    "safety.profanity",
    "safety.injection",
    "safety.personal_data",
)
COMPOSED = (
    ("ad_copy", "email"),
    ("ad_copy", "google_ads"),
    ("responsive_search_ad", "google_ads"),
    ("social_post", "instagram"),
    ("push", "push"),
    ("email", "email"),
    ("sms", "sms"),
    ("service_reply", "onsite"),
    ("recommendation", "onsite"),
    ("product_description", "onsite"),
)
"""What the composer writes for each labelled product."""
JUDGED = (
    "open",
    "second",
    "third",
    *("w1", "w2", "w3"),
    *("v4", "v5", "v6"),
    *("x1", "x2", "x3", "x4", "x5", "x6", "x7"),
    *("z1", "z2", "z3", "z4", "z5", "z6"),
    *("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10"),
    *("n1", "n2", "n3", "n4", "n5", "n6", "o1", "o2", "o3", "o4", "o5", "o6"),
    "tables",
)
"""The writers that are held out; the sentences beside this file were written to be learnt from."""

PENALTY = 1.0
OTHER_FAMILY, OTHER_VIOLATION = 0.5, 0.15  # weights of rows that were labelled for another family
LEAST_TEXTS = 2  # in which a feature stands
LEAST_STEPS = 4  # of the 127 of a family, that a feature must weigh in one of them to be kept
MOST_OWN, MOST_OTHER, LEAST_THRESHOLD = 0.06, 0.006, -0.7
"""A threshold is at least the last, which keeps families with few sentences from flagging on little; else it is the
lowest at which, on writers held out, no larger shares of the lawful look-alikes of the family and of the sentences
about something else are flagged."""
LETS = 0.03
"""The share of a family's violations, on writers held out, below whose scores a rule that only asks is overruled."""
LETTING = tuple(f for f in FAMILIES if f.startswith("law.") and f != "law.urgency")
"""The families where it is: rules of urgency know the dates, and what touches safety is not let through."""


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, who wrote it, the family that it was labelled for, and whether it violates that."""

    writer: str
    family: str
    text: str
    violates: bool


def read_rows() -> list[Row]:
    """Every sentence that may be learnt from, each once."""
    rows: dict[str, Row] = {}
    for row in (*_labelled(), *_written(), *_tables(), *_own(), *_paragraphs(), *_composed()):
        rows.setdefault(f"{row.family} {row.text}", row)
    return list(rows.values())


def _labelled() -> Iterator[Row]:
    for half in ("open", "second", "third", "fourth", "fifth"):
        path = TESTS / "labelled" / f"{half}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if half == "fifth" and int(row["id"][-1]) % 2 == 0:
                continue  # these only measure
            writer = row["id"].partition("-")[0] if half in ("fourth", "fifth") else half
            yield Row(writer, row["family"], row["text"], row["violation"])


def _written() -> Iterator[Row]:
    """Sentences by writers who saw nothing else: family, language, + or -, text."""
    for path in sorted((Path(__file__).parent / "writers").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            family, _, sign, text = line.split("\t")
            yield Row(path.stem, family, text, sign == "+")


def _tables() -> Iterator[Row]:
    for path in sorted((TESTS / "conformance").glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for language in ("zh", "en"):
            for key, violates in (
                ("caught", True),
                ("missed", True),
                ("allowed", False),
                ("overdone", False),
            ):
                for text in table[language].get(key, ()):
                    yield Row("tables", table.get("family", path.stem), text, violates)


def _own() -> Iterator[Row]:
    for path in sorted(Path(__file__).parent.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line[:2] in ("+ ", "- "):
                yield Row("own", path.stem, line[2:], line[0] == "+")


def _paragraphs() -> Iterator[Row]:
    """Lawful sentences one after the other, as in a longer text: much is said, and none of it offends."""
    lines = [row.text for row in _own() if row.family == "ordinary"]
    for language in ("zh", "en"):
        chosen = [text for text in lines if text.isascii() == (language == "en")]
        rng = np.random.default_rng(1)
        for n_sentences in (2, 3, 4):
            order = rng.permutation(len(chosen))
            for i in range(0, len(chosen) - n_sentences, n_sentences):
                text = ("" if language == "zh" else " ").join(chosen[k] for k in order[i : i + n_sentences])
                yield Row("own", "ordinary", text, False)


def _composed() -> Iterator[Row]:
    """What the composer writes for the labelled products, which is lawful in every family."""
    names = ("title", "brand", "price_minor", "currency", "product_type", "description", "attributes")
    products: dict[str, Product] = {}
    for half in ("open", "second"):
        for line in (TESTS / "labelled" / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
            values = json.loads(line)["product"]
            if values["title"] not in products:
                products[values["title"]] = Product(
                    id=f"p{len(products)}", **{k: values[k] for k in names if values[k] is not None}
                )
    for language in ("zh", "en"):
        briefs = [
            Brief(kind=kind, products=(p,), channel=channel, language=language)
            for i, p in enumerate(products.values())
            for k, (kind, channel) in enumerate(COMPOSED)
            if p.title.isascii() == (language == "en") or (i + k) % 2 == 0
        ]
        written = write_contents(
            briefs, backend="compose", n=4, seed=1, now=datetime(2026, 11, 20, tzinfo=UTC), guards=[]
        )
        for one in written:
            for text in one.content.slots.values():
                if text:
                    yield Row("composed", "none", text, False)


@dataclass(frozen=True)
class Table:
    """The rows as a matrix, (n_rows, n_features)."""

    rows: Sequence[Row]
    features: tuple[str, ...]
    matrix: csr_matrix
    writer: NDArray[np.str_]
    family: NDArray[np.str_]
    violates: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Table:
        """The features that stand in at least `LEAST_TEXTS` texts."""
        names = [feature_names(read(row.text).text) for row in rows]
        counts = Counter(name for found in names for name in sorted(found))
        features = tuple(sorted(name for name, n in counts.items() if n >= LEAST_TEXTS))
        index = {name: i for i, name in enumerate(features)}
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for found in names:
            known = sorted(name for name in found if name in index)
            n_groups = sum(name[0] == "@" for name in known)
            gram, group = share(len(known) - n_groups, GRAM_SCALE), share(n_groups, GROUP_SCALE)
            values += [group if name[0] == "@" else gram for name in known]
            columns += [index[name] for name in known]
            starts.append(len(columns))
        return cls(
            rows,
            features,
            csr_matrix((values, columns, starts), shape=(len(rows), len(features))),
            np.array([row.writer for row in rows]),
            np.array([row.family for row in rows]),
            np.array([row.violates for row in rows]),
        )

    def fit(self, family: str, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n_features + 1,): weights and, last, the bias of a family, from the chosen rows."""
        own = self.family == family
        weight = np.where(own, 1.0, np.where(self.violates, OTHER_VIOLATION, OTHER_FAMILY))
        if family == "law.urgency":  # deadlines that are false are judged there, by their facts
            weight[self.family == "facts.time_stock"] = 0.0
        return _logistic(self.matrix[chosen], (own & self.violates)[chosen], weight[chosen])

    def scores(self, coefficients: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The scores of the chosen rows."""
        return self.matrix[chosen] @ coefficients[:-1] + coefficients[-1]


def _logistic(
    matrix: csr_matrix, violates: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    sign = np.where(violates, 1.0, -1.0)

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (matrix @ p[:-1] + p[-1])
        pull = -sign * weight / (1.0 + np.exp(np.clip(margin, -50, 50)))
        slope = np.append(matrix.T @ pull + PENALTY * p[:-1], pull.sum())
        return float((weight * np.logaddexp(0.0, -margin)).sum() + PENALTY / 2 * p[:-1] @ p[:-1]), slope

    start = np.zeros(matrix.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The scores of one family on writers that were held out."""

    writer: NDArray[np.str_]
    own: NDArray[np.bool_]
    violates: NDArray[np.bool_]
    score: NDArray[np.float64]

    def threshold(self) -> float:
        """The lowest score that keeps to `MOST_OWN` and `MOST_OTHER`."""
        lawful = np.sort(self.score[self.own & ~self.violates])[::-1]
        other = np.sort(self.score[~self.own])[::-1]
        own, others = lawful[int(MOST_OWN * len(lawful))], other[int(MOST_OTHER * len(other))]
        return float(max(own, others, LEAST_THRESHOLD) + 1e-6)

    def lets(self) -> float:
        """The score below which only `LETS` of the violations lie."""
        return float(np.quantile(self.score[self.own & self.violates], LETS))


def hold_out(table: Table, family: str) -> HeldOut:
    """Each judged writer's scores by a model that has not read the writer."""
    parts = []
    for writer in JUDGED:
        held = table.writer == writer
        if held.any():
            score = table.scores(table.fit(family, ~held), held)
            parts.append((table.writer[held], table.family[held] == family, table.violates[held], score))
    return HeldOut(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def judge(table: Table, show: Callable[[str], None]) -> dict[str, tuple[float, float]]:
    """Threshold and what lets through by family, and how the model fares on writers that it has not read."""
    thresholds = {}
    totals = np.zeros(4, dtype=int)
    for family in FAMILIES:
        held = hold_out(table, family)
        threshold = held.threshold()
        thresholds[family] = threshold, held.lets()
        flagged = held.score >= threshold
        cells = []
        for writer in (*JUDGED, "all"):
            mine = held.own & ((held.writer == writer) | (writer == "all"))
            if not mine.any():
                continue
            counts = [
                (flagged & mine & held.violates).sum(),
                (mine & held.violates).sum(),
                (flagged & mine & ~held.violates).sum(),
                (mine & ~held.violates).sum(),
            ]
            totals += np.array(counts) if writer == "all" else 0
            cells.append(f"{writer} {counts[0] / counts[1]:.2f} ({counts[2]}/{counts[3]})")
        others = flagged[~held.own].mean()
        show(
            f"{family:22} t {threshold:5.2f} lets {held.lets():5.2f} | "
            + " | ".join(cells)
            + f" | others {others:.4f}"
        )
    show(f"all: recall {totals[0] / totals[1]:.3f}, precision {totals[0] / (totals[0] + totals[2]):.3f}")
    return thresholds


def write(table: Table, thresholds: Mapping[str, tuple[float, float]]) -> None:
    """The weights in 256 steps a family, with the features that weigh."""
    every = np.ones(len(table.rows), dtype=bool)
    fits = {family: table.fit(family, every) for family in FAMILIES}
    steps = {family: float(np.abs(p[:-1]).max() / 127) for family, p in fits.items()}
    whole = np.stack([np.rint(p[:-1] / steps[f]) for f, p in fits.items()], axis=1).astype(np.int8)
    kept = np.flatnonzero(np.abs(whole).max(axis=1) >= LEAST_STEPS)
    data: dict[str, Any] = {
        "version": VERSION,
        "source": "benchmarks/guards/meaning/train.py",
        "n_sentences": len(table.rows),
        "families": {
            f: {
                "threshold": round(thresholds[f][0], 3),
                **({"lets": round(thresholds[f][1], 3)} if f in LETTING else {}),
                "bias": round(float(fits[f][-1]), 4),
                "step": steps[f],
            }
            for f in FAMILIES
        },
        "features": [table.features[i] for i in kept],
        "weights": base64.b64encode(np.ascontiguousarray(whole[kept]).tobytes()).decode("ascii"),
    }
    WEIGHTS.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Judges, and writes where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--judge", action="store_true", help="the default; thresholds need it anyway")
    arguments = parser.parse_args()
    table = Table.of(read_rows())
    print(f"{len(table.rows)} sentences, {len(table.features)} features", file=sys.stderr)
    thresholds = judge(table, print)
    if arguments.write:
        write(table, thresholds)


if __name__ == "__main__":
    main()
