"""The stage of meaning: beside the rules of phrases, a learnt reading that asks a person to look.

Holds when: copy speaks of its matter in words of the kind that was learnt (`benchmarks/guards/meaning/`).

Does not cover: irony; what only circumstances make false. It never blocks, and it is silent where a rule of
phrases of the same family stops the text already or the record excuses it. What only words excuse, in an exemption
or as a speech act (`rules/speech.toml`), it asks about where the text is more likely than not to mean it: words that
excuse also stand in texts that offend ("not just a cure"). Where a rule of law only asks for a person and the text is
far from meaning what the rule is about, the finding is told as a warning (`settled`); what a rule blocks stays
blocked.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.meaning.model import FIRM, MeaningModel, Window, meaning_model
from adwright.generate.guards.rule_files import speech_acts
from adwright.generate.guards.rulebook import excuse_of
from adwright.schema import Finding, Language
from adwright.text.reading import read

__all__ = ["READS_HARMLESS", "MeaningModel", "families", "find_meaning", "meaning_model", "settled"]

READS_HARMLESS = "law.reads_harmless"
"""The exemption of a rule's finding in a text that does not mean what the rule is about."""

_BESIDE = 12  # characters
_LEAST_NAME = 4  # characters; a shorter name may be a word of the text


@functools.cache
def families() -> Mapping[str, Mapping[str, Any]]:
    """Each family with its source, its sentence in both languages, and when the stage is silent."""
    text = (files("adwright.generate.guards.meaning") / "families.toml").read_text(encoding="utf-8")
    told: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)["family"]
    return told


def find_meaning(
    slot: str,
    text: str,
    language: Language,
    *,
    stage: str,
    by_rules: Iterable[Finding],
    by_record: Collection[str],
    context: Circumstances,
) -> Iterator[Finding]:
    """What the model reads in a slot, for a person to look at.

    Args:
        slot: Its name.
        text: As it was written.
        language: Of the evidence.
        stage: The guard that asks: families that begin with its name are reported.
        by_rules: What rules of phrases found in this text. Of a family that they stop, or that the record excuses,
            the stage is silent; what only the words around excuse it asks about where the text surely means it.
        by_record: Ids of the exemptions that rest on the catalogue, the offer or the stock.
        context: What may bear the text out.
    """
    reading = read(text)
    folded = _without_names(reading.text, context.names)
    told = [f for f in by_rules if f.exemption != READS_HARMLESS]
    silent = {f.rule_id for f in told if f.exemption is None or f.exemption in by_record}
    excused = {f.rule_id for f in told} - silent
    model = meaning_model()
    for found in model.find(folded, _read_windows(folded)):
        if not found.family.startswith(stage) or found.family in silent:
            continue
        if _is_borne_out(found.family, reading.text[found.start : found.end], context):
            continue
        first, last = reading.span(found.start, found.end)
        if found.score < FIRM and (
            found.family in excused
            or excuse_of(speech_acts(found.family), text, first, last, context=context) is not None
        ):
            continue
        words = families()[found.family]
        source = words["source"]
        yield Finding(
            rule_id=f"{found.family}.meaning",
            severity="review",
            slot=slot,
            start=first,
            end=last,
            text=text[first:last][:80],
            evidence=f"{words['zh']}（{source}）" if language == "zh" else f"{words['en']} ({source})",
        )


def _without_names(folded: str, names: Iterable[str]) -> str:
    """The text with blanks for the titles and brands of the goods, which say nothing of how they are praised."""
    for name in names:
        if len(name) >= _LEAST_NAME and name in folded:
            folded = folded.replace(name, " " * len(name))
    return folded


def settled(found: Iterable[Finding], text: str, *, context: Circumstances) -> Iterator[Finding]:
    """What rules of phrases found; a question about words that are not meant so becomes a warning.

    Args:
        found: Their findings in the text.
        text: As it was written.
        context: What may bear the text out.
    """
    for finding in found:
        if (
            finding.severity == "review"
            and finding.exemption is None
            and _is_harmless(finding, text, context)
        ):
            yield replace(finding, severity="warn", exemption=READS_HARMLESS)
        else:
            yield finding


def _is_harmless(finding: Finding, text: str, context: Circumstances) -> bool:
    reading = read(text)
    start, end = reading.folded_span(finding.start, finding.end)
    around = reading.text[max(0, start - _BESIDE) : end + _BESIDE]
    if any(word in around for word in families().get(finding.rule_id, {}).get("stands_beside", ())):
        return False
    windows = _read_windows(_without_names(reading.text, context.names))
    return meaning_model().lets_through(finding.rule_id, start, end, windows)


@functools.lru_cache(maxsize=16)  # two guards ask of the same text
def _read_windows(folded: str) -> tuple[Window, ...]:
    return tuple(meaning_model().read_windows(folded))


def _is_borne_out(family: str, words: str, context: Circumstances) -> bool:
    told = families()[family]
    if told.get("silent_in_catalogue") and words in context.catalogue:
        return True
    if not context.holds.isdisjoint(told.get("silent_where", ())):
        return True
    return any(word in context.catalogue for word in told.get("silent_catalogue", ()))
