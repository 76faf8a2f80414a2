"""The prompt of a variant: instructions on one side, the catalogue as labelled data on the other."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from adwright.generate.angles import ANGLES, TONES
from adwright.generate.facts import Facts
from adwright.generate.figures import source_lines
from adwright.generate.kinds import Kind, get_kind
from adwright.generate.readers import profile_lines
from adwright.generate.requests import WriteRequest
from adwright.schema import Cohort, Language, ShopPolicy
from adwright.text.currencies import format_money
from adwright.text.normalise import clean

_LANGUAGE_NAMES: dict[Language, str] = {"zh": "Simplified Chinese (简体中文)", "en": "English"}
_MAX_FIELD = 2000  # characters of one catalogue field that a prompt carries


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: the instructions, the material, and a digest of both."""

    system: str
    user: str

    @property
    def digest(self) -> str:
        """A digest of the whole prompt, for the provenance."""
        return hashlib.blake2b(f"{self.system}\x1f{self.user}".encode(), digest_size=8).hexdigest()


def render_prompt(request: WriteRequest, *, angle: str, tone: str, variant: int = 1) -> Prompt:
    """The prompt for one variant of a request.

    Args:
        request: The brief with its facts; findings of an earlier try go into the prompt.
        angle, tone: What this variant leads with and how it sounds.
        variant: Its number, from 1.
    """
    brief = request.brief
    kind = get_kind(brief.kind)
    values: dict[str, Any] = {
        "language_name": _LANGUAGE_NAMES[brief.language],
        "shape": json.dumps({slot.name: "..." for slot in kind.slots}),
        "slots": _slot_rules(kind, brief.channel),
        "data": catalogue_data(request.facts, brief.language),
        "channel": brief.channel,
        "angle": angle,
        "angle_meaning": ANGLES[angle],
        "tone_meaning": TONES[tone],
        "audience": "" if brief.reader or not brief.cohort else _audience(brief.cohort, brief.language),
        "profile": profile_lines(brief),
        "prefer": ", ".join(map(clean, brief.brand_voice.prefer)),
        "avoid_words": ", ".join(map(clean, brief.brand_voice.avoid)),
        "exemplars": [_as_data(dict(exemplar.slots)) for exemplar in brief.exemplars],
        "policies": [_policy(policy, brief.language) for policy in brief.policies],
        "figures": source_lines(brief.figures, brief.language).splitlines(),
        "message": _as_data(brief.message),
        "because": _as_data(brief.because) if brief.because else "",
        "companions": [_as_data(clean(other.title)[:_MAX_FIELD]) for other in brief.companions],
        "variant": variant,
        "problems": [f"{f.slot}: {f.rule_id}, {f.evidence}" for f in request.findings],
    }
    template = _environment().get_template(kind.template)
    return Prompt(*(_block(template, name, values) for name in ("system", "user")))


def catalogue_data(facts: Facts, language: Language) -> str:
    """The facts as JSON that cannot close its own delimiters and holds nothing that a reader cannot see."""
    product, offer = facts.product, facts.offer
    known: dict[str, Any] = {
        "title": product.title or None,
        "description": product.description,
        "brand": product.brand,
        "category": product.product_type,
        "price": _money(facts.price_minor, product.currency, language),
        "price_before": _money(facts.was_minor, product.currency, language),
        "percent_off": facts.percent_off,
        "lower_price_until": facts.deadline.date().isoformat() if facts.deadline else None,
        "pieces_left": facts.stock,
        "rating_of_5": facts.rating,
        "attributes": {clean(k): clean(v)[:_MAX_FIELD] for k, v in product.attributes.items()},
        "offer_code": offer.code if offer else None,
        "offer_terms": offer.terms if offer else None,
    }
    cleaned = {
        key: clean(value)[:_MAX_FIELD] if isinstance(value, str) else value
        for key, value in known.items()
        if value not in (None, "", {})
    }
    return _as_data(cleaned, indent=1)


def _as_data(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON that can neither close a delimiter nor hide a character."""
    text = clean(json.dumps(value, ensure_ascii=False, indent=indent))
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def _audience(cohort: Cohort, language: Language) -> str:
    return clean(cohort.description.get(language, ""))


def _policy(policy: ShopPolicy, language: Language) -> str:
    text = policy.text.get(language) or next(iter(policy.text.values()), "")
    return _as_data({"topic": policy.topic, "text": text[:_MAX_FIELD]})


def _slot_rules(kind: Kind, channel: str) -> list[dict[str, Any]]:
    """What the prompt says of each slot; numbered ones of a family are said once, required and optional apart."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for slot in kind.slots:
        groups.setdefault((slot.family, slot.required), []).append(slot.name)
    return [
        {
            "name": names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}",
            "holds": next(s.holds for s in kind.slots if s.name == names[0]),
            "limits": kind.limits_of(channel, names[0]),
            "required": required,
        }
        for (_, required), names in groups.items()
    ]


def _money(amount_minor: int | None, currency: str | None, language: Language) -> str | None:
    if amount_minor is None or currency is None:
        return None
    return format_money(amount_minor, currency, language)


def _block(template: Any, name: str, values: dict[str, Any]) -> str:
    context = template.new_context(values)
    return "".join(template.blocks[name](context)).strip()


@functools.cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("adwright.generate", "prompts"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 — the result is plain text for a model, never HTML
    )
