"""Materials, colours, features, what is left out, origin, certificates, brands and names.

A word of the catalogue bears out the concept that it names in either language; "cotton blend" does not bear
out pure cotton, and an attribute that says no bears nothing out.

Does not cover: attribute words outside the lexicons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.absence import absence_claims
from adwright.generate.guards.claims.affirmed import is_affirmed
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.contrast import contrast_claims
from adwright.generate.guards.claims.denied_functions import denied_function_claims
from adwright.generate.guards.claims.denied_things import (
    denied_thing_claims,
    is_denied,
    is_elsewhere,
    is_unclaimed,
)
from adwright.generate.guards.claims.frames import feature_claims, framed_thing_claims
from adwright.generate.guards.claims.in_the_box import in_the_box_claims
from adwright.generate.guards.claims.modifiers import modifier_claims
from adwright.generate.guards.claims.origin import origin_claims
from adwright.generate.guards.claims.parts import part_claims
from adwright.generate.guards.claims.purity import is_pure, shared_claims, single_claims
from adwright.generate.guards.claims.shades import shade_claims
from adwright.generate.guards.claims.whole import whole_claims
from adwright.generate.guards.support import COLOUR_FIELD, Support
from adwright.generate.lexicon import attribute_lexicon, brand_names
from adwright.generate.lexicon.assertions import (
    certificate_spellings,
    certificates,
    features,
    left_out,
    paraphrases,
    substance_words,
)
from adwright.generate.lexicon.attributes import Mention
from adwright.generate.lexicon.cues import cue, words
from adwright.generate.lexicon.negation import denied_before
from adwright.generate.lexicon.scales import contradicts, values_of

_LISTS_INGREDIENTS = cue("attributes.lists_ingredients")

_PURE = cue("attributes.pure")
_PURE_WORDS = re.compile(r"^(?:纯(?!色|白|黑|素|天|手)|全棉|足(?!球|够)|pure |solid |100%)")
_SIMILE_BEFORE = cue("attributes.simile_before")
_SIMILE_AFTER = cue("attributes.simile_after")
_SCENE_COLOUR = cue("attributes.scene_colour")
_PAIRING = cue("attributes.pairing")
_LATIN_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z]{2,}(?![A-Za-z0-9])")
_COMMON_LATIN = words("attributes.common_latin")
_LIMITED = frozenset({"限量", "限定款", "limited edition", "limited-edition", "limited"})
_FEW = 100  # pieces: so many may be called a limited edition
_GROUP_RULE = {
    "material": "facts.material",
    "colour": "facts.colour",
    "pattern": "facts.pattern",
    "policy": "facts.offer_policy",
}


def attribute_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says the product is, has and is not."""
    judged: list[tuple[int, int]] = []
    for assertion in left_out(reading.folded):
        if (
            _SERVING.search(reading.before(assertion.start, 8))
            or _SERVING_AFTER.match(reading.after(assertion.end, 8))
            or denied_before(reading.before(assertion.start, 24))
        ):
            continue
        judged.append((assertion.start, assertion.end))
        yield from _left_out(assertion.name, assertion.part, (assertion.start, assertion.end), support)
    for mention in attribute_lexicon().mentions(reading.text):
        inside = any(s < mention.end and mention.start < e for s, e in judged)
        if mention.concepts and not inside and (claim := _mention(mention, reading, support)):
            judged.append((mention.start, mention.end))
            yield claim
    yield from shared_claims(reading, support, judged)
    yield from single_claims(reading, support, judged)
    yield from absence_claims(reading, support, judged)
    yield from feature_claims(reading, support, judged)
    yield from _paraphrased(reading, support, judged)
    yield from _features(reading, support, judged)
    yield from whole_claims(reading, support, judged)
    yield from denied_function_claims(reading, support, judged)
    yield from denied_thing_claims(reading, support, judged)
    yield from _scales(reading, support, judged)
    yield from contrast_claims(reading, support, judged)
    yield from in_the_box_claims(reading, support, judged)
    yield from shade_claims(reading, support, judged)
    yield from part_claims(reading, support, judged)
    yield from origin_claims(reading, support)
    yield from _certificates(reading, support)
    yield from _brands(reading, support)
    yield from modifier_claims(reading, support, judged)
    yield from framed_thing_claims(reading, support, judged)


_SERVING = re.compile(r"(?:喝|泡|吃|冲|煮)[^，。]{0,4}$|\b(?:drink|take|serve) it (?:with )?$")
_SERVING_AFTER = re.compile(r"[，,]?(?:也|都)(?:有|能|很|好|甜|香)")


def _mention(mention: Mention, reading: Reading, support: Support) -> Claim | None:
    start, end = mention.start, mention.end
    folded = reading.folded
    word = folded[start:end]
    if mention.group == "policy" or reading.denies(start, end) or folded.startswith(("-free", " free "), end):
        return None
    if (
        is_elsewhere((start, end), reading)
        or _SIMILE_BEFORE.search(reading.before(start, 24))
        or _SIMILE_AFTER.match(reading.after(end, 10))
    ):
        return None
    if reading.before(start, 3) == "as " and reading.after(end, 4) == " as ":
        return None
    if mention.group == "material" and _LOOK_AFTER.match(reading.after(end, 12)):
        return None
    if mention.group in ("colour", "material", "pattern") and _of_other_things(mention, reading, support):
        return None
    rule = _GROUP_RULE.get(mention.group, "facts.feature")
    if mention.group == "material":
        pure = _PURE.search(reading.before(start, 14)) or _PURE_WORDS.match(word)
        if pure and not support.concepts.isdisjoint(mention.concepts):
            if not is_pure(word, mention, support):
                return Claim("facts.composition", "block", start, end, "pure")
            return None
    if not support.concepts.isdisjoint(mention.concepts):
        return None
    if word in _LIMITED and support.stock is not None and support.stock <= _FEW:
        return None
    denied = not support.denied.isdisjoint(mention.concepts)
    if not denied and _is_named(word, mention, support):
        return None
    is_absent = is_denied if mention.group in ("material", "colour", "pattern") else is_unclaimed
    if support.paraphrased & set(mention.concepts) or is_absent(word, (start, end), reading, support):
        return None
    return Claim(rule, "block", start, end, "attribute_denied" if denied else "attribute")


def _is_named(word: str, mention: Mention, support: Support) -> bool:
    """Whether the catalogue has the word itself, bears it out by a field, or has a part of a colour's name."""
    bare = re.sub("[- ](?:colou?red|toned)$|(?<=..)色$", "", word)
    return (
        word in support.text
        or bare in support.text
        or is_affirmed(word, support)
        or (mention.group == "colour" and _is_shade(word, support))
    )


def _is_shade(word: str, support: Support) -> bool:
    """Whether a word of the colour's name stands in a field of colours, as "moss" for "moss green"."""
    values = [field.value for field in support.fields if COLOUR_FIELD.search(field.name)]
    return any(
        re.search(rf"(?<![a-z]){re.escape(part)}(?![a-z])", value)
        for value in values
        for part in word.split(" ")[:-1]
        if len(part) > 2
    )


_LOOK_AFTER = re.compile(
    r"[ -](?:effect|look|style|finish|print|inspired|tone)(?![a-z])"
    r"|(?:色|般|一样)?(?:的)?[\u4e00-\u9fff]{0,3}(?:样子|外观|模样)|(?:纹路|纹理|纹)"
)


def _of_other_things(mention: Mention, reading: Reading, support: Support) -> bool:
    """Whether a colour or material is of the scene or of what the product is worn with."""
    after, before = reading.after(mention.end, 14), reading.before(mention.start, 24)
    if _PAIRING.search(before) or (_AT_A_PLACE.search(before) and _PLACE_AFTER.match(after)):
        return True
    word = reading.folded[mention.start : mention.end]
    if word[-1] in "鞋裤裙衫帽" and word[-1] not in support.catalogue and not support.catalogue.isascii():
        return True
    if mention.group != "colour":
        return False
    match = _SCENE_COLOUR.match(after)
    if match is None:
        return False
    noun = match[0].strip()
    return noun.split(" ")[0] not in support.catalogue


_AT_A_PLACE = re.compile(r"[在往向靠][^，。,.]{0,6}$")
_PLACE_AFTER = re.compile(r"[^，。,.]{0,4}(?:上|里|旁|边|下|前|中|间)")


def _left_out(name: str, part: str, span: tuple[int, int], support: Support) -> Iterator[Claim]:
    """Whether the catalogue says, too, that the substance is not there."""
    words = substance_words(name)
    for other in left_out(support.denials):
        if other.name == name or (
            name == "additive" and other.name in ("preservative", "fragrance", "dye", "sugar")
        ):
            return
    body = f"(?:{words.pattern})"
    said_absent = (
        rf"{body}[^\n]{{0,6}}[:：] ?(?:0|none|no\b|nil|without|free\b|无|零|不含)"
        rf"|(?:无|不含|零|no |without |not? )[^\n]{{0,8}}{body}|{body}[- ]free"
    )
    if name == "meat" and "vegan" in support.concepts:
        return
    if re.search(said_absent, support.denials) or _UN.get(name, _NEVER).search(support.denials):
        return
    is_listed = name in ("leather", "fur", "sugar", "salt", "palm_oil", "dairy", "nut", "egg", "soy")
    if is_listed and _LISTS_INGREDIENTS.search(support.denials) and not words.search(support.denials):
        return
    yield Claim("facts.feature_absent", "block", *span, "attribute")


_NEVER = re.compile(r"(?!)")
_UN = {
    "fragrance": re.compile(r"unscented|scent-?free|perfume-?free|无香"),
    "sugar": re.compile(r"unsweetened|no sweetener|原味无糖"),
    "salt": re.compile(r"unsalted|低钠|淡味"),
    "dye": re.compile(r"undyed|natural colour|原色|本色"),
    "bleach": re.compile(r"unbleached|未漂白"),
}
"""Words of the catalogue that say that a substance is not there."""

_IMMERSED = re.compile(r"swim|dive|dip|bath|snorkel|plung|submer|dunk|pool|sea|lake|泳|潜|泡|浸|掉进|扔进|沉")
_SWUM = re.compile(r"(?<!\d)(?:[5-9]|[1-9]\d) ?(?:atm|bar)(?![a-z])|ip(?:x|6)[78](?!\d)")
_DIVED = re.compile(r"div(?:e|ing)|snorkel|潜")
_SPLASH = re.compile(
    r"splash|shower-?proof|water[- ]resistant|ipx[1-6](?!\d)|防溅|防泼|生活防水|不可浸|不可泡"
)


def _paraphrased(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    for assertion in paraphrases(reading.folded):
        start, end = assertion.start, assertion.end
        if any(s < end and start < e for s, e in judged):
            continue
        said = reading.folded[start:end]
        if is_unclaimed(said, (start, end), reading, support) or is_affirmed(said, support):
            continue
        if assertion.name == "waterproof" and _SWUM.search(support.catalogue) and not _DIVED.search(said):
            continue
        if assertion.name == "waterproof" and _IMMERSED.search(said) and _SPLASH.search(support.catalogue):
            judged.append((start, end))
            yield Claim("facts.feature", "block", start, end, "attribute_denied")
            continue
        if reading.denies(start, end) or assertion.name in support.paraphrased | support.concepts:
            continue
        if said in support.text or (
            _LIMITED & set(re.findall("限量|limited", said))
            and support.stock is not None
            and support.stock <= _FEW
        ):
            continue
        judged.append((start, end))
        yield Claim("facts.feature", "block", start, end, "attribute")


_SPLASHED = frozenset({"splash", "shower", "rain", "防溅", "防泼溅", "防溅水", "防泼水", "防雨"})
_SPLASH_RATED = re.compile(r"ip ?x ?[4-9]|ip[x0-9][4-9]")


def _features(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Features that no lexicon lists, by their build."""
    known = support.text.replace("-", " ")
    for feature in features(reading.folded):
        start, end = feature.start, feature.end
        if any(s < end and start < e for s, e in judged) or reading.denies(start, end):
            continue
        part = feature.part
        if part.startswith(
            ("添加", "富含", "蕴含", "含有", "加入", "特含", "内含", "融入", "注入", "萃取", "蕴藏", "支持")
        ):
            part = re.sub("^..(?:了|的)?", "", part)
            if any(part[i : i + 2] in known for i in range(max(len(part) - 1, 1))):
                continue
        if part in _SPLASHED and _SPLASH_RATED.search(known):
            continue
        core = part[:2] if not part.isascii() and part[0] in "防抗耐" else part[:4]
        if (
            core in known
            or (not part.isascii() and part[1:3] in known)
            or (part.isascii() and part.rstrip("s") in known)
        ):
            continue
        said = reading.folded[start:end]
        if is_unclaimed(said, (start, end), reading, support) or is_affirmed(said, support):
            continue
        if said.startswith("with ") and _PAIRING.search(reading.before(start + len("with "), 40)):
            continue
        yield Claim("facts.feature", "block", start, end, "attribute")


def _scales(reading: Reading, support: Support, judged: list[tuple[int, int]]) -> Iterator[Claim]:
    """Values that the catalogue excludes by naming another one of their scale."""
    for start, end, scale, value in values_of(reading.folded):
        if any(s < end and start < e for s, e in judged):
            continue
        if is_unclaimed(reading.folded[start:end], (start, end), reading, support):
            continue
        if contradicts(scale, value, support.scales):
            yield Claim("facts.feature", "block", start, end, "attribute_denied")


_NO_CERTIFIER = words("attributes.no_certifier")


def _certificates(reading: Reading, support: Support) -> Iterator[Claim]:
    for assertion in certificates(reading.folded):
        start, end = assertion.start, assertion.end
        if reading.denies(start, end) or any(
            denied_before(reading.folded[max(0, start - 8) : i])
            for i in range(start + 2, min(start + 6, end))
        ):
            continue
        said = reading.folded[start:end]
        part = assertion.part if assertion.part not in _NO_CERTIFIER else ""
        spellings = certificate_spellings(part)
        if spellings:
            fine = any(re.search(rf"(?<![a-z0-9])(?:{s})(?![a-z])", support.catalogue) for s in spellings)
        else:
            fine = said in support.catalogue or (
                part != "" and part in support.catalogue and "certif" in support.catalogue
            )
            fine = fine or (not part and re.search("certif|认证|质检", support.catalogue) is not None)
            fine = fine or (not part.isascii() and "认证" in support.catalogue)
        if not fine:
            yield Claim("facts.certification", "block", start, end, "attribute")


def _brands(reading: Reading, support: Support) -> Iterator[Claim]:
    finder, spellings = brand_names()
    known = support.text.replace("-", " ")
    taken: list[tuple[int, int]] = []
    for start, end, name in finder.find(reading.text):
        taken.append((start, end))
        if any(spelling in known for spelling in spellings[name]) or reading.denies(start, end):
            continue
        if not is_affirmed(reading.folded[start:end], support):
            yield Claim("facts.brand", "block", start, end, "brand")
    if reading.text.isascii() or not any("\u4e00" <= c <= "\u9fff" for c in reading.text):
        return
    for match in _LATIN_NAME.finditer(reading.text):
        word = match[0].lower()
        inside = any(start <= match.start() < end for start, end in taken)
        if (
            not inside
            and word not in _COMMON_LATIN
            and word not in support.text
            and not (
                reading.text.startswith("#", match.start() - 1) and word in support.text.replace(" ", "")
            )
            and not certificate_spellings(word)
        ):
            yield Claim("facts.name", "review", *match.span(), "name")
