"""Recommenders by name. Another package adds one with an entry point in the group `adwright.recommenders`."""

from __future__ import annotations

from typing import cast

from adwright.recommend.models.model import RecommenderKind
from adwright.registry import Registry

RECOMMENDERS = Registry(
    "recommender",
    "adwright.recommenders",
    {
        "popularity": "adwright.recommend.models.popularity:Popularity",
        "item_knn": "adwright.recommend.models.item_knn:ItemKnn",
        "ease": "adwright.recommend.models.ease:Ease",
        "repeat": "adwright.recommend.models.repeat:Repeat",
        "sasrec": "adwright.recommend.models.sasrec:Sasrec",
        "semantic": "adwright.recommend.models.semantic:Semantic",
        "two_tower": "adwright.recommend.models.two_tower:TwoTower",
    },
)


def recommender_named(name: str) -> RecommenderKind:
    """The recommender of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> recommender_named("popularity").name
    'popularity'
    """
    return cast(RecommenderKind, RECOMMENDERS.load(name)())
