"""Whether a text speaks of an offer as over: 九月那场八五折已经过去了, "the $10 offer ended on the 15th".

The words have to stand in the sentence of the amount, before the text turns to what holds now.

Does not cover: a past that only the tense of a verb tells.
"""

from __future__ import annotations

import re

from adwright.generate.guards.claims.claim import Reading

_OVER = re.compile(
    r"(?:过期|失效|作废|下架|收官|落幕|告一段落|停止)(?:了|啦)?|(?:已|已经|早就?|都|刚|全部?|正式)[^，,。]{0,4}(?:结束|过去|截止|停|完)"
    r"|(?:结束|过去|截止|停)(?:了|啦|咯)|于[^，,。]{1,6}(?:结束|截止)|过了|不再|已过|没赶上|错过|(?<!比)上(?:周|个?月|一轮|一?次|一?季)的?(?!还)"
    r"|(?<![a-z])(?:ended|(?:is|are|was|were|all) over|has (?:run out|passed)|expired|no longer|(?:is|are"
    r"|has|have) gone|finished|closed|missed"
    r"|(?:was|were) (?:for |only |just )?(?:last|our|a|in)|over now|behind us)(?![a-z])"
)
_NOT_OVER = re.compile(
    r"(?:没|没有|未|还未|尚未|即将|快要?|马上|就要|将要?|别|不要|不会|不想|怎能|请勿)[^，,。]{0,3}(?:结束|过去|截止|过期|错过|停)|返场|延长|加场|又来|回来"
    r"|(?<![a-z])(?:not|isn't|aren't|hasn't|never|before|until|if|don't)[^.,;]{0,12} (?:over|ended|expired"
    r"|gone|missed|miss|finished)(?![a-z])"
    r"|(?<![a-z])(?:extended|is back|are back)(?![a-z])"
)
_TURNS = re.compile(
    r"现在|如今|今天|今日|目前|只要|仅需|到手|还在|恢复|依然|仍然?"
    r"|(?<![a-z])(?:now|still|today|again|back to|it is|it's|today's)(?![a-z])"
)
_SENTENCE_END = re.compile(r"[。！？!?\n；;]|\. ")


def told_as_past(reading: Reading, start: int, end: int) -> bool:
    """Whether what stands at a place is said to be over."""
    folded = reading.folded
    left, _ = reading.clause(start, end)
    stop = _SENTENCE_END.search(folded, end)
    right = stop.start() if stop else len(folded)
    turn = _TURNS.search(folded, end, right)
    near = folded[left : turn.start() if turn else right]
    opening = folded[left:start]
    if _TURNS.search(opening):
        return False
    return _OVER.search(near) is not None and _NOT_OVER.search(near) is None
