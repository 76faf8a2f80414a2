"""Whether the words before or after a claim deny it: "not leather", 不是真皮, "Waterproof? No."."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"(?:\b(?:not|no|isn't|aren't|wasn't|weren't|never|without|don't|doesn't|didn't|won't|can't|cannot|ain't|nor"
    r"|neither|none(?: of (?:the|its|these|them))?|non|rather than|instead of|minus|zero|skip|forget(?: about)?"
    r"|nothing|hardly|stop|free of|free from)"
    r"(?: (?:a|an|any|the|really|exactly|quite|just|even|some|be|is|it's|use|offer|do|call it|need|claim|made of"
    r"|made from|say|your usual|another|of|added|artificial|promise|doing|running|offering"
    r"|for|in|on|with|suitable for|meant for|made for|safe for|fit for|compatible with|works? with|pairs? with"
    r"|plays? with|connects? to|have|has|comes? with|supplied with|hold|own|to go in|active|built-in|dedicated"
    r"|integrated|separate|hidden|to|pretend|pass it off as|sell it as|label it|market it as|describe it as"
    r"|calling it|pretending|this|it)){0,4}[ -]?[\u201c\"\u2018']?"
    r"|\b(?:not|isn't|aren't|never) (?:made|meant|built|designed|rated|intended) (?:for|to)(?: \w+){0,2} ?"
    r"|(?:找不[到着出]|称不上|说不上|够不上|不敢|别信|不是|并不是|并非|绝非|绝不|从不|不算|算不上|谈不上|没有|并没有|没|不含|不做|不搞|不玩|不打|不参加|不支持"
    r"|不提供|不可|不能|不适合|不会|不建议|不用|不必|无需|勿|切勿|请勿|拒绝|告别|别说|未|非|不|无|零|并无|毫无|不带|不走"
    r"|而非|不再是|不敢说|不承诺|不靠|不谈|不宜|请别|千万别|可别|(?<![分区个类告性鉴识])别|不要|不得|未做|未经|没做|没通过|未通过|不走|禁止|严禁|避免)"
    r"(?:什么|任何|一[根丝点滴颗粒]|半[点根]|一个|一点|添加|用|做|是|叫|有|所谓的?|说|提供|支持|参与|含|含有|搞|写|吹|靠|谈|纯|连|接|装|配|带|放进?|进|必要|装成|装|冒充|假装"
    r"|称|称作|称为|叫作|叫做|它|这件|这款|这个|这条|写成|写作|标成|标|当成|当作|当|为|把|将|管|百分(?:之)?百|全|标注?成?|[\u201c\u2018\"\u300c\u300e]){0,5}"
    '[\u201c\u2018"\u300c\u300e]?)$'
)
_AFTER = re.compile(
    "[^.!?。！？\n]{0,16}[?？]\\s?[\u201d\"]?\\s?(?:no\\b|nope|nah|not\\b|never|sorry|hardly|don't|it isn't|we don't"
    "|不[，,。!！ 、]|没有|没[，,]|并不|当然不|不是|抱歉|想多了|别想|没这|不存在)"
    "|(?:拆|取|摘|放|装|接|连|用|进|洗|开|关|折|调)不(?:了|掉|得|上|开|下来|进去)"
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


_CLAUSE = re.compile(r"[,，。;；:：!！?？\n]|\.(?!\d)| [-–—]+ |(?<![a-z])(?:but|so|just)(?![a-z])")
_ANY_BEFORE = re.compile(
    r"(?<![a-z])(?:no|not|never|none|nor|neither|without|nothing|cannot|\w+n't|zero|less|lacks?|lose|skip|avoid|instead)(?![a-z])"
    r"|(?<![a-z])(?:out of|away from|keep off|far from)(?![a-z])|[不没无勿别非未免]|拒绝|告别|远离"
)
_SENTENCE = re.compile(r"[.。!！?？;；:：]")
_COMMA = re.compile(r"[,，、]")
_LIST_HEAD = re.compile(r"\s*(?:no|without|not|没有|无|不用|不带|不含)")
_NO_LIST = re.compile(r"(?<![a-z])(?:only|just|but|it|with|so|yet)(?![a-z])|[只就但靠能可]")
_LONGEST_ITEM = 14  # characters of what a list goes on with: "no buttons, screen or "
_ANY_AFTER = re.compile(
    r"[- ]free(?![a-z])|(?: (?:is|are|was|were|does|do|can|will|would|should))?(?: not|n't| never)(?![a-z])"
    r"|(?! (?:that|which|who|and|so|to)(?![a-z]))[^,，。;；:：.!！?？\n]{0,12}"
    r"(?<![a-z])(?:not|\w+n't|never|sold separately)(?![a-z])"
    r"|[^,，。;；:：.!！?？\n]{0,4}(?:不(?:行|可|能|了|得|上|下来|进去|支持|适用|适合|是|在|要|建议|宜|含|带|配|附)"
    r"|没有?|别|勿|另购|另买|另配|另备|另请|另找|另涂)|(?:它|这款|本品|我们)?不会(?![\u4e00-\u9fff])"
    r"|[,:：，?？]? ?(?:no|nope)(?![a-z ])"
)


def any_denial_before(before: str) -> bool:
    """Whether the clause that folded words break off in has any word that says no, wherever it stands.

    >>> [any_denial_before(b) for b in ("it has no active ", "no buttons, ", "no wires, only ")]
    [True, True, False]
    """
    if _ANY_BEFORE.search(_CLAUSE.split(before)[-1]):
        return True
    head, *items = _COMMA.split(_SENTENCE.split(before)[-1])
    return _LIST_HEAD.match(head) is not None and all(
        len(item) <= _LONGEST_ITEM and not _NO_LIST.search(item) for item in items
    )


def any_denial_after(after: str) -> bool:
    """Whether the clause goes on to say no: "the dishwasher is not its friend", 电磁炉用不了.

    >>> any_denial_after(" is not its friend"), any_denial_after("用不了"), any_denial_after(", no fuss")
    (True, True, False)
    """
    return _ANY_AFTER.match(after) is not None
