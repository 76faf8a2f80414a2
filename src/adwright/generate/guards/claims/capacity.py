"""What goods take, hold or bear: a 14-inch laptop in a sleeve for 15 inches, 60公斤的书 on a desk that bears 80.

The measure is of another thing, and fits where it is no more than the catalogue's limit.

Does not cover: shapes; a thing that is short enough is taken to fit.
"""

from __future__ import annotations

import re

from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_TAKES = re.compile(
    r"(?:装|放|容|塞|摆|搁|收|压|扛|驮|载|承受?|撑|托|挂)(?:得|的)?(?:下|住|进|上|起|入)?(?:了|一?[台个本部只]|近|约|最多|最大)*$"
    r"|(?:适配|兼容|适合|适用|支持|可插)(?:了|一?[台个本部只]|近|约|最多|最大)*$"
    r"|(?<![a-z])(?:fits?|takes?|holds?|swallows?|carry|carries|supports?|accepts?|houses|accommodates?|bears?|hangs?|stows?|charges?"
    r"|(?:big|strong|large|roomy) enough for|suits?|suitable for|room for)"
    r"(?: (?:even|up|to|an?|your|any|the|about|most|one)){0,3} ?$"
)
_ITEM = re.compile(
    r"(?:重|长|宽|大)?的?(?:笔记本|电脑|平板|显示器|手机|书|杂志|猫|狗|宠物|内存卡|存储卡|卡片?|行李|登山包|花盆|鱼缸|汽车|自行车)"
    r"|[ -](?:laptop|notebook|tablet|monitor|card|phone|book|dog|cat|pet|rider|person|load|bike|bicycle"
    r"|plant|suitcase)s?(?![a-z])"
)
_BORNE_AFTER = re.compile(
    r"(?:的?(?:人|壮汉|大汉|体重|汉子)|[都也]?(?:能|可以?)?(?:载|承|装|撑|扛|托|压)(?:得|不)(?:动|住|下|起|垮|坏))"
)
_LIMIT_BEFORE = re.compile(
    r"(?:up to|max(?:imum)?\.?(?: \w+)?:?|load|limit|capacity|bears?|supports?|holds?|承重|载重|限重"
    r"|最大[^\n]{0,4}|最多|不超过|≤|<|支持|适合[^\n]{0,4}|可放[^\n]{0,4}|可装[^\n]{0,4})[ :：]{0,2}(?:to "
    r"|up to )?$"
)
_LIMIT_AFTER = re.compile(r" ?(?:以内|以下|之内|max(?![a-z])|or (?:less|under|smaller))")
_CLOSE = 1.02


def fits_limit(quantity: Quantity, reading: Reading, support: Support) -> bool | None:
    """Whether what the goods are said to take is within their limit; None where nothing is said of that.

    A measure of a thing that stands beside goods without a stated limit is within them where they have one as large.
    """
    base, dimension = to_base(quantity.value, quantity.unit or "")
    before, after = reading.before(quantity.start, 18), reading.after(quantity.end, 14)
    item = _ITEM.match(after) is not None or _BORNE_AFTER.match(after) is not None
    if not item and not _TAKES.search(before):
        return None
    limits, known = [], []
    for q in support.of_goods:
        if q.kind != "measure" or q.unit is None or to_base(1, q.unit)[1] != dimension:
            continue
        known.append(to_base(q.value, q.unit)[0])
        if _LIMIT_BEFORE.search(support.catalogue[max(0, q.start - 14) : q.start]) or _LIMIT_AFTER.match(
            support.catalogue, q.end
        ):
            limits.append(known[-1])
    if limits:
        return base <= _CLOSE * max(limits)
    return True if item and known and base <= _CLOSE * max(known) else None
