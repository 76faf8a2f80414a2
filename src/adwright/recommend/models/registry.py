"""Recommenders by name. Another package adds one with an entry point in the group `adwright.recommenders`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from adwright.errors import unknown_name
from adwright.recommend.models.ease import Ease
from adwright.recommend.models.item_knn import ItemKnn
from adwright.recommend.models.model import RecommenderKind
from adwright.recommend.models.popularity import Popularity
from adwright.recommend.models.repeat import Repeat
from adwright.recommend.models.sasrec import Sasrec
from adwright.recommend.models.semantic import Semantic
from adwright.recommend.models.two_tower import TwoTower

ENTRY_POINT_GROUP = "adwright.recommenders"

_BUILT_IN: Mapping[str, Callable[[], RecommenderKind]] = {
    "popularity": Popularity,
    "item_knn": ItemKnn,
    "ease": Ease,
    "repeat": Repeat,
    "sasrec": Sasrec,
    "semantic": Semantic,
    "two_tower": TwoTower,
}


def recommender_names() -> tuple[str, ...]:
    """The names of all recommenders, built in or installed, sorted."""
    return tuple(sorted({*_BUILT_IN, *entry_points(group=ENTRY_POINT_GROUP).names}))


def recommender_named(name: str) -> RecommenderKind:
    """The recommender of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> recommender_named("popularity").name
    'popularity'
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        made: RecommenderKind = entry.load()()
        return made
    raise unknown_name("recommender", name, recommender_names())
