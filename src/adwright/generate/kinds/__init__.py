"""Kinds of content, one file each."""

from typing import cast

from adwright.generate.kinds.kind import CHANNELS, Kind, Slot
from adwright.generate.kinds.limit import Ban, Limit
from adwright.generate.registry import Registry

__all__ = ["CHANNELS", "KINDS", "Ban", "Kind", "Limit", "Slot", "get_kind"]

KINDS = Registry(
    what="kind",
    group="adwright.kinds",
    built_in={
        "ad_copy": "adwright.generate.kinds.ad_copy:AD_COPY",
        "product_description": "adwright.generate.kinds.product_description:PRODUCT_DESCRIPTION",
    },
)


def get_kind(name: str) -> Kind:
    """The kind of that name; an unknown one raises `NotFoundError` with the nearest."""
    return cast(Kind, KINDS.load(name))
