"""What is measured of the guards' speed: which guards on how many texts. Ids are permanent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run over texts that the composer wrote, half Chinese and half English.

    Args:
        id: Permanent.
        guards: Their names; all that are registered where empty. A name that is not registered is left out.
        n_texts: Checked in all; where there are fewer texts, again from the first.
        n_workers: Processes that share the texts.
        n_live: Live texts for the same channel and readers to compare with.
        least_per_s: The gate on texts a second; None where the speed is a diagnostic.
        most_growth_mib: The gate on the growth of resident memory over the texts; None where not measured.
        with_products: Whether each text is held against its product.
    """

    id: str
    guards: tuple[str, ...] = ()
    n_texts: int = 6000
    n_workers: int = 2
    n_live: int = 0
    least_per_s: float | None = None
    most_growth_mib: float | None = None
    with_products: bool = True


SCENARIOS = (
    Scenario(id="limits", guards=("limits",), n_texts=20_000, with_products=False),
    Scenario(
        id="limits-law-safety", guards=("limits", "law", "safety"), least_per_s=5000, with_products=False
    ),
    Scenario(id="similarity-10k", guards=("similarity",), n_live=10_000, with_products=False),
    Scenario(id="label", guards=("label",), with_products=False),
    Scenario(id="all-10k", n_live=10_000, least_per_s=500),
    Scenario(id="memory-200k", n_texts=200_000, n_workers=1, n_live=10_000, most_growth_mib=32),
)
