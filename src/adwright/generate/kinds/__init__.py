"""Kinds of content, one file each."""

from typing import cast

from adwright.generate.kinds.kind import CHANNELS, Kind, Slot, numbered
from adwright.generate.kinds.limit import Ban, Limit
from adwright.registry import Registry

__all__ = ["CHANNELS", "KINDS", "Ban", "Kind", "Limit", "Slot", "get_kind", "numbered"]

KINDS = Registry(
    what="kind",
    group="adwright.kinds",
    built_in={
        "ad_copy": "adwright.generate.kinds.ad_copy:AD_COPY",
        "responsive_search_ad": "adwright.generate.kinds.ad_copy:RESPONSIVE_SEARCH_AD",
        "product_description": "adwright.generate.kinds.product_description:PRODUCT_DESCRIPTION",
        "email": "adwright.generate.kinds.email:EMAIL",
        "push": "adwright.generate.kinds.push:PUSH",
        "sms": "adwright.generate.kinds.sms:SMS",
        "social_post": "adwright.generate.kinds.social_post:SOCIAL_POST",
        "recommendation": "adwright.generate.kinds.recommendation:RECOMMENDATION",
        "video_script": "adwright.generate.kinds.video_script:VIDEO_SCRIPT",
        "campaign_plan": "adwright.generate.kinds.campaign_plan:CAMPAIGN_PLAN",
        "service_reply": "adwright.generate.kinds.service_reply:SERVICE_REPLY",
    },
)


def get_kind(name: str) -> Kind:
    """The kind of that name; an unknown one raises `NotFoundError` with the nearest."""
    return cast(Kind, KINDS.load(name))
