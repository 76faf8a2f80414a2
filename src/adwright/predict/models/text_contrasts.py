"""The contrasts of the rows' texts, as the encoder learns from them."""

from __future__ import annotations

import numpy as np
import polars as pl

from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.features import strings
from adwright.predict.models.contrasts import Contrast, contrasts
from adwright.predict.models.pairwise import FREE_LEVEL_VARIANCE
from adwright.predict.rows import Index, Rows


def text_contrasts(
    rows: Rows,
    columns: tuple[str, ...],
    config: EncoderConfig,
    *,
    level_variance: float,
    rng: np.random.Generator,
) -> tuple[list[Contrast], list[str], Index]:
    """The contrasts, the distinct texts, and (n,) the number of each row's text.

    Args:
        rows: Outcomes.
        columns: Text columns.
        config: Variances and switches.
        level_variance: Where there are no groups, of the level that each row then has alone.
        rng: Cuts groups that are too large.
    """
    texts, index = numbered(joined(rows.frame, columns))
    if not texts:
        return [], [], index
    found = contrasts(
        rows,
        index,
        content_variance=config.content_variance,
        sibling_variance=config.sibling_variance,
        level_variance=level_variance if rows.group is None else FREE_LEVEL_VARIANCE,
        rng=rng,
        label_smoothing=config.robust.label_smoothing,
        one_part=config.privacy is not None,
    )
    if rows.group is not None:
        found = [contrast for contrast in found if len(set(contrast.text.tolist())) > 1]
    return found, texts, index


def joined(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """(n,) the texts of the columns, one line each."""
    held = [[value or "" for value in strings(frame, name)] for name in columns]
    return ["\n".join(parts) for parts in zip(*held, strict=True)]


def numbered(texts: list[str]) -> tuple[list[str], Index]:
    """The distinct texts, and (n,) which of them each row holds."""
    place: dict[str, int] = {}
    index = np.fromiter((place.setdefault(text, len(place)) for text in texts), np.intp, len(texts))
    return list(place), index


def some_texts(frame: pl.DataFrame, columns: tuple[str, ...], limit: int = 500) -> list[str]:
    """The first texts, as the encoder reads them; none where there is no text column."""
    return joined(frame.head(limit), columns) if columns else []
