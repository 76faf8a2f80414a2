"""What an offer asks for and a text lifts: a code, a first order, a membership, one use for each person.

Holds when: the running offer states the condition in its terms or has a code.

Does not cover: a condition that the text only leaves out; thresholds, which `terms` reads; the stacking of offers,
which `price_beside` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.gate import Gated


@dataclass(frozen=True, slots=True)
class _Condition:
    """How terms set a condition, and how a text lifts it."""

    set_by: re.Pattern[str]
    lifted: Gated


_CODE = _Condition(
    re.compile(
        r"凭码|凭券|输码|优惠码|折扣码|口令|暗号|领券|(?<![a-z])(?:with|use|enter|using"
        r"|quote) (?:the )?(?:code|coupon|voucher)|code [a-z]+\d"
        r"|\n[a-z0-9-]{3,20}\Z"
    ),
    Gated(
        re.compile(
            r"(?:不用|不必|无需|无须|不需要?|免|别|不要|没有)(?:输入?|填写?|领取?|用|凭|要|记|找)?(?:任何)?(?:优惠|折扣)?(?:码|券|口令|暗号)"
            r"|自动(?:立?减|打折|抵扣?|生效|享|优惠|扣)"
            r"|(?<![a-z])(?:no|without (?:a|any)|forget the|skip the|never mind the) (?:promo |discount "
            r"|coupon |voucher )?(?:code|coupon|voucher)s?(?! (?:at|of)(?![a-z]))(?![a-z])"
            r"|(?:code|coupon)s? (?:not|isn't|aren't) (?:needed|required|necessary)"
            r"|(?<![a-z])(?:off|applied|deducted|taken off|discounted) (?:automatically|by itself|for you)"
            r"|automatic(?:ally)? (?:off|applied|discount|deduct)"
        )
    ),
)
_AUDIENCE = _Condition(
    re.compile(
        r"新(?:会员|客|人|用户|顾客)|首单|首次|第一单|首购|学生|会员|员工|老客|老会员|限[^，。;；\n]{0,6}(?:客|户|用户|人群)"
        r"|(?<![a-z])(?:first[- ](?:orders?|purchases?|time)|new (?:customers?|members?|subscribers?)"
        r"|students?|members?|subscribers?|staff|nurses|seniors|teachers)(?![a-z])"
    ),
    Gated(
        re.compile(
            r"人人(?=[都能可享有]|\s?\d)|所有人|每个人|谁都|任何人|全员|大家都(?=能|可|享|有)|不限(?:身份|新老|人群)|(?:不用|无需|不必|不是)(?:入会|办卡|会员|注册)"
            r"|非会员|新老(?:会员|客户?|顾客|用户|朋友)|老(?:会员|客户?|顾客|用户)[^，。！？]{0,6}[都也]|每一?单(?=[都也全]|\s?\d|享|打|立)|单单|第二单也|复购[也都]"
            r"|(?<![a-z])(?:everyone|everybody|anyone|anybody|all (?:of )?(?:our |you )?(?:customers|shoppers|comers)"
            r"|no membership|(?:members?|new) or (?:not|old|returning)|new and (?:old|returning|existing)"
            r"|existing customers|returning customers"
            r"|(?:every|each|any) (?:single )?(?:order|purchase)|all orders|whoever you are|no sign[- ]?up)(?![a-z])"
        )
    ),
)
_ONCE = _Condition(
    re.compile(
        r"每人(?:仅|只)?限|限(?:用|领|购|享)?(?:一|1)(?:次|件|单|份)|仅限一次|(?<![a-z])(?:once per|one per"
        r"|one use|single[- ]use|limit(?:ed to)? (?:of )?one|one (?:order|time) only)(?![a-z])"
    ),
    Gated(
        re.compile(
            r"想用(?:几|多少)次|不限(?:次数?|量|件数?)|无限次|次次|回回|重复(?:用|使用|享)|多次(?:使用|享)|每次(?:下单|都)|反复(?:用|享)"
            r"|(?<![a-z])(?:as (?:many times|often|much) as|every time|each time|unlimited(?:ly)?"
            r"|again and again|over and over|time after time"
            r"|on (?:every|each|all) (?:orders?|boxe?s?|purchases?)|no limits?)(?![a-z])"
        )
    ),
)
_SEVERAL = _Condition(
    re.compile(
        r"满\s?(?:[2-9]|[两二三四五])\s?[件瓶盒包袋个只双套罐条箱]|第[二三2-3][件瓶盒包袋个只双套罐条箱]"
        r"|(?<![a-z\d])(?:two|2|three|3)(?: [a-z]+)? or more"
        r"|when you (?:buy|order) (?:two|2|three|3)"
    ),
    Gated(
        re.compile(
            r"(?:一|单|1)(?:件|瓶|盒|包|袋|个|只|双|套|罐|条|箱)(?:就|也|即|便)(?:能|可以?|享|打|减|是)?|单(?:买|件|瓶|盒)[^，。]{0,3}也"
            r"|(?<![a-z])(?:even (?:just )?one|one (?:[a-z]+ )?(?:is enough|will do)|no need to buy two"
            r"|(?:on|for) (?:a|any) single)(?![a-z])"
        )
    ),
)
_OF_OFFER = re.compile(
    r"折|减|优惠|立省|到手|券|码|[元块价]|(?<![a-z])(?:off|discount|code|deal|offer|save|sale|price)(?![a-z])|[$£€¥%]"
)


def offer_condition_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each condition of the running offer that the text lifts beside words of the offer."""
    code = support.terms.rpartition("\n")[2]
    if not _OF_OFFER.search(reading.folded) and not (code and code in reading.folded):
        return
    for condition in (_CODE, _AUDIENCE, _ONCE, _SEVERAL):
        for match in condition.lifted.finditer(reading.folded):
            if condition.set_by.search(support.terms) is None:
                break
            if match[0] in support.terms or reading.denies(*match.span()):
                continue
            yield Claim(
                "facts.offer_condition", "block", *match.span(), "condition", support.terms.strip()[:60]
            )
