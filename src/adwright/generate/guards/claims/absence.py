"""What a text says is not in the goods at all: 一根化纤都没有, "not a drop of alcohol", "nothing synthetic"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.fields import word_forms
from adwright.generate.guards.support import Support
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.cues import cue, words
from adwright.generate.lexicon.gate import Gated

_ZH = Gated(cue("absence.zh"))
_EN = Gated(cue("absence.en"))
_NOTHING = words("absence.nothing")
_SAYS_NO = ("不含", "无", "零", "0", "未添加", "不添加", "没有")


def absence_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Each such claim that the catalogue does not make in its own words."""
    for pattern in (_ZH, _EN):
        if pattern is _ZH and reading.folded.isascii():
            continue
        for match in pattern.finditer(reading.folded):
            start, end = match.span()
            thing = next(v for v in match.groups() if v).strip()
            if any(w in _NOTHING for w in (thing, thing.split(" ")[0])) or thing.startswith(
                tuple(_NOTHING_ZH)
            ):
                continue
            if any(s < end and start < e for s, e in judged) or _says_so(thing, support):
                continue
            judged.append((start, end))
            yield Claim("facts.feature_absent", "review", start, end, "attribute")


_NOTHING_ZH = tuple(w for w in _NOTHING if not w.isascii())


def _says_so(thing: str, support: Support) -> bool:
    known = support.text
    if _is_wholly_another(thing, support):
        return True
    if any(word_forms(name).search(thing) for name in support.absent):
        return True
    if thing.startswith(("animal", "动物")) and "vegan" in support.concepts:
        return True
    if thing.isascii():
        return any(
            f"{no}{thing}" in known for no in ("no ", "without ", "free of ", "free from ", "zero ")
        ) or (f"{thing}-free" in known or f"{thing} free" in known)
    return any(f"{no}{thing}" in known for no in _SAYS_NO)


_WHOLLY = re.compile(r"100 ?%|(?<![a-z])(?:pure|all|solid) |百分(?:之)?百|纯|全")
_SUBSTANCE = cue("absence.substance")


def _is_wholly_another(thing: str, support: Support) -> bool:
    """Whether a field says that it is all of another material, which leaves no room for this one."""
    if not _SUBSTANCE.search(thing) and not any(
        mention.group == "material" for mention in attribute_lexicon().mentions(thing)
    ):
        return False
    return thing not in support.text and any(
        _MADE_FIELD.search(field.name) and _WHOLLY.match(field.value) for field in support.fields
    )


_MADE_FIELD = re.compile(
    r"(?<![a-z])(?:wax|fabric|shell|material|composition|fib(?:re|er)|fill(?:ing)?|yarn|wool|upper|lining|made of"
    r"|wood|cover|oil|ingredients?)(?![a-z])|面料|材质|材料|成分|蜡|填充|纤维|纱|里料|鞋面|配料|原料|木|芯"
)
