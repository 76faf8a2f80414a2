"""The fields of a catalogue as they are written: name, value, and whether the value says yes or no.

Does not cover: fields of which only the picture or the unit says what they mean.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from adwright.generate.lexicon.cues import words
from adwright.schema import Product
from adwright.text.normalise import fold_in_place

NOTHING_ADDED = "(?:未|不|零|无|没有?)(?:添加|使用|检出|另加|加入?)"
"""How a Chinese field says that nothing of what it names is in the goods."""
_NO = re.compile(
    r"\s*(?:(?:no|none|not|false|n/a|nil|without|0%?)(?![a-z0-9.%])|否|不支持|不提供|不需要|无需|不可(?:携带|进|入|放)?\s*$"
    rf"|(?:{NOTHING_ADDED}|无|没有|不含|不带|不适[用合]|不(?:可|能|宜)(?:以|用|使用|直接用)?)\s*(?:$|[,，。;；(（]))"
)
_NOT_IN_THE_BOX = re.compile(
    r"\s*(?:not (?:in(?!duc)|supplied|part)|sold separately|stated|on file|另购|不含)"
)
_YES = re.compile(
    r"\s*(?:(?:yes|true|safe|ok|allowed|suitable|included|available|supported|compatible)(?![a-z])"
    r"|(?:可以?|能|是|有|支持|适用|可用|含|包含|附送?|配有?|带)(?:\s*$|[,，。;；(（]))"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a product, folded; `says` is what its value begins with.

    >>> [Field.of("Lid", v).says for v in ("none", "yes, oak", "oak")]
    ['no', 'yes', 'value']
    """

    name: str
    value: str
    says: Literal["yes", "no", "value"]

    @classmethod
    def of(cls, name: str, value: str) -> Field:
        """The field of a name and a value as the catalogue has them."""
        folded = fold_in_place(value)
        says: Literal["yes", "no", "value"] = (
            "no" if _NO.match(folded) else "yes" if _YES.match(folded) else "value"
        )
        return cls(fold_in_place(name), folded, says)


def fields_of(products: Sequence[Product]) -> tuple[Field, ...]:
    """Every field of the products, links left out."""
    return tuple(
        Field.of(name, value)
        for product in products
        for name, value in product.attributes.items()
        if "://" not in value
    )


_UNSAID = re.compile(r"stated|listed|on file|known|given|未注明|未标")
_TAIL_EN = re.compile(
    r"[- ](?:safe|proof|friendly|function|mode|features?|support|included|included\?|type|ready)$"
)
_HEAD_EN = re.compile(r"^(?:built-in|integrated|has|with|includes?|added|extra|suitable for) ")
_TAIL_ZH = re.compile(r"(?:功能|支持|方式|类型|配置|接口|适用|可用|兼容|认证标识)$")
_HEAD_ZH = re.compile(r"^(?:是否|内置|自带|有无|附带|支持|可)(?=.)")
_LONG_HEAD = 8  # letters: a shorter noun at the end of a name is too common to stand for it

_NO_IN_VALUE = re.compile(
    r"(?<![a-z])(?:no|none|without(?: an?)?|non|not) "
    r"(?P<en>(?!included|required|needed|supplied|available|stated|applicable|on file)"
    r"[a-z]{3,} ?(?:cancelling|canceling)?)(?=[,.;)\s]|$)"
    r"|(?:(?<![一-鿿])|(?<=[,，。;；、(（]))(?:无|不含|不带|没有|不支持|非|不可|不能|不宜|不)"
    r"(?P<zh>[一-鿿]{2,4}|[a-z]{2,8})(?=[,，。;；、)）\s]|$)"
)
_FEATURE_TAIL = re.compile(r"(?:功能|锁|设计)$")


def denied_names(fields: Iterable[Field], descriptions: Iterable[str]) -> frozenset[str]:
    """What the catalogue says is not there: the names of fields that say no, and what "no X" and 无X deny.

    >>> sorted(denied_names([Field.of("Microphone", "no"), Field.of("closure", "open top, no zip")], ["无联网功能"]))
    ['microphone', 'zip', '联网']
    """
    fields = tuple(fields)
    found = set(_names_denied(fields))
    for text in (*(f.value for f in fields), *descriptions):
        for match in _NO_IN_VALUE.finditer(text):
            word = (match["en"] or match["zh"]).strip()
            found.add(_FEATURE_TAIL.sub("", word) or word)
    return frozenset(w for w in found if len(w) >= 2 and w.split(" ")[0] not in _nothing())


@functools.cache
def _nothing() -> frozenset[str]:
    return words("fields.no_thing") | words("frames.little_words") | words("absence.nothing")


def _names_denied(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        if field.says == "no" and not _NOT_IN_THE_BOX.match(field.value) and not _UNSAID.search(field.value):
            name = core_of(field.name)
            yield name
            head = name.split(" ")[-1]
            if head != name and len(head) >= _LONG_HEAD and not head.endswith("ing"):
                yield head


def core_of(name: str) -> str:
    """The thing that a field is named after.

    >>> core_of("dishwasher safe"), core_of("蓝牙功能")
    ('dishwasher', '蓝牙')
    """
    if name.isascii():
        return _HEAD_EN.sub("", _TAIL_EN.sub("", name.strip()))
    return _HEAD_ZH.sub("", _TAIL_ZH.sub("", name.strip()))


_ENDING = re.compile(r"(?:able|ible|ings?|ed|ers?|es|s|e)$")
_SHORT = 3  # letters of a stem that takes only the endings of its own verb


@functools.lru_cache(maxsize=2048)
def word_forms(name: str) -> re.Pattern[str]:
    """A pattern of one or more Latin words with the last in any of its forms, or of Han characters as they are.

    >>> [bool(word_forms("zip").fullmatch(w)) for w in ("zipped", "zips", "zippy")]
    [True, True, False]
    >>> [bool(word_forms("zipped").fullmatch(w)) for w in ("zip", "zips", "zippers")]
    [True, True, True]
    >>> [bool(word_forms("lining").fullmatch(w)) for w in ("lined", "linen", "lines")]
    [True, False, False]
    """
    if not name.isascii():
        return re.compile(re.escape(name))
    *first, last = name.split(" ")
    stem = _ENDING.sub("", last) if len(last) > _SHORT + 1 else last
    if len(stem) < _SHORT:
        stem = last
    doubled = stem != last and len(stem) > _SHORT and stem[-1] == stem[-2] and stem[-1] not in "sl"
    if doubled:
        stem = stem[:-1]
    if stem != last and len(stem) == _SHORT and not doubled:
        forms = rf"{re.escape(stem)}(?:ing|ings|ed)"
    else:
        double = rf"{re.escape(stem[-1])}?" if stem[-1] not in "aeiouy" else ""
        forms = rf"{re.escape(stem)}(?:e|s|es|e?d|{double}(?:ed|ing|ings|er|ers|able|ible))?"
    body = "[- ]".join([*(re.escape(w) for w in first), f"(?:{re.escape(last)}|{forms})"])
    return re.compile(rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])")
