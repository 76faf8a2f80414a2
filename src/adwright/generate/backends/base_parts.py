"""How the base writer's texts become a content: which parts it writes, how wide each may be, how they join."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adwright.errors import BackendError, DataError
from adwright.generate.backends.goods import read_data
from adwright.generate.backends.wording import finish
from adwright.generate.delexical import UNITS
from adwright.generate.kinds import Kind, Limit
from adwright.generate.kinds.video_script import slot_name, speaking_seconds
from adwright.generate.parsing import distinct_texts
from adwright.schema import Brief, Language

_N_SEARCH_PAIRS = 9
_MOST = {"headline": 15, "description": 4}
_N_SHOWN = 2  # scenes between the first and the last
_SHORTEST_S, _BREATH_S = 2, 0.6
_WIDEST = 600
_SHOTS = {"video_open": "hook", "video_show": "show", "video_close": "end"}
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """What is written in one go: a unit of the writer, and which slot of the kind each of its slots becomes."""

    unit: str
    slots: Mapping[str, str]


def parts_of(kind: Kind, *, rng: np.random.Generator) -> tuple[Part, ...]:
    """The parts that a content of this kind is written in.

    Raises:
        BackendError: a kind that the base writer has not learned.
    """
    if kind.name == "responsive_search_ad":
        return tuple(
            Part("ad_copy", {slot: f"{slot}_1" for slot in UNITS["ad_copy"]}) for _ in range(_N_SEARCH_PAIRS)
        )
    if kind.name == "video_script":
        n_shown = int(rng.integers(1, _N_SHOWN + 1))
        units = ["video_open", *["video_show"] * n_shown, "video_close"]
        return tuple(
            Part(unit, {slot: slot_name(i, slot) for slot in UNITS[unit]})
            for i, unit in enumerate(units, start=1)
        )
    if kind.name not in UNITS:
        raise BackendError(
            f"the base writer has not learned the kind {kind.name}",
            retryable=False,
            hint="Take compose, hf or openai for it, or name one of them as fall-back",
        )
    return (Part(kind.name, {slot: slot for slot in UNITS[kind.name]}),)


def widest(kind: Kind, brief: Brief, slot: str) -> int:
    """The greatest width in columns that a slot's blocking limits leave, as this language fills it."""
    limits = kind.limits_of(brief.channel, slot)
    return min((_widest(limit, brief.language) for limit in limits), default=_WIDEST)


@functools.lru_cache(maxsize=512)
def _widest(limit: Limit, language: Language) -> int:
    def fits(width: int) -> bool:
        wide = width // 2 if language == "zh" else 0
        return limit.measure("好" * wide + "x" * (width - 2 * wide)) <= limit.maximum

    low, high = 0, _WIDEST
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def tidy_slot(text: str, kind: Kind, brief: Brief, slot: str) -> str:
    """The text as it is shown; where it is too long, without the last sentences as far as some remain."""
    text = finish(text, brief.language)
    limits = kind.limits_of(brief.channel, slot)
    while not all(limit.measure(text) <= limit.maximum for limit in limits):
        sentences = [s for s in _SENTENCE_END.split(text) if s]
        if len(sentences) < 2:
            return text
        text = text[: text.rindex(sentences[-1])].rstrip()
    return text


def assemble(kind: Kind, brief: Brief, texts: Sequence[Mapping[str, str]], *, seed: int) -> dict[str, str]:
    """The content's slots of the texts of its parts, in order.

    Raises:
        DataError: a slot that does not fit its limits, or too few that differ.
    """
    if kind.name == "responsive_search_ad":
        slots = _search_ad(texts)
    elif kind.name == "video_script":
        slots = _script(texts, brief.language, np.random.default_rng(seed))
    else:
        slots = dict(texts[0])
    settled = kind.settle(slots, brief)
    for slot in kind.slots:
        if slot.required and not settled.get(slot.name):
            raise DataError("a slot is empty", argument=slot.name, value=settled.get(slot.name))
    for name, text in settled.items():
        for limit in kind.limits_of(brief.channel, name):
            if limit.severity == "block" and limit.measure(text) > limit.maximum:
                raise DataError("too long", argument=name, value=text, allowed=str(limit.maximum))
    return settled


def _search_ad(texts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for family, most in _MOST.items():
        lines = distinct_texts([text[f"{family}_1"] for text in texts])
        slots |= {f"{family}_{i}": line for i, line in enumerate(lines[:most], start=1)}
    return slots


def _script(
    texts: Sequence[Mapping[str, str]], language: Language, rng: np.random.Generator
) -> dict[str, str]:
    """The scenes with a shot and the seconds that an unhurried voice takes."""
    shots = read_data(f"kinds_{language}.toml")["video_script"]["shot"]
    last = len(texts)
    slots: dict[str, str] = {}
    for i, text in enumerate(texts, start=1):
        unit = "video_open" if i == 1 else "video_close" if i == last else "video_show"
        choices = shots[_SHOTS[unit]]
        narration = text[slot_name(i, "narration")]
        seconds = max(_SHORTEST_S, math.ceil(speaking_seconds(narration) + _BREATH_S))
        slots |= {
            slot_name(i, "narration"): narration,
            slot_name(i, "on_screen"): text[slot_name(i, "on_screen")].rstrip(".。！!"),
            slot_name(i, "shot"): choices[int(rng.integers(len(choices)))],
            slot_name(i, "seconds"): str(seconds),
        }
    return slots
