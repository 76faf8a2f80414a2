"""What a text may rest on beside the catalogue, in the form in which the guards take evidence."""

from __future__ import annotations

from collections.abc import Sequence

from adwright.schema import Product, ShopPolicy

_MAY_SPEAK_OF_POLICIES = frozenset({"service_reply"})


def evidence_for(
    kind: str, products: Sequence[Product], policies: Sequence[ShopPolicy]
) -> tuple[Product, ...]:
    """The products, and the shop's policies where the kind may speak of them: guards read a policy as they
    read a description that the shop vouches for.

    >>> policy = ShopPolicy(id="r", topic="returns", text={"en": "30 days to return."})
    >>> [p.description for p in evidence_for("service_reply", (), [policy])], evidence_for("push", (), [policy])
    (['30 days to return.'], ())
    """
    if kind not in _MAY_SPEAK_OF_POLICIES:
        return tuple(products)
    told = (
        Product(id=f"policy:{policy.id}", title=policy.topic, description="\n".join(policy.text.values()))
        for policy in policies
    )
    return (*products, *told)
