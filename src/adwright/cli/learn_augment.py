"""`adwright learn augment`: more pairs out of those there are, with the same facts."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from adwright.backbone.translation import MarianTranslator
from adwright.cli.output import JsonOption, emit
from adwright.errors import UsageError, unknown_name
from adwright.learn.augment import (
    AttributeShuffle,
    Augmenter,
    BackTranslation,
    Example,
    MaskedSubstitution,
    SynonymReplacement,
)
from adwright.learn.augment import augment as augment_examples
from adwright.learn.augment.masked import MaskedConfig
from adwright.learn.pairs import attribute_pairs, read_pairs
from adwright.schema import Language
from adwright.store.durable import write_whole

WAYS = ("synonyms", "shuffle", "masked", "back_translation")


def augment(
    data: Annotated[Path, typer.Option("--data", help="Pairs as JSON lines: prompt and completion.")],
    out: Annotated[Path, typer.Option("--out", help="The new pairs, as JSON lines.")],
    language: Annotated[str, typer.Option("--language", help="zh or en: of the texts.")],
    *,
    way: Annotated[
        list[str] | None, typer.Option("--way", help=", ".join(WAYS) + "; may be repeated.")
    ] = None,
    n: Annotated[int, typer.Option("-n", help="New pairs of each pair by each way, at most.")] = 1,
    bert: Annotated[str | None, typer.Option("--bert", help="A masked language model, for masked.")] = None,
    marian: Annotated[
        str | None, typer.Option("--marian", help="Two MarianMT models, THERE,BACK, for back_translation.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of all randomness.")] = 0,
    json: JsonOption = False,
) -> None:
    """Make more pairs out of those there are; what would change a fact is left out."""
    if language not in ("zh", "en"):
        raise UsageError("unknown language", argument="language", value=language, allowed="zh, en")
    spoken: Language = "zh" if language == "zh" else "en"
    pairs = read_pairs(data)
    examples = [Example(pair.text, spoken, attribute_pairs(pair.prompt)) for pair in pairs]
    ways = [_augmenter(name, bert, marian) for name in way or ["synonyms"]]
    made: list[dict[str, str]] = []
    counts = {"n_pairs": len(pairs), "n_changed_facts": 0, "n_repeats": 0}
    for example, pair in zip(examples, pairs, strict=True):
        rng = np.random.default_rng([seed, len(made), len(example.text)])
        result = augment_examples([example], ways, n=n, rng=rng)
        counts["n_changed_facts"] += sum(result.n_changed_facts.values())
        counts["n_repeats"] += sum(result.n_repeats.values())
        made += [{"prompt": _prompt(pair.prompt, e), "completion": e.text} for e in result.examples]
    lines = "".join(json_.dumps(row, ensure_ascii=False) + "\n" for row in made)
    write_whole(out, lambda file: file.write(lines.encode()))
    emit(
        {**counts, "n_made": len(made), "path": out},
        f"{len(made)} new pairs; {counts['n_changed_facts']} changed a fact and were left out; {out}",
        as_json=json,
    )


def _augmenter(name: str, bert: str | None, marian: str | None) -> Augmenter:
    if name == "synonyms":
        return SynonymReplacement()
    if name == "shuffle":
        return AttributeShuffle()
    if name == "masked":
        if bert is None:
            raise UsageError(
                "masked needs a model", argument="--bert", value=None, allowed="a folder or an id"
            )
        return MaskedSubstitution(MaskedConfig(model=bert))
    if name == "back_translation":
        there, _, back = (marian or "").partition(",")
        if not there or not back:
            raise UsageError("two models are needed", argument="--marian", value=marian, allowed="THERE,BACK")
        return BackTranslation(MarianTranslator(there), MarianTranslator(back))
    raise unknown_name("way", name, WAYS)


def _prompt(prompt: str, example: Example) -> str:
    """The prompt with its attributes in the example's order; as it was where it holds none."""
    return "*".join(f"{name}#{value}" for name, value in example.attributes) or prompt
