"""What is measured of the writers: which catalogue, kinds and languages. Ids are permanent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adwright.schema import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run over a catalogue by each backend.

    Args:
        id: Permanent.
        catalogue: `dummyjson` (194 English products), `advertisegen` (the attributes of 535 Chinese garments)
            or `invented` (products of kinds that no lexicon of ours names).
        kinds: Kind -> channel.
        language: Of the texts.
        n: Variants a product and kind.
        is_speed: Whether texts a minute are what is gated.
        gated: Whether the shares of valid and supported texts are gated for `base`.
    """

    id: str
    catalogue: Literal["dummyjson", "advertisegen", "invented"]
    kinds: tuple[tuple[str, str], ...]
    language: Language
    n: int = 1
    is_speed: bool = False
    gated: bool = True


_ADS = (("ad_copy", "google_ads"), ("product_description", "onsite"))
_ALL = (
    ("email", "email"),
    ("push", "push"),
    ("sms", "sms"),
    ("social_post", "xiaohongshu"),
    ("recommendation", "onsite"),
    ("video_script", "tiktok"),
    ("responsive_search_ad", "google_ads"),
)

SCENARIOS = (
    Scenario(id="dummyjson-en", catalogue="dummyjson", kinds=_ADS, language="en"),
    Scenario(id="dummyjson-zh", catalogue="dummyjson", kinds=_ADS, language="zh"),
    Scenario(
        id="advertisegen-zh",
        catalogue="advertisegen",
        kinds=(("product_description", "onsite"),),
        language="zh",
    ),
    Scenario(
        id="advertisegen-en",
        catalogue="advertisegen",
        kinds=(("product_description", "onsite"),),
        language="en",
    ),
    Scenario(id="other-kinds-en", catalogue="dummyjson", kinds=_ALL, language="en"),
    Scenario(id="other-kinds-zh", catalogue="dummyjson", kinds=_ALL, language="zh"),
    Scenario(id="invented-en", catalogue="invented", kinds=_ADS, language="en"),
    Scenario(id="invented-zh", catalogue="invented", kinds=_ADS, language="zh"),
    Scenario(
        id="speed-en",
        catalogue="dummyjson",
        kinds=(("ad_copy", "google_ads"),),
        language="en",
        n=6,
        is_speed=True,
        gated=False,
    ),
    Scenario(
        id="speed-zh",
        catalogue="dummyjson",
        kinds=(("ad_copy", "google_ads"),),
        language="zh",
        n=6,
        is_speed=True,
        gated=False,
    ),
)
