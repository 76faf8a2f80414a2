"""The bundled base writer as a backend: a language model of this package, on this machine, without a key.

It writes delexicalised texts (see `delexical`): the model chooses the words, the catalogue gives the facts.
What it may say is held while it writes, so a text that lacks a slot or names an unknown fact cannot come about;
one that is too long for its channel or nearly repeats another is written again, a bounded number of times.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

import numpy as np

from adwright.errors import ConfigError, DataError
from adwright.generate.angles import order_angles, order_tones
from adwright.generate.backends.base_parts import Part, assemble, parts_of, tidy_slot, widest
from adwright.generate.backends.compose import compose, stable_number
from adwright.generate.backends.decoding import Answer, Decoder, Job
from adwright.generate.backends.goods import Goods, recognise
from adwright.generate.backends.meter import Meter, call_key
from adwright.generate.backends.reader_values import acquaintance, reader_values
from adwright.generate.backends.wording import values_for
from adwright.generate.delexical import (
    ATTRIBUTES,
    WIDTHS,
    check_base_vocabulary,
    control_prompt,
    fill,
    slot_token,
)
from adwright.generate.kinds import Kind, get_kind
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import Provenance
from adwright.store.call_records import CallEnd
from adwright.text.similarity import ngrams
from adwright.text.width import display_width

MODEL = "adwright-base@1"
NEAR_IDENTICAL = 0.8
"""Two variants whose 3-grams overlap by this much (Jaccard) are one."""

_LONG = frozenset({"product_description", "email", "social_post"})
_FEW_ATTRIBUTES = 2

BY_RULE = ("campaign_plan", "service_reply")
"""Kinds that say only what figures and policies hold: the composer writes them, word for word."""


@dataclass(frozen=True)
class BaseConfig:
    """Which weights, and how they are sampled.

    Args:
        model: A folder with a model of the base writer's vocabulary; the bundled one where None.
        adapter: A PEFT adapter for it.
        device: As PyTorch names it.
        batch_size: Texts that are written at once.
        temperature: 1 samples as the model believes; lower is plainer.
        top_p: Share of the probability mass that is sampled from.
        candidates: Of a long text about a product with many attributes, how many are written; the one that
            tells most of them is kept.
        max_tries: How often one variant is written before it is given up.
        outcome: The outcome bucket to write for, `0` to `4`, once a model has learned them; else `any`.
    """

    model: str | None = None
    adapter: str | None = None
    device: str = "cpu"
    batch_size: int = 64
    temperature: float = 0.8
    top_p: float = 0.9
    candidates: int = 4
    max_tries: int = 4
    outcome: str = "any"

    def __post_init__(self) -> None:
        for name in ("batch_size", "candidates", "max_tries"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ConfigError(
                "cannot sample so", argument="temperature, top_p", value=(self.temperature, self.top_p)
            )
        if self.outcome not in {"any", "0", "1", "2", "3", "4"}:
            raise ConfigError("unknown bucket", argument="outcome", value=self.outcome, allowed="any, 0 to 4")


class BaseBackend:
    """Writes with the bundled language model; it is loaded at the first request.

    Args:
        config: Which weights, and how they are sampled.
        meter: Where calls are written down, one a round of tries: they cost nothing but time.

    Attributes:
        last_fault: Why the last `write` gave fewer drafts than it was asked for; empty where it did not.
    """

    name = "base"
    config_type = BaseConfig
    learns_from_findings = True

    def __init__(self, config: BaseConfig | None = None, *, meter: Meter | None = None) -> None:
        self.config = config or BaseConfig()
        self.meter = meter or Meter()
        self.last_fault = ""
        self._decoders: list[Decoder] = []  # one, once it is loaded; shared with metered copies

    def with_meter(self, meter: Meter) -> Self:
        """The same backend with the same model, its calls written down there."""
        other = copy.copy(self)
        other.meter = meter
        return other

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts; the same requests give the same drafts."""
        variants = [v for i, r in enumerate(requests) if r.brief.kind not in BY_RULE for v in _plan(i, r)]
        seen = [[ngrams(text) for text in request.avoid] for request in requests]
        for _ in range(self.config.max_tries):
            open_ = [v for v in variants if v.slots is None]
            if not open_:
                break
            self._try(open_, seen)
        self.last_fault = next((v.fault for v in variants if v.slots is None), "")
        return [
            compose(request)
            if request.brief.kind in BY_RULE
            else [self._draft(v) for v in variants if v.request_index == i and v.slots is not None]
            for i, request in enumerate(requests)
        ]

    def _try(self, variants: Sequence[_Variant], seen: list[list[frozenset[str]]]) -> None:
        """One try of each variant; those that fit their limits and are new keep their slots."""
        asked = [v.jobs(self.config.outcome, self.config.candidates) for v in variants]
        answers = iter(self._metered([job for jobs in asked for job in jobs]))
        for variant, jobs in zip(variants, asked, strict=True):
            slots = variant.take([next(answers) for _ in jobs])
            if slots is None:
                continue
            grams = ngrams("\n".join(slots.values()))
            known = seen[variant.request_index]
            if any(len(grams & k) >= NEAR_IDENTICAL * max(len(grams | k), 1) for k in known):
                variant.fault = "nearly repeats another"
                continue
            known.append(grams)
            variant.slots = slots

    def _metered(self, jobs: Sequence[Job]) -> list[Answer]:
        """The answers; that they were asked for, and what they took, is written down."""
        key = call_key(self.name, self.config, *((job.prompt, job.seed) for job in jobs))
        model = self.config.adapter or self.config.model or MODEL
        number = self.meter.begin(key, backend=self.name, endpoint="", model=model)
        started = time.monotonic()
        answers = self._writer().write(jobs)
        n_broken = sum(answer.slots is None for answer in answers)
        end = CallEnd(
            status="answered" if n_broken < len(answers) else "unreadable",
            n_prompt_tokens=sum(a.n_prompt_tokens for a in answers),
            n_completion_tokens=sum(a.n_tokens for a in answers),
            seconds=time.monotonic() - started,
            cost_micro=0,
            fault=f"{n_broken} of {len(answers)} texts broke off" if n_broken else "",
        )
        self.meter.end(number, end)
        return answers

    def _writer(self) -> Decoder:
        if not self._decoders:
            config = self.config
            self._decoders.append(
                Decoder(
                    *_load(config),
                    temperature=config.temperature,
                    top_p=config.top_p,
                    batch_size=config.batch_size,
                )
            )
        return self._decoders[0]

    def _draft(self, variant: _Variant) -> Draft:
        provenance = Provenance(
            backend=self.name,
            model=self.config.model or MODEL,
            adapter=self.config.adapter,
            prompt_digest=variant.digest(),
            seed=variant.seed,
            n_tries=variant.n_tries,
            n_prompt_tokens=variant.n_prompt_tokens,
            n_completion_tokens=variant.n_completion_tokens,
            created_at=variant.request.now,
        )
        return Draft(slots=variant.slots or {}, provenance=provenance, angle=variant.angle, tone=variant.tone)


def _load(config: BaseConfig) -> tuple[Any, Any]:
    from adwright.backbone import load_base_writer, load_causal_lm

    if config.model is None:
        return load_base_writer(config.adapter, device=config.device)
    model, tokenizer = load_causal_lm(config.model, config.adapter, device=config.device)
    check_base_vocabulary(tokenizer, config.model)
    return model, tokenizer


@dataclass(slots=True)
class _Variant:
    """One variant under way."""

    request_index: int
    request: WriteRequest
    goods: Goods
    kind: Kind
    values: Mapping[str, str]
    angle: str
    tone: str
    seed: int
    parts: tuple[Part, ...]
    n_tries: int = 0
    n_prompt_tokens: int = 0
    n_completion_tokens: int = 0
    slots: dict[str, str] | None = None
    fault: str = ""
    _prompts: list[str] = field(default_factory=list)
    _n_candidates: list[int] = field(default_factory=list)

    def jobs(self, outcome: str, candidates: int) -> list[Job]:
        """What the decoder is asked in the next try: each part, the candidates of a long one in a row."""
        brief = self.request.brief
        jobs = []
        self._prompts, self._n_candidates = [], []
        for place, part in enumerate(self.parts):
            widths = {slot: widest(self.kind, brief, name) for slot, name in part.slots.items()}
            tight = any(widths[slot] < WIDTHS[part.unit][slot][1] for slot in widths)
            prompt = control_prompt(
                language=brief.language,
                unit=part.unit,
                fit="tight" if tight else "normal",
                category=self.goods.category.name,
                angle=self.angle,
                tone=self.tone,
                readers=acquaintance(brief) if part.unit == "email" else "any",
                name_width=display_width(self.values["name"]),
                facts=self.values,
                outcome=outcome,
            )
            self._prompts.append(prompt)
            n = candidates if self._is_rich() and part.unit in _LONG else 1
            self._n_candidates.append(n)
            for i in range(n):
                seed = _mixed([self.seed, self.n_tries, place, i])
                name = self.goods.category.name
                avoid = brief.brand_voice.avoid
                jobs.append(Job(brief.language, prompt, name, widths, self.values, seed=seed, avoid=avoid))
        return jobs

    def take(self, answers: Sequence[Answer]) -> dict[str, str] | None:
        """The slots of these answers where all are whole and within their limits."""
        self.n_tries += 1
        self.n_prompt_tokens += sum(a.n_prompt_tokens for a in answers)
        self.n_completion_tokens += sum(a.n_tokens for a in answers)
        texts: list[dict[str, str]] = []
        rest = iter(answers)
        for part, n in zip(self.parts, self._n_candidates, strict=True):
            answer = max(islice(rest, n), key=_n_told)
            if answer.slots is None:
                self.fault = "broke off"
                return None
            filled = {part.slots[slot]: fill(text, self.values) for slot, text in answer.slots.items()}
            texts.append({n: tidy_slot(t, self.kind, self.request.brief, n) for n, t in filled.items()})
        try:
            return assemble(self.kind, self.request.brief, texts, seed=self.seed + self.n_tries)
        except DataError as error:
            self.fault = str(error)
            return None

    def _is_rich(self) -> bool:
        return len(self.values.keys() & set(ATTRIBUTES)) > _FEW_ATTRIBUTES

    def digest(self) -> str:
        """A digest of the prompts of the last try."""
        import hashlib

        return hashlib.blake2b("\x1f".join(self._prompts).encode(), digest_size=8).hexdigest()


def _n_told(answer: Answer) -> int:
    """How many attributes an answer tells; below zero where it broke off."""
    if answer.slots is None:
        return -1
    text = "".join(answer.slots.values())
    return sum(slot_token(name) in text for name in ATTRIBUTES)


def _mixed(seed: Sequence[int]) -> int:
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


def _plan(index: int, request: WriteRequest) -> list[_Variant]:
    """The variants of a request, spread over angles and tones."""
    brief = request.brief
    kind = get_kind(brief.kind)
    goods = recognise(request.facts.product)
    rng = np.random.default_rng([request.seed, stable_number(request.facts.product.id)])
    values = values_for(request.facts, goods, brief.language, now=request.now)
    values |= reader_values(brief, goods, request.facts.product)
    values = without_repeats(values)
    angles = order_angles(brief, request.facts, skip=goods.category.skip, rng=rng)
    tones = order_tones(brief, rng=rng)
    variants = []
    for i in range(request.n):
        angle, tone = angles[i % len(angles)], tones[(i + i // len(angles)) % len(tones)]
        seed = int(rng.integers(2**31))
        parts = parts_of(kind, rng=rng)
        variants.append(_Variant(index, request, goods, kind, values, angle, tone, seed, parts))
    return variants


def without_repeats(values: Mapping[str, str]) -> dict[str, str]:
    """The facts without those that the product's name says already, as the colour of `Red Shoes`."""
    from adwright.generate.lexicon import attribute_lexicon

    lexicon = attribute_lexicon()
    name = values["name"].casefold()
    in_name = lexicon.supported(values["name"])
    told = {fact for fact in _FACTS_OF_A_NAME if fact in values and values[fact].casefold() in name}
    told |= {f for f in ("colour", "material") if f in values and lexicon.supported(values[f]) & in_name}
    return {fact: value for fact, value in values.items() if fact not in told}


_FACTS_OF_A_NAME = ("brand", "colour", "material", "capacity", "weight", "size", "pattern", "scent")
