"""Hold a text against the catalogue: what it claims and the shop cannot vouch for is found, with its place.

python examples/02_check_a_text.py
"""

from __future__ import annotations

from datetime import UTC, datetime

from adwright.generate import check, is_blocked
from adwright.schema import EVERYONE, Content, Product, Provenance

MUG = Product(
    id="m1",
    title="Enamel mug",
    description="A light mug for the garden and the tent.",
    price_minor=1290,
    currency="USD",
    attributes={"material": "enamelled steel", "colour": "blue"},
)


def content(headline: str, description: str) -> Content:
    """An ad for the mug, as a person or a model may have written it."""
    return Content(
        id="example",
        kind="ad_copy",
        product_ids=(MUG.id,),
        cohort_id=EVERYONE,
        channel="google_ads",
        language="en",
        slots={"headline": headline, "description": description},
        provenance=Provenance(backend="by hand"),
    )


def main() -> None:
    honest = content("A blue enamel mug", "Light enough for the tent. $12.90. Have a look.")
    false = content("Now $9.90, was $19.90, today only", "Solid silver. The best mug in the world, 50% off.")
    for text in (honest, false):
        findings = check(text, products=[MUG], now=datetime.now(UTC))
        print(f"{text.slots['headline']!r}: {'blocked' if is_blocked(findings) else 'may go on'}")
        for f in findings:
            print(f"  {f.severity:<6} {f.rule_id:<18} {f.slot}[{f.start}:{f.end}] {f.text!r}: {f.evidence}")


if __name__ == "__main__":
    main()
