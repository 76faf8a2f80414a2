"""Why a claim lacks evidence, as one sentence in the language of the content."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files

from adwright.schema import Language


def evidence(reason: str, language: Language, *, known: str = "") -> str:
    """The sentence of `evidence.toml` for a reason; `known` is what the catalogue or the offer says.

    >>> evidence("stock", "en", known="240"), evidence("stock", "zh", known="240")
    ('240 are in stock', '库存为240件')
    """
    return _sentences()[reason][language].replace("{known}", known or "—")


@functools.cache
def _sentences() -> dict[str, dict[str, str]]:
    text = (files("adwright.generate.lexicon") / "evidence.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
