"""Forty texts of the bundled writer, drawn at random: python benchmarks/writer/samples.py > docs/samples.md

Products are those of a simulated shop and the invented ones of `catalogues.py`; nothing of others is shown.
Nothing is left out and nothing chosen: seed, product, kind and language are drawn, one text each.
`--seed N` draws others, `--model DIR` takes other weights.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from catalogues import invented

from adwright.generate import create_backend
from adwright.generate.facts import facts_of
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import Brief, Language, Offer, Product
from adwright.simulate import World

NOW = datetime(2026, 11, 20, tzinfo=UTC)
N = 40
_KINDS = (
    *(
        ("ad_copy", "google_ads"),
        ("ad_copy", "onsite"),
        ("product_description", "onsite"),
        ("email", "email"),
    ),
    *(("push", "push"), ("sms", "sms"), ("recommendation", "onsite"), ("video_script", "tiktok")),
)
_SOCIAL: dict[Language, str] = {"zh": "xiaohongshu", "en": "instagram"}
_UNSAID = ("shot", "seconds")
_INVENTED_SHARE, _OFFER_SHARE = 0.2, 0.25

_HEAD = """# Forty texts of the bundled writer

Drawn at random by `python benchmarks/writer/samples.py --seed {seed}`: product, kind, language, seed. None was
left out, chosen or edited. What a text says of a product stands in its line of the catalogue; the
rest is the model's. Where it is weak stands at the end.
"""
_FOOT = """
## Where it is weak

- It is a small model that learned from a grammar: it recombines that grammar's turns of phrase and has no idea of its
  own. After some dozens of texts for one kind of goods a reader meets the same thoughts again.
- Headline and description are each right, but they do not always follow from one another.
- A product that it does not know the kind of is "this pick" and "这件好物", and what is said of its use is general.
- Sentences of facts ("Waist: high.") are plain; where a product has many, a description reads like a list.
- It never argues from what a product is made for: a fact is told, not used.

For more than that, fine-tune it on a shop's own texts, or take a larger model as the backend `hf` or `openai`.
"""


def main() -> None:
    """Prints the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default=None)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    requests = [_draw(rng) for _ in range(N)]
    backend = create_backend("base", {"model": arguments.model} if arguments.model else {})
    print(_HEAD.format(seed=arguments.seed))
    for i, (request, drafts) in enumerate(zip(requests, backend.write(requests), strict=True), start=1):
        for draft in drafts:
            print(_entry(i, request, draft))
    print(_FOOT.rstrip())


def _draw(rng: np.random.Generator) -> WriteRequest:
    language: Language = "zh" if rng.random() < 0.5 else "en"
    products = _shop(language) if rng.random() >= _INVENTED_SHARE else _strange(language)
    product = products[int(rng.integers(len(products)))]
    kinds = (*_KINDS, ("social_post", _SOCIAL[language]))
    kind, channel = kinds[int(rng.integers(len(kinds)))]
    offer = (
        Offer(id="o", discount_percent=15, ends_at=datetime(2026, 12, 1, tzinfo=UTC))
        if rng.random() < _OFFER_SHARE
        else None
    )
    brief = Brief(kind=kind, products=(product,), channel=channel, language=language, offer=offer)
    facts = facts_of(brief, now=NOW)
    return WriteRequest(brief=brief, n=1, seed=int(rng.integers(2**31)), facts=facts, now=NOW)


def _shop(language: Language) -> list[Product]:
    return list(World.draw(7, language=language, n_products=60, n_customers=10).products)


def _strange(language: Language) -> list[Product]:
    return [p for p in invented() if p.title.isascii() == (language == "en")]


def _entry(number: int, request: WriteRequest, draft: Draft) -> str:
    brief = request.brief
    lines = [
        f"**{number}.** {brief.product.title} · {brief.kind}, {brief.channel} · {draft.angle}, {draft.tone}\n"
    ]
    for name, text in draft.slots.items():
        if not name.endswith(_UNSAID):
            shown = text.replace("\n", "<br>").replace("#", "\\#")
            lines.append(f"> {shown}  ")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
