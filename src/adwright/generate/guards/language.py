"""The guard of language: a text is in the language that was asked for, without another one mixed in.

Holds when: names of brands and models stand in the catalogue or look like names (capitals, digits, marks).

Does not cover: a language in Latin script of which the text has fewer than two common words; Cantonese and other
Sinitic languages; whether Chinese is simplified, of which it only warns.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files

from adwright.generate.lexicon.translations import is_english
from adwright.schema import Content, Finding, Language, Offer, Product, Review, Severity
from adwright.text.normalise import fold_in_place
from adwright.text.pinyin import is_syllable, reads_as_pinyin, rows_of_pinyin

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{_HAN}](?:[{_HAN}\\d，。、！？；：·「」“”（）《》…—,\\s]{{0,3}}[{_HAN}])*")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_OTHER_SCRIPT = re.compile(
    "[\u0400-\u052f\u0590-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u10ff\u1100-\u11ff\u1200-\u137f"
    "\u1780-\u17ff\u3041-\u3096\u30a1-\u30fa"
    "\u3105-\u312f\u31f0-\u31ff\uac00-\ud7a3]"
    "(?:[^\n.!?。！？A-Za-z]{0,3}[\u0370-\u1fff\u3041-\u3096\u30a1-\u30ff\u3105-\u312f\uac00-\ud7a3])*"
    "|[\u0370-\u03ff]{3,}(?:\\s[\u0370-\u03ff]+)*"
)
_DECORATIVE = re.compile(f"(?<=[{_HAN}])の(?=[{_HAN}])")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’&-][A-Za-z\u00c0-\u024f]+)*")
_LATIN_RUN = re.compile(
    r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'’&-]*"
    r"(?:[\s,.!?:;()\"“”/·~-]{1,3}[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'’&-]*)*"
)
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@[\w.-]{1,80}|https?://\S{1,300}|\b(?:[a-z0-9-]{1,40}\.){1,3}(?:com|cn|net|org"
    r"|example)\b\S{0,200}|\{\{\w{1,40}\}\}"
)
_ADDRESS_MARKS = ("@", "//", "{{", ".com", ".cn", ".net", ".org", ".example")
_SENTENCE = re.compile(r"[^.!?。！？\n;；—]+")
_QUOTED = re.compile(
    '“[^”\n]{1,80}”|「[^」\n]{1,80}」|『[^』\n]{1,80}』|《[^》\n]{1,80}》|"[^"\n]{1,80}"|‘[^’\n]{1,80}’'
)
_NAMED_ZH = re.compile(
    "(?:叫|学名|名为|名叫|取名|命名|印着|印有|刻着|刻有|写着|绣着|绣有|意思是|意为|译作|读作|字样|品牌|型号|书名"
    "|歌名|专辑|系列|色号|口号|标语|英文|法语|日语|原文|台词|商标|香调|标志"
    "|包装上)[^。！？]{0,12}$"
)
_GLOSS_EN = re.compile(
    r"\b(?:says|character|characters|called|named|name|means|meaning|mean|reads|written|word|words|label"
    r"|labelled|stamped|pressed|printed|embroidered|engraved|known as|pronounced|calligraphy|kanji"
    r"|song|poem|novel|film|hanzi|seal|brand|marked|(?<=[ea] )sign|logo|title(?!:)|titled|script|glyph|motto"
    r"|as the \w+ says)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile("[,.;!?] ")
_GLOSS_AFTER_EN = re.compile(
    r"\b(?:characters?|means|meaning|reads|stamped|pressed|printed|embroidered|engraved|woven|carved|stitched|painted"
    r"|seal|logo|calligraphy|brand|script|glyph|motto)\b",
    re.IGNORECASE,
)
_SPOKEN_EN = re.compile(
    r"\b(?:you|you'll|i|i'll|they|they'll|we|we'll|she|he|everyone|kids|mum|mom|friends)"
    r"(?: all| will| always| just)? (?:say|says)\s?\W?$",
    re.IGNORECASE,
)
"""Words that somebody is to say are no gloss."""
_MAX_GLOSS = 8  # characters
_TRADITIONAL = re.compile(
    "[這們個來時說對會過還沒讓開關見買賣質價錢誰實體輕軟麗顏廣東車馬鳥魚龍門間聽電號書學習點線紅綠藍黃銀鋼邊連網單雙親愛樂歡"
    "飲飯麵雞蔥湯鹽國園圍區業產專門種類樣機構經濟點請謝識語話讀寫]"
)
_TOLD: dict[str, dict[Language, str]] = {
    "other": {
        "zh": "要求用中文，这里是另一种语言",
        "en": "another language than the English that was asked for",
    },
    "mixed": {"zh": "中文里夹着外语词", "en": "words of another language among the English"},
    "name": {"zh": "名称、引文或有解释的外文", "en": "a name, a quotation or a word that is explained"},
    "traditional": {"zh": "要求简体中文，这里是繁体字", "en": "traditional characters"},
}


@dataclass(frozen=True, slots=True)
class _Words:
    loan_zh: frozenset[str]
    common_zh: frozenset[str]
    run_words: int
    loan_en: re.Pattern[str]
    pinyin: frozenset[str]
    not_pinyin: frozenset[str]
    not_rows: re.Pattern[str]
    pinyin_phrases: re.Pattern[str]
    foreign_phrases: re.Pattern[str]
    foreign: frozenset[str]
    shared: frozenset[str]
    surely: frozenset[str]


@dataclass(slots=True)
class LanguageGuard:
    """Finds what is not in the language that was asked for; names that the catalogue gives are free."""

    name: str = field(default="language", init=False)
    _kept: tuple[object, str] | None = field(default=None, init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings, at most one for each stretch of another language."""
        names = self._names(products, offer)
        for slot, text in content.slots.items():
            find = _in_chinese if content.language == "zh" else _in_english
            for n, (start, end, severity, why, exemption) in enumerate(find(text, names)):
                if n >= _MAX_FINDINGS:
                    break
                yield Finding(
                    rule_id="language.traditional" if why == "traditional" else "language.mixing",
                    severity="warn" if exemption else severity,
                    slot=slot,
                    start=start,
                    end=end,
                    text=text[start:end][:80],
                    evidence=_TOLD["name" if exemption else why][content.language],
                    exemption=exemption,
                )

    def _names(self, products: Sequence[Product], offer: Offer | None) -> str:
        """Titles, brands, values of attributes and the code, folded; kept for the next content."""
        key = (tuple(products), offer)
        if self._kept is None or self._kept[0] != key:
            parts = [part for p in products for part in (p.title, p.brand or "", *p.attributes.values())]
            parts.append(offer.code or "" if offer else "")
            self._kept = (key, fold_in_place("\n".join(parts)))
        return self._kept[1]


_MAX_FINDINGS = 50
_LEAST_RUN = 3  # words
_MOST_STARTS, _MOST_TOGETHER = 20, 40
"""Foreign words of a sentence that are tried as the first one, and as one stretch."""
_Found = tuple[int, int, Severity, str, str | None]


# --- Chinese was asked for ------------------------------------------------------------------------


def _in_chinese(text: str, names: str) -> Iterator[_Found]:
    if text.isascii() and not any(map(str.isalpha, text)):
        return
    yield from _other_scripts(text, names, kana_between_han=True)
    words = _words()
    n_han = sum(1 for _ in _HAN_CHARACTER.finditer(text))
    quoted = [m.span() for m in _QUOTED.finditer(text)]
    for match in _LATIN_RUN.finditer(_without_addresses(text)):
        run = match[0]
        start, end = match.span()
        folded = fold_in_place(run)
        if folded in names or folded.replace("-", " ") in names.replace("-", " "):
            continue
        alien = [w for w in _LATIN.finditer(run) if _is_alien(w[0], names, words)]
        if not alien:
            continue
        english = [w for w in alien if _is_common(text, start + w.start(), w[0], words)]
        slotted = bool(n_han) and any(
            _in_slot(text, start + w.start(), start + w.end(), common=w in english) for w in alien
        )
        if n_han and not slotted:
            if not english and len(alien) < words.run_words:
                continue  # a brand that the catalogue does not know
            if len(alien) == 1 and (not alien[0][0].islower() or _links_names(alien[0][0], run)):
                continue
        exemption = _named(text, start, end, quoted, len(alien)) if n_han else None
        severity: Severity = "review" if len(alien) == 1 else "block"
        yield (
            start + alien[0].start(),
            start + alien[-1].end(),
            severity,
            "mixed" if n_han else "other",
            exemption,
        )
    if n_han and _LATIN.search(text):
        yield from _foreign_phrases(text, names, quoted)
        for start, end in _rows_of_pinyin(text):
            if text[start:end].lower() not in names and not text[start].isupper():
                yield start, end, "review", "mixed", _named(text, start, end, quoted, 2)
    if n_han >= 4:
        traditional = [m.start() for m in _TRADITIONAL.finditer(text)]
        if len(traditional) * 6 >= n_han:
            yield traditional[0], traditional[-1] + 1, "warn", "traditional", None


def _foreign_phrases(text: str, names: str, quoted: Sequence[tuple[int, int]]) -> Iterator[_Found]:
    """Greetings and clauses of a third language, as in "C'est la vie,总要有点香气"."""
    words = _words()
    found = [
        (*m.span(), "review")
        for m in words.foreign_phrases.finditer(fold_in_place(text))
        if m[0] not in names and not m[0].isupper()
    ]
    found += [(start, end, "block") for start, end, *_ in _other_latin(text, names)]
    for start, end, severity in found:
        yield start, end, severity, "mixed", _named(text, start, end, quoted, 2)  # type: ignore[misc]


_ADVERB_BEFORE = re.compile(
    "(?:很|超级?|好|太|更|有点|特别|非常|真的?|巨|贼|挺|蛮|够|如此|有些|不|一起|来个|好想|想要)\\s?$"
)
_ENDING_AFTER = re.compile(
    "\\s?(?:的(?!士)|一下|起来|一点|到爆|得|地|吧|啦|了|哦|呀|满满|十足|你的|我的|自己)"
)


def _in_slot(text: str, start: int, end: int, *, common: bool) -> bool:
    """Whether a Latin word stands where Chinese has a verb or an adjective, or is called out on its own.

    >>> _in_slot("Surprise!今天送到", 0, 8, common=True), _in_slot("很cozy的窝", 1, 5, common=False)
    (True, True)
    """
    word = text[start:end]
    alone = start == 0 or text[start - 1] in "，,。！!？? …"
    if text[end : end + 1] in ("!", "！", "~", "～") or (
        alone and text[end : end + 1] in (",", "，", "。", ".")
    ):
        return common
    if word.islower() and len(word) > 3:
        return bool(
            _ADVERB_BEFORE.search(text[max(0, start - 4) : start])
            or (common and _ENDING_AFTER.match(text, end))
        )
    return (
        common and bool(_ENDING_AFTER.match(text, end)) and (start == 0 or text[start - 1] in "，,。！!？? ")
    )


def _is_common(text: str, start: int, word: str, words: _Words) -> bool:
    """Whether a Latin word in a Chinese text is an ordinary one of English, or Chinese in Latin letters.

    >>> _is_common("汤hen好喝", 1, "hen", _words()), _is_common("Nuovo牌的锅", 0, "Nuovo", _words())
    (True, False)
    """
    if word.lower() in words.common_zh or reads_as_pinyin(word):
        return True
    if not word.islower() or text[start - 1 : start] in ("_", "@", "#"):
        return False
    beside = text[start - 1 : start] + text[start + len(word) : start + len(word) + 1]
    if len(word) > 1 and is_syllable(word) and _HAN_CHARACTER.search(beside):
        return True
    return len(word) > 3 and is_english(word)


def _links_names(word: str, run: str) -> bool:
    """Whether a small word only stands between names, as in "USB-C to USB-C"."""
    return (
        word in ("to", "and", "or", "for", "by", "of", "in", "the", "with") and len(_LATIN.findall(run)) > 1
    )


def _is_alien(word: str, names: str, words: _Words) -> bool:
    """Whether a Latin word in a Chinese text is neither a name nor at home there."""
    folded = fold_in_place(word)
    if folded in words.loan_zh or len(word) == 1 or folded in _tokens(names):
        return False
    if all(part in words.loan_zh for part in re.split("[-'’&]", folded)):
        return False
    if word.isupper() and folded not in words.common_zh:
        return False
    return word[1:].islower() or not word.isalpha() or folded in words.common_zh


def _named(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]], n_words: int) -> str | None:
    """The exemption of a foreign stretch that is a name in quotation marks, or said to be a name."""
    inside = next(((a, b) for a, b in quoted if a < start and end < b), None)
    before = text[max(0, (inside[0] if inside else start) - 20) : inside[0] if inside else start]
    if inside is not None and (text[inside[0]] == "《" or n_words < 4):
        return "language.quoted_name"
    return "language.quoted_name" if _NAMED_ZH.search(before) else None


# --- English was asked for ------------------------------------------------------------------------


def _in_english(text: str, names: str) -> Iterator[_Found]:
    if not text.isascii():
        yield from _other_scripts(text, names, kana_between_han=False)
        for match in _HAN_RUN.finditer(text):
            run, (start, end) = match[0], match.span()
            if fold_in_place(run) in names or text[start - 1 : start] == "#":
                continue
            n_han = sum(1 for _ in _HAN_CHARACTER.finditer(run))
            glossed, set_apart = _glossed(text, start, end), _set_apart(text, start)
            explained = n_han <= _MAX_GLOSS and (glossed or (set_apart and n_han <= 6))
            yield (
                start,
                end,
                "block",
                "other",
                "language.explained" if explained and len(text) > 2 * len(run) else None,
            )
    yield from _other_latin(text, names)
    yield from _pinyin(text, names)


def _glossed(text: str, start: int, end: int) -> bool:
    """Whether the words around say that a stretch is a name, a word that is explained, or print."""
    if _SPOKEN_EN.search(text[max(0, start - 24) : start]):
        return False
    before = _CLAUSE_END.split(text[max(0, start - 40) : start])[-1]
    return bool(_GLOSS_EN.search(before) or _GLOSS_AFTER_EN.search(text[end : end + 30]))


def _set_apart(text: str, start: int) -> bool:
    """Whether a stretch begins in brackets or quotation marks."""
    return start > 0 and text[start - 1] in "(（“\"'「《『"


def _rows_of_pinyin(text: str) -> list[tuple[int, int]]:
    """Syllables written apart, and set phrases of them."""
    phrases = _words().pinyin_phrases.finditer(fold_in_place(text))
    return sorted({*rows_of_pinyin(text), *(m.span() for m in phrases)})


def _pinyin(text: str, names: str) -> Iterator[_Found]:
    """Ordinary Chinese words in Latin letters, as in "a hongse scarf"."""
    words = _words()
    plain = fold_in_place(text)
    found = [
        m.span()
        for m in _LATIN.finditer(_without_addresses(text))
        if m[0].lower() in words.pinyin
        or (reads_as_pinyin(m[0]) and m[0] not in words.not_pinyin and not is_english(m[0]))
    ]
    last = 0
    for start, end in sorted([*found, *_rows_of_pinyin(text)], key=lambda span: (span[0], -span[1])):
        if start < last:
            continue  # told already
        last, said = end, plain[start:end]
        if (
            said not in names
            and text[start - 1 : start] not in ("@", "#", "_")
            and not words.not_rows.match(said)
        ):
            explained = _glossed(text, start, end) or _set_apart(text, start)
            yield start, end, "review", "mixed", "language.explained" if explained else None


def _other_scripts(text: str, names: str, *, kana_between_han: bool) -> Iterator[_Found]:
    if text.isascii():
        return
    for match in _OTHER_SCRIPT.finditer(text):
        run, (start, end) = match[0], match.span()
        if kana_between_han and run == "の" and _DECORATIVE.match(text, start):
            continue
        if fold_in_place(run) in names:
            continue
        explained = len(run) <= _MAX_GLOSS and (_set_apart(text, start) or _glossed(text, start, end))
        yield start, end, "block", "other", "language.explained" if explained else None


_FOREIGN_ENDING = re.compile(
    "..(?:mente|zione|zioni|keit|heit|lich|liche|lichen|issim[oa]|eux|euse|euses|iamo|ungen|schaft|ieren)$"
)
"""Endings that English does not have; "adieux" and the like are too few to mind."""
_ALONE = re.compile("(?:^|(?<=[.!?,;:…] )|(?<=[.!?…]))(?P<word>[a-z\u00e0-\u024f]{4,})(?=[.!?,…])")


def _alone(plain: str, names: str) -> Iterator[tuple[int, int]]:
    """Single words of another language that make a clause of their own, as in "Wunderbar!"."""
    words = _words()
    for match in _ALONE.finditer(plain):
        word = match["word"]
        if word in words.surely and word not in _tokens(names):
            yield match.span("word")


def _other_latin(text: str, names: str) -> Iterator[_Found]:
    """Stretches in another language of Latin script: common words of it, close together."""
    words = _words()
    plain = fold_in_place(text)
    if text.isascii() and not any(
        m[0] in words.surely or _FOREIGN_ENDING.search(m[0]) for m in _LATIN.finditer(plain)
    ):
        return
    plain = words.loan_en.sub(lambda m: " " * len(m[0]), _without_addresses(plain))
    for start, end in _alone(plain, names):
        yield start, end, "review", "mixed", None
    for sentence in _SENTENCE.finditer(plain):
        found = [
            (m.start() + sentence.start(), m.end() + sentence.start(), m[0])
            for m in _LATIN.finditer(sentence[0])
        ]
        if len(found) < _LEAST_RUN - 1:
            continue
        foreign = [
            f
            for f in found
            if (
                f[2] in words.foreign
                or _FOREIGN_ENDING.search(f[2])
                or (not f[2].isascii() and text[f[0]].islower())
            )
            and f[2] not in _tokens(names)
        ]
        sure = [f for f in foreign if f[2] not in words.shared and (f is found[0] or text[f[0]].islower())]
        if not sure:
            continue  # a capital inside a sentence begins a name
        dense = _densest(found, foreign) or _run_without_english(found, foreign, sure)
        if dense is not None:
            printed = _set_apart(text, dense[0]) and _glossed(text, *dense)
            yield *dense, "block", "mixed", "language.quoted_name" if printed else None


def _run_without_english(
    found: Sequence[tuple[int, int, str]],
    foreign: Sequence[tuple[int, int, str]],
    sure: Sequence[tuple[int, int, str]],
) -> tuple[int, int] | None:
    """Three words and more in a row, none of which is English and one of which surely is not."""
    run: list[tuple[int, int, str]] = []
    alien, certain = set(foreign), set(sure)
    for word in (*found, None):
        if word is not None and (word in alien or not is_english(word[2])):
            run.append(word)
            continue
        if len(run) >= _LEAST_RUN and not certain.isdisjoint(run):
            return run[0][0], run[-1][1]
        run = []
    return None


def _without_addresses(text: str) -> str:
    """The text with blanks for mailboxes, links and places for a name."""
    if not any(mark in text for mark in _ADDRESS_MARKS):
        return text
    return _ADDRESS.sub(lambda m: " " * len(m[0]), text)


@functools.lru_cache(maxsize=64)
def _tokens(names: str) -> frozenset[str]:
    """The words of the names."""
    return frozenset(m[0] for m in _LATIN.finditer(names)) | frozenset(re.split(r"[^\w]+", names))


def _densest(
    found: Sequence[tuple[int, int, str]], foreign: Sequence[tuple[int, int, str]]
) -> tuple[int, int] | None:
    """From the first to the last foreign word, where they are a third of the words between."""
    words = _words()
    if len({f[2] for f in foreign}) < 2:
        return None
    place = {word: n for n, word in enumerate(found)}
    at = [place[f] for f in foreign]
    for i in range(min(len(foreign), _MOST_STARTS)):
        for j in range(min(len(foreign), i + _MOST_TOGETHER) - 1, i, -1):
            inside = foreign[i : j + 1]
            if (
                len(inside) * 3 > at[j] - at[i]
                and any(f[2] not in words.shared for f in inside)
                and len({f[2] for f in inside}) > 1
            ):
                return foreign[i][0], foreign[j][1]
    return None


@functools.cache
def _words() -> _Words:
    path = files("adwright.generate.guards.rules").joinpath("language.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    pinyin = frozenset(data["en"]["pinyin"].split())
    foreign, shared = (frozenset(data["en"][name].split()) for name in ("foreign_words", "shared"))
    return _Words(
        loan_zh=frozenset(data["zh"]["loan_words"].split()),
        common_zh=frozenset(data["zh"]["common_words"].split()) | pinyin,
        run_words=data["zh"]["run_words"],
        loan_en=_one_of(data["en"]["loan_phrases"]),
        pinyin=pinyin,
        not_pinyin=frozenset(data["en"]["not_pinyin"].split()),
        not_rows=_one_of(data["en"]["not_pinyin_rows"]),
        pinyin_phrases=_one_of(data["en"]["pinyin_phrases"]),
        foreign_phrases=_one_of(data["zh"]["foreign_phrases"]),
        foreign=foreign,
        shared=shared,
        surely=foreign - shared,
    )


def _one_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """Any of the phrases, as whole words."""
    return re.compile("|".join(rf"(?<!\w)(?:{p})(?!\w)" for p in phrases))
