"""Whether a product is wholly of one material: pure cotton, 纯棉, solid oak, 100 % silk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon import Mention, attribute_lexicon
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

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


_ALL_OF_IT = re.compile(
    r"(?:百分(?:之)?百|100%|全)(?:纯|天然)?(?P<zh>[一-鿿]{2,4}?)(?=纤维|[，。！、,.!;；]|$|的|面料|材质|填充)"
    r"|(?<![a-z])(?:100% |pure |all[- ]|nothing but |entirely )(?P<en>[a-z]{4,})(?![a-z])"
)
_MOST = 95  # per cent: from here on a shop may call it all


def shared_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """What is said to be all of it, and has a lesser share in the catalogue: 百分百大豆纤维 of 大豆纤维50%."""
    for match in _ALL_OF_IT.finditer(reading.folded):
        thing = re.escape(match["zh"] or match["en"])
        share = re.search(rf"{thing}(?:纤维)? ?(\d{{1,3}})%|(\d{{1,3}})% (?:\w+ )?{thing}", support.catalogue)
        start, end = match.span()
        if share is None or int(share[1] or share[2]) >= _MOST or reading.denies(start, end):
            continue
        if not any(s < end and start < e for s, e in judged):
            judged.append((start, end))
            yield Claim("facts.composition", "block", start, end, "pure")


_SINGLE = Gated(cue("purity.single"))
_MIXED = cue("purity.mixed")
_MIX_FIELD = cue("purity.mix_field")


def single_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """What is said to be of one variety or place, and is mixed by the catalogue: 单一荆条蜜 of 百花蜜."""
    matches = list(_SINGLE.finditer(reading.folded))
    if not matches or not any(_MIX_FIELD.search(f.name) and _MIXED.search(f.value) for f in support.fields):
        return
    for match in matches:
        start, end = match.span()
        if reading.denies(start, end) or any(s < end and start < e for s, e in judged):
            continue
        if match[0] not in support.catalogue:
            judged.append((start, end))
            yield Claim("facts.composition", "block", start, end, "pure")
