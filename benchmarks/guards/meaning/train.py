"""Trains the model of the stage of meaning and says how it fares on writers that it has not read.

    python benchmarks/guards/meaning/train.py [--write]

Reads the open labelled sentences and the conformance tables under `tests/generate/`, the sentences beside this file
and under `writers/`, and what the composer writes for labelled products and for each of its nouns (lawful). Holds out
one part of the writers after the other and prints recall and false alarms by family; `--write` then fits on all and
writes `src/adwright/generate/guards/meaning/weights.json`. Blind sets and the even rows of the fifth are never read.
Some minutes on two cores; the same data give the same weights.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

sys.path.insert(0, str(Path(__file__).parents[1]))
from linear import fit_logistic, rarity

from adwright.generate import write_contents
from adwright.generate.guards.borne_out.evidence import HAN
from adwright.generate.guards.law import law_book
from adwright.generate.guards.meaning.features import feature_names
from adwright.generate.guards.meaning.model import GRAM_SCALE, GROUP_SCALE, share
from adwright.schema import Brief, Language, Product
from adwright.text.reading import read

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "generate"
WEIGHTS = ROOT / "src" / "adwright" / "generate" / "guards" / "meaning" / "weights.json"
VERSION = "2026-11-27.5"
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
NOT_JUDGED = ("own", "composed")
"""What was written to be learnt from; the sentences of every other writer are held out in their turn."""
N_PARTS = 6  # in which the writers are held out

PENALTY = 0.4
RARITY = 1.5
"""The power of the inverse document frequency by which the columns are scaled."""
OTHER_FAMILY, OTHER_VIOLATION = 0.5, 0.15  # weights of rows that were labelled for another family
LEAST_TEXTS = 2  # in which a feature stands
LEAST_STEPS, ANY_STEPS = 8, 3
"""Of the 127 of a family: what a feature must weigh in one of them to be kept, and what it must to count in one."""
UNSURE, SURELY = -3.5, 3.0
"""A lawful text of the composer or of the conformance tables with a score above the first counts the second."""
MOST_OWN, MOST_OTHER, LEAST_THRESHOLD = 0.1, 0.012, -1.75
"""A threshold is at least the last, which keeps families with few sentences from flagging on little; else it is the
lowest at which, on writers held out, no larger shares of the lawful look-alikes of the family and of the sentences
about something else are flagged."""
LETS, LETS_WITHIN, LETS_FROM = 0.3, 1.0, np.arange(-2.0, -4.1, -0.25)
"""What a rule only asks about is let through below the first of the scores under which, within so much of it, at most
this share violates on writers held out."""
LETTING = tuple(f for f in FAMILIES if f.startswith("law."))
"""The families where it is; what touches safety is not let through."""


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
    """What the composer writes for labelled products and for all that it has a noun for, which is lawful."""
    products = [*_labelled_products(), *_nouns()]
    for language in ("zh", "en"):
        briefs = [
            Brief(kind=kind, products=(p,), channel=channel, language=language)
            for i, p in enumerate(products)
            for k, (kind, channel) in enumerate(COMPOSED)
            if p.title.isascii() == (language == "en") or (i + k) % 2 == 0
        ]
        written = write_contents(
            briefs, backend="compose", n=1, seed=1, now=datetime(2026, 11, 20, tzinfo=UTC), guards=[]
        )
        for one in written:
            for text in one.content.slots.values():
                if text:
                    yield Row("composed", "none", text, False)


def _labelled_products() -> Iterator[Product]:
    names = ("title", "brand", "price_minor", "currency", "product_type", "description", "attributes")
    seen = set[str]()
    for half in ("open", "second"):
        for line in (TESTS / "labelled" / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
            values = json.loads(line)["product"]
            if values["title"] not in seen:
                seen.add(values["title"])
                yield Product(id=f"p{len(seen)}", **{k: values[k] for k in names if values[k] is not None})


def _nouns() -> Iterator[Product]:
    """A product of each noun of the composer, now and then made for somebody, of some material and colour."""
    path = files("adwright.generate.backends.compose_data") / "nouns.toml"
    nouns = tomllib.loads(path.read_text(encoding="utf-8"))
    whom = ("", "", "Women's ", "", "Men's ", "", "Girls' ", "")
    made = (("Cotton", "Blue"), ("Metal", "Black"), ("Wood", "Brown"), ("Glass", "Red"), ("Leather", "White"))
    for n, noun in enumerate(noun for part in nouns.values() for noun in part):
        material, colour = made[n % len(made)]
        attributes = {"Material": material, "Colour": colour} if n % 2 else {"Colour": colour}
        yield Product(
            id=f"n{n}",
            title=whom[n % len(whom)] + noun.title(),
            price_minor=1999 + 100 * n,
            currency="USD",
            attributes=attributes,
        )


@dataclass(frozen=True)
class Table:
    """The rows as a matrix, (n_rows, n_features), whose columns are scaled by `scale`, (n_features,)."""

    rows: Sequence[Row]
    features: tuple[str, ...]
    matrix: csr_matrix
    scale: NDArray[np.float64]
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
        plain = csr_matrix((values, columns, starts), shape=(len(rows), len(features)))
        scale = rarity(plain, power=RARITY)
        return cls(
            rows,
            features,
            (plain @ diags(scale)).tocsr(),
            scale,
            np.array([row.writer for row in rows]),
            np.array([row.family for row in rows]),
            np.array([row.violates for row in rows]),
        )

    def fit(self, family: str, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n_features + 1,): weights and, last, the bias of a family, from the chosen rows.

        Fitted twice: what has to pass and does not surely pass at first counts more then.
        """
        own = self.family == family
        weight = np.where(own, 1.0, np.where(self.violates, OTHER_VIOLATION, OTHER_FAMILY))
        if family == "law.urgency":  # deadlines that are false are judged there, by their facts
            weight[self.family == "facts.time_stock"] = 0.0
        told = self.matrix[chosen], (own & self.violates)[chosen]
        first = fit_logistic(*told, weight[chosen], penalty=PENALTY)
        firm = np.isin(self.writer, ("composed", "tables")) & ~self.violates
        weight[chosen & firm & (self.scores(first, np.ones(len(own), dtype=bool)) > UNSURE)] = SURELY
        return fit_logistic(*told, weight[chosen], penalty=PENALTY, start=first)

    def scores(self, coefficients: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The scores of the chosen rows."""
        return self.matrix[chosen] @ coefficients[:-1] + coefficients[-1]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The scores of one family on writers that were held out."""

    writer: NDArray[np.str_]
    own: NDArray[np.bool_]
    violates: NDArray[np.bool_]
    score: NDArray[np.float64]
    asked: NDArray[np.bool_]

    def threshold(self) -> float:
        """The lowest score that keeps to `MOST_OWN` and `MOST_OTHER`."""
        lawful = np.sort(self.score[self.own & ~self.violates])[::-1]
        other = np.sort(self.score[~self.own])[::-1]
        own, others = lawful[int(MOST_OWN * len(lawful))], other[int(MOST_OTHER * len(other))]
        return float(max(own, others, LEAST_THRESHOLD) + 1e-6)

    def lets(self) -> float:
        """The score below which what a rule only asks about seldom violates."""
        told = self.asked & (self.writer != "tables")  # on which rules were written
        for high in LETS_FROM:
            near = told & (self.score >= high - LETS_WITHIN) & (self.score < high)
            if near.any() and self.violates[near].mean() <= LETS:
                return float(high)
        return float(LETS_FROM[-1])


def hold_out(table: Table, family: str) -> HeldOut:
    """Each judged writer's scores by a model that has not read the writer."""
    judged = ~np.isin(table.writer, NOT_JUDGED)
    writers = sorted(set(table.writer[judged]))
    score = np.full(len(table.rows), np.nan)
    for part in range(N_PARTS):
        held = np.isin(table.writer, writers[part::N_PARTS])
        score[held] = table.scores(table.fit(family, ~held), held)
    asked = np.array(
        [
            read and row.family == family and _only_asked(row)
            for row, read in zip(table.rows, judged, strict=True)
        ]
    )
    return HeldOut(
        table.writer[judged],
        (table.family == family)[judged],
        table.violates[judged],
        score[judged],
        asked[judged],
    )


def _only_asked(row: Row) -> bool:
    """Whether rules of law ask about the text for its family, and none of them blocks it or finds it exempt only."""
    language: Language = "zh" if HAN.search(row.text) else "en"
    found = [f for f in law_book().findings("", row.text, language) if f.rule_id == row.family]
    stops = {f.severity for f in found if f.exemption is None}
    return stops == {"review"}


def judge(table: Table, show: Callable[[str], None]) -> dict[str, tuple[float, float]]:
    """Threshold and what lets through by family, and how the model fares on writers that it has not read."""
    thresholds = {}
    totals = np.zeros(4, dtype=int)
    with ProcessPoolExecutor() as pool:
        every = pool.map(partial(hold_out, table), FAMILIES)
    for family, held in zip(FAMILIES, every, strict=True):
        threshold = held.threshold()
        thresholds[family] = threshold, held.lets()
        flagged = held.score >= threshold
        cells = []
        for writer in (*sorted(set(held.writer)), "all"):
            mine = held.own & ((held.writer == writer) | (writer == "all"))
            if not (mine & held.violates).any() or not (mine & ~held.violates).any():
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


def _fit_all(table: Table, family: str) -> NDArray[np.float64]:
    return table.fit(family, np.ones(len(table.rows), dtype=bool))


def write(table: Table, thresholds: Mapping[str, tuple[float, float]]) -> None:
    """The weights in 256 steps a family, with the features that weigh."""
    with ProcessPoolExecutor() as pool:
        every = pool.map(partial(_fit_all, table), FAMILIES)
    fits = {f: p * np.append(table.scale, 1.0) for f, p in zip(FAMILIES, every, strict=True)}
    steps = {family: float(np.abs(p[:-1]).max() / 127) for family, p in fits.items()}
    whole = np.stack([np.rint(p[:-1] / steps[f]) for f, p in fits.items()], axis=1).astype(np.int8)
    whole[np.abs(whole) < ANY_STEPS] = 0
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
        "features": _packed("\n".join(table.features[i] for i in kept).encode()),
        "weights": _packed(np.ascontiguousarray(whole[kept].T).tobytes()),
    }
    WEIGHTS.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")


def _packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


def main() -> None:
    """Judges, and writes where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    table = Table.of(read_rows())
    print(f"{len(table.rows)} sentences, {len(table.features)} features", file=sys.stderr)
    thresholds = judge(table, print)
    if arguments.write:
        write(table, thresholds)


if __name__ == "__main__":
    main()
