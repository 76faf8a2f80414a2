"""Words before a thing that leave it undone: warned of, not needed, or another's: 请勿把它放进, "no need to", 别家的.

Holds when: what stands there is a use or a feature. A material is spoken of as there by the same words: "no need to
iron this cotton".

Does not cover: what another sentence says of the thing.
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
    r"(?:放|丢|扔|塞|泡|送|拿|带|搁|摆|架|端|浸|戴|穿|加|滴|倒|喷|灌|碰|接触|靠近|使用|添加)?(?:进|入|到|去|在|着|上|下)?$"
    r"|(?<![a-z])keep (?:it|them|this|these|[a-z]+) (?:well |far )?"
    r"(?:away from|out of|clear of|off)(?: (?:the|a|any|your))? $"
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
_OWN = re.compile(r"(?:另备|另配|另购|另买|另外(?:买|配|备)|自备|外接|备个|配个)(?:一?[只个条把块])?$")
_IMPOSSIBLE = re.compile(r"(?![少离忘错受等大免禁停跑耐])[一-鿿]不(?:了|得|进|上|动|出)$")
_NOT_IMPOSSIBLE = re.compile(
    r"(?:舍不得|巴不得|怪不得|恨不得|离不开|看不出|想不[到出]|抵不上|比不上|了不得|用不上|赶不上)$"
)


_WISHED = re.compile(
    r"(?<![a-z])(?:if (?:you|it's)|anyone|those|people|whoever)[^,.;!?]{0,16}"
    r"(?: (?:wants?|wanting|needs?|after|like|love|prefer|crave|for|wanted))(?: (?:an?|some|more|real|the))? $"
    r"|(?:要|想要?|喜欢|偏爱|追求|需要|爱|找)[一-鿿]{0,2}$"
)
_ELSEWHERE = re.compile(
    r"[^,.;]{0,12}, (?:this|it|these|ours|we)(?:'s| is| are|'re)?(?: not|n't)(?![a-z])"
    r"|[^,.;]{0,12},? (?:should )?(?:look|shop|try|keep (?:scrolling|looking)|go)"
    r" (?:elsewhere|somewhere else|another|on)"
    r"|的?(?:朋友|话|人|家长|同学|宝子|顾客)?[，,]?(?:请|可以|可|建议|还是)?(?:绕道|绕行|移步|出门左转|另(?:选|找|请|寻)"
    r"|看(?:别|隔壁|我们|另|那)|选(?:别|隔壁|另)|去(?:别|隔壁|看)|这[款瓶件只台个条双]不是|它不是)"
)
_HARMED = re.compile(
    r" (?:will|would|can|may|might|could) (?:only |just )?"
    r"(?:warp|ruin|kill|crack|damage|melt|shrink|destroy|dull|strip|void|hurt|spoil|wreck|fade)(?![a-z])"
    r"| (?:ruins|warps|kills|shrinks|wrecks|melts|cracks|spoils|dulls|strips"
    r"|is (?:no friend|not a friend|the enemy|off limits))(?![a-z])"
    r"|(?:可|并|就)?不(?:认|待见|收|欢迎|答应|乐意|对付)"
    r"|(?:就|可|请|还是)?(?:别|请勿|切勿|勿|不要)(?:再|往|放|加|滴|碰|用|进|倒|去|来|试|指望)"
    r"|[一-鿿]{0,2}会(?:毁|弄坏|伤|损|变形|缩|裂|褪|打火|融化)"
)


def left_undone(before: str, after: str = "") -> bool:
    """Whether the folded words around a use or feature warn of it, spare it, or give it to others.

    >>> [left_undone(b) for b in ("do not put walnut ", "no need to bend for ", "请勿把它放进", "滴不了", "别家的")]
    [True, True, True, True, True]
    >>> [left_undone(b) for b in ("don't miss the ", "do not put the ", "少不了", "不用出门也能")]
    [False, False, False, False]
    """
    return (
        _WARNED.search(before) is not None
        or _SPARED.search(before) is not None
        or _OWN.search(before) is not None
        or _OTHERS.search(before) is not None
        or _HARMED.match(after) is not None
        or sought_elsewhere(before, after)
        or (_IMPOSSIBLE.search(before) is not None and _NOT_IMPOSSIBLE.search(before) is None)
    )


def sought_elsewhere(before: str, after: str) -> bool:
    """Whether who wants the thing between these words is sent away, which denies any sort of thing.

    >>> sought_elsewhere("if you want ", ", this is not your candle"), sought_elsewhere("要", "的请看隔壁")
    (True, True)
    """
    return _ELSEWHERE.match(after) is not None and _WISHED.search(before) is not None
