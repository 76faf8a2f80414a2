"""What a text may rest on beside the catalogue, in the form in which the guards take evidence."""

from __future__ import annotations

from collections.abc import Sequence

from adwright.schema import Brief, Product, ShopPolicy


def evidence_of(brief: Brief) -> tuple[Product, ...]:
    """The brief's products, and the shop's policies as far as the kind may speak of them."""
    policies = brief.policies if brief.kind == "service_reply" else ()
    return (*brief.products, *policy_evidence(policies))


def policy_evidence(policies: Sequence[ShopPolicy]) -> tuple[Product, ...]:
    """Policies as what the shop vouches for: guards read them as they read a description.

    >>> (held,) = policy_evidence([ShopPolicy(id="r", topic="returns", text={"en": "30 days to return."})])
    >>> held.description
    '30 days to return.'
    """
    return tuple(
        Product(id=f"policy:{policy.id}", title=policy.topic, description="\n".join(policy.text.values()))
        for policy in policies
    )
