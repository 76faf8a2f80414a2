"""Trains the model of the stage of evidence and says how it fares on writers that it has not read.

    python benchmarks/guards/borne_out/train.py [--write]

Learns from `rows`: texts on which few rules were written count whole, those that rules were written on less, since
the rules are better there than on texts that they do not know. A quarter of the writers after the other is held
out and judged; `--write` then fits on all and writes `src/adwright/generate/guards/borne_out/weights.json`. Blind
sets are never read. Some minutes on two cores; the same data give the same weights.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).parents[1]))
from linear import fit_logistic
from rows import ANY, FRESH, Read, labelled, read_rows

from adwright.generate.guards.borne_out import families
from adwright.generate.guards.borne_out.features import KINDS
from adwright.generate.guards.meaning.model import share

WEIGHTS = (
    Path(__file__).parents[3] / "src" / "adwright" / "generate" / "guards" / "borne_out" / "weights.json"
)
VERSION = "2026-11-27.4"
WEIGHT = {"sixth": 1.0, "seventh": 1.0, "joined": 0.5, "praise": 1.0, "tables": 0.2, "composed": 0.1}
OTHER_SET = 0.3
"""What a row of a source weighs, and one of the sets that rules were written on."""
OTHER_FAMILY = 0.03
"""What a row that was labelled for another family weighs: it is about something else, borne out or not."""
UNSURE = -2.0
"""A score above it says that a composed text, which is lawful, may be wrong."""
PENALTY = 0.5
LEAST_TEXTS = 3  # in which a feature stands
LEAST_SHARE = 0.06  # of the largest weight of a family, that a feature must weigh to be kept
ASKS, LETS = -0.75, -1.0
"""Scores from which on the stage asks, and below which it lets through. On writers held out more than half of the
texts around the first violate where no rule has spoken, and a third of those around the second where one has (two
in seven of those from there down to -1.5)."""
N_PARTS = 4


@dataclass(frozen=True)
class Table:
    """The rows as a matrix, (n_rows, n_features); features are named by kind."""

    rows: Sequence[Read]
    features: tuple[tuple[str, str], ...]
    matrix: csr_matrix
    source: NDArray[np.str_]
    writer: NDArray[np.str_]
    family: NDArray[np.str_]
    violates: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[Read]) -> Table:
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
            np.array([read.row.source for read in rows]),
            np.array([read.row.writer for read in rows]),
            np.array([read.row.family for read in rows]),
            np.array([read.row.violates for read in rows]),
        )

    def fit(self, family: str, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n_features + 1,): weights and, last, the bias of a family, from the chosen rows.

        Features that weigh little are left out, and the others fitted again, with whole weight for those composed
        texts of which the first fit is not sure.
        """
        own = self.family == family
        weight = np.array([WEIGHT.get(source, OTHER_SET) for source in self.source])
        weight *= np.where(own | (self.family == ANY), 1.0, OTHER_FAMILY)
        told = self.matrix[chosen], (own & self.violates)[chosen], weight[chosen]
        every = fit_logistic(*told, penalty=PENALTY)
        kept = np.flatnonzero(np.abs(every[:-1]) >= LEAST_SHARE * np.abs(every[:-1]).max())
        unsure = (self.source[chosen] == "composed") & (self.scores(every, chosen) > UNSURE)
        few = fit_logistic(told[0][:, kept], told[1], np.where(unsure, 1.0, told[2]), penalty=PENALTY)
        every[:-1] = 0.0
        every[kept], every[-1] = few[:-1], few[-1]
        return every

    def scores(self, coefficients: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The scores of the chosen rows."""
        return self.matrix[chosen] @ coefficients[:-1] + coefficients[-1]


def hold_out(table: Table) -> NDArray[np.float64]:
    """(n_rows, n_families): scores by models that have not read the writer; NaN where nobody is held out."""
    score = np.full((len(table.rows), len(families())), np.nan)
    judged = np.isin(table.source, (*FRESH, "joined", "praise", "composed"))
    writers = sorted(set(table.writer[judged]))
    for part in range(N_PARTS):
        held = judged & np.isin(table.writer, writers[part::N_PARTS])
        for i, family in enumerate(families()):
            score[held, i] = table.scores(table.fit(family, ~held), held)
    return score


def judge(table: Table, show: Callable[[str], None]) -> None:
    """How rules and stage fare on writers that the stage has not read, and on rows that nobody has."""
    score = hold_out(table)
    stops = np.array([[f in read.stopped for f in families()] for read in table.rows])
    unread = np.array(
        [r.row.source not in labelled.HALF_CLOSED or r.row.id[-1] in "02468" for r in table.rows]
    )
    for source in FRESH:
        _judge_set(table, score, stops, unread & (table.source == source), show)
    _show_bins(table, score, stops, unread, show)
    composed = table.source == "composed"
    show(
        f"composed texts: asks {(score[composed] >= ASKS).any(axis=1).sum()} of {composed.sum()}; rules stop "
        f"{stops[composed].any(axis=1).sum()}"
    )
    praise = table.source == "praise"
    show(
        f"texts that only describe and praise: asks {(score[praise] >= ASKS).any(axis=1).sum()} of {praise.sum()}; "
        f"rules stop {stops[praise].any(axis=1).sum()}"
    )
    lawful = np.isin(table.source, FRESH) & ~table.violates
    other = table.family[lawful][:, None] != np.array(list(families()))[None]
    asked = other & ~stops[lawful] & (score[lawful] >= ASKS)
    show(f"lawful texts about something else: asks {asked.any(axis=1).sum()} of {lawful.sum()}")


def _show_bins(
    table: Table,
    score: NDArray[np.float64],
    stops: NDArray[np.bool_],
    unread: NDArray[np.bool_],
    show: Callable[[str], None],
) -> None:
    """By score: how many texts of the family violate and do not, where no rule stops them and where one does."""
    judged = unread & np.isin(table.source, FRESH)
    own = judged[:, None] & (table.family[:, None] == np.array(list(families()))[None])
    bad = np.broadcast_to(table.violates[:, None], own.shape)
    for low in np.arange(-2.5, 0.5, 0.25):
        inside = own & (score >= low) & (score < low + 0.25)
        free, stopped = inside & ~stops, inside & stops
        show(
            f"score {low:5.2f}: without a rule {(free & bad).sum()} and {(free & ~bad).sum()}, "
            f"with one {(stopped & bad).sum()} and {(stopped & ~bad).sum()}"
        )


def _judge_set(
    table: Table,
    score: NDArray[np.float64],
    stops: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    show: Callable[[str], None],
) -> None:
    """Recall and precision of rules, and of rules and stage, on the judged rows of a set."""
    bad = table.violates
    rules, both = np.zeros(2, dtype=int), np.zeros(2, dtype=int)
    for i, family in enumerate(families()):
        own = judged & (table.family == family)
        s, by_rule = score[own, i], stops[own, i]
        flagged = (by_rule & (families()[family].stands | (s >= LETS))) | (s >= ASKS)
        right = (s[bad[own]][:, None] > s[~bad[own]][None]).mean()
        counts = [[int((f & b).sum()) for b in (bad[own], ~bad[own])] for f in (by_rule, flagged)]
        rules, both = rules + counts[0], both + counts[1]
        n = int(bad[own].sum())
        show(
            f"{family:13} rules {counts[0]}, with the stage {counts[1]} of {n} and {own.sum() - n}; AUC {right:.3f}"
        )
    n = int((judged & bad).sum())
    for name, (hit, wrong) in (("rules", rules), ("with the stage", both)):
        show(f"{set(table.source[judged])} {name}: recall {hit / n:.3f}, precision {hit / (hit + wrong):.3f}")


def write(table: Table) -> None:
    """The weights in 256 steps a family, with the features that weigh."""
    every = np.ones(len(table.rows), dtype=bool)
    fits = {family: table.fit(family, every) for family in families()}
    steps = {family: float(np.abs(p[:-1]).max() / 127) for family, p in fits.items()}
    whole = np.stack([np.rint(p[:-1] / steps[f]) for f, p in fits.items()], axis=1).astype(np.int8)
    kept = np.flatnonzero(np.abs(whole).max(axis=1))
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
    """Judges, and writes where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="then fit on all and write")
    arguments = parser.parse_args()
    table = Table.of(read_rows())
    print(f"{len(table.rows)} texts, {len(table.features)} features", file=sys.stderr)
    judge(table, print)
    if arguments.write:
        write(table)


if __name__ == "__main__":
    main()
