"""How far a text means what a rule is about: a linear model over its features, one output a family of rules.

Holds when: the text is short, as copy is; a longer one is read in overlapping runs of sentences.

Does not cover: what only the catalogue, a picture or the world beyond the text can tell. A score is no
probability; a threshold was chosen on writers that the model had not read.

Source: logistic regression with an L2 penalty (Hastie, Tibshirani, Friedman 2009, 4.4); features and their scaling
as in `features`. Trained by `benchmarks/guards/meaning/train.py`.
"""

from __future__ import annotations

import base64
import functools
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adwright.generate.guards.meaning.features import located_features, pieces, word_groups

GRAM_SCALE, GROUP_SCALE = 4.5, 2.25
"""The weight of all words or characters together, and of all groups together, where there are few of them."""

FIRM = 0.0
"""The score of a text that is more likely than not to mean it: from here on words that excuse no longer do."""

_LEAST = 8  # features; a text of one word is not read as if it were all that is said
_WIDTH_LATIN, _WIDTH_HAN = 260, 130  # characters that are read together
_MOST_WINDOWS = 200
_HAN = re.compile("[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+|\.+(?=\s|$)")
_GAP = 0.15  # what a character without weight takes from the run that is shown, as a share of the strongest


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text that was read as a whole.

    Args:
        start, end: Its place.
        scores: (n_families,).
        n_known: How many of its words or characters the model knows.
    """

    start: int
    end: int
    scores: NDArray[np.float32]
    n_known: int


@dataclass(frozen=True, slots=True)
class Found:
    """A family that a text reads like, the place that speaks most for it, and its score there."""

    family: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class MeaningModel:
    """The weights.

    Args:
        families: Of the outputs.
        index: Feature -> row.
        weights: (n_features, n_families), float32.
        bias: (n_families,).
        thresholds: (n_families,); at or above it a person has to look.
        lets: (n_families,); below it what a rule of phrases asks about is not meant so.
    """

    families: tuple[str, ...]
    index: Mapping[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    lets: NDArray[np.float32]

    @classmethod
    def read(cls, text: str) -> MeaningModel:
        """The model of a JSON text, as `train.py` writes it."""
        data: dict[str, Any] = json.loads(text)
        families: dict[str, dict[str, float]] = data["families"]
        features = _unpacked(data["features"]).decode().split("\n")
        raw = np.frombuffer(_unpacked(data["weights"]), dtype=np.int8)
        steps = np.array([f["step"] for f in families.values()], dtype=np.float32)
        return cls(
            families=tuple(families),
            index={name: i for i, name in enumerate(features)},
            weights=np.ascontiguousarray(raw.reshape(len(families), -1).T).astype(np.float32) * steps,
            bias=np.array([f["bias"] for f in families.values()], dtype=np.float32),
            thresholds=np.array([f["threshold"] for f in families.values()], dtype=np.float32),
            lets=np.array([f.get("lets", -np.inf) for f in families.values()], dtype=np.float32),
        )

    @functools.cached_property
    def _group_rows(self) -> dict[str, tuple[int, ...]]:
        """Entry of a group -> the rows of the groups that hold it."""
        tables = word_groups()
        found: dict[str, tuple[int, ...]] = {}
        for entry, names in (*tables.han.items(), *tables.latin.items()):
            rows = (self.index[name] for name in names if name in self.index)
            found[entry] = tuple(dict.fromkeys((*found.get(entry, ()), *rows)))
        return found

    def scores(self, folded: str) -> NDArray[np.float32]:
        """(n_families,): the scores of a folded text that is read as a whole."""
        return self._scores_and_known(folded)[0]

    def _scores_and_known(self, folded: str) -> tuple[NDArray[np.float32], int]:
        held = pieces(folded)
        grams = list(map(self.index.__getitem__, held & self.index.keys()))
        groups = set(chain.from_iterable(map(self._group_rows.__getitem__, held & self._group_rows.keys())))
        total = self.bias
        for rows, scale in ((grams, GRAM_SCALE), (list(groups), GROUP_SCALE)):
            if rows:
                total = total + np.add.reduce(self.weights.take(rows, axis=0)) * share(len(rows), scale)
        return total, len(grams)

    def read_windows(self, folded: str) -> Iterator[Window]:
        """The windows of a folded text with their scores."""
        for start, end in windows(folded):
            yield Window(start, end, *self._scores_and_known(folded[start:end]))

    def find(self, folded: str, read: Iterable[Window]) -> Iterator[Found]:
        """Each family whose threshold a window reaches, by the window that speaks most for it."""
        best: dict[int, Window] = {}
        for window in read:
            for i in map(int, np.flatnonzero(window.scores >= self.thresholds)):
                if i not in best or window.scores[i] > best[i].scores[i]:
                    best[i] = window
        for i, window in best.items():
            first, last = self._strongest(folded[window.start : window.end], i)
            yield Found(self.families[i], window.start + first, window.start + last, float(window.scores[i]))

    def lets_through(self, family: str, start: int, end: int, read: Iterable[Window]) -> bool:
        """Whether every window that holds a place is far from what the family is about.

        Few words that the model knows say nothing.
        """
        if family not in self.families:
            return False
        i = self.families.index(family)
        holding = [w for w in read if w.start < end and start < w.end]
        return bool(holding) and all(w.n_known >= _LEAST and w.scores[i] < self.lets[i] for w in holding)

    def _strongest(self, folded: str, family: int) -> tuple[int, int]:
        """The run of characters that speaks most for the family."""
        weight = np.zeros(len(folded))
        for name, start, end in located_features(folded):
            row = self.index.get(name)
            if row is not None:
                weight[start:end] += self.weights[row, family] / (end - start)
        weight -= _GAP * max(float(weight.max()), 0.0)
        best, span, total, first = -np.inf, (0, len(folded)), 0.0, 0
        for i, w in enumerate(weight):
            if total <= 0.0:
                total, first = 0.0, i
            total += w
            if total > best:
                best, span = total, (first, i + 1)
        return _whole_words(folded, *span)


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


@functools.cache
def meaning_model() -> MeaningModel:
    """The model that comes with the package, read once."""
    return MeaningModel.read((files("adwright.generate.guards.meaning") / "weights.json").read_text("utf-8"))


def share(n: int, scale: float) -> float:
    """What each of n features weighs."""
    return scale / math.sqrt(max(n, _LEAST))


def windows(folded: str) -> Iterator[tuple[int, int]]:
    """The text as a whole where it is short, else runs of sentences that overlap by half."""
    width = _WIDTH_LATIN if folded.isascii() or not _HAN.search(folded) else _WIDTH_HAN
    if len(folded) <= width:
        yield 0, len(folded)
        return
    ends = [m.end() for m in _SENTENCE_END.finditer(folded)]
    start, next_end = 0, 0
    for _ in range(_MOST_WINDOWS):
        while next_end < len(ends) and ends[next_end] <= start:
            next_end += 1
        inside = [e for e in ends[next_end : next_end + width] if e <= start + width]
        end = inside[-1] if inside else min(start + width, len(folded))
        yield start, end
        if end >= len(folded):
            return
        halves = [e for e in inside[:-1] if e >= start + (end - start) // 2]
        start = halves[0] if halves else end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without a cut Latin word or blanks at its ends."""
    while start > 0 and _is_latin(text[start - 1]) and _is_latin(text[start]):
        start -= 1
    while end < len(text) and _is_latin(text[end - 1]) and _is_latin(text[end]):
        end += 1
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
