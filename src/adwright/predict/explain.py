"""What moved an effect: the share of each word, attribute and context column in a row's log-odds.

Shapley values by sampled permutations: from an empty row (no words, unknown categories, average numbers) the
parts of the row are put back one by one in random order, and each is credited with what its coming changed, on
average over orders. Shares add up to the row's log-odds less those of the empty row, whatever the model.

Source: Shapley 1953; sampling after Strumbelj and Kononenko 2014, Knowledge and Information Systems 41; each
order is used forwards and backwards (Mitchell et al. 2022, JMLR 23, antithetic sampling).
Holds when: taking a word out leaves a text that the model can still read. Does not cover: cause; a word may
stand for what it usually comes with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from adwright.schema import F64

MAX_PARTS = 64
"""Words beyond so many parts of one row are credited together."""

_PIECE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]|[^\\s\u3400-\u9fff\U00020000-\U0003ffff]+")

Score = Callable[[pl.DataFrame], Mapping[str, F64]]


@dataclass(frozen=True, slots=True)
class _Part:
    """A column's whole value, or a run of characters of a text (start and end)."""

    column: str
    said: str
    span: tuple[int, int] | None = None


def explain_row(
    row: pl.DataFrame,
    roles: Mapping[str, str],
    averages: Mapping[str, float],
    score: Score,
    *,
    n_orders: int,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """The shares of one row's parts, the largest first.

    Args:
        row: One row with the feature columns.
        roles: Feature column -> text, categorical or numeric.
        averages: Of the number columns: what "no such number" is taken to be.
        score: A frame's log-odds by rate.
        n_orders: Orders sampled, each used forwards and backwards.
        rng: Draws them.

    Returns:
        rate, column, part, log_odds (its share), error (standard error of the share over orders), alone (what
        taking only this part out changes), for every part of every rate.
    """
    parts = _parts(row, roles)
    orders = [rng.permutation(len(parts)) for _ in range(max(n_orders, 2))]
    orders = [way for order in orders for way in (order, order[::-1])]
    masks = np.vstack([_prefixes(order) for order in orders])
    held = np.vstack([masks, ~np.eye(len(parts), dtype=np.bool_)])
    found = []
    for rate, logit in score(_rows(row, roles, averages, parts, held)).items():
        paths = logit[: len(masks)].reshape(len(orders), len(parts) + 1)
        shares = np.empty((len(orders), len(parts)))
        for place, order in enumerate(orders):
            shares[place, order] = np.diff(paths[place])
        pairs = shares.reshape(-1, 2, len(parts)).mean(axis=1)
        found.append(
            pl.DataFrame(
                {
                    "rate": [rate] * len(parts),
                    "column": [part.column for part in parts],
                    "part": [part.said for part in parts],
                    "log_odds": pairs.mean(axis=0),
                    "error": pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)),
                    "alone": paths[0, -1] - logit[len(masks) :],
                }
            )
        )
    return pl.concat(found).sort(
        "rate", pl.col("log_odds").abs(), descending=[False, True], maintain_order=True
    )


def _parts(row: pl.DataFrame, roles: Mapping[str, str]) -> list[_Part]:
    whole = [_Part(name, str(row[name][0])) for name, role in roles.items() if role != "text"]
    texts = {name: row[name][0] or "" for name, role in roles.items() if role == "text"}
    room = max(MAX_PARTS - len(whole), 1)
    pieces = [
        _Part(name, found.group(), found.span())
        for name, text in texts.items()
        for found in _PIECE.finditer(text)
    ]
    return _bounded(pieces, texts, room) + whole or [_Part(next(iter(roles)), "")]


def _bounded(pieces: list[_Part], texts: Mapping[str, str], room: int) -> list[_Part]:
    """The first pieces of each text, what follows as one part a text."""
    each = max(room // max(len(texts), 1), 1)
    found: list[_Part] = []
    for name, text in texts.items():
        own = [piece for piece in pieces if piece.column == name]
        cut = own[each - 1].span if len(own) > each else None
        if cut is not None:
            rest = text[cut[0] : cut[0] + 40] + "…"
            own = [*own[: each - 1], _Part(name, rest, (cut[0], len(text)))]
        found += own
    return found


def _prefixes(order: Any) -> Any:
    """(parts + 1, parts): which parts are there after none, one, two ... of the order."""
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    return rank[None, :] < np.arange(len(order) + 1)[:, None]


def _rows(
    row: pl.DataFrame, roles: Mapping[str, str], averages: Mapping[str, float], parts: list[_Part], held: Any
) -> pl.DataFrame:
    """(len(held), ...) the row with the parts that are held, and nothing in place of the others."""
    columns: list[pl.Series] = []
    for name, role in roles.items():
        own = [place for place, part in enumerate(parts) if part.column == name]
        value = row[name][0]
        if role == "text":
            spans = [parts[place].span for place in own]
            texts = [_text(value or "", spans, there[own]) for there in held]
            columns.append(pl.Series(name, texts, dtype=pl.String))
        elif role == "numeric":
            number = float("nan") if value is None else float(value)
            columns.append(pl.Series(name, [number if there[own[0]] else averages[name] for there in held]))
        else:
            kept = [value if there[own[0]] else None for there in held]
            columns.append(pl.Series(name, kept, dtype=row[name].dtype))
    return pl.DataFrame(columns)


def _text(text: str, spans: list[tuple[int, int] | None], there: Any) -> str:
    """The text without the runs of characters that are not there."""
    out, place = [], 0
    for span, kept in zip(spans, there, strict=True):
        if span is not None and not kept:
            out.append(text[place : span[0]])
            place = span[1]
    return " ".join("".join([*out, text[place:]]).split())
