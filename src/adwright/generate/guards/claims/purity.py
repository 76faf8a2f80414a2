"""Whether a product is wholly of one material: pure cotton, 纯棉, solid oak, 100 % silk."""

from __future__ import annotations

import re

from adwright.generate.guards.support import Support
from adwright.generate.lexicon import Mention, attribute_lexicon
from adwright.generate.lexicon.cues import cue

_BLEND = cue("purity.blend")
_GENERIC = frozenset({"metal", "steel", "wood", "leather", "ceramic", "glass", "mesh", "knit"})
_WHOLLY = re.compile(r"纯|全|足|pure |solid |100%|full-grain|genuine|real ")


def is_pure(word: str, mention: Mention, support: Support) -> bool:
    """Whether the catalogue says that it is wholly so: in words, as 100 %, or as the one material."""
    if _WHOLLY.match(word) and word in support.catalogue:
        return True
    lexicon = attribute_lexicon()
    if _BLEND.search(support.catalogue):
        return False
    others = [q for q in support.quantities if q.kind == "percent" and q.unit == "%" and q.value < 95]
    if others:
        return False
    materials = {
        c for c in support.concepts if c in lexicon.of_group("material") and c not in mention.concepts
    }
    implied = {i for c in mention.concepts for i in lexicon.implied(c)}
    return not (materials - implied - _GENERIC) or 100.0 in support.percents
