"""Counts, measures and, by way of `percents`, per cents: what the catalogue gives, in any unit.

A number that sets a scene ("two kids", 五分钟) claims nothing; a count of parts or contents, a span of time
beside a word of use (battery, 续航), and every physical measure do.

Does not cover: which part a measure belongs to (height or width).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from adwright.generate.guards.claims.arithmetic import adds_up
from adwright.generate.guards.claims.capacity import fits_limit
from adwright.generate.guards.claims.claim import Claim, Reading, holds
from adwright.generate.guards.claims.count_words import count_words, parts_en, word_pattern
from adwright.generate.guards.claims.counted import stem, things_of
from adwright.generate.guards.claims.derived import converted_measures, follows_from_measures, same_span
from adwright.generate.guards.claims.durations import claims_time, is_done_in
from adwright.generate.guards.claims.goods_counted import counts_goods, is_no_claim, miscounts_goods
from adwright.generate.guards.claims.idle_measures import is_idle
from adwright.generate.guards.claims.labelled_values import values_by_label
from adwright.generate.guards.claims.percents import percent_claim
from adwright.generate.guards.claims.price_sums import follows_from_price
from adwright.generate.guards.claims.subjects import same_subject, subject_of
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue, words
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_ADDED_BY_COOK = cue("amounts.added_by_cook")
_CONTAINS_BEFORE = cue("amounts.contains_before")
_PACK_UNIT = cue("amounts.pack_unit")
_CONTACT_BEFORE = cue("amounts.contact_before")
_SET_OF = cue("amounts.set_of")

_SCENE = frozenset({"times", "people", "time", "month"})
_COUNTS = frozenset(
    {
        "count",
        "style",
        "colour",
        "times",
        "layer",
        "compartment",
        "speed",
        "size",
        "people",
        "star",
        "season",
        "core",
    }
)
_COUNT_UNITS = words("amounts.count_units")
_CLOCK = cue("amounts.clock")
_CLOCK_BEFORE = cue("amounts.clock_before")
_YEAR = range(1800, 2101)
_RATIO = re.compile(r"\s?[/:：比x×*]\s?\d")


def amount_claims(reading: Reading, support: Support, taken: Sequence[tuple[int, int]]) -> Iterator[Claim]:
    """What the text says in numbers, but for the places that other modules have read.

    Args:
        reading: The text.
        support: The evidence.
        taken: Start and end of each place that is judged already.
    """
    for quantity in reading.quantities:
        start, end = quantity.start, quantity.end
        if quantity.kind in ("price", "date") or any(s < end and start < e for s, e in taken):
            continue
        if (
            reading.denies(start, end)
            or _idiomatic(reading, start, end)
            or is_no_claim(quantity, reading, support)
        ):
            continue
        match quantity.kind:
            case "percent":
                claim = percent_claim(quantity, reading, support)
            case "measure":
                claim = _measure(quantity, reading, support)
            case _:
                claim = _number(quantity, reading, support)
        if claim is not None and not (quantity.kind != "percent" and adds_up(quantity, reading, support)):
            yield claim


def _measure(quantity: Quantity, reading: Reading, support: Support) -> Claim | None:
    start, end = quantity.start, quantity.end
    unit = quantity.unit or ""
    base, dimension = to_base(quantity.value, unit)
    subject = subject_of(reading.folded, start, end)
    known = same_subject(subject, support.measures, dimension)
    hedge = reading.hedge(start, end)
    if other := _of_named_thing(quantity, reading, support):
        if any(_measure_holds(base, hedge, k) for k in other):
            return None
        return Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))
    alike = sum(d == dimension for _, d, _ in support.measures)
    named = values_by_label(quantity, reading, support.catalogue) if alike > 1 else []
    known = named or known
    if is_idle(quantity, reading, support):
        return None
    if (fits := fits_limit(quantity, reading, support)) is not None:
        wrong = Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))
        return None if fits else wrong
    if _is_borne_out(quantity, reading, support, known):
        return None
    if dimension in _COUNTS:
        return _count(quantity, reading, support, dimension)
    if dimension in ("time", "month"):
        if not named and not claims_time(quantity, reading, known):
            return None
        if is_done_in(quantity, reading) and any(0.5 * base <= k <= base for k in known):
            return None
    elif (
        (dimension == "length" and _distance(quantity, reading, known))
        or (dimension in ("mass", "volume") and _portion(quantity, reading, known))
        or unit in _NAMES_NOT_UNITS
        or (
            dimension not in _PHYSICAL
            and (quantity.text.lower().strip() in support.text or support.names_value(quantity.value))
        )
    ):
        return None
    if dimension in ("spf", "karat") and support.names_value(quantity.value):
        return None
    return Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))


def _is_borne_out(quantity: Quantity, reading: Reading, support: Support, known: Sequence[float]) -> bool:
    """Whether the known values of its subject, in base units, give the measure or let it follow."""
    base, dimension = to_base(quantity.value, quantity.unit or "")
    hedge = reading.hedge(quantity.start, quantity.end)
    subject = subject_of(reading.folded, quantity.start, quantity.end)
    if any(_measure_holds(base, hedge, k) for k in (*known, *converted_measures(quantity, reading, support))):
        return True
    if follows_from_measures(quantity, reading, support) or _bounds_or_names(
        quantity, reading, support, [k / base for k in known if base]
    ):
        return True
    if (
        dimension in ("mass", "volume")
        and subject in (None, "weight")
        and _is_total(base, hedge, known, support)
    ):
        return True
    if quantity.unit in ("oz", "fl oz") and any(
        d in ("mass", "volume") and _ounces(quantity.value, b, d) for b, d, _ in support.measures
    ):
        return True
    return bool(
        dimension in ("time", "month")
        and any(
            same_span(base, dimension, b, d, hedge)
            for b, d, of in support.measures
            if subject is None or of in (subject, None)
        )
    )


def _of_named_thing(quantity: Quantity, reading: Reading, support: Support) -> list[float]:
    """The catalogue's measures of the same named thing, in base units: "thirty grams of protein"."""
    match = re.match(r" of (?P<thing>[a-z]{4,})", reading.after(quantity.end, 24))
    if match is None:
        return []
    dimension = to_base(1, quantity.unit or "")[1]
    found = []
    for q in support.quantities:
        if q.kind == "measure" and q.unit and to_base(1, q.unit)[1] == dimension:
            near = support.catalogue[q.end : q.end + 4 + len(match["thing"])]
            if re.match(rf" (?:of )?{match['thing']}", near):
                found.append(to_base(q.value, q.unit)[0])
    return found


def _bounds_or_names(quantity: Quantity, reading: Reading, support: Support, ratios: Sequence[float]) -> bool:
    """Whether it is the catalogue's own bound (15公斤以内), a person's height, or a quoted number (the "5000")."""
    if reading.hedge(quantity.start, quantity.end) in ("below", "above", "up_to") and any(
        math.isclose(r, 1.0, rel_tol=0.005) for r in ratios
    ):
        return True
    if quantity.unit == "in" and quantity.text[-1] in _QUOTES and support.names_value(quantity.value):
        return True
    return to_base(1, quantity.unit or "")[1] == "length" and bool(
        _OF_PERSON.match(reading.after(quantity.end, 8))
    )


_OF_PERSON = re.compile(
    r"[一二三四五六七八九\d]{0,2}(?:的)?(?:大|高|壮)?(?:个子|个头|身高|汉子|小伙|男生|女生|姑娘)|的我|的你"
    r"|的(?:大)?(?:床|门|沙发|桌子|电脑|笔记本|屏幕|手机|可乐|汽水)(?![\u4e00-\u9fff]?(?:架|单|垫|罩|壳|包))"
)
_QUOTES = '"\u2033\u201d'


def _is_total(base: float, hedge: str, known: Sequence[float], support: Support) -> bool:
    """Whether it is what all pieces together come to: 20 bags of 5 g are 100 g."""
    counts = {
        q.value
        for q in support.of_goods
        if q.kind in ("number", "measure")
        and 2 <= q.value <= _MOST_PIECES
        and (q.unit is None or to_base(1, q.unit)[1] == "count")
    }
    return any(_measure_holds(base, hedge, n * k) for n in counts for k in known)


_MOST_PIECES = 500
_NAMES_NOT_UNITS = frozenset({"C", "S", "B", "SS", "AW", "AM", "PM", "IN"})  # 3C, 4S, 2B pencils
_PHYSICAL = frozenset(
    {
        "mass",
        "volume",
        "length",
        "area",
        "data",
        "power",
        "voltage",
        "charge",
        "charge wh",
        "frequency",
        "loudness",
        "temperature",
        "time",
        "month",
        "pixels",
        "light",
        "pressure",
        "energy",
    }
)


def _measure_holds(claimed: float, hedge: str, known: float) -> bool:
    tolerance = 0.025 if hedge == "exact" else 0.005
    return holds(claimed, hedge, known, tolerance=tolerance)  # type: ignore[arg-type]


def _ounces(value: float, base: float, dimension: str) -> bool:
    """Whether ounces fit, of mass or of volume: a shop writes oz for both."""
    factor = 28.349523125 if dimension == "mass" else 29.5735295625
    return math.isclose(value * factor, base, rel_tol=0.03)


_FAR = re.compile(
    r"(?:走|跑|外|远|高空|深|路|赛|冲刺|公里|range|away|walk|run|loop|trail|hike|commute|ride|lap|route|marathon|race|radius|drop|sprint|dash)"
)


def _distance(quantity: Quantity, reading: Reading, known: Sequence[float]) -> bool:
    """A distance of a scene (走五公里), where the catalogue gives no such length."""
    if re.match(r" (?:from|away|apart|off the)(?![a-z])", reading.after(quantity.end, 12)):
        return True
    near = reading.folded[max(0, quantity.start - 6) : quantity.end + 10]
    return quantity.unit in ("km", "mile", "m") and not any(k >= 1 for k in known) and bool(_FAR.search(near))


def _portion(quantity: Quantity, reading: Reading, known: Sequence[float]) -> bool:
    """What a cook adds, or what a person weighs: not the product's measure."""
    near = reading.folded[max(0, quantity.start - 12) : quantity.end + 16]
    return bool(_ADDED_BY_COOK.search(near[: -(16) or None][:12])) and not known


def _count(quantity: Quantity, reading: Reading, support: Support, dimension: str) -> Claim | None:
    start, end = quantity.start, quantity.end
    values = _uses(support) if _USES_BEFORE.search(reading.before(start, 16)) else support.counts
    hedge = reading.hedge(start, end)
    if _miscounts(quantity, reading, support):
        return Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))
    if dimension == "times" and _MULTIPLES.search(quantity.text.lower() + reading.after(end, 16)):
        known = [b for b, d, _ in support.measures if d == "times"]
        return None if quantity.value in known else Claim("facts.measure", "block", start, end, "measure")
    pieces = _pieces(quantity, support)
    wrong = pieces and not any(holds(quantity.value, hedge, v) for v in (*pieces, sum(pieces)))
    if wrong and _counts_product(quantity, reading, support, dimension):
        return Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))
    if quantity.value in values or any(holds(quantity.value, hedge, v) for v in values if hedge != "exact"):
        return None
    if dimension == "count" and (_same_pieces(quantity, reading, support) or counts_goods(quantity, support)):
        return Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))
    if dimension in ("count", "people") and quantity.value >= _CROWD:
        return Claim("facts.social_proof", "block", start, end, "popularity")
    if not _counts_product(quantity, reading, support, dimension):
        return None
    return Claim("facts.measure", "block", start, end, "measure", _shown(dimension, support))


def _uses(support: Support) -> frozenset[float]:
    """The catalogue's numbers that can be of uses: no grams and no millimetres."""
    return frozenset(
        q.value
        for q in support.quantities
        if q.kind == "number" or (q.unit is not None and to_base(1, q.unit)[1] in ("times", "count"))
    )


_CROWD = 1000  # no pack holds so many: such a count is of buyers or of what was sold


def _counts_product(quantity: Quantity, reading: Reading, support: Support, dimension: str) -> bool:
    """Whether a count is of the product, its parts or its contents."""
    start, end = quantity.start, quantity.end
    after, before = reading.after(end, 24), reading.before(start, 16)
    if dimension == "style" and quantity.text[-1] in "款种":
        noun = re.match(r"(?:不同|可选|经典|时尚|的)*(?P<noun>[\u4e00-\u9fff]{2})", after)
        return noun is not None and any(
            noun["noun"].startswith(p)
            for p in (
                "口味",
                "香型",
                "颜色",
                "图案",
                "模式",
                "尺码",
                "规格",
                "茶",
                "坚果",
                "功能",
                "成分",
                "营养",
            )
        )
    if dimension in ("times", "people", "season"):
        if dimension == "times" and _USES_BEFORE.search(before):
            return True
        known = any(d == dimension for _, d, _ in support.measures)
        return known and not re.match(r"[都也]", after)
    if _CONTAINS_BEFORE.search(before):
        return True
    if dimension in ("layer", "compartment", "speed", "core", "colour"):
        return True
    if re.match(rf"(?:{'|'.join(count_words()['packed']['zh'])})", after):
        return True
    if _same_pieces(quantity, reading, support):
        return True
    han = quantity.text[-1] in _COUNT_UNITS or "\u4e00" <= quantity.text[-1] <= "\u9fff"
    if han:
        if quantity.text[-1] in "片粒枚颗卷":
            return True
        noun = re.match(r"(?:大|小|独立|超大|加厚|全新|不同|的)?(?P<noun>[\u4e00-\u9fff]{1,4})", after)
        return noun is not None and (
            any(noun["noun"].startswith(p) for p in count_words()["parts"]["zh"])
            or noun["noun"][:2] in support.catalogue
        )
    unit_word = re.sub(r"^[\d.,\s-]+", "", quantity.text.lower())
    return bool(_PACK_UNIT.match(unit_word)) or _names_part(reading, start, end, support)


def _pieces(quantity: Quantity, support: Support) -> list[float]:
    """The catalogue's counts of the same sort of piece, as 片."""
    piece = quantity.text[-1]
    if not "\u4e00" <= piece <= "\u9fff" or piece in _ANY_PIECE:
        return []
    return [
        q.value for q in support.quantities if q.kind == "measure" and q.text[-1] == piece and q.value > 1
    ]


_ANY_PIECE = "个只件位条双套份盒瓶杯次人款种层色对箱罐张"
"""Units of many things, so that two counts in them need not be of the same."""


def _same_pieces(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether the catalogue counts the same pieces, as 20包, and no scene is set with them (每天两包)."""
    piece = quantity.text[-1]
    if not "\u4e00" <= piece <= "\u9fff" or quantity.value < 2:
        return False
    return not _SCENE_COUNT.search(reading.before(quantity.start, 6)) and any(
        q.kind == "measure" and q.text[-1] == piece and q.value > 1 for q in support.quantities
    )


_USES_BEFORE = cue("amounts.uses_before")
_SCENE_COUNT = re.compile(r"(?:每天|每日|一天|每次|一次|随身|包里|带|喝|来|吃|泡|每人|再)[^\d]?$")


_ROUND = 1000  # "1,000 songs": a figure of speech, but for tests and parts


def _miscounts(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether the catalogue counts the same things and comes to other numbers only."""
    if quantity.kind == "measure" and _SCENE_COUNT.search(reading.before(quantity.start, 6)):
        return False
    hedge = reading.hedge(quantity.start, quantity.end)
    if hedge == "exact" and quantity.value in support.counts and not support.counted:
        return False
    for thing in things_of(reading.folded, quantity):
        known = [value for value, of in support.counted if of == thing]
        if known:
            return not any(holds(quantity.value, hedge, value) for value in known)
    return False


def _number(quantity: Quantity, reading: Reading, support: Support) -> Claim | None:
    start, end = quantity.start, quantity.end
    value = quantity.value
    if _miscounts(quantity, reading, support):
        return _wrong_number(quantity)
    if miscounts_goods(quantity, reading, support):
        return _wrong_number(quantity)
    if support.names_value(value) or support.names_price(value):
        return None
    if not quantity.text[0].isalpha() and follows_from_price(value, reading, support.pricing):
        return None
    hedge = reading.hedge(start, end)
    before, after = reading.before(start, 14), reading.after(end, 20)
    spelled = quantity.text[0].isalpha() and before[-1:] not in _SIDES
    if not spelled and (
        _CLOCK.match(after)
        or _CLOCK_BEFORE.search(before)
        or _RATIO.match(after)
        or (value in _YEAR and value == int(value) and len(quantity.text) == 4)
    ):
        return None
    if hedge != "exact" and any(holds(value, hedge, v) for v in support.values):
        return None
    if value >= 100 and quantity.text.lower().startswith("a ") and not _TESTED.search(reading.after(end, 40)):
        return None  # a thousand cups of tea
    if value >= 13 and spelled and re.search(r"hundred|thousand|million|billion", quantity.text.lower()):
        return None if not _names_part(reading, start, end, support) else _wrong_number(quantity)
    if spelled and not _names_part(reading, start, end, support):
        return None
    if _CONTACT_BEFORE.search(before):
        return None
    if (
        not spelled
        and not _names_part(reading, start, end, support)
        and (value <= 3 or (value >= _ROUND and value % 100 == 0))
        and re.match(r" [a-z]", after)
        and not _TESTED.search(after)
    ):
        return None
    return _wrong_number(quantity)


_SIDES = ("长", "宽", "高", "厚")  # 长六十宽四十
_TESTED = re.compile(r"^ (?:\w+ ){0,3}(?:tests?|tested|washes|cycles|uses|charges|hours|presses|boils)\b")


def _wrong_number(quantity: Quantity) -> Claim:
    return Claim("facts.number", "block", quantity.start, quantity.end, "number")


_AFTER_NOUN = cue("amounts.after_noun")


_MULTIPLES = cue("amounts.multiples")


def _names_part(reading: Reading, start: int, end: int, support: Support) -> bool:
    """Whether a number counts parts, contents or the product itself, in English."""
    if _SET_OF.search(reading.before(start, 12)):
        return True
    match = _AFTER_NOUN.match(reading.folded, end)
    if match is None:
        return False
    parts = parts_en()
    for word in match.groups():
        if word is None or word in _STOP_WORDS:
            break
        noun = stem(word)
        if noun in parts or any(p in parts for p in word.split("-")):
            return True
        if word.endswith("s") and len(noun) > 2 and re.search(rf"\b{re.escape(noun)}", support.catalogue):
            return True
    return False


_STOP_WORDS = words("amounts.stop_words")


def _idiomatic(reading: Reading, start: int, end: int) -> bool:
    left = max(0, start - 12)
    near = reading.folded[left : end + 12]
    return any(
        match.start() + left < end
        and start < match.end() + left
        and not (start < match.start() + left and match.end() + left < end)  # 十分 in 五十分贝
        for match in word_pattern("idioms").finditer(near)
    )


def _shown(dimension: str, support: Support) -> str:
    shown = [
        q.text for q in support.quantities if q.kind == "measure" and to_base(1, q.unit or "")[1] == dimension
    ]
    return ", ".join(dict.fromkeys(shown)) or "—"
