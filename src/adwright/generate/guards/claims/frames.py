"""What a text says the product has, is made of, fits or was approved by, whatever the words for it.

Holds when: the catalogue speaks the language of the text; where it does not, only the lexicons judge.

Does not cover: a thing of which one word stands in the catalogue in another sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from adwright.generate.guards.claims.affirmed import is_affirmed
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.denied_things import is_unclaimed
from adwright.generate.guards.claims.tastes import is_noted
from adwright.generate.guards.support import Support
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.cues import cue, words
from adwright.generate.lexicon.features import bears_out_feature, find_features
from adwright.generate.lexicon.frames import FramedClaim, framed_claims

_LITTLE = words("frames.little_words")
_PAIRING = cue("attributes.pairing")
_LEAST_WORDS = 4  # a catalogue of fewer words in a language says too little to hold a text against
_LATIN_WORD = re.compile(r"[a-z]{3,}")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def feature_claims(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """The features of the lexicon that the text claims and the catalogue does not bear out."""
    for start, end, word in find_features(reading.text):
        if _overlaps(start, end, judged) or is_unclaimed(word, (start, end), reading, support):
            continue
        left_out = _LEFT_OUT.search(word) is not None
        told = reading.folded[end if left_out else start : end + 24]
        if _NOT_INCLUDED.search(told) or _is_simile(reading, start, end):
            continue
        if _PAIRING.search(reading.before(start, 40)):
            continue
        if word == "高腰" and (reading.before(start, 1) == "拉" or reading.after(end, 1) == "身"):
            continue  # 拉高腰身
        if word == "和牛" and reading.after(end, 1) == "仔":
            continue  # 衬衫和牛仔裤
        if word == "金边" and reading.before(start, 1) == "合":
            continue  # 铝合金边框
        judged.append((start, end))
        if (
            not bears_out_feature(support.catalogue, word)
            and not (left_out and bears_out_feature(support.absences, word))
            and not is_affirmed(word, support)
            and not is_noted(word, (start, end), reading, support)
        ):
            rule = "facts.feature_absent" if left_out else "facts.feature"
            yield Claim(rule, "block", start, end, "attribute")


def framed_thing_claims(
    reading: Reading, support: Support, judged: Sequence[tuple[int, int]]
) -> Iterator[Claim]:
    """What stands in a frame such as "comes with X" or 采用X, and in the catalogue does not."""
    for claim in framed_claims(reading.folded):
        thing_end = claim.thing_start + len(claim.thing)
        if _overlaps(claim.thing_start, thing_end, judged) or reading.denies(claim.start, claim.end):
            continue
        if claim.with_field and not any(re.search(claim.with_field, f.name) for f in support.fields):
            continue
        if is_affirmed(claim.thing, support):
            continue
        if _NOT_INCLUDED.search(reading.folded[claim.start : claim.end + 24]) or _TO_BE.match(
            reading.folded[claim.start :]
        ):
            continue
        if not _is_comparable(claim.thing, support) or _is_borne_out(claim, support):
            continue
        yield Claim(claim.rule_id, "review", claim.start, claim.end, "attribute")


def _overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(s < end and start < e for s, e in spans)


def _is_simile(reading: Reading, start: int, end: int) -> bool:
    before, after = reading.before(start, 14), reading.after(end, 8)
    return bool(_LIKE_BEFORE.search(before) or _LIKE_AFTER.match(after))


_LEFT_OUT = re.compile(r"^(?:无|零|不含|没有|no |zero )|[- ]free$")
_LIKE_BEFORE = re.compile(r"(?:\blike (?:an? |the )?|\bas if |如同?|像|仿佛|宛如|似|堪比|媲美)$")
_LIKE_AFTER = re.compile(r"(?:[ -]like\b|-style\b|般|一般|似的|一样)")


_NOT_INCLUDED = re.compile(
    r"(?<![a-z])(?:not|isn't|aren't|never) (?:be )?(?:included|supplied|part of|in the box)"
    r"|sold separately|(?:is|are|costs?|comes?) extra|另购|另买|自备|不含|不附|不带"
)
_TO_BE = re.compile(r"就?是一[只个件条把双块](?![\u4e00-\u9fff]{0,4}(?:做|制|造))")


def _is_comparable(thing: str, support: Support) -> bool:
    """Whether the catalogue says enough in the script of the thing."""
    pattern = _LATIN_WORD if thing.isascii() else _HAN
    return (
        sum(1 for _ in zip(range(_LEAST_WORDS), pattern.finditer(support.text), strict=False)) == _LEAST_WORDS
    )


def _is_borne_out(claim: FramedClaim, support: Support) -> bool:
    known, thing = support.text, claim.thing
    if not support.concepts.isdisjoint(attribute_lexicon().supported(thing)):
        return True
    if not thing.isascii():
        core = re.sub(
            "(?:包裹|覆盖|包覆|围成|拼成|做|制)?的?(?:机身|外壳|表面)?$", "", thing.rstrip("的了和与等")
        )
        if len(core) == 1 and core in known:
            return True
        if len(core) < 2:
            return True
        return any(core[i : i + 2] in known for i in range(len(core) - 1))
    named = [w for w in re.findall(r"[a-z0-9]{2,}", thing) if w not in _LITTLE]
    return not named or any(re.search(rf"\b{re.escape(_stem(w))}", known) for w in named)


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith(("s", "e")) else word
