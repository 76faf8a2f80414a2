"""Trains the model of the stage of evidence and says how it fares on writers that it has not read.

    python benchmarks/guards/borne_out/train.py [--write]

Learns from the labelled rows on facts under `tests/generate/labelled/`: those of `sixth`, on which no rule was
written, count whole, those that rules were written on less, since there the rules are better than they are on
texts that they do not know; and from what the composer writes for the goods of `sixth`, which is lawful. One writer
of `sixth` after the other is held out and judged; `--write` fits on all and writes
`src/adwright/generate/guards/borne_out/weights.json`. Blind sets and the even rows of the fifth are never read. Some
minutes on one core; the same data give the same weights.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
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

sys.path.insert(0, str(Path(__file__).parents[1]))
import labelled

from adwright.generate import write_contents
from adwright.generate.guards.borne_out import Evidence, families, features_in
from adwright.generate.guards.borne_out.features import KINDS, Features
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.facts import claims_of
from adwright.generate.guards.meaning.model import share
from adwright.generate.guards.support import Support, support_of
from adwright.schema import Brief, Language, Offer, Product, Review

WEIGHTS = (
    Path(__file__).parents[3] / "src" / "adwright" / "generate" / "guards" / "borne_out" / "weights.json"
)
VERSION = "2026-11-26.1"
COMPOSED = (
    ("ad_copy", "email"),
    ("responsive_search_ad", "google_ads"),
    ("social_post", "instagram"),
    ("product_description", "onsite"),
    ("sms", "sms"),
    ("service_reply", "onsite"),
)
"""What the composer writes for each of the goods."""
MOST_COMPOSED = 1_500  # texts
KNOWN, OTHER_FAMILY, LAWFUL = 0.3, 0.05, 0.3
"""The weights of rows that rules were written on, of rows that were labelled for another family, and of composed
texts; a row of another family that is not borne out speaks a little for this one, too."""
PENALTY = 1.0
LEAST_TEXTS = 2  # in which a feature stands
LEAST_STEPS = 2  # of the 127 of a family, that a feature must weigh in one of them to be kept
ASKS, LETS = -0.9, -1.1
"""Scores from which on the stage asks, and below which it lets through, chosen on writers held out."""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text with its features.

    Args:
        writer: Who wrote it.
        family: That it was labelled for, or "" where it is lawful in each.
        violates: The label.
        weight: Of the row.
        features: By kind.
        stopped: The families of which a rule stops the text.
    """

    writer: str
    family: str
    violates: bool
    weight: float
    features: Features
    stopped: frozenset[str]


def read_rows() -> Iterator[Row]:
    """Every row that may be learnt from."""
    for half in ("open", "second", "third", "fourth", "fifth", "sixth"):
        for row in labelled.rows(half):
            family = row["family"].partition("facts.")[2]
            if not family or (half == "fifth" and int(row["id"][-1]) % 2 == 0):
                continue
            writer = row["id"].partition("-")[0] if half == "sixth" else half
            support = _support(row)
            yield _row(
                Row(writer, family, row["violation"], 1.0 if half == "sixth" else KNOWN, {}, frozenset()),
                row["text"],
                row["language"],
                support,
                Evidence.of(support),
            )
    yield from _composed()


def _row(row: Row, text: str, language: Language, support: Support, evidence: Evidence) -> Row:
    reading = Reading(text, language)
    claims = list(claims_of(reading, support))
    return Row(
        row.writer,
        row.family,
        row.violates,
        row.weight,
        features_in(reading, 0, len(text), claims, support, evidence),
        frozenset(_stopped(claims)),
    )


def _stopped(claims: Sequence[Claim]) -> Iterator[str]:
    for name, family in families().items():
        if any(c.rule_id.startswith(family.rules) and c.severity in ("block", "review") for c in claims):
            yield name


def _support(row: Mapping[str, Any]) -> Support:
    product, offer, reviews, now = _evidence(row)
    return support_of([product], offer=offer, reviews=reviews, now=now)


def _evidence(row: Mapping[str, Any]) -> tuple[Product, Offer | None, list[Review], datetime]:
    return (
        Product(id="p", **labelled.dated(row["product"])),
        None if row.get("offer") is None else Offer(id="o", **labelled.dated(row["offer"])),
        [Review(**review) for review in row.get("reviews", [])],
        datetime.fromisoformat(row["now"]),
    )


def _composed() -> Iterator[Row]:
    """What the composer writes for the goods of `sixth`, which is lawful in every family."""
    goods: dict[str, tuple[Product, Offer | None, list[Review], datetime]] = {}
    for row in labelled.rows("sixth"):
        goods.setdefault(row["product"]["title"], _evidence(row))
    n = 0
    for i, (product, offer, reviews, _) in enumerate(goods.values()):
        now = datetime(2026, 11, 20, 8, tzinfo=UTC)
        support = support_of([product], offer=offer, reviews=reviews, now=now)
        evidence = Evidence.of(support)
        language: Language = "en" if product.title.isascii() else "zh"
        kind, channel = COMPOSED[i % len(COMPOSED)]
        brief = Brief(kind=kind, products=(product,), offer=offer, channel=channel, language=language)
        for one in write_contents([brief], backend="compose", n=4, seed=1, now=now, guards=[]):
            for text in one.content.slots.values():
                if text and n < MOST_COMPOSED:
                    n += 1
                    yield _row(
                        Row("composed", "", False, LAWFUL, {}, frozenset()), text, language, support, evidence
                    )


@dataclass(frozen=True)
class Table:
    """The rows as a matrix, (n_rows, n_features); features are named by kind."""

    rows: Sequence[Row]
    features: tuple[tuple[str, str], ...]
    matrix: csr_matrix
    writer: NDArray[np.str_]
    family: NDArray[np.str_]
    violates: NDArray[np.bool_]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Table:
        """The features that stand in at least `LEAST_TEXTS` texts."""
        counts = Counter((kind, name) for row in rows for kind in KINDS for name in row.features[kind])
        order = {kind: i for i, kind in enumerate(KINDS)}
        features = tuple(
            sorted((key for key, n in counts.items() if n >= LEAST_TEXTS), key=lambda k: (order[k[0]], k[1]))
        )
        index = {key: i for i, key in enumerate(features)}
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for row in rows:
            for kind, scale in KINDS.items():
                known = sorted(index[kind, n] for n in row.features[kind] if (kind, n) in index)
                values += [share(len(known), scale)] * len(known)
                columns += known
            starts.append(len(columns))
        return cls(
            rows,
            features,
            csr_matrix((values, columns, starts), shape=(len(rows), len(features))),
            np.array([row.writer for row in rows]),
            np.array([row.family for row in rows]),
            np.array([row.violates for row in rows]),
            np.array([row.weight for row in rows]),
        )

    def fit(self, family: str, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n_features + 1,): weights and, last, the bias of a family, from the chosen rows."""
        own = self.family == family
        weight = self.weight * np.where(own | (self.family == ""), 1.0, OTHER_FAMILY)
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


def judge(table: Table, show: Callable[[str], None]) -> None:
    """How rules and stage fare on writers that the stage has not read."""
    fresh = table.weight == 1.0
    score = np.full((len(table.rows), len(families())), np.nan)
    writers = sorted(set(table.writer[fresh])) + ["composed"]
    for writer in writers:
        held = table.writer == writer
        for i, family in enumerate(families()):
            score[held, i] = table.scores(table.fit(family, ~held), held)
    stops = np.array([[f in row.stopped for f in families()] for row in table.rows])
    bad = table.violates
    total = np.zeros(8, dtype=int)
    for i, family in enumerate(families()):
        own = fresh & (table.family == family)
        s, by_rule = score[:, i], stops[:, i]
        right = (s[own & bad][:, None] > s[own & ~bad][None]).mean()
        flagged = (by_rule & ~(s < LETS)) | (s >= ASKS)
        counts = [(c & own & b).sum() for c in (by_rule, flagged) for b in (bad, ~bad)]
        more = [(c & own & b).sum() for c in (flagged & ~by_rule, by_rule & ~flagged) for b in (bad, ~bad)]
        total += np.array([*counts, *more])
        show(
            f"{family:13} of {(own & bad).sum()} and {(own & ~bad).sum()}: rules {counts[0]} and {counts[1]}, with the stage "
            f"{counts[2]} and {counts[3]}; asks {more[0]} and {more[1]}, lets {more[2]} and {more[3]}; AUC {right:.3f}"
        )
    n = int((fresh & bad).sum())
    for name, (hit, wrong) in (("rules", total[:2]), ("with the stage", total[2:4])):
        show(f"{name}: recall {hit / n:.3f}, precision {hit / (hit + wrong):.3f}")
    composed = table.family == ""
    show(f"composed texts: the stage asks {(score[composed] >= ASKS).any(axis=1).sum()} of {composed.sum()}")
    own = np.array([[row.family == f for f in families()] for row in table.rows]) & fresh[:, None]
    others = ~own & fresh[:, None] & ~stops
    show(f"texts about something else: asks {(others & (score >= ASKS)).sum()} of {others.sum()}")
    for t in np.arange(-1.4, 1.01, 0.2):
        asks, lets = own & ~stops & (score >= t), own & stops & (score < t)
        show(
            f"  score {t:4.1f}: asks {(asks & bad[:, None]).sum()} and {(asks & ~bad[:, None]).sum()}, "
            f"lets {(lets & bad[:, None]).sum()} and {(lets & ~bad[:, None]).sum()}"
        )


def write(table: Table) -> None:
    """The weights in 256 steps a family, with the features that weigh."""
    every = np.ones(len(table.rows), dtype=bool)
    fits = {family: table.fit(family, every) for family in families()}
    steps = {family: float(np.abs(p[:-1]).max() / 127) for family, p in fits.items()}
    whole = np.stack([np.rint(p[:-1] / steps[f]) for f, p in fits.items()], axis=1).astype(np.int8)
    kept = np.flatnonzero(np.abs(whole).max(axis=1) >= LEAST_STEPS)
    names: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for i in kept:
        kind, name = table.features[i]
        names[kind].append(name)
    data: dict[str, Any] = {
        "version": VERSION,
        "source": "benchmarks/guards/borne_out/train.py",
        "n_texts": len(table.rows),
        "asks": ASKS,
        "lets": LETS,
        "families": {f: {"bias": round(float(fits[f][-1]), 4), "step": steps[f]} for f in fits},
        "features": names,
        "weights": base64.b64encode(np.ascontiguousarray(whole[kept]).tobytes()).decode("ascii"),
    }
    WEIGHTS.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Judges, or writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="fit on all and write; else judge")
    arguments = parser.parse_args()
    table = Table.of(list(read_rows()))
    print(f"{len(table.rows)} texts, {len(table.features)} features", file=sys.stderr)
    if arguments.write:
        write(table)
    else:
        judge(table, print)


if __name__ == "__main__":
    main()
