"""What a text says of other people: ratings, sales, popularity, and what customers are said to have said.

A rating is the catalogue's; a figure needs an attribute that gives it; words of a customer stand in a
verified review.

Does not cover: whether a verified review is typical of the others, beyond its rating.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from adwright.generate.guards.claims.claim import Claim, Reading, holds
from adwright.generate.guards.claims.single_reviews import is_of_one, tells_unverified
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue, words
from adwright.generate.lexicon.phrasings import phrasing
from adwright.text.chinese_numerals import parse_chinese
from adwright.text.similarity import ngram_jaccard

_OF_PEOPLE = cue("popularity.of_people")
_SIGNED_BY_CUSTOMER = cue("popularity.signed_by_customer")
_SPOKEN_AFTER = cue("popularity.spoken_after")

_RATING = cue("popularity.rating")
_SALES = cue("popularity.sales")
_SALES_ZH = cue("popularity.sales_zh")
_QUOTE = cue("popularity.quote")
_SIGNED = cue("popularity.signed")
_SPOKEN_BEFORE = cue("popularity.spoken_before")
_BRAND_SPEAKS = cue("popularity.brand_speaks")
_NAMED_QUOTE = cue("praise.named_quote")
_ABSENT = cue("popularity.absent")
_SALES_WORDS = cue("popularity.sales_words")


def popularity_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says of ratings, sales, popularity and customers' words."""
    absent = [m.span() for m in _ABSENT.finditer(reading.folded)]
    quoted = list(_quotations(reading, support))
    rated = list(_ratings(reading, support))
    true = [c for c in rated if c.severity is None]
    claims = [
        *rated,
        *quoted,
        *(
            c
            for c in _figures(reading, support)
            if not any(c.start < t.end and t.start < c.end for t in true)
        ),
        *(c for c in _vague(reading, support) if not any(c.start < t.end and t.start < c.end for t in true)),
        *_signed(reading, support),
        *_experiences(reading, support, quoted),
        *_reported(reading, support, quoted),
    ]
    for claim in claims:
        if not any(s < claim.end and claim.start < e for s, e in absent):
            yield claim


def reviewed_spans(reading: Reading, support: Support) -> list[tuple[int, int]]:
    """Where the text quotes a verified review word for word: what stands there is the customer's."""
    return [
        match.span()
        for match in _QUOTE.finditer(reading.folded)
        if any(_quoted_from(next(v for v in match.groups() if v), review) for review, _ in support.reviews)
    ]


def _ratings(reading: Reading, support: Support) -> Iterator[Claim]:
    for match in _RATING.finditer(reading.folded):
        value = _value(next(v for v in match.groups() if v))
        if value is None or not 0 < value <= 10 or _no_rating(match, reading, value):
            continue
        if reading.denies(*match.span()) or (
            value == int(value) and is_of_one(*match.span(), value, reading, support)
        ):
            continue
        start, end = match.span()
        of_ten = value > 5 or re.search(r"(?:/|of) ?(?:10|ten)\b", match[0])
        actual = None if support.rating is None else support.rating * (2 if of_ten else 1)
        if actual is None:
            fine = _stands_in_catalogue(match[0], support)
            yield Claim("facts.social_proof", None if fine else "block", start, end, "no_rating")
            continue
        hedge = reading.hedge(*_value_span(match))
        if hedge == "exact":
            hedge = reading.hedge(match.start(), match.end())  # 四分出头
        if reading.folded[match.start() : match.end()].endswith("分") and (
            more := _TENTHS.match(reading.folded, match.end())
        ):
            value += (parse_chinese(more[0]) or 0.0) / 10  # 四分七
        if hedge == "exact":
            fine = _rounds_to(value, actual, match[0])
        elif hedge == "just_below":
            fine = value - _NEARLY * (2 if of_ten else 1) <= actual <= value
        else:
            fine = holds(value, hedge, actual)
        yield Claim(
            "facts.social_proof", None if fine else "block", start, end, "rating", f"{support.rating:g}"
        )


_TENTHS = re.compile(r"[一二三四五六七八九](?![一-鿿]*[星分])")
_NEARLY = 0.3  # of five: what "nearly" bridges


def _value_span(match: re.Match[str]) -> tuple[int, int]:
    name = next(k for k, v in match.groupdict().items() if v)
    start, end = match.span(name)
    return (start, end)


def _value(digits: str) -> float | None:
    words = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}
    first = digits.split(" ", maxsplit=1)[0]
    if first in words:
        extra = 0.5 if digits.endswith("half") else 0.0
        tail = digits.split(" point ")
        if len(tail) == 2:
            ones = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
            extra = ones.index(tail[1]) / 10 if tail[1] in ones else 0.0
        return words[first] + extra
    if digits.endswith("½"):
        return float(digits[:-1]) + 0.5
    try:
        return float(digits.replace(",", ""))
    except ValueError:
        return parse_chinese(digits)


_STAR_GOODS = cue("popularity.star_goods")


def _no_rating(match: re.Match[str], reading: Reading, value: float) -> bool:
    """Whether a number beside "stars" or 分 is no verdict: 七分袖, five-star hotel, 5 stars on the flag."""
    after = reading.after(match.end(), 16)
    if "star" in match[0] or "星" in match[0]:
        if _STAR_GOODS.match(after) and value == int(value):
            return True
        return (
            match["value3"] is not None
            and value not in (4.0, 4.5, 5.0)
            and value == int(value)
            and not re.search(r"rat|review|scor", reading.folded)
        )
    if match["value"] is not None and ("of" in match[0] and "out" not in match[0]):
        return not re.search(r"rat|review|star|scor", reading.before(match.start(), 16))
    if match["value2"] is not None and match[0].startswith("评价"):
        return "分" not in match[0] and "星" not in match[0]
    if match["value2"] is not None and match[0].startswith(
        ("score", "averag", "rated", "rating", "得分", "打分")
    ):
        return not re.search(r"分|star|/|out of|评|rat", match[0])
    return value > 5 and "分" not in match[0] and "/" not in match[0] and "out of" not in match[0]


def _rounds_to(claimed: float, actual: float, said: str) -> bool:
    """Whether the rating, rounded to as many places as the text gives, is the claimed one."""
    if claimed == int(claimed) and "." not in said and "点" not in said:
        return abs(actual - claimed) < 0.05
    return abs(actual - claimed) <= 0.0501


def _stands_in_catalogue(said: str, support: Support) -> bool:
    return said.strip() in support.catalogue


def _figures(reading: Reading, support: Support) -> Iterator[Claim]:
    for pattern in (_SALES, _SALES_ZH):
        for match in pattern.finditer(reading.folded):
            if reading.denies(*match.span()) or _no_sales(match, reading, support):
                continue
            said = next((v for v in match.groups() if v), "")
            yield Claim(
                "facts.social_proof",
                None if _figure_known(said, match[0], support) else "block",
                *match.span(),
                "popularity",
            )


def _no_sales(match: re.Match[str], reading: Reading, support: Support) -> bool:
    """Tests of durability, and counts that are the product's own."""
    near = reading.folded[max(0, match.start() - 6) : match.end() + 10]
    if re.search(r"次(?:开合|测试|弯折|按压|循环|充放|洗|擦)|cycles|tests?\b|开合|弯折|测试", near):
        return True
    if match.re is _SALES_ZH:
        if (
            match["z1"]
            and re.match(r"[一二三四五六七八九十两]$", match["z1"])
            and not re.search(r"[销售卖]", match[0][:4])
        ):
            return True
        return match["z3"] is not None and not re.search(
            r"人|客|买|户|妈|友|位|名|回购", reading.folded[max(0, match.start() - 3) : match.end() + 8]
        )
    return match["n3"] is not None and not _OF_PEOPLE.search(
        reading.folded[max(0, match.start() - 20) : match.end() + 40]
    )


def _figure_known(said: str, phrase: str, support: Support) -> bool:
    number = re.search(r"[\d.,]+", said)
    if phrase.strip() in support.catalogue:
        return True
    if not _SALES_WORDS.search(support.catalogue):
        return False
    if number is None:
        value = parse_chinese(said.strip("多余")) if said else None
    else:
        value = float(number[0].replace(",", "").strip(".") or 0)
        factor = {"万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3, "百": 100.0, "m": 1e6}
        value *= next((f for s, f in factor.items() if s in said[number.end() :]), 1.0)
    if value is None:
        return False
    hedged = re.search(r"over|more than|超|过|破|逾|\+|多|余|plus", phrase) is not None
    return any(
        v == value or (hedged and value < v <= 2 * value) for v in support.values | set(support.percents)
    )


def _vague(reading: Reading, support: Support) -> Iterator[Claim]:
    for match in phrasing("rating_words").find(reading.folded):
        if reading.denies(*match.span()):
            continue
        fine = match[0] in support.catalogue or _all_praise(match[0], support)
        yield Claim(
            "facts.social_proof",
            None if fine else "block",
            *match.span(),
            "no_rating" if support.rating is None else "rating",
            f"{support.rating:g}" if support.rating is not None else "",
        )
    verbatim = [start for start, _ in reviewed_spans(reading, support)]
    for match in phrasing("popular").find(reading.folded):
        if reading.denies(*match.span()) or any(
            -2 <= start - match.end() <= _BEFORE_QUOTE for start in verbatim
        ):
            continue
        fine = match[0] in support.catalogue or _shares_evidence(match[0], support)
        yield Claim("facts.social_proof", None if fine else "review", *match.span(), "popularity")


_BEFORE_QUOTE = 4  # characters


_OF_EVERY_ONE = re.compile(
    r"all|nothing|only|every|perfect|zero|no |not a|not one|even one|never|complain"
    r"|投诉|全|零|0差|没有|无|清一|一致|率"
)


def _all_praise(said: str, support: Support) -> bool:
    """Whether the rating bears out words of praise: five stars mean five, "highly rated" 4.5."""
    if support.rating is None:
        return False
    strict = _OF_EVERY_ONE.search(said)
    if strict:
        return support.rating >= 4.995 and all(r is None or r >= 5 for _, r in support.reviews)
    if re.search(r"5|five|五|满分|perfect|spotless", said):
        single = re.search(r"(?:review|rating|评价|好评)$", said)
        if single and not said.startswith(("hundreds", "thousands", "countless")):
            return support.rating >= 4.95 or (
                len(support.reviews) > 0 and all(r == 5 for _, r in support.reviews)
            )
        return support.rating >= 4.95
    return support.rating >= 4.5


_SAME_WORDS = (
    (
        "best-seller",
        "best seller",
        "bestseller",
        "best-selling",
        "best selling",
        "热销",
        "畅销",
        "销量",
        "爆款",
    ),
    ("award", "winner"),
    ("奖",),
)


def _shares_evidence(said: str, support: Support) -> bool:
    return any(
        any(w in said for w in words) and any(w in support.catalogue for w in words) for words in _SAME_WORDS
    )


def _quotations(reading: Reading, support: Support) -> Iterator[Claim]:
    """Words in quotation marks that a customer is said to have said."""
    for match in _QUOTE.finditer(reading.folded):
        words = next(v for v in match.groups() if v)
        before, after = reading.before(match.start(), 40), reading.text[match.end() : match.end() + 40]
        signed = _SIGNED.match(after)
        if signed is not None and signed[0].lstrip()[:1] in "(（" and not _SIGNED_BY_CUSTOMER.search(after):
            signed = None
        if _BRAND_SPEAKS.search(before) and signed is None:
            continue
        if any(_quoted_from(words, review) for review in support.unverified if len(words) > _SHORT):
            if tells_unverified(reading):
                continue
            yield Claim("facts.social_proof", "block", match.start(), match.end(), "quotation")
            continue
        named = _NAMED_QUOTE.search(reading.text[max(0, match.start() - 40) : match.start()])
        spoken = named or _SPOKEN_BEFORE.search(before) or _SPOKEN_AFTER.match(after.lower())
        if signed is None and not spoken:
            continue
        if any(_quoted_from(words, review) for review, _ in support.reviews):
            yield Claim("facts.social_proof", None, match.start(), match.end())
        else:
            yield Claim("facts.social_proof", "block", match.start(), match.end(), "quotation")


_SHORT = 3  # characters that no one review has of its own
_PUNCTUATION = re.compile(r"[\s.,!?;:'\"。，！？；：、…~\u201c\u201d()（）-]+")


def _quoted_from(words: str, review: str) -> bool:
    """Whether a quotation stands in a review, punctuation and case apart; parts left out are marked."""
    plain = _PUNCTUATION.sub("", review)
    parts = [_PUNCTUATION.sub("", p) for p in re.split(r"\.\.\.|…+|\[[^\]]*\]", words)]
    return all(p in plain for p in parts if p) and any(parts)


_UNQUOTED = cue("popularity.unquoted")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|my|me|mine)\b|我|俺|本人")


def _signed(reading: Reading, support: Support) -> Iterator[Claim]:
    """Words in the first person above a name, without quotation marks."""
    for match in _UNQUOTED.finditer(reading.text):
        left = max(reading.text.rfind("\n", 0, match.start()) + 1, match.start() - 160)
        words = reading.folded[left : match.start()]
        if not _FIRST_PERSON.search(words) or any("\u201c" in words or '"' in words for _ in (0,)):
            continue
        if any(_quoted_from(words, review) or _says(words, review) for review, _ in support.reviews):
            continue
        yield Claim("facts.social_proof", "block", left, match.end(), "quotation")


def _experiences(reading: Reading, support: Support, quoted: list[Claim]) -> Iterator[Claim]:
    """What an "I" says of its time with the product: a testimonial, though nobody is named."""
    for match in phrasing("own_experience").find(reading.folded):
        start, end = match.span()
        if reading.denies(start, end) or any(q.start <= start and end <= q.end for q in quoted):
            continue
        sentence = re.split(r"[.!?。！？\n]", reading.folded[start : end + 60])[0]
        if not any(_says(sentence, review) for review, _ in support.reviews):
            yield Claim("facts.social_proof", "review", start, end, "quotation")


def _reported(reading: Reading, support: Support, quoted: list[Claim]) -> Iterator[Claim]:
    """What customers are said to say, without quotation marks."""
    beside = [(q.start, q.end) for q in quoted] + reviewed_spans(reading, support)
    goods = frozenset(re.findall(r"[a-z]{3,}", support.title))
    for match in phrasing("speakers").find(reading.folded):
        if reading.denies(*match.span()):
            continue
        if any(-2 <= s - match.end() <= 30 or -2 <= match.start() - e <= 30 for s, e in beside):
            continue
        _, right = reading.clause(match.start(), match.end())
        said = reading.folded[match.end() : max(right, min(len(reading.folded), match.end() + 60))]
        sentence = re.split(r"[.!?。！？\n]", said)[0]
        if _POINTS_BACK.match(sentence):
            before = _SENTENCE_STOP.split(reading.before(match.start(), 120))
            sentence = next((b for b in reversed(before) if len(b) > _A_PHRASE[not b.isascii()]), sentence)
        sentence = " ".join(w for w in _SPACES.split(sentence) if w.strip("'s,;:") not in goods)
        heard = [_is_heard(sentence, review, rating) for review, rating in support.reviews]
        if tells_unverified(reading):
            heard += [_is_heard(sentence, review, None) for review in support.unverified]
        if any(heard) and (all(heard) or not _OF_ALL.search(match[0])):
            yield Claim("facts.social_proof", None, *match.span())
        else:
            yield Claim("facts.social_proof", "block", *match.span(), "quotation")


_POINTS_BACK = re.compile(
    r"(?: (?:who|that|which)(?: (?:wrote|said|told us|put it))?)?(?: (?:that|this|it|so|those words|them))?"
    r"(?: (?:way|down))? ?$"
    r"|(?:过|了)?(?:给|对|跟)?(?:我们|店里|店主|本店)?(?:的)?(?:原?话|评价|评语|感受|留言|反馈)?$"
)
"""What follows a speaker whose words stand before it: "the buyer who wrote that", 买家写给我们的话."""
_SENTENCE_STOP = re.compile(r"[.!?。！？\n]")
_SPACES = re.compile(" +")
_A_PHRASE = 20, 5  # characters, Latin and Han, that say something of their own

_LITTLE = words("popularity.little_words")


_OF_ALL = re.compile(r"\b(?:all|both|every|everyone|always)\b|都|全|每|人人|个个")


def _is_heard(sentence: str, review: str, rating: int | None) -> bool:
    """Whether a review says so; a poor one has to say all of it. The shop's remarks may follow behind a comma."""
    clauses = [sentence, next((c for c in _CLAUSES.split(sentence) if len(c.strip()) > 1), sentence)]
    if rating is None or rating >= _GOOD:
        return any(_says(clause, review) for clause in clauses)
    if any(_says_all(clause, review) for clause in clauses):
        return True
    return _longest_shared(sentence, review) >= (_SHARED_HAN if _HAN.search(sentence) else _SHARED_LATIN)


_CLAUSES = re.compile("[,，;；:：]| and another | and said ")
_GOOD = 4
_SHARED_HAN, _SHARED_LATIN = 5, 16  # characters in a row
_HAN = re.compile("[\u4e00-\u9fff]")


def _longest_shared(one: str, other: str) -> int:
    """The length of the longest run of characters that stands in both."""
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match(0, len(one), 0, len(other))
    return match.size


def _says(claim: str, review: str) -> bool:
    """Whether a review holds most of what a sentence says, in its words."""
    words = {w for w in re.findall(r"[a-z']{3,}", claim) if w not in _LITTLE}
    if words:
        stems = {w[:5] for w in words}
        return sum(s in review for s in stems) >= max(1, 0.5 * len(stems))
    han = re.sub(r"[^\u4e00-\u9fff]", "", claim)
    pairs = {han[i : i + 2] for i in range(len(han) - 1)}
    if not pairs:
        return False
    return sum(p in review for p in pairs) >= 0.4 * len(pairs) or ngram_jaccard(han, review, 2) > 0.3


def _says_all(claim: str, review: str) -> bool:
    """Whether a review has every word of an English clause, of which there are two at least."""
    stems = {w[:5] for w in re.findall(r"[a-z']{3,}", claim) if w not in _LITTLE}
    return len(stems) > 1 and all(s in review for s in stems)
