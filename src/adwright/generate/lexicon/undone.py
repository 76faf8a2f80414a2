"""Words before a thing that leave it undone: warned of, not needed, or another's: 请勿把它放进, "no need to", 别家的.

Holds when: what stands there is a use or a feature. A material is spoken of as there by the same words: "no need to
iron this cotton".

Does not cover: warnings and others that stand behind the thing.
"""

from __future__ import annotations

import re

_NEVER_EN = (
    r"(?<![a-z])(?:do not|don't|never|must not|mustn't|should not|shouldn't|cannot|can't|not to|avoid|resist)"
)
_PLACED = (
    r"(?:put(?:ting)?|plac(?:e|ing)|leav(?:e|ing)|throw(?:ing)?|pop(?:ping)?|run(?:ning)?|tak(?:e|ing)|us(?:e|ing)"
    r"|expos(?:e|ing)|submerg(?:e|ing)|soak(?:ing)?|plung(?:e|ing)|dunk(?:ing)?|stick(?:ing)?|load(?:ing)?|clean(?:ing)?"
    r"|wash(?:ing)?|dry(?:ing)?|heat(?:ing)?|feed(?:ing)?|wear(?:ing)?|bring(?:ing)?)"
)
_WARNED = re.compile(
    rf"{_NEVER_EN}(?: ever| please| try to)?"
    rf"(?: (?:go|going|take up|attempt|try|start)|(?: {_PLACED}"
    r"(?: (?!the |an? |your |our )[a-z'-]+| (?:the|an?|your|our) [a-z'-]+){1,2}))"
    r"(?: (?:for|to|in|into|inside|on|onto|under|through|near|over|by|with|and))?(?: (?:the|an?|your|any))? ?$"
    r"|(?:请勿|切勿|勿|(?<![分区个类告性鉴识])别|不要|不可以?|不能|不宜|不得|禁止|严禁|避免|请不要)"
    r"(?:再|直接|一起|随手|顺手|图省事)?(?:(?:把|将|拿|用|带|让|给)(?!不)[一-鿿]{1,6}?)?"
    r"(?:放|丢|扔|塞|泡|送|拿|带|搁|摆|架|端|浸|戴|穿)?(?:进|入|到|去|在|着|上|下)?$"
)
_SPARED = re.compile(
    r"(?<![a-z])(?:no (?:more )?need (?:to|for)|"
    r"(?:no|without|skip(?: all)?)(?: the)?(?: more)? (?!sacrific|los|compromis|giv|miss|skimp)(?=[a-z]{3,}ing)"
    r"|(?:without|never|not) (?:having|needing|need|have) to"
    r"|(?:won't|don't|doesn't|needn't|will not|do not|no longer) (?:ever )?(?:have|need) (?:to )?"
    r"|(?:spares?|saves?|rescues?) (?:you|us|them)(?: from)?(?: the)?|no more|enough of|tired of|goodbye to)"
    r"(?: ?(?!with |but |just |thanks |so |because |that |this |when |while |if |worry |worrying )[a-z'-]+){0,4} ?$"
    r"|(?:不用|不必|不需要?|无需|毋须|用不着|不消|省得|免得|免去|省去|犯不着|再不用)"
    r"(?:再|去|来|你|您|妈妈|爸爸|家长|大人|孩子|每次|天天|每天|每晚|总是?|老是?|弯腰|蹲下|蹲着|低头|起身|伸手|费劲|费力|额外|另外|另|单独"
    r"|自己|花钱|跑去|买|找|带|背|备|准备|接|插|装|拿|用|换|等|追着){1,3}(?:帮|给|替)?(?:他|她|它)?$"
)
_OTHERS = re.compile(
    r"(?:别家|别人家|其他家|其它家|旁人家|隔壁家?|其[他它](?:品牌|店)|别的(?:牌子|品牌|店)|市面上|(?<!不)普通"
    r"|[比和跟与](?:一般|传统|常见|常规|老式|寻常))的?(?:那种|那些)?$"
    r"|(?<![a-z])(?:(?<!more )(?<!other )than(?! just| ever| merely| only| simply)|unlike)(?: [a-z'-]+){0,2} $"
    r"|(?<![a-z])(?:ordinary|conventional|(?:other (?:makers|brands|people|shops)|some(?:body|one) else)'?s?'?) $"
)
_IMPOSSIBLE = re.compile(r"(?<![少离忘错受等大免禁停跑耐])[一-鿿]不(?:了|得|进|上|动|出)$")
_NOT_IMPOSSIBLE = re.compile(
    r"(?:舍不得|巴不得|怪不得|恨不得|离不开|看不出|想不[到出]|抵不上|比不上|了不得|用不上|赶不上)$"
)


def left_undone(before: str) -> bool:
    """Whether folded words that end right before a use or feature warn of it, spare it, or give it to others.

    >>> [left_undone(b) for b in ("do not put walnut ", "no need to bend for ", "请勿把它放进", "滴不了", "别家的")]
    [True, True, True, True, True]
    >>> [left_undone(b) for b in ("don't miss the ", "do not put the ", "少不了", "不用出门也能")]
    [False, False, False, False]
    """
    return (
        _WARNED.search(before) is not None
        or _SPARED.search(before) is not None
        or _OTHERS.search(before) is not None
        or (_IMPOSSIBLE.search(before) is not None and _NOT_IMPOSSIBLE.search(before) is None)
    )
