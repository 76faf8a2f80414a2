"""Whether the words before or after a claim deny it: "not leather", 不是真皮, "Waterproof? No."."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"(?:\b(?:not|no|isn't|aren't|wasn't|weren't|never|without|don't|doesn't|didn't|won't|can't|cannot|ain't|nor"
    r"|neither|non|rather than|instead of|minus|zero|skip|forget(?: about)?|nothing|hardly|stop|free of|free from)"
    r"(?: (?:a|an|any|the|really|exactly|quite|just|even|some|be|is|it's|use|offer|do|call it|need|claim|made of"
    r"|made from|say|your usual|another|of|added|artificial|promise|doing|running|offering)){0,3}[ -]?"
    r"|\b(?:not|isn't|aren't|never) (?:made|meant|built|designed|rated|intended) (?:for|to)(?: \w+){0,2} ?"
    r"|(?:不是|并不是|并非|绝非|绝不|从不|不算|算不上|谈不上|没有|并没有|没|不含|不做|不搞|不玩|不打|不参加|不支持"
    r"|不提供|不可|不能|不适合|不会|不建议|不用|不必|无需|勿|切勿|请勿|拒绝|告别|别说|未|非|不|无|零|并无|毫无|不带|不走"
    r"|而非|不再是|不敢说|不承诺|不靠|不谈|不宜|请别|千万别|可别|(?<![分区个类告性鉴识])别|不要|不得|未做|未经|没做|没通过|未通过|不走|禁止|严禁|避免)"
    r"(?:什么|任何|一个|一点|添加|用|做|是|叫|有|所谓的?|说|提供|支持|参与|含|含有|搞|写|吹|靠|谈|纯|必要|装成|装|冒充|假装){0,3}"
    '[\u201c"\u300c]?)$'
)
_AFTER = re.compile(
    "[^.!?。！？\n]{0,16}[?？]\\s?[\u201d\"]?\\s?(?:no\\b|nope|nah|not\\b|never|sorry|hardly|don't|it isn't|we don't"
    "|不[，,。!！ 、]|没有|没[，,]|并不|当然不|不是|抱歉|想多了|别想|没这|不存在)"
    "|[^.!?。！？,，\n]{0,6}(?: it (?:ain't|isn't|is not)| this isn't|是不存在的|没有的|就免了|就算了)"
)


def denied_before(before: str) -> bool:
    """Whether folded words that end right before a claim deny it.

    >>> denied_before("this is not "), denied_before("不掉色的"), denied_before("不是")
    (True, False, True)
    """
    return _BEFORE.search(before) is not None


def denied_after(after: str) -> bool:
    """Whether folded words right behind a claim ask and answer no.

    >>> denied_after("? no. shower-proof? yes"), denied_after(". no worries")
    (True, False)
    """
    return _AFTER.match(after) is not None
